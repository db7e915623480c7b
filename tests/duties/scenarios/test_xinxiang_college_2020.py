"""院党字〔2020〕89号 as its ten sections read: who is owed what, by when, on whose account."""

from collections import Counter
from datetime import date

from members.enums import Role
from tests.duties.scenarios.happenings import (
    After,
    due,
    each_opens_its_duty_and_nothing_else_does,
    only_the_right_record_closes_it,
)
from tests.duties.scenarios.stage import Owed

PACK = "xinxiang-college-2020"
HAPPENINGS = [
    After("admission", "talk-on-admission", "三", 10),
    After("transfer_in", "talk-on-transfer", "三", 10),
    After("transfer_out", "talk-on-transfer", "三", 10),
    After("honour", "talk-on-honour", "三", 15),
    After("tendency", "talk-on-tendency", "三", 3),
    After("absence", "talk-on-absence-or-dues", "三", 7),
    After("dues", "talk-on-absence-or-dues", "三", 7),
    After("treatment", "talk-on-discipline", "三", 7),
    After("punishment", "talk-on-discipline", "三", 7),
    After("illness", "visit-on-illness", "三", 3, "visit"),
    After("setback", "visit-on-setback", "三", 7, "visit"),
    After("family_change", "visit-on-family-change", "三", 7, "visit"),
    After("disaster", "visit-on-disaster", "三", 3, "visit"),
    After("false_report", "clear-name", "三", 15, "clearing"),
    After("critical", "last-illness", "五", 1, "visit"),
    After("merit", "timely-commendation", "二", 30, "commend", anyone=True),
]
END = date(2026, 12, 31)


def besides_the_talk(stage, whom, *, state="open") -> list[tuple]:
    return [each for each in due(stage, whom, state=state) if each[0] != "yearly-talk"]


def test_every_member_is_owed_a_talk_a_year_and_the_committee_an_assessment_and_the_selection_before_1_july(stage):
    s = stage(PACK).on(date(2026, 5, 1))
    turns = {
        s.li: "支部书记", s.zhang: "支部书记", s.secretary: "总支书记", s.sibling_secretary: "总支书记",
        s.direct_secretary: "党委书记", s.general_secretary: "直属书记", s.committee_secretary: "直属书记",
        s.deputy: "直属书记", s.head: "直属书记",
    }  # fmt: skip
    talks = [Owed("yearly-talk", "三", "talk", END, "open", each.name, (turn,)) for each, turn in turns.items()]
    leaders = [  # the college's own leadership only: neither the general branch's secretary nor a department's head
        Owed("leader-contacts", "四", "talk", date(2026, 1, 31), "open", who, (who,))
        for who in ("党委书记", "党委副书记")
    ]
    assessment = Owed("yearly-assessment", "十第二段", "assessment", END, "open", "党委", ("党委书记",))
    assert Counter(s.owed(state=None)) == Counter([*talks, *leaders, assessment])

    s.on(date(2026, 5, 2))
    selection = Owed("july-selection", "二", "selection", date(2026, 6, 30), "open", "党委", ("组织部长",))
    assert s.owed(s.committee) == [selection, assessment]
    s.on(date(2026, 7, 3))
    s.does("selection", s.head, at=s.committee, on=date(2026, 5, 1))
    s.does("selection", s.head, at=s.committee, on=date(2026, 7, 2))
    s.does("selection", s.general_secretary, at=s.general, on=date(2026, 6, 20))
    s.does("assessment", s.general_secretary, at=s.general)
    assert s.owed(s.committee) == [selection, assessment]
    s.does("selection", s.head, at=s.committee, on=date(2026, 6, 30))
    s.does("assessment", s.committee_secretary, at=s.committee)
    assert s.owed(s.committee) == []


def test_a_year_without_the_secretarys_talk_stays_missed_and_a_successors_talk_counts(stage):
    s = stage(PACK).on(date(2026, 11, 20))
    leaver, moved = s.member("转出党员"), s.member("调动党员")
    s.moves(leaver, None, date(2026, 6, 1))
    s.moves(moved, s.direct, date(2026, 11, 1))
    s.leaves_post(s.secretary, s.branch, date(2026, 9, 1))
    assert s.one(s.li, "yearly-talk").turn == ("总支书记",)
    s.takes_post(s.zhang, s.branch, since=date(2026, 10, 1))
    s.takes_post(s.deputy, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    assert s.one(leaver, "yearly-talk").state == "void"
    assert (s.one(s.li, "yearly-talk").turn, s.one(s.zhang, "yearly-talk").turn) == (("张党员",), ("总支书记",))
    s.does("talk", s.secretary, s.deputy, about=s.li)  # no longer secretary; never was
    s.does("talk", s.zhang, about=s.li, on=date(2026, 9, 30))
    s.does("talk", s.zhang, about=s.li, collective=True)
    s.does("talk", s.zhang, about=moved)
    assert {s.one(each, "yearly-talk").state for each in (s.li, moved)} == {"open"}
    s.does("talk", s.zhang, about=s.li)
    s.does("talk", s.secretary, about=moved, on=date(2026, 8, 31))
    assert {s.one(each, "yearly-talk").state for each in (s.li, moved)} == {"done"}
    s.on(date(2027, 1, 2))
    joiner = s.member("十二月转入", since=date(2026, 12, 30))
    assert [each.due for each in s.owed(joiner)] == [END, date(2027, 12, 31)]
    s.does("talk", s.zhang, about=joiner)
    assert [each.due for each in s.owed(joiner)] == [END]


def test_each_must_talk_must_visit_and_other_happening_is_answered_in_its_days_by_the_branch(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    request = After("request", "talk-request", "四", 7)
    each_opens_its_duty_and_nothing_else_does(s, [*HAPPENINGS, request], on=s.today, start=date(2026, 1, 1))
    only_the_right_record_closes_it(s, HAPPENINGS, on=date(2026, 3, 2))
    assert s.one(s.li, "talk-request").state == s.one(s.li, "timely-commendation").state == "open"
    s.does("commend", s.head, about=s.li, on=date(2026, 3, 1))
    assert s.one(s.li, "timely-commendation").state == "open"
    s.does("commend", s.head, about=s.li)
    assert s.one(s.li, "timely-commendation").state == "done"


def test_a_request_is_answered_within_a_week_by_whichever_leader_it_went_to(stage):
    s = stage(PACK, "working-rules").on(date(2026, 3, 2))
    asked = s.happens(s.li, "request", s.today, addressee=s.committee_secretary)
    request = Owed("talk-request", "四", "talk", date(2026, 3, 9), "open", "李党员", ("党委书记",))
    assert s.owed(s.li, rule="talk-request", state=None) == [request]  # not asked twice, by the product's clock too
    s.does("talk", s.secretary, s.deputy, about=s.li, answers=asked)
    s.does("talk", s.committee_secretary, about=s.li)
    assert s.one(s.li, "talk-request").state == "open"
    s.does("talk", s.committee_secretary, about=s.li, answers=asked)
    assert s.one(s.li, "talk-request").state == "done"


def test_the_central_measures_beside_it_ask_too_and_the_dying_are_visited_once_for_both(stage):
    s = stage("central-2019", PACK).on(date(2026, 3, 2))
    s.happens(s.direct_secretary, "critical", s.today)
    both = s.owed(s.direct_secretary, rule="last-illness")
    assert {(each.clause, each.due, each.turn) for each in both} == {
        ("第十一条", date(2026, 3, 3), ("党委书记",)), ("五", date(2026, 3, 3), ("党委书记",)),
    }  # fmt: skip
    s.does("visit", s.general_secretary, about=s.direct_secretary)  # no level above a branch directly below
    assert len(s.owed(s.direct_secretary, rule="last-illness")) == 2
    s.does("visit", s.committee_secretary, about=s.direct_secretary)
    assert s.owed(s.direct_secretary, rule="last-illness") == []


def test_the_organisation_department_calls_on_the_honoured_and_leaders_on_those_they_are_linked_to(stage):
    s = stage(PACK, start=date(2026, 12, 1)).on(date(2027, 1, 6))
    s.takes_post(s.zhang, s.committee, Role.DEPARTMENT_CLERK, since=date(2026, 1, 1))
    teacher, minor, poor = s.member("省教学名师"), s.member("市教学名师"), s.member("困难党员")
    s.belongs(teacher, "honouree", grade="省级教学名师", since=date(2020, 1, 1))
    s.belongs(minor, "honouree", grade="市级教学名师", since=date(2020, 1, 1))
    s.belongs(s.sibling_secretary, "honouree", grade="国家级人才称号", since=date(2020, 1, 1))  # 省级及以上
    s.belongs(poor, "hardship", since=date(2020, 1, 1))  # whom this document leaves to pairing
    s.tied(s.li, "leader_contact", s.deputy, since=date(2026, 1, 1))
    s.tied(poor, "contact", s.deputy, since=date(2026, 1, 1))
    old = ("honouree-invitation", END, "支部书记")
    invited = ("honouree-invitation", date(2027, 12, 31), "支部书记")
    assert (besides_the_talk(s, teacher), besides_the_talk(s, s.li)) == ([old, invited], [])
    s.does("invitation", s.general_secretary, about=teacher, collective=True)
    assert besides_the_talk(s, teacher) == [old]  # what last year missed stays missed
    s.on(date(2027, 1, 7))
    eve = date(2027, 2, 5)
    spring = ("honouree-spring", eve, "组织部长")
    assert besides_the_talk(s, teacher) == [old, spring]
    assert besides_the_talk(s, s.sibling_secretary)[1] == spring
    assert besides_the_talk(s, s.li) == [("linked-spring", eve, "党委副书记")]
    assert besides_the_talk(s, minor) == besides_the_talk(s, poor) == []
    assert (s.one(teacher, "honouree-spring").clause, s.one(s.li, "linked-spring").clause) == ("二", "四")
    s.on(date(2027, 2, 8))
    s.does("visit", s.secretary, s.deputy, about=teacher, on=eve)
    s.does("visit", s.zhang, about=teacher, on=date(2027, 1, 6))
    s.does("visit", s.secretary, s.head, about=s.li, on=eve)
    s.does("visit", s.deputy, about=s.li, on=date(2027, 2, 7))
    assert (s.one(teacher, "honouree-spring").state, s.one(s.li, "linked-spring").state) == ("open", "open")
    s.does("visit", s.zhang, about=teacher, on=eve)  # the department's clerk
    s.does("visit", s.deputy, about=s.li, on=eve)
    assert (besides_the_talk(s, teacher), besides_the_talk(s, s.li)) == ([old], [])
    s.on(date(2027, 7, 12))
    july = date(2027, 7, 1)
    assert besides_the_talk(s, teacher) == [old, ("honouree-july", july, "组织部长")]
    assert besides_the_talk(s, s.li) == [("linked-july", july, "党委副书记")]
    assert besides_the_talk(s, minor) == besides_the_talk(s, poor) == []
    for who, whom in ((s.head, teacher), (s.deputy, s.li)):
        s.does("visit", who, about=whom, on=date(2027, 6, 9))
        s.does("visit", who, about=whom, on=date(2027, 7, 11))
    assert (s.one(teacher, "honouree-july").state, s.one(s.li, "linked-july").state) == ("open", "open")
    s.does("visit", s.head, about=teacher, on=date(2027, 6, 10))
    s.does("visit", s.deputy, about=s.li, on=date(2027, 7, 10))
    assert (besides_the_talk(s, teacher), besides_the_talk(s, s.li)) == ([old], [])


def test_each_of_the_colleges_leadership_keeps_in_touch_with_two_members(stage):
    s = stage(PACK).on(date(2026, 1, 10))
    rule = "leader-contacts"
    s.tied(s.li, "leader_contact", s.deputy, since=date(2026, 1, 5))
    s.tied(s.zhang, "pairing", s.deputy, since=date(2026, 1, 5))
    assert s.one(s.deputy, rule).state == "open"
    s.tied(s.zhang, "leader_contact", s.deputy, since=date(2026, 1, 8))
    assert (s.one(s.deputy, rule).state, s.one(s.committee_secretary, rule).state) == ("done", "open")
    s.takes_post(s.head, s.committee, Role.PUBLICITY_COMMISSIONER, since=date(2026, 2, 1))
    s.on(date(2026, 2, 1))
    assert s.one(s.head, rule).due == date(2026, 3, 3)
    assert s.owed(s.general_secretary, rule=rule, state=None) == []


def test_the_dead_are_mourned_by_the_branch_and_the_fallen_cared_for_by_the_department(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.belongs(s.li, "honouree", grade="校级", since=date(2010, 1, 1))  # of whatever grade
    for each in (s.li, s.zhang):
        s.happens(each, "critical", s.today)
    report = ("honouree-critical-report", date(2026, 3, 3), "支部书记")
    last = ("last-illness", date(2026, 3, 3), "支部书记")
    assert (besides_the_talk(s, s.li), besides_the_talk(s, s.zhang)) == ([report, last], [last])
    s.does("report", s.sibling_secretary, about=s.li)
    s.does("report", s.secretary, about=s.zhang)
    s.does("report", s.secretary, about=s.li, on=date(2026, 3, 1))
    assert s.one(s.li, "honouree-critical-report").state == "open"
    s.does("report", s.secretary, about=s.li)
    assert s.one(s.li, "honouree-critical-report").state == "done"
    s.on(date(2026, 3, 10))
    s.dies(s.li, s.today)
    s.dies(s.zhang, s.today)
    s.happens(s.sibling_secretary, "death", s.today)  # lives
    condolence = Owed("condolence", "五", "condolence", date(2026, 3, 13), "open", "张党员", ("支部书记",))
    assert s.owed(s.zhang) == [condolence]
    death = Owed("honouree-death-report", "五", "report", date(2026, 3, 11), "open", "李党员", ("支部书记",))
    assert s.owed(s.li, rule="honouree-death-report") == [death]
    assert s.rules(s.li) == {"condolence", "honouree-death-report"}
    assert s.rules(s.li, state="void") == {"yearly-talk", "last-illness"}
    assert besides_the_talk(s, s.sibling_secretary) == []
    s.does("report", s.secretary, about=s.li, on=date(2026, 3, 9))
    s.does("condolence", s.sibling_secretary, about=s.li)
    assert s.rules(s.li) == {"condolence", "honouree-death-report"}
    s.on(date(2026, 5, 4))
    for action in ("report", "condolence"):
        s.does(action, s.secretary, about=s.li)
    assert s.rules(s.li) == set()

    s.belongs(s.zhang, "bereaved", since=date(2026, 5, 1))
    s.belongs(s.secretary, "bereaved", since=date(2026, 5, 1))  # lives
    month = date(2026, 5, 31)
    file = Owed("household-file", "六", "review", month, "open", "张党员", ("组织部长",))
    contact = Owed("household-contact", "六", "visit", month, "open", "张党员", ("组织部长",))
    assert s.owed(s.zhang) == [condolence, contact, file]  # this document sets no interval of visits
    assert (besides_the_talk(s, s.secretary), s.rules(s.li)) == ([], set())
    s.does("review", s.secretary, about=s.zhang)
    s.tied(s.zhang, "pairing", s.secretary, since=date(2026, 5, 2))
    assert s.owed(s.zhang) == [condolence, contact, file]
    s.does("review", s.head, about=s.zhang)
    s.tied(s.zhang, "contact", s.secretary, since=date(2026, 5, 2))
    assert s.owed(s.zhang) == [condolence]


def test_the_disciplined_the_posted_the_injured_in_need_and_the_old_are_cared_for_again_and_again(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    since = date(2026, 2, 1)
    injured, old, other = (
        s.member("因公伤残且困难"),
        s.member("老党员甲"),
        s.member("高龄未登记", born=date(1930, 1, 1)),
    )
    s.happens(s.li, "punishment", since)
    s.belongs(s.li, "disciplined", since=since, until=date(2026, 4, 1))
    s.belongs(s.zhang, "posted", since=since)
    s.belongs(injured, "injured", since=since)
    s.belongs(other, "hardship", since=since)
    assert besides_the_talk(s, injured) == besides_the_talk(s, other) == []
    s.belongs(injured, "hardship", since=since)
    s.belongs(old, "elderly", since=since)
    told = ("talk-on-discipline", date(2026, 2, 8), "支部书记")
    assert besides_the_talk(s, s.li) == [told, ("discipline-talks", date(2026, 5, 1), "支部书记")]
    assert besides_the_talk(s, s.zhang) == [("posted-care", date(2026, 5, 1), "支部书记")]
    assert besides_the_talk(s, injured) == [("injured-care", date(2026, 7, 30), "支部书记")]
    assert besides_the_talk(s, old) == [("elderly-visits", date(2026, 6, 30), "支部书记")]
    assert [s.one(*each).clause for each in (
        (s.li, "discipline-talks"), (s.zhang, "posted-care"), (injured, "injured-care"), (old, "elderly-visits"),
    )] == ["三", "八", "六", "七"]  # fmt: skip
    for whom in (s.li, s.zhang, injured, old):
        s.does("visit", s.sibling_secretary, whom, about=whom)
        s.does("visit", s.secretary, about=whom, on=date(2025, 12, 31))
    s.does("talk", s.secretary, about=injured)
    s.does("talk", s.secretary, about=old)
    assert [len(besides_the_talk(s, each)) for each in (s.li, s.zhang, injured, old)] == [2, 1, 1, 1]
    s.does("service", s.secretary, about=s.zhang)
    s.does("aid", s.secretary, about=injured)
    s.does("visit", s.secretary, about=old)
    assert [len(besides_the_talk(s, each)) for each in (s.li, s.zhang, injured, old)] == [2, 0, 0, 0]
    s.does("talk", s.secretary, about=s.li, on=since)
    assert besides_the_talk(s, s.li) == []
    assert s.one(s.li, "talk-on-discipline").state == "done"  # the same talk
    s.on(date(2026, 5, 2))
    assert s.owed(s.li, rule="discipline-talks") == []  # the influence of the sanction has ended
    assert besides_the_talk(s, s.zhang) == [("posted-care", date(2026, 7, 30), "支部书记")]


def test_where_the_department_has_but_a_clerk_it_is_the_clerks_turn_and_with_a_head_again_the_heads(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    dead, second = s.member("甲牺牲"), s.member("乙牺牲")
    s.takes_post(s.zhang, s.committee, Role.DEPARTMENT_CLERK, since=date(2026, 1, 1))
    for someone in (dead, second):
        s.dies(someone, date(2026, 3, 1))
        s.belongs(someone, "bereaved", since=date(2026, 3, 1))
    assert s.one(dead, "household-file").turn == ("组织部长",)
    s.leaves_post(s.head, s.committee, date(2026, 3, 2), Role.DEPARTMENT_HEAD)
    assert s.one(dead, "household-file").turn == ("张党员",)
    s.does("review", s.head, about=dead)
    assert s.one(dead, "household-file").state == "open"
    s.does("review", s.zhang, about=dead)
    assert s.one(dead, "household-file").state == "done"
    s.takes_post(s.li, s.committee, Role.DEPARTMENT_HEAD, since=date(2026, 3, 2))
    assert s.one(second, "household-file").turn == ("李党员",)
    s.does("review", s.zhang, about=second)
    assert s.one(second, "household-file").state == "done", "either may do it"

"""豫水组〔2020〕55号 as its sixteen items read: who is owed what, by when, on whose account."""

from collections import Counter
from datetime import date

from members.enums import Role, Standing
from tests.duties.scenarios.happenings import (
    After,
    due,
    each_opens_its_duty_and_nothing_else_does,
    only_the_right_record_closes_it,
)
from tests.duties.scenarios.stage import Owed

PACK = "henan-water-2020"
HAPPENINGS = [
    After("admission", "talk-on-admission", "第6项", 10),
    After("admission", "oath-on-admission", "第2项", 90, "oath", anyone=True),
    After("transfer_in", "talk-on-transfer", "第6项", 10),
    After("transfer_out", "talk-on-transfer", "第6项", 10),
    After("honour", "talk-on-honour", "第6项", 15),
    After("tendency", "talk-on-tendency", "第6项", 3),
    After("absence", "talk-on-absence-or-dues", "第6项", 7),
    After("dues", "talk-on-absence-or-dues", "第6项", 7),
    After("treatment", "talk-on-discipline", "第6项", 7),
    After("punishment", "talk-on-discipline", "第6项", 7),
    After("illness", "visit-on-illness", "第6项", 3, "visit"),
    After("setback", "visit-on-setback", "第6项", 7, "visit"),
    After("family_change", "visit-on-family-change", "第6项", 7, "visit"),
    After("disaster", "visit-on-disaster", "第6项", 3, "visit"),
    After("critical", "last-illness", "第7项", 1, "visit"),
    After("false_report", "clear-name", "第9项", 15, "clearing"),
    After("hard_task", "care-on-hard-task", "第10项", 15, "talk", ("visit",)),
    After("trauma", "referral-on-trauma", "第10项", 3, "referral"),
    After("task_hardship", "visit-on-task-hardship", "第13项", 7, "visit"),
    After("family_accident", "visit-on-family-accident", "第13项", 7, "visit"),
    After("merit", "timely-commendation", "第2项", 30, "commend", anyone=True),
]
YEARLY = {"yearly-talk", "study-hours"}
"""What is owed to every member each year, whatever happens."""
END = date(2026, 12, 31)


def besides_the_yearly(stage, whom, *, state="open") -> list[tuple]:
    return [each for each in due(stage, whom, state=state) if each[0] not in YEARLY]


def test_each_year_every_member_is_spoken_to_and_taught_and_the_committee_selects_trains_and_assesses(stage):
    s = stage(PACK).on(date(2026, 1, 1))
    turns = {
        s.li: "支部书记", s.zhang: "支部书记", s.secretary: "总支书记", s.sibling_secretary: "总支书记",
        s.direct_secretary: "党委书记", s.general_secretary: "直属书记", s.committee_secretary: "直属书记",
        s.deputy: "直属书记", s.head: "直属书记",
    }  # fmt: skip
    of_members = [
        Owed(rule, clause, action, END, "open", each.name, (turn,))
        for each, turn in turns.items()
        for rule, clause, action in (("yearly-talk", "第6项", "talk"), ("study-hours", "第3项", "study"))
    ]
    of_the_committee = [
        Owed(rule, clause, action, END, "open", "党委", ("党委书记",))
        for rule, clause, action in (
            ("yearly-selection", "第2项", "selection"), ("rotation-training", "第3项", "training"),
            ("yearly-assessment", "第16项", "assessment"),
        )
    ]  # fmt: skip
    leaders = ("党委书记", "党委副书记", "总支书记")  # each is to keep in touch with two members
    of_leaders = [Owed("leader-contacts", "第5项", "talk", date(2026, 1, 31), "open", who, (who,)) for who in leaders]
    assert Counter(s.owed(state=None)) == Counter(of_members + of_the_committee + of_leaders)

    s.on(date(2026, 11, 2))
    for action in ("selection", "training", "assessment"):
        s.does(action, s.general_secretary, at=s.general)
    s.does("plan", s.committee_secretary, at=s.committee)
    assert len(s.owed(s.committee)) == 3
    s.does("commend", s.head, at=s.committee)
    assert s.rules(s.committee) == {"rotation-training", "yearly-assessment"}
    s.does("training", s.head, at=s.committee)
    s.on(date(2027, 1, 2))
    s.does("assessment", s.committee_secretary, at=s.committee)
    s.does("selection", s.committee_secretary, at=s.committee)
    assert s.owed(s.committee, rule="yearly-selection") == []
    (missed,) = s.owed(s.committee, rule="yearly-assessment")
    assert missed.due == END
    assert {each.due for each in s.owed(s.committee, rule="rotation-training")} == {date(2027, 12, 31)}


def test_the_yearly_talk_is_the_secretarys_own_alone_with_the_member_and_within_the_year(stage):
    s = stage(PACK).on(date(2026, 6, 2))
    s.takes_post(s.deputy, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    leaver, moved = s.member("转出党员"), s.member("调动党员")
    s.moves(leaver, None, date(2026, 6, 1))
    s.moves(moved, s.direct, date(2026, 5, 10))
    assert s.one(leaver, "yearly-talk").state == "void"
    assert s.one(moved, "yearly-talk").turn == ("直属书记",)
    s.does("talk", s.secretary, about=moved, on=date(2026, 5, 10))
    s.does("talk", s.li, s.deputy, s.sibling_secretary, about=s.li)
    s.does("talk", s.secretary, about=s.li, collective=True)
    s.does("talk", s.secretary, about=s.li, on=date(2025, 12, 31))
    s.does("visit", s.secretary, about=s.li)
    s.does("talk", s.secretary, s.deputy, about=s.secretary)
    assert {s.one(each, "yearly-talk").state for each in (s.li, moved, s.secretary)} == {"open"}
    s.does("talk", s.secretary, about=s.li)
    s.does("talk", s.secretary, about=moved, on=date(2026, 5, 9))
    s.does("talk", s.general_secretary, about=s.secretary)
    assert {s.one(each, "yearly-talk").state for each in (s.li, moved, s.secretary)} == {"done"}
    s.does("study", s.zhang, about=s.li, quantity=20, collective=True)
    s.does("study", s.zhang, about=s.li, quantity=11)
    s.does("study", s.zhang, about=s.zhang, quantity=40)
    assert s.one(s.li, "study-hours").state == "open"  # 31 of 32
    s.does("study", s.sibling_secretary, about=s.li, quantity="1.0")
    assert (s.one(s.li, "study-hours").state, s.one(s.zhang, "study-hours").state) == ("done", "done")
    s.on(date(2026, 12, 28))
    joiner = s.member("十二月转入", since=date(2026, 12, 20))
    assert due(s, joiner) == [("study-hours", END, "支部书记"), ("yearly-talk", END, "支部书记")]
    s.on(date(2027, 1, 3))
    s.does("talk", s.secretary, about=joiner)
    assert [each.state for each in s.owed(joiner, rule="yearly-talk", state=None)] == ["open", "done"]


def test_each_must_talk_must_visit_and_other_happening_is_answered_in_its_days_by_the_branch(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    request = After("request", "talk-request", "第5项", 7)
    each_opens_its_duty_and_nothing_else_does(s, [*HAPPENINGS, request], on=s.today, start=date(2026, 1, 1))
    s.does("oath", s.sibling_secretary, about=s.li, on=date(2026, 3, 1))
    s.does("talk", s.secretary, about=s.li, on=date(2026, 3, 1))
    assert s.one(s.li, "oath-on-admission").state == s.one(s.li, "timely-commendation").state == "open"
    s.does("oath", s.sibling_secretary, about=s.li, collective=True)
    assert s.one(s.li, "oath-on-admission").state == "done"
    only_the_right_record_closes_it(s, HAPPENINGS, on=date(2026, 3, 2))
    assert s.one(s.li, "timely-commendation").state == "lapsed"  # 可以
    s.does("commend", s.head, about=s.li)
    assert s.one(s.li, "timely-commendation").state == "done"
    assert s.one(s.li, "talk-request").state == "open"  # none of the talks named the request


def test_a_request_is_answered_within_a_week_by_the_one_it_went_to(stage):
    s = stage("working-rules", PACK).on(date(2026, 3, 2))
    asked = s.happens(s.li, "request", s.today, addressee=s.deputy)
    open_one = s.happens(s.zhang, "request", s.today)
    request = Owed("talk-request", "第5项", "talk", date(2026, 3, 9), "open", "李党员", ("党委副书记",))
    assert s.owed(s.li, rule="talk-request", state=None) == [request]  # the product's own clock has given way
    assert s.one(s.zhang, "talk-request").turn == ("支部书记",)
    s.does("talk", s.secretary, s.li, about=s.li, answers=asked)
    s.does("talk", s.deputy, about=s.li)
    s.does("visit", s.deputy, about=s.li, answers=asked)
    s.does("talk", s.deputy, about=s.li, answers=asked, on=date(2026, 3, 1))
    s.does("talk", s.deputy, about=s.zhang, answers=open_one)
    assert s.one(s.li, "talk-request").state == s.one(s.zhang, "talk-request").state == "open"
    s.on(date(2026, 4, 20))
    s.does("talk", s.deputy, about=s.li, answers=asked)
    s.does("talk", s.secretary, about=s.zhang, answers=open_one)
    assert s.one(s.li, "talk-request").state == s.one(s.zhang, "talk-request").state == "done"


def test_the_central_measures_adopted_beside_it_ask_too_and_one_record_answers_both(stage):
    s = stage("central-2019", PACK).on(date(2026, 3, 2))
    s.happens(s.li, "honour", s.today)
    s.happens(s.secretary, "illness", s.today)
    both = [(each.rule, each.clause, each.due) for each in s.owed(s.li, rule="talk-on-honour")]
    assert sorted(both) == [
        ("talk-on-honour", "第6项", date(2026, 3, 17)), ("talk-on-honour", "第七条第一款", date(2026, 3, 17)),
    ]  # fmt: skip
    assert besides_the_yearly(s, s.secretary) == [
        ("care-on-illness", date(2026, 3, 5), "总支书记"), ("visit-on-illness", date(2026, 3, 5), "总支书记"),
    ]  # fmt: skip
    s.does("talk", s.general_secretary, about=s.secretary)
    assert [each[0] for each in besides_the_yearly(s, s.secretary)] == ["visit-on-illness"]  # there only a visit does
    s.does("talk", s.secretary, about=s.li)
    assert besides_the_yearly(s, s.li) == []
    assert s.rules(s.li, state="done") == {"talk-on-honour", "yearly-talk"}


def test_the_needy_the_honoured_and_those_linked_to_leaders_are_called_on_at_the_festivals(stage):
    s = stage(PACK, start=date(2026, 12, 1)).on(date(2026, 12, 20))
    honoured, minor = s.member("厅级荣誉党员"), s.member("处级荣誉党员")
    s.belongs(honoured, "honouree", grade="厅局级", since=date(2020, 1, 1))
    s.belongs(minor, "honouree", grade="县处级", since=date(2020, 1, 1))
    s.belongs(s.li, "hardship", since=date(2026, 1, 1))
    s.tied(s.li, "leader_contact", s.deputy, since=date(2026, 1, 1))
    s.tied(minor, "contact", s.deputy, since=date(2026, 1, 1))
    assert besides_the_yearly(s, honoured) == [("honouree-invitation", END, "支部书记")]
    assert besides_the_yearly(s, minor) == besides_the_yearly(s, s.zhang) == []
    assert besides_the_yearly(s, s.li) == [("hardship-newyear", END, "支部书记")]
    s.does("invitation", s.sibling_secretary, about=s.li, collective=True)
    s.does("visit", s.secretary, about=s.li, on=date(2026, 12, 19))
    s.does("visit", s.secretary, about=honoured)
    assert len(besides_the_yearly(s, honoured)) == len(besides_the_yearly(s, s.li)) == 1
    s.does("invitation", s.head, about=honoured, collective=True)
    s.does("visit", s.secretary, about=s.li)
    assert besides_the_yearly(s, honoured) == besides_the_yearly(s, s.li) == []

    s.on(date(2027, 1, 7))
    eve = date(2027, 2, 5)
    next_year = ("honouree-invitation", date(2027, 12, 31), "支部书记")
    assert besides_the_yearly(s, honoured) == [("honouree-spring", eve, "支部书记"), next_year]
    assert besides_the_yearly(s, s.li) == [("hardship-spring", eve, "支部书记"), ("linked-spring", eve, "党委副书记")]
    assert besides_the_yearly(s, minor) == besides_the_yearly(s, s.zhang) == []
    assert [s.one(*each).clause for each in (
        (s.li, "hardship-spring"), (s.li, "linked-spring"), (honoured, "honouree-spring"),
    )] == ["第13项", "第5项", "第2项"]  # fmt: skip
    s.on(date(2027, 2, 8))
    s.does("visit", s.secretary, about=s.li, on=eve)
    s.does("talk", s.deputy, about=s.li, on=eve)
    s.does("visit", s.sibling_secretary, honoured, about=honoured, on=eve)
    s.does("visit", s.secretary, about=honoured, on=date(2027, 2, 7))
    assert besides_the_yearly(s, s.li) == [("linked-spring", eve, "党委副书记")]
    assert besides_the_yearly(s, honoured) == [("honouree-spring", eve, "支部书记"), next_year]

    s.on(date(2027, 7, 12))
    july = date(2027, 7, 1)
    assert ("honouree-july", july, "支部书记") in besides_the_yearly(s, honoured)
    assert besides_the_yearly(s, s.li)[-2:] == [
        ("hardship-july", july, "支部书记"),
        ("linked-july", july, "党委副书记"),
    ]
    assert besides_the_yearly(s, minor) == []
    s.does("visit", s.secretary, s.deputy, about=s.li, on=date(2027, 6, 9))
    s.does("visit", s.secretary, s.deputy, about=s.li, on=date(2027, 7, 11))
    assert len(besides_the_yearly(s, s.li)) == 3
    s.does("visit", s.secretary, s.deputy, about=s.li, on=date(2027, 7, 10))  # together: one visit for both
    s.does("visit", s.secretary, about=honoured, on=july)
    assert besides_the_yearly(s, s.li) == [("linked-spring", eve, "党委副书记")]
    assert besides_the_yearly(s, honoured) == [("honouree-spring", eve, "支部书记"), next_year]
    s.does("visit", s.deputy, about=s.li, on=eve)  # made in time, entered half a year late
    s.does("visit", s.secretary, about=honoured, on=eve)
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, honoured)) == ([], [next_year])


def test_the_dying_and_the_dead_are_attended_and_of_the_honoured_a_report_goes_up(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.belongs(s.li, "honouree", grade="县处级", since=date(2010, 1, 1))  # any honour
    for each in (s.li, s.zhang):
        s.happens(each, "critical", s.today)
    last, report = (
        ("last-illness", date(2026, 3, 3), "支部书记"),
        ("honouree-critical-report", date(2026, 3, 3), "支部书记"),
    )
    assert besides_the_yearly(s, s.zhang) == [last]
    assert besides_the_yearly(s, s.li) == [report, last]
    s.does("report", s.sibling_secretary, s.li, about=s.li)
    s.does("report", s.secretary, at=s.branch)
    s.does("visit", s.zhang, about=s.li)
    assert besides_the_yearly(s, s.li) == [report, last]
    s.does("report", s.secretary, about=s.li)
    assert besides_the_yearly(s, s.li) == [last]
    s.on(date(2026, 3, 10))
    s.dies(s.li, s.today)
    s.dies(s.zhang, s.today)
    condolence = Owed("condolence", "第7项", "condolence", date(2026, 3, 13), "open", "张党员", ("支部书记",))
    assert s.owed(s.zhang) == [condolence]
    death = Owed("honouree-death-report", "第7项", "report", date(2026, 3, 11), "open", "李党员", ("支部书记",))
    assert s.owed(s.li, rule="honouree-death-report") == [death]
    assert s.rules(s.li) == {"condolence", "honouree-death-report"}
    assert s.rules(s.li, state="void") == {"last-illness", *YEARLY}
    s.does("report", s.secretary, about=s.li, on=date(2026, 3, 9))
    s.does("condolence", s.sibling_secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li)
    assert s.rules(s.li) == {"condolence", "honouree-death-report"}
    s.on(date(2026, 4, 10))
    s.does("report", s.secretary, about=s.li)
    s.does("condolence", s.secretary, about=s.li)
    assert (s.rules(s.li), s.rules(s.zhang)) == (set(), {"condolence"})
    assert "last-illness" in s.rules(s.li, state="void")

    s.belongs(s.zhang, "bereaved", since=date(2026, 4, 1))  # he fell on duty
    s.belongs(s.secretary, "bereaved", since=date(2026, 4, 1))  # lives
    household = [
        ("household-contact", date(2026, 5, 1), "支部书记"), ("household-file", date(2026, 5, 1), "支部书记"),
        ("household-visits", date(2026, 9, 27), "支部书记"),
    ]  # fmt: skip
    assert due(s, s.zhang)[1:] == household
    assert {each.clause for each in s.owed(s.zhang) if each.rule.startswith("household")} == {"第11项"}
    assert (besides_the_yearly(s, s.secretary), s.rules(s.li)) == ([], set())
    s.tied(s.zhang, "contact", s.deputy, since=date(2026, 4, 5))
    s.does("visit", s.secretary, about=s.zhang)
    s.does("review", s.deputy, about=s.zhang)
    assert due(s, s.zhang)[1:] == [household[1], ("household-visits", date(2026, 9, 27), "党委副书记")]
    s.does("visit", s.deputy, about=s.zhang)
    s.does("review", s.secretary, about=s.zhang)
    assert s.rules(s.zhang) == {"condolence"}


def test_who_was_disciplined_has_one_contact_and_is_reminded_of_his_rights_in_time(stage):
    s = stage(PACK).on(date(2026, 4, 30))
    watched, warned, former = s.member("留党察看党员"), s.member("受警告党员"), s.member("待恢复权利党员")
    s.belongs(watched, "disciplined", grade="留党察看一年", since=date(2025, 7, 1), until=date(2026, 7, 1))
    s.belongs(warned, "disciplined", grade="警告", since=date(2026, 4, 1), until=date(2026, 7, 1))
    s.belongs(former, "awaiting_rights", since=date(2026, 4, 20))
    assert besides_the_yearly(s, warned) == [
        ("discipline-contact", date(2026, 4, 16), "支部书记"), ("discipline-talks", date(2026, 6, 29), "支部书记"),
    ]  # fmt: skip
    assert "rights-expiry" not in s.rules(watched, state=None)
    assert besides_the_yearly(s, former) == [("rights-reminder", date(2026, 5, 4), "支部书记")]
    s.tied(warned, "contact", s.zhang, since=date(2026, 4, 10))
    s.tied(watched, "pairing", s.zhang, since=date(2026, 4, 10))
    assert s.one(warned, "discipline-contact").state == "done"
    assert s.one(watched, "discipline-contact").state == "open"
    s.does("talk", s.secretary, about=warned)
    s.does("talk", s.zhang, about=warned, on=date(2026, 3, 31))
    s.does("reminder", s.zhang, former, about=former)
    s.does("visit", s.secretary, about=former)
    assert s.one(warned, "discipline-talks").turn == ("张党员",)
    assert (s.one(warned, "discipline-talks").state, s.one(former, "rights-reminder").state) == ("open", "open")
    s.does("visit", s.zhang, about=warned)
    s.does("reminder", s.secretary, about=former)
    assert besides_the_yearly(s, warned) == besides_the_yearly(s, former) == []

    s.on(date(2026, 6, 5))
    assert "rights-expiry" not in s.rules(warned, state=None)
    expiry = Owed("rights-expiry", "第9项", "reminder", date(2026, 6, 30), "open", "留党察看党员", ("支部书记",))
    assert s.owed(watched, rule="rights-expiry") == [expiry]
    reminders = [each.due for each in s.owed(former, rule="rights-reminder")]
    assert reminders == [date(2026, 5, 19), date(2026, 6, 3), date(2026, 6, 18)]  # every 15 days, the missed included
    assert {s.one(watched, each).clause for each in ("discipline-contact", "rights-expiry")} == {"第9项"}
    s.does("reminder", s.zhang, about=watched)
    assert s.one(watched, "rights-expiry").state == "open"
    s.does("reminder", s.secretary, about=watched)
    assert s.one(watched, "rights-expiry").state == "done"


def test_those_away_the_injured_the_old_and_the_paired_are_cared_for_again_and_again(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    since = date(2026, 2, 20)  # the visits of this spring are past
    injured, old = s.member("因公伤残且困难"), s.member("老党员甲")
    s.belongs(s.zhang, "posted", since=since)
    s.tied(s.zhang, "sender", s.head, since=since)
    s.belongs(injured, "injured", since=since)
    s.belongs(s.li, "injured", since=since)
    assert s.rules(s.li) == s.rules(injured) == s.rules(s.secretary) == YEARLY
    s.belongs(injured, "hardship", since=since)
    s.belongs(old, "elderly", since=since)
    s.tied(s.li, "pairing", s.zhang, since=since)
    assert besides_the_yearly(s, s.zhang) == [("posted-care", date(2026, 5, 20), "组织部长")]
    assert besides_the_yearly(s, injured) == [("injured-care", date(2026, 8, 18), "支部书记")]
    assert besides_the_yearly(s, old) == [("elderly-visits", date(2026, 6, 30), "支部书记")]
    assert besides_the_yearly(s, s.li) == []  # paired, yet not in need
    s.tied(injured, "pairing", s.zhang, since=since)
    assert s.one(injured, "pairing-visits").turn == ("张党员",)
    assert s.one(injured, "pairing-visits").due == date(2026, 6, 30)
    assert [s.one(*each).clause for each in (
        (s.zhang, "posted-care"), (injured, "injured-care"), (old, "elderly-visits"), (injured, "pairing-visits"),
    )] == ["第8项", "第11项", "第12项", "第14项"]  # fmt: skip
    s.does("talk", s.secretary, about=s.zhang)
    s.does("aid", s.zhang, about=injured)
    s.does("talk", s.secretary, about=injured)
    s.does("visit", s.sibling_secretary, old, about=old)
    s.does("visit", s.secretary, about=old, on=date(2025, 12, 31))
    assert s.rules(s.zhang) & {"posted-care"}
    assert s.rules(injured) - YEARLY == {"injured-care", "pairing-visits"}
    s.does("visit", s.secretary, about=injured)
    assert s.rules(injured) - YEARLY == {"pairing-visits"}
    s.does("service", s.head, about=s.zhang)
    s.does("visit", s.zhang, about=injured)
    s.does("visit", s.secretary, about=old)
    assert [besides_the_yearly(s, each) for each in (s.zhang, injured, old)] == [[], [], []]
    s.on(date(2026, 7, 1))
    assert besides_the_yearly(s, old)[-1] == ("elderly-visits", END, "支部书记")
    assert ("posted-care", date(2026, 8, 18), "组织部长") in besides_the_yearly(s, s.zhang)


def test_each_of_the_leadership_keeps_in_touch_with_two_members_and_has_a_month_to_replace_one(stage):
    s = stage(PACK).on(date(2026, 1, 10))
    rule = "leader-contacts"
    assert (
        s.owed(s.secretary, rule=rule) == s.owed(s.head, rule=rule) == []
    )  # a branch's secretary, a department's head
    s.tied(s.li, "leader_contact", s.deputy, since=date(2026, 1, 5))
    s.tied(s.zhang, "contact", s.deputy, since=date(2026, 1, 5))
    assert s.one(s.deputy, rule).due == date(2026, 1, 31)
    assert s.one(s.deputy, rule).state == "open"
    s.tied(s.zhang, "leader_contact", s.deputy, since=date(2026, 1, 5), until=date(2026, 4, 1))
    assert s.one(s.deputy, rule).state == "done"
    assert s.one(s.general_secretary, rule).state == "open"
    s.on(date(2026, 4, 2))
    lost = s.one(s.deputy, rule)
    assert (lost.state, lost.due, lost.turn) == ("open", date(2026, 5, 1), ("党委副书记",))
    s.leaves_post(s.deputy, s.committee, date(2026, 4, 2), Role.DEPUTY_SECRETARY)
    assert s.one(s.deputy, rule).state == "void"


def test_the_day_of_joining_may_be_kept_a_leap_day_on_the_28th(stage):
    s = stage(PACK).on(date(2026, 2, 28))
    leap = s.member("闰日党员", joined=date(2012, 2, 29), full=date(2013, 2, 28))
    new = s.member("预备党员", joined=date(2026, 2, 25), full=None, standing=Standing.PROBATIONARY)
    rule = "political-birthday"
    birthday = Owed(rule, "第2项", "greeting", date(2026, 2, 28), "open", "闰日党员", ("支部书记",))
    assert s.owed(leap, rule=rule) == [birthday]
    assert s.owed(new, rule=rule, state=None) == s.owed(s.li, rule=rule, state=None) == []
    s.does("greeting", s.sibling_secretary, leap, about=leap)
    s.does("greeting", s.secretary, about=leap, on=date(2026, 2, 20))
    assert s.one(leap, rule).state == "open"
    s.on(date(2026, 3, 6))
    assert s.one(leap, rule).state == "lapsed"
    s.does("talk", s.secretary, about=leap, collective=True)
    assert s.one(leap, rule).state == "done"
    assert s.one(leap, "yearly-talk").state == "open"  # a talk with many is no talk with him

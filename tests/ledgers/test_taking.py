"""New rows of a ledger's sheet: whom they mean, what is refused and said, what is entered. Today is 2026-11-23."""

from datetime import date

import pytest

from awards.models import StudySession
from base.audit import Act
from base.models import AuditRow
from base.reading import SheetRefused
from duties.board.desk import counts_for_rail
from duties.engine.models import Action, Duty, Record, State
from duties.engine.records import withdraw_record
from duties.engine.sweep import active_rules, run_whole
from ledgers.declarations import LEDGERS
from members.enums import EventKind, Role
from members.models import Membership
from members.services import receive_member, register_event
from tests import world
from tests.duties.acts import adopt_pack, sweep_on
from tests.ledgers.rows import TODAY, event, in_force
from tests.ledgers.taking import exported, importer, planned, said, sheet_of, taken
from tests.members.sheets import id_number, workbook
from visits.models import Talk, Visit

TALK = {
    "时间": "2026-11-18", "谈话人": "王海燕", "谈话对象": "李建国", "所在党支部": "河源第一党支部", "方式": "电话",
    "类别": "年度谈心谈话", "谈话内容": "谈了工作",
}  # fmt: skip
VISIT = {
    "走访时间": "2026-11-18", "种类": "走访慰问", "走访对象": "李建国", "所在党支部": "河源第一党支部",
    "地点/方式": "家中", "走访人员": "王海燕、张伟", "见到谁": "本人", "慰问金(元)": "500 元", "款源": "党费",
    "走访情况": "身体好转",
}  # fmt: skip
STUDY = {
    "学习日期": "2026-11-18", "学习主题": "党章第一章", "党员": "李建国", "所在党支部": "河源第一党支部", "学时": 2.5,
    "组织人": "王海燕",
}  # fmt: skip


@pytest.fixture
def secretary(cast):
    return importer(world.account(cast.secretary))


def one(code, row, by):
    """What a sheet of one row does: its plan."""
    return taken(code, sheet_of(code, row), by)


def codes(code, row, by) -> list[tuple[str, str]]:
    """Column and code of what is said of one row."""
    return [(column, what) for _row, column, what in said(planned(code, sheet_of(code, row), by))]


# What is entered


def test_a_new_talk_is_entered_as_on_the_page(cast, secretary):
    in_force(cast.committee)
    plan = one("talks", TALK | {"诉求": "想换岗位", "地点": "会议室"}, secretary)

    assert plan.report().as_dict() == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0, "findings": []}
    talk = Talk.objects.get()
    assert (talk.text, talk.wish, talk.place, talk.means, talk.subject) == (
        "谈了工作", "想换岗位", "会议室", Talk.Means.PHONE, Talk.Subject.YEARLY,
    )  # fmt: skip
    record = talk.record
    assert (record.member, record.organisation, record.on) == (cast.li, cast.branch, date(2026, 11, 18))
    assert (record.entered_on, record.late, record.entered_by) == (TODAY, True, cast.secretary)
    assert [each.printed_post for each in record.actors.all()] == ["河源第一党支部书记"]
    duty = Duty.objects.get(member=cast.li, rule__code="yearly-talk")
    assert (duty.state, duty.closed_on) == (State.DONE, date(2026, 11, 18))


def test_a_new_visit_is_entered_with_all_who_went(cast, secretary):
    one("visits", VISIT, secretary)

    visit = Visit.objects.get()
    assert (visit.how, visit.met, visit.money_words, visit.text) == (
        "home",
        "member",
        "500.00 元，留存党费",
        "身体好转",
    )
    assert {each.person for each in visit.record.actors.all()} == {cast.secretary, cast.commissioner}


def test_a_greeting_a_condolence_and_a_festival_are_told_by_their_kind(cast, secretary):
    died = world.member("钱守义", cast.branch)
    register_event(by=None, person=died, kind=EventKind.DEATH, occurred_on=date(2026, 10, 1), today=TODAY)
    rows = [
        VISIT | {"种类": "祝贺", "地点/方式": "贺卡", "见到谁": ""},
        VISIT | {"种类": "吊唁", "走访对象": "钱守义", "地点/方式": "告别仪式", "见到谁": "", "家属姓名": "长子钱强"},
        VISIT | {"种类": "走访", "走访对象": "赵秀兰", "节日": "春节", "地点/方式": "入户"},
    ]
    plan = taken("visits", sheet_of("visits", *rows), secretary)

    assert plan.report().counts()["created"] == 3, said(plan)
    seen = {each.record.member.name: (each.record.action, each.how, each.occasion) for each in Visit.objects.all()}
    assert seen == {
        "李建国": (Action.GREETING, "card", ""), "钱守义": (Action.CONDOLENCE, "funeral", ""),
        "赵秀兰": (Action.VISIT, "home", "spring"),
    }  # fmt: skip


def test_the_members_of_one_session_are_one_session(cast, secretary):
    rows = [STUDY, STUDY | {"党员": "赵秀兰"}, STUDY | {"党员": "赵秀兰", "学习主题": "党章第二章", "学时": "1小时"}]
    assert taken("study", sheet_of("study", *rows), secretary).report().counts()["created"] == 3

    assert {each.title: each.attendances.count() for each in StudySession.objects.all()} == {
        "党章第一章": 2, "党章第二章": 1,
    }  # fmt: skip


def test_the_event_a_talk_answers_is_found_by_its_words(cast, secretary):
    happened = event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    assert one("talks", TALK | {"事由": "受到纪律处分（2026-11-10）", "类别": "因事由谈话"}, secretary).lines
    assert Record.objects.get().event == happened


@pytest.mark.parametrize(
    "words", ["关怀事项", "受到纪律处分（2026-11-09）", "获得功勋荣誉表彰", "受到纪律处分（2026-13-40）"]
)
def test_an_event_that_is_not_found_is_asked_about(cast, secretary, words):
    event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    assert codes("talks", TALK | {"事由": words}, secretary) == [("事由", "unknown_event")]


def test_who_may_not_know_of_an_event_learns_nothing_by_naming_it(cast):
    event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    world.post(cast.zhao, cast.branch, Role.DEPUTY_SECRETARY)
    deputy = importer(world.account(cast.zhao))
    there, not_there = (TALK | {"事由": f"受到纪律处分（2026-11-{day}）"} for day in (10, 11))
    assert codes("talks", there, deputy) == codes("talks", not_there, deputy) == [("事由", "unknown_event")]


def test_writing_twice_enters_once(cast, secretary):
    data = sheet_of("talks", TALK, TALK | {"谈话对象": "赵秀兰"})
    assert taken("talks", data, secretary).report().counts()["created"] == 2
    assert taken("talks", data, secretary).report().counts() == {
        "created": 0, "updated": 0, "unchanged": 2, "refused": 0,
    }  # fmt: skip
    assert Record.objects.count() == 2


def test_what_was_withdrawn_may_be_entered_anew(cast, secretary):
    one("talks", TALK, secretary)
    withdraw_record(by=None, record=Record.objects.get(), reason="记错了", today=TODAY)
    assert one("talks", TALK, secretary).report().counts()["created"] == 1


def test_an_import_leaves_one_row_of_its_own_in_the_audit_and_one_for_each_record(cast, secretary):
    one("talks", TALK, secretary)
    assert list(AuditRow.objects.order_by("pk").values_list("act", "subject")) == [
        (Act.WRITE, f"record:{Record.objects.get().pk}"), (Act.IMPORT, "ledger"),
    ]  # fmt: skip
    assert AuditRow.objects.get(act=Act.IMPORT).detail == {
        "ledger": "talks", "created": 1, "updated": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip


# Days


@pytest.mark.parametrize(
    "written", ["2024.3.5", "2024年3月5日", "2024/3/5", "20240305", date(2024, 3, 5), 45356, "２０２４－３－５"]
)
def test_a_day_may_be_written_in_many_ways(cast, secretary, written):
    assert one("talks", TALK | {"时间": written}, secretary).report().counts()["created"] == 1
    assert Record.objects.get().on == date(2024, 3, 5)
    assert one("talks", TALK | {"时间": "2024-03-05"}, secretary).report().counts()["unchanged"] == 1


@pytest.mark.parametrize(
    ("written", "code"),
    [("", "missing_day"), ("2026-11-24", "refused_on"), ("24.3.5", "bad_date"), ("1999-01-01", "refused_on")],
)
def test_a_day_that_cannot_be_is_refused(cast, secretary, written, code):
    cast.li.joined_on = date(2000, 1, 1)
    cast.li.save()
    assert (LEDGERS["talks"].columns[0].heading, code) in codes("talks", TALK | {"时间": written}, secretary)
    assert one("talks", TALK | {"时间": written}, secretary).report().counts()["refused"] == 1


def test_a_month_is_no_day(cast, secretary):
    assert ("时间", "missing_day") in codes("talks", TALK | {"时间": "2024年3月"}, secretary)


# Whom it means


def test_a_member_is_sought_in_the_branch_of_that_day(cast):
    clerk = importer(world.account(cast.clerk))
    receive_member(by=None, person=cast.li, to=cast.sibling, on=date(2026, 6, 1), today=TODAY)
    then, now = TALK | {"时间": "2026-05-06"}, TALK | {"所在党支部": "河源第二党支部", "谈话人": "陈晓明"}
    wrong = TALK | {"时间": "2026-07-01"}
    plan = taken("talks", sheet_of("talks", then, now, wrong), clerk)

    assert said(plan) == [(4, "谈话对象", "other_branch")]
    assert "河源第二党支部" in plan.report().findings[0].message
    assert [each.organisation for each in Record.objects.order_by("on")] == [cast.branch, cast.sibling]


def test_the_old_branch_still_enters_what_it_did_and_the_new_one_does_not(cast, secretary):
    receive_member(by=None, person=cast.li, to=cast.sibling, on=date(2026, 6, 1), today=TODAY)
    assert one("talks", TALK | {"时间": "2026-05-06"}, secretary).report().counts()["created"] == 1
    assert codes("talks", TALK, secretary) == [("时间", "refused_on")]
    sibling = importer(world.account(cast.sibling_secretary))
    assert codes("talks", TALK | {"时间": "2026-05-07"}, sibling) == [("谈话对象", "unknown_member")]


def test_namesakes_are_told_apart_by_their_number(cast, secretary):
    second = world.member("李建国", cast.branch, id_number=id_number(7))
    assert codes("talks", TALK, secretary) == [("谈话对象", "ambiguous_name")]
    one("talks", TALK | {"公民身份证号": id_number(7)}, secretary)
    assert Record.objects.get().member == second
    assert one("talks", TALK | {"公民身份证号": id_number(7)}, secretary).report().counts()["unchanged"] == 1
    cast.li.id_number = id_number(9)
    cast.li.save()
    assert one("talks", TALK | {"公民身份证号": id_number(9)}, secretary).report().counts()["created"] == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [(410000198005010073, "id_as_number"), ("41000019800501", "bad_id"), (id_number(3), "unknown_member")],
)
def test_a_number_that_cannot_be_or_is_nobodys_is_refused(cast, secretary, number, code):
    assert code in [what for _column, what in codes("talks", TALK | {"公民身份证号": number}, secretary)]


def test_a_number_of_somebody_else_is_like_one_of_nobody(cast, secretary):
    cast.zhao.id_number = id_number(5)
    cast.zhao.save()
    world.member("钱七", cast.other_branch, id_number=id_number(3))
    rows = [TALK | {"公民身份证号": number} for number in (id_number(1), id_number(3), id_number(5))]
    found = planned("talks", sheet_of("talks", *rows), secretary).report().findings
    assert [each.row for each in found] == [2, 3, 4]
    assert len({each.message for each in found}) == 1


def test_names_and_branches_are_known_by_any_of_their_spellings(cast, secretary):
    row = TALK | {"谈话对象": " 李 建\u200b国 ", "谈话人": "王海燕（支部书记）", "所在党支部": "010101"}
    assert one("talks", row, secretary).report().counts()["created"] == 1
    for branch in ("010101", " 河源第一 党支部", ""):
        counts = one("talks", TALK | {"所在党支部": branch}, secretary).report().counts()
        assert counts["unchanged" if branch else "refused"] == 1
    assert Record.objects.count() == 1


def test_a_branch_left_out_is_that_of_the_day(cast, secretary):
    assert one("talks", TALK | {"所在党支部": ""}, secretary).report().counts()["created"] == 1


@pytest.mark.parametrize("branch", ["外单位党支部", "没有的支部"])
def test_another_branch_is_like_none(cast, secretary, branch):
    assert codes("talks", TALK | {"谈话对象": "沈岳", "所在党支部": branch}, secretary) == [
        ("谈话对象", "unknown_member")
    ]


def test_who_sees_more_than_he_records_knows_the_rows_and_enters_none(cast):
    """A secretary who also inspects the committee: the talks of the branch next door are known, new ones refused."""
    one(
        "talks",
        next_door := TALK | {"谈话对象": "孙德福", "谈话人": "陈晓明", "所在党支部": "河源第二党支部"},
        importer(world.account(cast.sibling_secretary)),
    )
    world.post(cast.secretary, cast.committee, Role.INSPECTOR)
    both = importer(world.account(cast.secretary))
    plan = taken("talks", sheet_of("talks", next_door, next_door | {"时间": "2026-11-17"}, TALK), both)
    assert said(plan) == [(3, "谈话对象", "unknown_member")]
    assert plan.report().counts() == {"created": 1, "updated": 0, "unchanged": 1, "refused": 1}


def test_the_dead_and_those_who_left_are_not_talked_with(cast, secretary):
    register_event(by=None, person=cast.zhao, kind=EventKind.DEATH, occurred_on=date(2026, 10, 1), today=TODAY)
    Membership.objects.filter(person=cast.li).update(until=date(2026, 9, 1))
    rows = [TALK | {"谈话对象": "赵秀兰"}, TALK, TALK | {"谈话对象": "赵秀兰", "时间": "2026-09-30"}]
    plan = planned("talks", sheet_of("talks", *rows), secretary)
    messages = [finding.message for finding in plan.report().findings]
    assert "赵秀兰已于 2026-10-01 去世" in messages[0]
    assert "李建国在 2026-11-18 没有组织关系" in messages[1]
    assert plan.report().counts()["created"] == 1


def test_nobody_enters_what_concerns_himself(cast, secretary):
    row = TALK | {"谈话对象": "王海燕", "谈话人": "周启明"}
    assert codes("talks", row, secretary) == [("谈话对象", "oneself")]
    assert one("talks", row, importer(world.account(cast.clerk))).report().counts()["created"] == 1


def test_nobody_talks_with_himself(cast):
    assert codes("talks", TALK | {"谈话人": "李建国"}, importer(world.account(cast.clerk))) == [
        ("谈话人", "no_post"), ("谈话人", "refused_talker"),
    ]  # fmt: skip


# Who acted


def test_who_acted_is_sought_upward_first_and_in_the_branch(cast, secretary):
    world.member("周启明", cast.branch)
    plan = one("talks", TALK | {"谈话人": "周启明"}, secretary)
    assert said(plan) == [(2, "谈话人", "twins")]
    assert [each.person for each in Record.objects.get().actors.all()] == [cast.general_secretary]


@pytest.mark.parametrize("name", ["查无此人", "沈岳", "陈晓明"])
def test_an_unknown_name_and_one_out_of_sight_are_refused_alike(cast, secretary, name):
    assert codes("talks", TALK | {"谈话人": name}, secretary) == [("谈话人", "unknown_actor")]


def test_two_of_one_name_in_the_branch_are_not_guessed_at(cast, secretary):
    world.member("赵秀兰", cast.branch)
    assert codes("visits", VISIT | {"走访人员": "王海燕、赵秀兰"}, secretary) == [("走访人员", "ambiguous_actor")]


def test_a_post_that_ended_in_between_gives_no_credit_and_it_is_said(cast, secretary):
    in_force(cast.committee)
    world.post(cast.zhao, cast.branch, Role.DEPUTY_SECRETARY, since=date(2024, 1, 1), until=date(2026, 6, 1))
    with_post, without = (TALK | {"谈话人": "赵秀兰", "时间": day} for day in ("2026-05-31", "2026-06-01"))
    assert said(planned("talks", sheet_of("talks", with_post), secretary)) == []
    plan = one("talks", without, secretary)
    assert said(plan) == [(2, "谈话人", "no_post")]
    assert plan.report().counts()["created"] == 1
    duty = Duty.objects.get(member=cast.li, rule__code="yearly-talk")
    assert duty.state == State.OPEN


def test_a_row_without_those_who_acted_is_refused(cast, secretary):
    assert codes("talks", TALK | {"谈话人": "、"}, secretary) == [("谈话人", "missing_people")]


# What is typed


def test_words_left_out_are_said_and_taken(cast, secretary):
    plan = one("talks", TALK | {"方式": None, "类别": "", "谈话内容": None}, secretary)
    assert [code for _row, _column, code in said(plan)] == ["no_means", "no_subject", "no_text"]
    assert Talk.objects.get().means == Talk.Means.FACE


@pytest.mark.parametrize(
    ("code", "row", "column"),
    [
        ("talks", TALK | {"方式": "托人带话"}, "方式"), ("talks", TALK | {"类别": "闲聊"}, "类别"),
        ("talks", TALK | {"谈话内容": "长" * 20_001}, "谈话内容"),
        ("talks", TALK | {"谈话内容": "坏\ufffd的"}, "谈话内容"),
        ("visits", VISIT | {"种类": "视察"}, "种类"), ("visits", VISIT | {"地点/方式": ""}, "地点/方式"),
        ("visits", VISIT | {"地点/方式": "贺卡"}, "地点/方式"), ("visits", VISIT | {"见到谁": "邻居"}, "见到谁"),
        ("visits", VISIT | {"家属姓名": "长子"}, "见到谁"), ("visits", VISIT | {"节日": "圣诞"}, "节日"),
        ("visits", VISIT | {"种类": "吊唁", "家属姓名": "长子"}, "走访时间"),
        ("study", STUDY | {"学时": "1e999"}, "学时"), ("study", STUDY | {"学时": 0.7}, "学时"),
        ("study", STUDY | {"学时": ""}, "学时"), ("study", STUDY | {"学习主题": ""}, "学习主题"),
        ("study", STUDY | {"组织人": "王海燕、张伟"}, "组织人"), ("study", STUDY | {"党员": ""}, "党员"),
    ],
)  # fmt: skip
def test_a_cell_that_makes_no_sense_refuses_its_row_alone(cast, secretary, code, row, column):
    good = {"talks": TALK, "visits": VISIT, "study": STUDY}[code]
    [on] = [each.heading for each in LEDGERS[code].columns if each.name == "on"]
    plan = taken(code, sheet_of(code, row, good | {on: "2026-11-17"}), secretary)
    assert {(number, name) for number, name, _code in said(plan)} == {(2, column)}
    assert plan.report().counts() == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}


def test_formulas_and_hostile_words_are_words_or_refused(cast, secretary):
    row = VISIT | {"慰问品": '=HYPERLINK("x")', "走访情况": "<script>'; DROP TABLE--"}
    plan = taken("visits", sheet_of("visits", VISIT | {"慰问品": "@SUM(A1)", "走访情况": "<b>'; --"}, row), secretary)
    assert said(plan) == [(3, "慰问品", "formula_gift")]
    assert Visit.objects.get().gift == "@SUM(A1)"


def test_the_same_talk_twice_in_a_file_is_one_and_another_text_is_another(cast, secretary):
    plan = taken("talks", sheet_of("talks", TALK, TALK, TALK | {"谈话内容": "下午又谈"}), secretary)
    assert said(plan) == [(3, "谈话对象", "repeated")]
    assert Talk.objects.count() == 2


def test_a_service_has_the_last_word(cast, secretary):
    """A talk without its text in the file is known; a further one with the words of the known one is refused."""
    one("talks", TALK, secretary)
    plan = taken("talks", sheet_of("talks", TALK | {"谈话内容": "另一次"}, TALK), secretary)
    assert plan.report().counts() == {"created": 0, "updated": 0, "unchanged": 1, "refused": 1}
    assert Talk.objects.count() == 1


# The sheet


def test_the_title_row_may_move_and_headings_have_other_names(cast, secretary):
    headings = {
        "时间": "谈话时间", "谈话人": "访谈人", "谈话对象": "被谈话人", "所在党支部": "所在支部", "方式": "谈话方式",
        "类别": "谈话类型", "谈话内容": "主要内容",
    }  # fmt: skip
    elsewhere = {headings[name]: value for name, value in TALK.items()}
    data = workbook(
        [list(reversed(elsewhere.values())), [], ["合计 1 次"], ["填表人：王海燕"]],
        headings=list(reversed(elsewhere)), above=[["谈心谈话台账（2026）"], [], ["编制单位：河源第一党支部"]],
    )  # fmt: skip
    assert taken("talks", data, secretary).report().counts()["created"] == 1


def test_a_sheet_of_another_ledger_is_no_sheet_of_this_one(cast, secretary):
    with pytest.raises(SheetRefused, match="缺少这些列"):
        planned("visits", sheet_of("talks", TALK), secretary)


# History


def test_years_of_history_enter_on_the_first_day_and_nothing_is_red(cast):
    """The committee starts today; what its branches did in three years is entered, and no duty of then opens."""
    adopt_pack(cast.committee, since=TODAY)
    sweep_on(TODAY)
    rows = [
        TALK | {"时间": f"{year}-{month}-15", "谈话对象": name, "谈话内容": f"{year} 年的谈话"}
        for year in (2023, 2024, 2025) for month in (3, 6, 9) for name in ("李建国", "赵秀兰", "张伟")
    ]  # fmt: skip
    event(cast.li, EventKind.TRANSFER_IN, date(2024, 1, 2))
    plan = taken("talks", sheet_of("talks", *rows), importer(world.account(cast.clerk)))

    assert plan.report().counts() == {"created": 27, "updated": 0, "unchanged": 0, "refused": 0}
    assert all(record.late for record in Record.objects.all())
    assert Duty.objects.exists()
    assert not Duty.objects.filter(due_on__lt=TODAY).exists()
    assert not Duty.objects.overdue_on(TODAY).exists()
    assert counts_for_rail(world.account(cast.committee_secretary), TODAY)[0] == 0
    data = exported("talks", None, cast.committee, first=date(2023, 1, 1))
    again = taken("talks", data, importer(place=cast.committee))
    assert again.report().counts() == {"created": 0, "updated": 0, "unchanged": 27, "refused": 0}


def test_without_the_start_day_the_same_history_would_be_red(cast):
    """The control of the test before: what is due before a start day two years back does open."""
    adopt_pack(cast.committee, since=date(2024, 1, 1))
    sweep_on(TODAY)
    assert Duty.objects.overdue_on(TODAY).exists()


@pytest.mark.parametrize("code", ["talks", "visits", "study"])
def test_a_plan_takes_as_many_queries_for_fifty_rows_as_for_one(cast, secretary, code, django_assert_max_num_queries):
    row = {"talks": TALK, "visits": VISIT, "study": STUDY}[code]
    [name] = [each.heading for each in LEDGERS[code].columns if each.name == "name"]
    rows = [row | {name: world.member(f"党员{number}", cast.branch).name} for number in range(50)]
    assert secretary.account.scope
    for some in (rows[:1], rows):
        with django_assert_max_num_queries(8):
            assert planned(code, sheet_of(code, *some), secretary).report().counts()["created"] == len(some)


def test_many_rows_settle_once_to_what_a_whole_sweep_finds(cast, secretary):
    """All duties of the block are settled at its end: a sweep of everything afterwards changes nothing."""
    in_force(cast.committee)
    event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    rows = [
        TALK | {"时间": f"2026-{month:02}-14", "谈话对象": name}
        for month in range(1, 12)
        for name in ("李建国", "张伟")
    ]
    taken("talks", sheet_of("talks", *rows, TALK | {"时间": "2026-11-12", "谈话内容": "处分以后"}), secretary)

    def duties():
        fields = ("rule", "key", "state", "closed_by", "closed_on", "organisation", "reason")
        return sorted(map(str, Duty.objects.values_list(*fields)))

    settled = duties()
    assert Duty.objects.filter(state=State.DONE).count() >= 3
    for rule in active_rules():
        run_whole(rule, TODAY)
    assert duties() == settled


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"慰问金(元)": "500 元，留存党费", "款源": ""}, []),
        ({"慰问金(元)": 500.5, "款源": "工会"}, []),
        ({"慰问金(元)": "500", "款源": ""}, [("款源", "refused_source")]),
        ({"慰问金(元)": "五百元"}, [("慰问金(元)", "bad_money")]),
        ({"慰问金(元)": "500 元，党费", "款源": "工会"}, [("款源", "two_sources")]),
        ({"款源": "月亮"}, [("款源", "bad_source")]),
        ({"慰问品价值(元)": "86 元"}, [("慰问品", "refused_gift")]),
    ],
)
def test_money_of_a_sheet_has_a_source(cast, secretary, given, found):
    assert codes("visits", VISIT | given, secretary) == found

"""Selections as services: places and their boundaries, votes, recommendation, review with flags, decision, award."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from awards.honours import Granted, grant_honour
from awards.models import Honour, HonourKind, Level, Nominee, Selection, SelectionObjection, TitleQuota
from awards.selecting.awarding import recommend_upward, step_back
from awards.selecting.deciding import Choice, Verdict, decide, left_of, nominees_of, review
from awards.selecting.facts import facts_of
from awards.selecting.nominating import finish_nominating, withdraw_nomination
from awards.selecting.noticing import answer, object_to, remove
from awards.selecting.opening import (
    ask_branches,
    close_nominations,
    endorse_source,
    nominate_source,
    not_ready,
    open_selection,
)
from awards.selecting.places import members_of, nominators, propose_places, shared
from base.dates import FAR
from duties.engine.models import Action, Duty, Record, State
from duties.tasks import tasks_of
from members.appointments import begin_post, end_post
from members.enums import CategoryKind, OrganisationKind, Role, Standing
from members.models import Category, Event
from tests.awards.selections import (
    AWARDED,
    BRANCH,
    MEMBER,
    OPENED,
    POSTED,
    TODAY,
    WANTED,
    WORKER,
    awarded,
    choose,
    commend,
    decided,
    give,
    held,
    nominated,
    nominee,
    opened,
    post,
    posted,
    put,
    recommend,
    reviewed,
    title,
)
from tests.duties.acts import adopt_pack, die, move, sweep_on
from tests.visits.campaigns import make_tasks_duties
from tests.world import account, member, organisation
from tests.world import post as take_post

pytestmark = pytest.mark.django_db
S, N = Selection.Stage, Nominee.State


def refused(act, *args, **more) -> dict | list:
    with pytest.raises(ValidationError) as no:
        act(*args, **more)
    return no.value.message_dict if hasattr(no.value, "error_dict") else no.value.messages


# Places


@pytest.mark.parametrize(
    ("total", "members", "expected"),
    [
        (2, (4, 2, 4), (1, 0, 1)), (5, (4, 2, 4), (2, 1, 2)), (10, (4, 2, 4), (4, 2, 4)), (3, (1, 1), (2, 1)),
        (4, (0, 0), (0, 0)), (0, (3, 1), (0, 0)), (1, (0, 9), (0, 1)),
    ],
)  # fmt: skip
def test_places_are_shared_by_members_whole_shares_first(total, members, expected):
    given = shared(total, dict(enumerate(members)))
    assert tuple(given.values()) == expected


def test_branches_nominate_and_a_committee_below_for_all_under_it(cast):
    lower = organisation("0103", OrganisationKind.COMMITTEE, cast.committee, name="下级党委")
    under = organisation("010301", parent=lower, name="下级支部")
    member("下级党员", under)
    found = nominators(cast.committee, TODAY)
    assert [each.label for each in found] == ["河源第一党支部", "河源第二党支部", "机关党支部", "下级党委"]
    assert members_of(found, TODAY) == {cast.branch.pk: 4, cast.sibling.pk: 2, cast.direct.pk: 4, lower.pk: 1}
    assert nominators(cast.branch, TODAY) == [cast.branch]


def test_opening_proposes_the_places_of_every_title(cast):
    selection = opened(cast, titles=WANTED[:1])
    assert list(TitleQuota.objects.order_by("organisation__path").values_list("number", flat=True)) == [1, 0, 1]
    assert selection.stage == S.OPEN


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"opened_on": date(2026, 11, 24)}, "opened_on", "晚于今天"),
        ({"year": 2024}, "year", "请核对"),
        ({"nominate_by": date(2026, 5, 1)}, "nominate_by", "早于启动"),
        ({"title": " "}, "title", "请写评选名称"),
        ({"titles": ()}, "titles", "至少写一个"),
        ({"titles": (WANTED[0], WANTED[0])}, "titles", "写了两行"),
    ],
)
def test_a_selection_is_refused_with_a_sentence(cast, more, field, said):
    assert said in refused(opened, cast, **more)[field][0]
    assert not Selection.objects.exists()


def test_an_organisation_selects_from_its_founding_on(cast):
    cast.committee.founded_on = date(2026, 6, 2)
    cast.committee.save()
    assert "2026-06-01 早于云河水文局党委成立的 2026-06-02" in refused(opened, cast)["opened_on"][0]
    opened(cast, opened_on=date(2026, 6, 2))
    old = refused(opened, cast, opened_on=date(1919, 5, 4), year=1919)
    assert "成立" in old["opened_on"][0]
    assert "1921 到 2027" in refused(opened, cast, opened_on=TODAY, year=2040)["year"][0]


def test_the_same_selection_twice_is_refused(cast):
    opened(cast)
    assert "已经建过" in refused(opened, cast)["title"][0]


def test_a_place_that_is_used_is_not_taken_away(cast):
    selection = opened(cast)
    put(selection, cast.li, cast.branch)
    said = refused(give, selection, {cast.branch: 0}, titles=[MEMBER])
    assert said == {f"places_{title(selection).pk}_{cast.branch.pk}": ["已推荐 1 个（李建国），名额不能少于 1。"]}
    said = refused(propose_places, by=None, selection=selection, totals={title(selection).pk: 0}, today=TODAY)
    assert "已推荐 1 个" in said[f"total_{title(selection).pk}"][0]


def test_places_go_to_the_selections_own_organisations_alone(cast):
    assert "请重新打开" in refused(give, opened(cast), {cast.other_branch: 1})[0]


# Nominating


@pytest.mark.parametrize(("places", "goes"), [(0, 0), (1, 1), (2, 2)])
def test_a_branch_nominates_up_to_its_places_and_no_further(cast, places, goes):
    selection = opened(cast)
    give(selection, {cast.branch: places}, titles=[MEMBER])
    people = [cast.li, cast.zhao, cast.commissioner]
    for person in people[:goes]:
        put(selection, person, cast.branch)
    said = refused(put, selection, people[goes], cast.branch)["subject"][0]
    if places:
        names = "、".join(person.name for person in people[:goes])
        assert f"有 {places} 个推荐名额，已推荐 {places} 个：{names}。" in said
    else:
        assert said == f"河源第一党支部没有分到“{MEMBER}”的推荐名额。"
    assert Nominee.objects.filter(title__name=MEMBER).count() == goes


def test_a_place_given_back_may_be_used_again(cast):
    selection = opened(cast)
    row = put(selection, cast.li, cast.branch)
    assert "请写原因" in refused(withdraw_nomination, by=None, nominee=row, reason=" ", today=TODAY)["reason"][0]
    withdraw_nomination(by=None, nominee=row, reason="本人谦让", today=TODAY)
    put(selection, cast.li, cast.branch)
    assert "没有可撤回" in refused(withdraw_nomination, by=None, nominee=row, reason="再撤", today=TODAY)[0]


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"expected": 12, "present": 6, "agreed": 6}, "present", "没有超过应到 12 人的半数"),
        ({"expected": 12, "present": 7, "agreed": 6}, "agreed", "没有超过应到 12 人的半数"),
        ({"present": 13}, "present", "多于应到"),
        ({"agreed": 12}, "agreed", "多于实到"),
        ({"expected": 0, "present": 0, "agreed": 0}, "expected", "至少 1 人"),
        ({"on": date(2026, 11, 24)}, "on", "晚于今天"),
        ({"on": date(2026, 5, 31)}, "on", "才启动"),
        ({"minutes": " "}, "minutes", "会议记录编号"),
        ({"deeds": " "}, "deeds", "请写主要事迹"),
        ({"deeds": "长" * 1501}, "deeds", "最多 1500"),
    ],
)
def test_a_meeting_without_a_majority_nominates_nobody(cast, more, field, said):
    assert said in refused(put, opened(cast), cast.li, cast.branch, **more)[field][0]
    assert not Nominee.objects.exists()


def test_seven_of_twelve_are_a_majority(cast):
    assert put(opened(cast), cast.li, cast.branch, present=7, agreed=7).votes == "应到 12 实到 7 同意 7"


def test_who_stands_elsewhere_is_dead_or_may_not_vote_is_not_nominated(cast):
    selection = opened(cast)
    assert "不在河源第一党支部" in refused(put, selection, cast.sun, cast.branch)["subject"][0]
    move(cast.zhao, cast.branch, date(2026, 10, 1), Standing.SUSPENDED)
    assert "停止党籍" in refused(put, selection, cast.zhao, cast.branch)["subject"][0]
    die(cast.li, date(2026, 10, 2))
    assert "去世" in refused(put, selection, cast.li, cast.branch)["subject"][0]


def test_nobody_nominates_himself_and_nobody_stands_twice(cast):
    selection = opened(cast)
    give(selection, {cast.branch: 2}, titles=[MEMBER])
    by = account(cast.secretary)
    assert "推荐你本人" in refused(put, selection, cast.secretary, cast.branch, by=by)["subject"][0]
    put(selection, cast.li, cast.branch)
    assert "没有再推荐一次" in refused(put, selection, cast.li, cast.branch)["subject"][0]


def test_the_general_branch_between_recommends_and_where_none_is_the_step_is_not(cast):
    selection = opened(cast)
    assert put(selection, cast.direct_secretary, cast.direct).endorser is None
    assert put(selection, cast.li, cast.branch).endorser == cast.general
    assert put(selection, cast.sun, cast.sibling).said == "等总支审核"
    assert not_ready(selection) == ["李建国、孙德福还在等总支审核。"]
    recommend(selection, cast.general, no=[cast.sun])
    declined = nominee(selection, cast.sun)
    assert (declined.state, declined.ended_words) == (N.DECLINED, "民主测评靠后")
    assert nominee(selection, cast.li).rank == 1
    assert not_ready(selection) == []
    put(selection, cast.sibling_secretary, cast.sibling)  # the place is free again


def test_branches_have_it_as_a_task_until_their_places_are_used(cast):
    make_tasks_duties(cast)
    selection, by = opened(cast), account(cast.clerk)
    asked = ask_branches(by=by, selection=selection, due_on=date(2026, 12, 1), today=TODAY)
    assert (asked.tasks, asked.moved, asked.without) == (3, 0, ())
    again = ask_branches(by=by, selection=selection, due_on=date(2026, 12, 5), today=TODAY)
    assert (again.tasks, again.moved) == (0, 3)

    def states():
        tasks = tasks_of(nominate_source(selection), today=TODAY)
        return {task.event.organisation_id: task.running for task in tasks}

    put(selection, cast.li, cast.branch, by=by)
    put(selection, cast.secretary, cast.branch, WORKER, by=by)
    assert states()[cast.branch.pk]
    put(selection, cast.branch, cast.branch, BRANCH, by=by)
    finish_nominating(by=by, selection=selection, nominator=cast.sibling, today=TODAY)
    assert states() == {cast.branch.pk: False, cast.sibling.pk: False, cast.direct.pk: True}
    assert "没有在办" in refused(finish_nominating, by=by, selection=selection, nominator=cast.sibling, today=TODAY)[0]
    (task,) = tasks_of(endorse_source(selection), today=TODAY)
    assert task.running
    assert task.event.addressee == cast.general_secretary
    recommend(selection, cast.general)
    close_nominations(by=by, selection=selection, today=TODAY)
    assert not any(states().values())
    assert [task.state for task in tasks_of(endorse_source(selection), today=TODAY)] == ["已办结"]


def test_a_new_secretary_has_what_the_one_before_was_asked(cast):
    make_tasks_duties(cast)
    selection = opened(cast)
    ask_branches(by=account(cast.clerk), selection=selection, due_on=date(2026, 12, 1), today=TODAY)
    end_post(by=None, post=cast.sibling_secretary.posts.get(), last=date(2026, 11, 22), today=TODAY)
    begin_post(by=None, person=cast.sun, organisation=cast.sibling, role=Role.SECRETARY, since=TODAY, today=TODAY)

    def task():
        rows = tasks_of(nominate_source(selection), today=TODAY)
        return next(each for each in rows if each.about == cast.sibling)

    assert task().to == cast.sun
    finish_nominating(by=account(cast.sun), selection=selection, nominator=cast.sibling, today=TODAY)
    assert task().done_by == cast.sun.name


# Review


def belongs(person, kind, since, until=FAR):
    return Category.objects.create(person=person, kind=kind, since=since, until=until)


def flags(selection, person):
    row = nominee(selection, person)
    return {(flag.text, flag.sensitive) for flag in facts_of([row], TODAY)[row.pk].flags}


@pytest.mark.parametrize(
    ("until", "flagged"), [(date(2026, 11, 23), False), (date(2026, 11, 24), True), (date(2026, 1, 1), False)]
)
def test_a_sanction_flags_to_its_last_day_and_not_after(cast, until, flagged):
    """八2: an effect that is over bars from nothing."""
    selection = opened(cast)
    put(selection, cast.li, cast.branch)
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2025, 3, 1), until)
    assert flags(selection, cast.li) == ({("处分影响期，到 2026-11-23", True)} if flagged else set())


def test_what_else_is_flagged(cast):
    selection = opened(cast)
    give(selection, {cast.branch: 3})
    put(selection, cast.li, cast.branch)
    put(selection, cast.li, cast.branch, WORKER)
    given = Granted(HonourKind.PARTY, MEMBER, Level.UNIT, "云河水文局党委", date(2024, 6, 28))
    grant_honour(by=None, given=given, today=TODAY, person=cast.li)
    assert flags(selection, cast.li) == {(f"同时推荐为{MEMBER}", False)}  # the newest row is for the other title
    first = Nominee.objects.filter(title__name=MEMBER).get()
    assert {flag.text for flag in facts_of([first], TODAY)[first.pk].flags} == {
        "2024 年已获优秀共产党员", f"同时推荐为{WORKER}",
    }  # fmt: skip
    move(cast.zhao, cast.branch, date(2026, 10, 1), Standing.PROBATIONARY)
    put(selection, cast.zhao, cast.branch)
    assert flags(selection, cast.zhao) == {("预备党员", False)}
    put(selection, cast.commissioner, cast.branch)
    move(cast.commissioner, cast.sibling, date(2026, 11, 20))
    assert flags(selection, cast.commissioner) == {("已不在推荐单位", False)}


@pytest.mark.parametrize(("granted", "flagged"), [(date(2023, 11, 23), False), (date(2023, 11, 24), True)])
def test_the_same_honour_of_three_years_is_worth_a_word(cast, granted, flagged):
    selection = opened(cast)
    put(selection, cast.li, cast.branch)
    given = Granted(HonourKind.PARTY, MEMBER, Level.UNIT, "云河水文局党委", granted)
    grant_honour(by=None, given=given, today=TODAY, person=cast.li)
    assert bool(flags(selection, cast.li)) is flagged


def test_selectors_see_years_in_the_party_and_at_the_front_line(cast):
    selection = opened(cast)
    row = put(selection, cast.li, cast.branch)
    belongs(cast.li, CategoryKind.POSTED, date(2020, 11, 23), date(2022, 11, 23))
    belongs(cast.li, CategoryKind.POSTED, date(2022, 5, 23), date(2023, 11, 23))  # half a year is not counted twice
    facts = facts_of([row], TODAY)[row.pk]
    assert (facts.party_years, facts.front_line) == ("27 年", "3.0 年")
    assert facts_of([], TODAY) == {}


def test_on_probation_no_years_count_and_it_is_said(cast):
    """Also where the roster holds a day on which probation is to end."""
    cast.li.memberships.update(standing="probationary")
    cast.li.joined_on, cast.li.full_on = date(2025, 7, 1), date(2026, 7, 1)
    cast.li.save()
    row = put(opened(cast), cast.li, cast.branch)
    assert facts_of([row], TODAY)[row.pk].party_years == "—（预备期不计党龄）"


def test_who_is_flagged_is_kept_with_a_reason_alone(cast):
    selection = close_nominations(by=None, selection=nominated(cast), today=TODAY)
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2026, 3, 1))
    row = nominee(selection, cast.li)
    said = refused(review, by=None, selection=selection, said={row.pk: Verdict(True)}, today=TODAY)
    assert "处分影响期" in said[f"why_{row.pk}"][0]
    assert "不通过" in refused(review, by=None, selection=selection, said={row.pk: Verdict(False)}, today=TODAY)[
        f"why_{row.pk}"
    ][0]  # fmt: skip
    review(by=None, selection=selection, said={row.pk: Verdict(True, "处分与评选无关，表现突出")}, today=TODAY)
    row.refresh_from_db()
    assert (row.state, row.review) == (N.PASSED, "处分与评选无关，表现突出")
    unflagged = nominee(selection, cast.sun)
    review(by=None, selection=selection, said={unflagged.pk: Verdict(True)}, today=TODAY)


def test_nobody_reviews_himself(cast):
    selection = close_nominations(by=None, selection=nominated(cast), today=TODAY)
    row = nominee(selection, cast.li)
    said = refused(
        review, by=account(cast.li), selection=selection, said={row.pk: Verdict(True, "好")}, today=TODAY
    )  # fmt: skip
    assert said == {f"why_{row.pk}": ["你本人由别人复核。"]}


# Decision


def test_the_meeting_chooses_within_the_number_of_each_title(cast):
    selection = reviewed(cast)
    said = refused(choose, selection, cast.li, cast.sun, cast.direct_secretary)
    assert said == [f"“{MEMBER}”还能定 2 个，勾了 3 个：李建国、孙德福、马玉珍。请去掉 1 个。"]
    choose(selection, cast.li, cast.sun)
    assert {row.whom for row in nominees_of(selection, N.CHOSEN)} == {"李建国", "孙德福"}
    assert left_of(selection)[title(selection).pk] == 0
    assert nominee(selection, cast.li).chosen_by == 6


@pytest.mark.parametrize(
    ("meeting", "field", "said"),
    [
        ({"body": " "}, "body", "是什么会"), ({"minutes": ""}, "minutes", "纪要编号"),
        ({"on": date(2026, 11, 24)}, "on", "晚于今天"), ({"on": date(2026, 6, 4)}, "on", "以后才推荐"),
        ({"present": 8}, "present", "多于应到"), ({"expected": 12}, "present", "半数"),
        ({"expected": 0, "present": 0}, "expected", "至少 1 人"),
    ],
)  # fmt: skip
def test_a_meeting_that_cannot_decide_decides_nothing(cast, meeting, field, said):
    selection = reviewed(cast)
    assert said in refused(choose, selection, cast.li, meeting=held(**meeting))[field][0]
    selection.refresh_from_db()
    assert selection.stage == S.REVIEW


@pytest.mark.parametrize(("agreed", "said"), [(7, "多于表决的 6 人"), (3, "没有超过应到 7 人的半数"), (4, "")])
def test_votes_add_up(cast, agreed, said):
    selection = reviewed(cast)
    row = nominee(selection, cast.li)
    if said:
        assert said in refused(choose, selection, cast.li, agreed=agreed)[f"agreed_{row.pk}"][0]
    else:
        choose(selection, cast.li, agreed=agreed)
        assert nominee(selection, cast.li).chosen_by == 4


def test_whoever_sits_in_the_meeting_steps_aside(cast):
    selection = reviewed(cast)
    take_post(cast.li, cast.committee, Role.COMMISSIONER)
    row = nominee(selection, cast.li)
    assert "回避" in refused(choose, selection, cast.li)[f"aside_{row.pk}"][0]
    choose(selection, cast.li, aside=[cast.li])
    row.refresh_from_db()
    assert (row.aside, row.chosen_by) == (True, 5)


def test_the_dead_are_not_chosen_and_nobody_enters_his_own_choice(cast):
    selection = reviewed(cast)
    row = nominee(selection, cast.li)
    assert "由别人登记" in refused(choose, selection, cast.li, by=account(cast.li))[f"chosen_{row.pk}"][0]
    die(cast.li, date(2026, 6, 10))
    assert "已经去世" in refused(choose, selection, cast.li)[f"chosen_{row.pk}"][0]
    assert refused(choose, selection) == ["还没有勾选拟表彰的人选。"]


def test_who_died_after_the_meeting_was_chosen_by_it_whenever_it_is_entered(cast):
    selection = reviewed(cast)
    die(cast.li, date(2026, 6, 20))
    choose(selection, cast.li)
    assert nominee(selection, cast.li).state == Nominee.State.CHOSEN


def test_who_was_not_on_the_page_is_not_decided_unseen(cast):
    selection = reviewed(cast)
    from_page = {nominee(selection, cast.li).pk: Choice(True)}
    assert "不在这一页上" in refused(decide, by=None, selection=selection, held=held(), said=from_page, today=TODAY)[0]


# Notice


def test_a_notice_lasts_working_days_after_its_own(cast):
    """16 June 2026 is a Tuesday; the 19th is 端午, so five working days end on the 24th."""
    notice = post(decided(cast))
    assert notice.until_on == date(2026, 6, 24)
    assert notice.nominees.count() == 4


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"from_on": date(2026, 11, 24)}, "from_on", "晚于今天"), ({"from_on": date(2026, 6, 14)}, "from_on", "才定"),
        ({"days": 0}, "days", "至少 5 个"), ({"days": 31}, "days", "最多 30 个"), ({"place": ""}, "place", "张贴"),
        ({"contact": " "}, "contact", "向谁反映"),
    ],
)  # fmt: skip
def test_a_notice_is_refused_with_a_sentence(cast, more, field, said):
    assert said in refused(post, decided(cast), **more)[field][0]


def test_too_few_days_of_the_past_are_kept_once_confirmed_and_told(cast):
    selection = decided(cast)
    said = refused(post, selection, days=3)
    assert "公示到 2026-06-22 已经结束，只有 3 个工作日，不足 5 个" in said["sure"][0]
    notice = post(selection, days=3, sure=True)
    assert (notice.until_on, notice.short, notice.days_words) == (date(2026, 6, 22), True, "3 个工作日，不足 5 个")
    assert commend(selection, cast.committee_secretary).stage == "awarded"


def test_too_few_days_of_a_notice_that_still_hangs_are_refused(cast):
    said = refused(post, decided(cast), from_on=date(2026, 11, 20), days=4, sure=True)
    assert "2026-11-26 才期满，还可以贴够" in said["days"][0]


def test_enough_days_say_nothing_of_it(cast):
    notice = post(decided(cast), sure=True)
    assert (notice.short, notice.days_words) == (False, "5 个工作日")


def test_a_year_without_arrangements_is_not_guessed(cast):
    said = refused(post, decided(cast), from_on=TODAY, days=30)
    assert "2027 年的放假调休安排没有录入" in said["days"][0]


def objected(selection, person, **more):
    row = nominee(selection, person)
    said = {"received_on": date(2026, 6, 18), "said_by": "匿名", "words": "考勤不实"}
    return object_to(by=None, nominee=row, **said | more, today=TODAY)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"received_on": date(2026, 6, 15)}, "received_on"), ({"received_on": date(2026, 11, 24)}, "received_on"),
        ({"said_by": " "}, "said_by"), ({"words": ""}, "words"),
    ],
)  # fmt: skip
def test_an_objection_is_refused_with_a_sentence(cast, more, field):
    assert list(refused(objected, posted(cast), cast.li, **more)) == [field]
    assert not SelectionObjection.objects.exists()


def test_an_upheld_objection_removes_and_a_further_meeting_fills_the_place(cast):
    selection = posted(cast)
    made = objected(selection, cast.li)
    assert "异议还没有答复" in refused(commend, selection, cast.committee_secretary)[0]
    assert "核查结果" in refused(answer, by=None, objection=made, upheld=True, words=" ", today=TODAY)["answer"][0]
    answer(by=None, objection=made, upheld=True, words="经查属实", today=TODAY)
    assert "没有再办一次" in refused(answer, by=None, objection=made, upheld=False, words="不实", today=TODAY)[0]
    assert nominee(selection, cast.li).state == N.REMOVED
    choose(selection, cast.sun)
    selection.refresh_from_db()
    assert selection.stage == S.DECIDED
    assert "现在是“集体研究”" in refused(commend, selection, cast.committee_secretary)[0]
    second = post(selection, from_on=date(2026, 6, 17))
    assert [row.whom for row in second.nominees.order_by("pk").all()] == ["孙德福"]
    commend(selection, cast.committee_secretary)
    assert {row.whom for row in nominees_of(selection, N.AWARDED)} == {"孙德福", "马玉珍", "王海燕", "机关党支部"}


def test_a_dismissed_objection_changes_nothing(cast):
    selection = posted(cast)
    answer(by=None, objection=objected(selection, cast.li), upheld=False, words="经查不实", today=TODAY)
    assert nominee(selection, cast.li).state == N.CHOSEN


# Award


def test_one_step_makes_all_honours_and_closes_the_duty(cast):
    adopt_pack(cast.committee, whole=True)
    sweep_on(TODAY)
    duty = Duty.objects.get(rule__code="yearly-selection", organisation=cast.committee, key__contains="2026")
    assert duty.state == State.OPEN
    selection = awarded(cast, account(cast.clerk))
    honours = Honour.objects.order_by("title", "organisation__path", "person__name")
    assert {(row.title, row.person and row.person.name, row.organisation.label) for row in honours} == {
        (MEMBER, "李建国", "河源第一党支部"), (MEMBER, "马玉珍", "机关党支部"), (WORKER, "王海燕", "河源第一党支部"),
        (BRANCH, None, "机关党支部"),
    }  # fmt: skip
    assert {row.document for row in honours} == {"云水党〔2026〕21 号"}
    assert nominee(selection, cast.li).honour.granted_on == AWARDED
    assert nominee(selection, cast.sun).state == N.LEFT
    duty.refresh_from_db()
    assert (duty.state, duty.closed_by) == (State.DONE, selection.record)
    assert Event.objects.filter(person=cast.li, occurred_on=AWARDED).count() == 1


def test_done_twice_nothing_is_made_twice(cast):
    selection = awarded(cast)
    assert "没有再办一次" in refused(commend, selection, cast.committee_secretary)[0]
    assert Honour.objects.count() == 4
    assert Record.objects.standing().filter(action=Action.SELECTION).count() == 1


def test_an_honour_entered_by_hand_is_taken_not_made_again(cast):
    selection = posted(cast)
    given = Granted(HonourKind.PARTY, MEMBER, Level.UNIT, "云河水文局党委", AWARDED)
    honour = grant_honour(by=None, given=given, today=TODAY, person=cast.li)
    commend(selection, cast.committee_secretary)
    assert nominee(selection, cast.li).honour == honour
    assert Honour.objects.count() == 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"on": date(2026, 6, 24)}, "公示到 2026-06-24 才满"), ({"on": date(2026, 11, 24)}, "晚于今天"),
        ({"document": " "}, "文号"),
    ],
)  # fmt: skip
def test_an_award_is_refused_with_a_sentence(cast, more, said):
    found = refused(commend, posted(cast), cast.committee_secretary, **more)
    assert said in str(found)
    assert not Honour.objects.exists()


def test_the_day_after_the_notice_is_early_enough(cast):
    assert commend(posted(cast), cast.committee_secretary, on=date(2026, 6, 25)).stage == S.AWARDED


def test_who_died_before_the_award_is_told_and_may_be_removed(cast):
    selection = posted(cast)
    die(cast.li, date(2026, 6, 20))
    assert "李建国" in refused(commend, selection, cast.committee_secretary)["posthumous"][0]
    assert not Honour.objects.exists()
    row = nominee(selection, cast.li)
    assert "请写原因" in refused(remove, by=None, nominee=row, reason="", today=TODAY)["reason"][0]
    remove(by=None, nominee=row, reason="已去世，另行追授", today=TODAY)
    commend(selection, cast.committee_secretary)
    assert Honour.objects.count() == 3


# Upward


def test_who_was_chosen_is_recommended_to_a_place_above_or_on_paper(cast):
    lower = organisation("0103", OrganisationKind.COMMITTEE, cast.committee, name="下级党委")
    under = organisation("010301", parent=lower, name="下级支部")
    someone = member("下级党员", under)
    mine = open_selection(
        by=None, organisation=lower, year=2026, title="下级评选", opened_on=OPENED, nominate_by=TODAY,
        titles=WANTED[:1], today=TODAY,
    )  # fmt: skip
    upper = opened(cast)
    put(mine, someone, under)
    upward = {"by": None, "on": date(2026, 6, 20), "title": MEMBER, "today": TODAY}
    early = refused(recommend_upward, nominee=nominee(mine, someone), upper=upper, to="", **upward)
    assert "本级确定以后" in early[0]
    close_nominations(by=None, selection=mine, today=TODAY)
    review(by=None, selection=mine, said={nominee(mine, someone).pk: Verdict(True)}, today=TODAY)
    choose(mine, someone)
    row = nominee(mine, someone)
    said = refused(recommend_upward, nominee=row, upper=upper, to="", **upward)
    assert "没有分到" in said["to"][0]
    give(upper, {lower: 1}, titles=[MEMBER])
    recommend_upward(nominee=row, upper=upper, to="", **upward)
    there = nominee(upper, someone)
    assert (there.nominator, there.came_from, there.minutes) == (lower, row, "党委会〔2026〕9 号")
    assert "没有再推荐一次" in refused(recommend_upward, nominee=row, upper=None, to="市委", **upward)[0]
    assert "向上推荐" in refused(step_back, by=None, selection=mine, reason="错了", today=TODAY)[0]


def test_upward_on_paper_says_whereto(cast):
    selection = decided(cast)
    row = nominee(selection, cast.li)
    upward = {"by": None, "upper": None, "title": MEMBER, "today": TODAY, "nominee": row}
    assert "推荐到哪个" in refused(recommend_upward, to=" ", on=POSTED, **upward)["to"][0]
    assert "集体研究" in refused(recommend_upward, to="市直工委", on=date(2026, 6, 14), **upward)["on"][0]
    assert recommend_upward(to="市直工委", on=POSTED, **upward).raised_to == "市直工委"


# Back


def back(selection, **more):
    return step_back(by=None, selection=selection, **{"reason": "登记错了", "today": TODAY} | more)


def test_every_step_can_be_taken_back_and_taken_again(cast):
    selection = awarded(cast)
    assert back(selection).stage == S.NOTICE
    assert not Honour.objects.standing().exists()
    assert not Record.objects.standing().filter(action=Action.SELECTION).exists()
    assert not Event.objects.standing().filter(person=cast.li, occurred_on=AWARDED).exists()
    assert back(selection).stage == S.DECIDED
    assert back(selection).stage == S.REVIEW
    assert {row.state for row in Nominee.objects.order_by("pk").all()} == {N.PASSED}
    assert back(selection).stage == S.OPEN
    assert {row.state for row in Nominee.objects.order_by("pk").all()} == {N.NOMINATED}
    assert back(selection).stage == S.CALLED_OFF
    assert "没有可撤回" in refused(back, selection)[0]


def test_a_step_is_not_taken_back_unseen_nor_without_a_reason(cast):
    selection = decided(cast)
    assert "没有撤回" in refused(back, selection, seen="notice")[0]
    assert "请写原因" in refused(back, selection, reason=" ")["reason"][0]


def test_a_second_meeting_is_taken_back_alone(cast):
    selection = posted(cast)
    remove(by=None, nominee=nominee(selection, cast.li), reason="本人谦让", today=TODAY)
    choose(selection, cast.sun)
    selection.refresh_from_db()
    assert back(selection, seen="decided").stage == S.NOTICE
    assert nominee(selection, cast.sun).state == N.LEFT
    assert nominee(selection, cast.direct_secretary).state == N.CHOSEN


def test_a_notice_with_objections_stays(cast):
    selection = posted(cast)
    objected(selection, cast.li)
    assert "公示不能撤回" in refused(back, selection)[0]


def look(selection, person):
    return review(by=None, selection=selection, said={nominee(selection, person).pk: Verdict(True)}, today=TODAY)


ACTS = {
    "put": lambda cast, s: put(s, cast.zhao, cast.branch, deeds="…"),
    "places": lambda cast, s: give(s, {cast.branch: 5}),
    "ask": lambda cast, s: ask_branches(by=None, selection=s, due_on=date(2026, 12, 1), today=TODAY),
    "close": lambda cast, s: close_nominations(by=None, selection=s, today=TODAY),
    "review": lambda cast, s: look(s, cast.sun),
    "decide": lambda cast, s: choose(s, cast.sun),
    "post": lambda cast, s: post(s),
    "remove": lambda cast, s: remove(by=None, nominee=nominee(s, cast.li), reason="…", today=TODAY),
    "award": lambda cast, s: commend(s, cast.committee_secretary),
    "withdraw": lambda cast, s: withdraw_nomination(by=None, nominee=nominee(s, cast.li), reason="…", today=TODAY),
}
REACHED = {S.OPEN: nominated, S.REVIEW: reviewed, S.DECIDED: decided, S.NOTICE: posted, S.AWARDED: awarded}
ALLOWED = {
    S.OPEN: {"places", "ask", "close", "withdraw", "put"}, S.REVIEW: {"review", "decide"},
    S.DECIDED: {"post", "remove", "decide"}, S.NOTICE: {"decide", "remove", "award"}, S.AWARDED: set(),
    S.CALLED_OFF: set(),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("stage", [*REACHED, S.CALLED_OFF])
def test_which_act_is_possible_at_which_stage(cast, stage, act):
    make_tasks_duties(cast)
    selection = back(nominated(cast)) if stage == S.CALLED_OFF else REACHED[stage](cast)
    if act in ("put", "decide") and act in ALLOWED[stage]:  # a place to fill
        if act == "put":
            give(selection, {cast.branch: 2})
        elif stage != S.REVIEW:
            remove(by=None, nominee=nominee(selection, cast.direct_secretary), reason="…", today=TODAY)
    if act in ALLOWED[stage]:
        ACTS[act](cast, selection)
    else:
        with pytest.raises(ValidationError):
            ACTS[act](cast, selection)

"""The pages of yearly selections: what the department, a branch's secretary, a member and outsiders see and do."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Honour, Nominee, Selection, SelectionObjection
from awards.selecting.opening import ask_branches, nominate_source
from base.models import AuditRow
from duties.tasks import tasks_of
from members.enums import CategoryKind
from members.models import Category
from tests.awards.selections import (
    BRANCH,
    MEMBER,
    TODAY,
    awarded,
    decided,
    give,
    nominated,
    nominee,
    opened,
    post,
    posted,
    put,
    reviewed,
    title,
)
from tests.duties.acts import once_in
from tests.visits.campaigns import make_tasks_duties
from tests.world import account, member

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def page(client, url, status=200, **query) -> str:
    answer = client.get(url, query)
    assert answer.status_code == status, answer
    return answer.content.decode()


def sent(client, url, *, status=200, **data) -> str:
    """Send the form of a page with its own key; a success is followed."""
    answer = client.post(url, {"once": once_in(client.get(url)), **data}, follow=True)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def nomination(cast, selection, person, **more) -> dict:
    return {
        "organisation": cast.branch.pk, "title": title(selection).pk, "subject": person.pk, "on": "2026-06-05",
        "expected": 12, "present": 11, "agreed": 10, "minutes": "支部〔2026〕6 号", "deeds": "值守测报一线。",
    } | more  # fmt: skip


def test_a_clerk_begins_a_selection_with_its_titles(cast, clerk):
    rows = {"titles-rows": 3}
    for place, (name, of, quota) in enumerate([(MEMBER, "members", 2), (BRANCH, "organisations", 1)]):
        rows |= {f"titles-{place}-{key}": value for key, value in
                 {"name": name, "of": of, "level": "unit", "quota": quota}.items()}  # fmt: skip
    days = {"organisation": cast.committee.pk, "year": 2026, "opened_on": "2026-06-01", "nominate_by": "2026-06-10"}
    said = sent(clerk, "/selections/new/", title="七一评选", **days, **rows)
    assert "推荐名额" in said
    assert [(each.name, each.quota) for each in Selection.objects.get().titles.order_by("position")] == [
        (MEMBER, 2), (BRANCH, 1),
    ]  # fmt: skip
    said = sent(clerk, "/selections/new/", status=422, title="七一评选", **days, **rows)
    assert "已经建过" in said
    assert 'value="先进基层党组织"' in said  # nothing typed is lost


def test_nothing_is_begun_without_a_title(cast, clerk):
    days = {"organisation": cast.committee.pk, "year": 2026, "opened_on": "2026-06-01", "nominate_by": "2026-06-10"}
    said = sent(clerk, "/selections/new/", status=422, title="七一评选", **days, **{"titles-rows": 0})
    assert "至少写一个称号" in said


def test_places_are_set_and_refused_beside_their_number(cast, clerk):
    selection = opened(cast)
    put(selection, cast.li, cast.branch)
    url = f"/selections/{selection.pk}/places/"
    kept = {
        f"places_{each.pk}_{place.pk}": 1
        for each in selection.titles.all().order_by("pk") for place in (cast.branch, cast.sibling, cast.direct)
    }  # fmt: skip
    first = f"places_{title(selection).pk}_{cast.branch.pk}"
    assert "名额不能少于 1" in sent(clerk, url, status=422, act="places", **kept | {first: 0})
    assert "推荐名额已保存" in sent(clerk, url, act="places", **kept | {first: 3})
    totals = {f"total_{each.pk}": 10 for each in selection.titles.all().order_by("pk")}
    assert "重新分好" in sent(clerk, url, act="propose", **totals)


def test_a_secretary_nominates_and_beyond_the_places_nothing_typed_is_lost(cast, secretary):
    selection = opened(cast)
    url = f"/selections/{selection.pk}/nominate/"
    assert "河源第一党支部" in page(secretary, url)
    assert "机关党支部" not in page(secretary, url)
    form = f"{url}?organisation={cast.branch.pk}&title={title(selection).pk}"
    assert "王海燕</option>" not in page(secretary, form)  # nobody nominates himself
    assert "已推荐李建国为“优秀共产党员”，等总支审核" in sent(secretary, form, **nomination(cast, selection, cast.li))
    said = sent(secretary, form, status=422, **nomination(cast, selection, cast.zhao))
    assert "有 1 个推荐名额，已推荐 1 个：李建国。" in said
    assert "值守测报一线。" in said
    assert Nominee.objects.count() == 1


def test_a_second_click_nominates_nobody_twice(cast, secretary):
    selection = opened(cast)
    give(selection, {cast.branch: 2}, titles=[MEMBER])
    form = f"/selections/{selection.pk}/nominate/?organisation={cast.branch.pk}&title={title(selection).pk}"
    data = {"once": once_in(secretary.get(form)), **nomination(cast, selection, cast.li)}
    for _click in range(2):
        answer = secretary.post(form, data, follow=True)
        assert answer.status_code == 200
    assert "没有再记一次" in answer.content.decode()
    assert Nominee.objects.count() == 1


def test_a_branch_says_that_it_is_through_on_the_page_of_its_task(cast, secretary):
    make_tasks_duties(cast)
    selection = opened(cast)
    ask_branches(by=account(cast.clerk), selection=selection, due_on=date(2026, 12, 1), today=TODAY)
    assert "去推荐" in page(secretary, "/duties/")
    said = sent(secretary, f"/selections/{selection.pk}/nominate/", act=f"through-{cast.branch.pk}")
    assert "推荐完毕，任务已办结" in said
    tasks = {task.event.organisation_id: task.running for task in tasks_of(nominate_source(selection), today=TODAY)}
    assert tasks[cast.branch.pk] is False


def test_the_general_branch_recommends_in_its_order(cast, sign_in):
    selection = opened(cast)
    rows = [put(selection, cast.li, cast.branch), put(selection, cast.sun, cast.sibling)]
    client = sign_in(account(cast.general_secretary))
    url = f"/selections/{selection.pk}/endorse/"
    assert "李建国" in page(client, url)
    data = {f"yes_{row.pk}": "yes" for row in rows} | {f"rank_{row.pk}": 1 for row in rows}
    meeting = {"on": "2026-06-08", "minutes": "总支 3 号"}
    assert "请分出先后" in sent(client, url, status=422, **data, **meeting)
    data[f"rank_{rows[1].pk}"] = 2
    assert "河源局党总支推荐 2 个" in sent(client, url, **data, **meeting)


def test_the_whole_way_by_clicks(cast, clerk):
    selection = nominated(cast)
    url = f"/selections/{selection.pk}/"
    assert "推荐已截止" in sent(clerk, f"{url}act/", act="close")
    rows = {each.whom: each.pk for each in Nominee.objects.select_related("person", "organisation").order_by("pk")}
    verdicts = {f"verdict_{pk}": "yes" for pk in rows.values()} | {f"why_{pk}": "已核实" for pk in rows.values()}
    assert "通过 5 个" in sent(clerk, f"{url}review/", **verdicts)
    meeting = {"body": "党委会", "on": "2026-06-15", "expected": 7, "present": 6, "minutes": "9 号"}
    chosen = {f"chosen_{rows[name]}": "on" for name in ("李建国", "孙德福", "机关党支部", "马玉珍")}
    said = sent(clerk, f"{url}decide/", status=422, **meeting, **chosen)
    assert "还能定 2 个，勾了 3 个" in said
    del chosen[f"chosen_{rows['马玉珍']}"]
    assert "接下来公示" in sent(clerk, f"{url}decide/", **meeting, **chosen)
    said = sent(clerk, f"{url}act/", act="notice", from_on="2026-06-16", days=5, place="一楼", contact="组织部")
    assert "2026-06-24" in said
    given = {"act": "award", "on": "2026-06-30", "document": "21 号", "presided": cast.committee_secretary.pk}
    assert "公示到 2026-06-24 才满" in sent(clerk, f"{url}act/", status=422, **given | {"on": "2026-06-24"})
    assert "荣誉已记到每个人" in sent(clerk, f"{url}act/", **given)
    assert Honour.objects.count() == 3
    assert "21 号" in page(clerk, f"{url}commended/")
    assert "党龄" in page(clerk, f"{url}sheet/")
    assert "已撤回" in sent(clerk, f"{url}back/", reason="文号错了", seen="awarded")
    assert not Honour.objects.standing().exists()


def test_too_few_days_of_public_notice_are_asked_about_once_and_shown(cast, clerk):
    selection = decided(cast)
    url = f"/selections/{selection.pk}/"
    given = {"act": "notice", "from_on": "2026-06-16", "days": 3, "place": "一楼东侧", "contact": "组织部"}
    asked = sent(clerk, f"{url}act/", status=422, **given)
    assert "不足 5 个。填错了请改" in asked
    assert 'name="sure"' in asked
    assert 'value="一楼东侧"' in asked
    shown = sent(clerk, f"{url}act/", **given, sure="on")
    assert "公示 3 个工作日，自" in shown, "the paper as it hung"
    assert "3 个工作日，不足 5 个</span>" in shown
    assert "3 个工作日，不足 5 个" in page(clerk, url)
    assert "2026-06-16 至 2026-06-22，3 个工作日，不足 5 个" in page(clerk, "/ledgers/selections/")
    assert "期满，不足 5 个工作日" in page(clerk, "/ledgers/selection-notices/")


def test_the_deed_of_a_selection_is_taken_back_with_it(cast, clerk):
    selection = awarded(cast)
    asked = clerk.get(reverse("deed_withdraw", args=[selection.record.deed.pk]))
    assert asked["Location"] == f"/selections/{selection.pk}/back/"


def test_a_second_click_on_the_award_makes_nothing_twice(cast, clerk):
    selection = posted(cast)
    url = f"/selections/{selection.pk}/act/"
    data = {"once": once_in(clerk.get(url)), "act": "award", "on": "2026-06-30", "document": "21 号",
            "presided": cast.committee_secretary.pk}  # fmt: skip
    for _click in range(2):
        answer = clerk.post(url, data, follow=True)
    assert answer.status_code == 200
    assert Honour.objects.count() == 4


def test_what_is_flagged_is_shown_to_those_who_review_alone(cast, clerk, secretary, sign_in):
    selection = reviewed(cast)
    Category.objects.create(person=cast.li, kind=CategoryKind.DISCIPLINED, since=date(2026, 3, 1))
    row = nominee(selection, cast.li)
    assert "处分影响期" in page(clerk, f"/selections/{selection.pk}/review/")
    assert "处分影响期" in page(clerk, f"/nominees/{row.pk}/")
    assert "已核实" in page(clerk, f"/nominees/{row.pk}/")
    for client in (secretary, sign_in(account(cast.li))):
        said = page(client, f"/nominees/{row.pk}/")
        assert "处分影响期" not in said
        assert "已核实" not in said
    assert "处分影响期" not in page(clerk, f"/nominees/{row.pk}/print/")


@pytest.mark.parametrize("rest", ["places/", "act/", "review/", "decide/", "back/"])
def test_a_branch_runs_nothing(cast, secretary, rest):
    selection = opened(cast)
    page(secretary, f"/selections/{selection.pk}/{rest}", status=403)


def test_out_of_scope_it_does_not_exist(cast, sign_in):
    selection = posted(cast)
    client = sign_in(account(cast.outsider))
    notice = selection.notices.get()
    for url in (f"/selections/{selection.pk}/", f"/nominees/{nominee(selection, cast.li).pk}/",
                f"/selections/notices/{notice.pk}/"):  # fmt: skip
        page(client, url, status=404)
    assert "还没有评选" in page(client, "/selections/")


def test_a_member_reads_the_notice_of_his_own_committee_and_nothing_before(cast, sign_in):
    client = sign_in(account(cast.zhao))
    selection = decided(cast)
    page(client, f"/selections/{selection.pk}/", status=404)
    notice = post(selection)
    said = page(client, f"/selections/notices/{notice.pk}/")
    assert "马玉珍" in said
    assert "机关党支部" in said
    assert "值守" not in said  # deeds are not part of it
    said = page(client, f"/selections/{selection.pk}/")
    assert "马玉珍" not in said  # nominees of others stand in the notice alone
    page(client, f"/nominees/{nominee(selection, cast.direct_secretary).pk}/", status=404)


def test_an_objection_is_entered_answered_and_sealed(cast, clerk, secretary):
    selection = posted(cast)
    row = nominee(selection, cast.li)
    url = f"/nominees/{row.pk}/"
    assert "异议已登记" in sent(clerk, url, act="object", received_on="2026-06-18", said_by="匿名", words="考勤不实")
    assert "考勤不实" in page(clerk, url)
    assert "考勤不实" not in page(secretary, url)
    objection = SelectionObjection.objects.get()
    said = sent(clerk, url, act=f"answer-{objection.pk}", upheld="yes", answer="属实")
    assert "已取消" in said
    assert "考勤" not in "".join(str(each.detail) + each.reason for each in AuditRow.objects.order_by("pk"))
    assert "（已取消）" in page(clerk, f"/selections/notices/{row.notice_id}/")


def test_a_nomination_is_taken_back_by_its_branch_and_by_no_other(cast, secretary, sign_in):
    selection = opened(cast)
    row = put(selection, cast.li, cast.branch)
    url = f"/nominees/{row.pk}/"
    page(sign_in(account(cast.sibling_secretary)), url, status=404)
    assert "请写为什么" in sent(secretary, url, status=422, act="withdraw", reason="")
    assert "名额空出来了" in sent(secretary, url, act="withdraw", reason="本人谦让")
    page(secretary, f"{url}print/", status=403)


def test_upward_prints_a_form_with_the_committee_above(cast, clerk):
    selection = decided(cast)
    url = f"/nominees/{nominee(selection, cast.li).pk}/"
    said = sent(clerk, url, act="upward", to="市直工委", title=MEMBER, on="2026-06-20", upper="")
    assert "已推荐到市直工委" in said
    assert "市直工委意见" in page(clerk, f"{url}print/")


def test_the_time_line_tells_of_nominations(cast, clerk):
    awarded(cast)
    said = page(clerk, f"/members/{cast.li.pk}/")
    assert "评选推荐" in said
    assert "拟表彰" in said


def test_called_off_it_is_kept_and_nothing_can_be_done(cast, clerk):
    selection = nominated(cast)
    assert "已撤销" in sent(clerk, f"/selections/{selection.pk}/back/", reason="推迟", seen="open")
    assert "没有可撤回" in page(clerk, f"/selections/{selection.pk}/back/")
    assert "推荐一个" not in page(clerk, f"/selections/{selection.pk}/nominate/")


@pytest.mark.parametrize("rest", ["", "review/", "nominate/", "sheet/"])
def test_a_page_asks_as_much_for_many_nominees_as_for_few(cast, clerk, rest):
    selection = nominated(cast)
    if rest == "review/":
        selection.stage = "review"
        selection.save()
    url = f"/selections/{selection.pk}/{rest}"
    page(clerk, url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(clerk, url)
    base = nominee(selection, cast.li)
    for place in range(20):
        someone = member(f"新{place}", cast.branch)
        base.pk, base.person, base.came_from = None, someone, None
        base.save()
    with CaptureQueriesContext(connection) as many:
        assert "新19" in page(clerk, url)
    assert len(many) == len(few)


def test_the_list_asks_as_much_for_many_as_for_one(cast, clerk):
    opened(cast)
    page(clerk, "/selections/")
    with CaptureQueriesContext(connection) as few:
        page(clerk, "/selections/")
    for year in range(2027, 2047):
        Selection.objects.create(
            organisation=cast.committee, year=year, title="评选", opened_on=TODAY, nominate_by=TODAY, entered_on=TODAY
        )
    with CaptureQueriesContext(connection) as many:
        said = page(clerk, "/selections/")
    assert "后面的" in said
    assert len(many) == len(few)

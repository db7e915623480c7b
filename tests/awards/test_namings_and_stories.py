"""Naming after models and who may, and stories told of them. Today is 2026-11-23."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.models import Naming, Story
from awards.namings import Named, change_naming, clause_allowing, end_naming, enter_naming
from awards.stories import Told, change_story, enter_story
from base.models import AuditRow
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from tests.duties.acts import once_in
from tests.world import account

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 2)
NAMINGS, STORIES = "/namings/", "/stories/"
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def follow(cast, *packs):
    for pack in packs:
        adopt(by=None, organisation=cast.committee, policy=load_pack(pack), since=date(2026, 1, 1), today=TODAY)


def named(**more) -> Named:
    words = {"what": "studio", "name": "李建国工作室", "rank": "base", "after": "李建国", "decided_on": DAY, **more}
    return Named(**words)


def name(cast, **more) -> Naming:
    words = {"person": cast.li, "reason": "局党委决定", **more}
    return enter_naming(by=None, organisation=cast.branch, named=named(**words), today=TODAY)


def tell(cast, **more) -> Story:
    told = Told(**{"title": "守在测站", "outlet": "局网", "on": DAY, **more})
    return enter_story(by=None, told=told, today=TODAY, person=cast.li)


def said(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("packs", "rank", "what", "clause"),
    [
        ([], "city", "studio", ""),
        (["central-2019"], "city", "studio", "第五条"),
        (["central-2019"], "county", "studio", ""),
        (["central-2019"], "base", "team", ""),
        (["central-2019"], "city", "room", ""),
        (["henan-water-2020"], "base", "crew", "第2项"),
        (["henan-water-2020"], "base", "room", ""),
        (["sichuan-arts-science-2020"], "base", "room", "三(一)2"),
        (["sichuan-arts-science-2020"], "base", "studio", ""),
        (["central-2019", "henan-water-2020"], "base", "studio", "第2项"),
        (["henan-water-2020"], "base", "other", ""),
    ],
)
def test_who_may_name_what_is_as_the_adopted_policies_say(cast, packs, rank, what, clause):
    follow(cast, *packs)
    found = clause_allowing(cast.branch, rank, what, DAY)
    assert (found.printed if found else "") == clause
    assert clause_allowing(cast.branch, rank, what, date(2025, 12, 31)) is None
    assert clause_allowing(cast.other_branch, rank, what, DAY) is None


def test_a_branch_is_at_the_base_whatever_the_form_says(cast, secretary):
    """Of what rank a committee is, the product does not know."""
    follow(cast, "central-2019")
    with pytest.raises(ValidationError) as no:
        name(cast, rank="city")
    assert "河源第一党支部是党支部，属于基层党组织" in no.value.message_dict["rank"][0]
    given = {"by": None, "named": named(rank="city"), "today": TODAY}
    assert enter_naming(organisation=cast.committee, **given).clause.printed == "第五条"
    page = secretary.get(f"{NAMINGS}new/?member={cast.li.pk}")
    assert page.context["form"]["rank"].value() == "base"


def test_nothing_was_named_or_told_before_the_founding(cast):
    cast.branch.founded_on = DAY
    cast.branch.save()
    early = DAY - timedelta(days=1)
    with pytest.raises(ValidationError, match=r"决定日期 .* 早于河源第一党支部成立"):
        name(cast, decided_on=early)
    told = Told("支部的一天", "局网", early)
    with pytest.raises(ValidationError, match="早于河源第一党支部成立"):
        enter_story(by=None, told=told, today=TODAY, organisation=cast.branch)
    assert enter_story(by=None, told=told, today=TODAY, person=cast.li)


def test_without_a_clause_it_is_refused_until_somebody_says_why(cast, secretary):
    url = f"{NAMINGS}new/?member={cast.li.pk}"
    page = secretary.get(url)
    assert page.context["form"]["after"].value() == "李建国"
    sent = {"once": once_in(page), "what": "room", "after": "李建国", "name": "建国活动室", "rank": "base",
            "decided_on": "2026-11-02", "document": "支委会"}  # fmt: skip
    refused = secretary.post(url, sent)
    assert (refused.status_code, "没有哪一条允许基层党组织命名党员活动室" in said(refused)) == (422, True)
    assert "建国活动室" in said(refused)
    kept = said(secretary.post(url, sent | {"reason": "上级已批准"}, follow=True))
    assert "没有制度允许，已记下理由" in kept
    assert "采用的制度没有允许" in kept
    assert "没有制度依据" in said(secretary.get(NAMINGS))
    assert "建国活动室" in said(secretary.get(f"/members/{cast.li.pk}/"))


def test_with_a_clause_it_says_which_and_needs_no_reason(cast, secretary):
    follow(cast, "henan-water-2020")
    assert "由哪个党组织命名" in said(secretary.get(f"{NAMINGS}new/"))
    url = f"{NAMINGS}new/?organisation={cast.branch.pk}"
    sent = {"once": once_in(secretary.get(url)), "what": "team", "after": "雷锋", "name": "雷锋服务队", "rank": "base",
            "decided_on": "2026-11-02", "reason": "多写的"}  # fmt: skip
    first = secretary.post(url, sent)
    assert secretary.post(url, sent).url == first.url
    page = said(secretary.get(first.url))
    assert "第2项" in page
    naming = Naming.objects.get()
    assert (naming.person, naming.reason, naming.clause.code) == (None, "", "2-1a")
    again = secretary.post(url, sent | {"once": "another"})
    assert (again.status_code, "没有再记一条" in said(again)) == (422, True)


def test_a_naming_is_corrected_ended_and_taken_back_on_its_page(cast, secretary):
    naming = name(cast)
    own = f"{NAMINGS}{naming.pk}/"
    page = secretary.get(f"{own}change/")
    sent = {field: page.context["form"][field].value() or "" for field in page.context["form"].fields}
    secretary.post(f"{own}change/", sent | {"name": "建国测报工作室", "decided_on": "2026-11-02"})
    assert "建国测报工作室" in said(secretary.get(own))
    ended = {"once": once_in(secretary.get(f"{own}end/")), "last": "2026-10-01", "reason": "已退休"}
    assert secretary.post(f"{own}end/", ended).status_code == 422
    secretary.post(f"{own}end/", ended | {"last": "2026-11-20"})
    assert "不再使用：已退休" in said(secretary.get(own))
    assert "建国测报工作室" in said(secretary.get(f"{NAMINGS}?state=ended"))
    assert "建国测报工作室" not in said(secretary.get(f"{NAMINGS}?state=held"))
    gone = {"once": once_in(secretary.get(f"{own}withdraw/")), "reason": "登错了"}
    secretary.post(f"{own}withdraw/", gone)
    assert "撤回：登错了" in said(secretary.get(own))
    acts = AuditRow.objects.filter(subject=f"naming:{naming.pk}").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["write", "edit", "edit", "withdraw"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"name": " "}, "名称"), ({"after": ""}, "以谁命名"), ({"decided_on": date(2026, 11, 24)}, "晚于今天"),
        ({"reason": ""}, "没有哪一条允许"),
    ],
)  # fmt: skip
def test_a_naming_that_cannot_be_is_refused(cast, more, says):
    with pytest.raises(ValidationError, match=says):
        name(cast, **more)


def test_a_naming_that_ended_or_was_changed_meanwhile_is_not_changed_again(cast):
    naming = name(cast)
    end_naming(by=None, naming=naming, last=DAY, reason="停用", today=TODAY)
    with pytest.raises(ValidationError, match="已于 2026-11-03 结束"):
        end_naming(by=None, naming=naming, last=DAY, reason="停用", today=TODAY)
    with pytest.raises(ValidationError, match="刚被别人改过"):
        change_naming(by=None, naming=naming, named=named(reason="x"), version=1, today=TODAY)
    late = named(reason="x", decided_on=TODAY)
    with pytest.raises(ValidationError, match="早于结束"):
        change_naming(by=None, naming=naming, named=late, version=2, today=TODAY)
    with pytest.raises(ValidationError, match="没有再记一条"):
        name(cast)
    name(cast, decided_on=date(2026, 11, 10))


def test_a_story_is_told_corrected_and_taken_back_on_its_page(cast, secretary):
    url = f"{STORIES}new/?member={cast.li.pk}"
    sent = {"once": once_in(secretary.get(url)), "title": "守在测站", "outlet": "", "on": "2026-11-02"}
    refused = secretary.post(url, sent)
    assert (refused.status_code, "请写在哪里宣传" in said(refused)) == (422, True)
    sent |= {"outlet": "云河水文网", "reference": "第 7 期"}
    first = secretary.post(url, sent)
    assert secretary.post(url, sent).url == first.url
    story = Story.objects.get()
    page = secretary.get(f"{first.url}change/")
    words = {field: page.context["form"][field].value() or "" for field in page.context["form"].fields}
    secretary.post(f"{first.url}change/", words | {"title": "三十年守在测站", "on": "2026-11-02"})
    assert "三十年守在测站" in said(secretary.get(f"{STORIES}?year=2026"))
    assert "三十年守在测站" not in said(secretary.get(f"{STORIES}?year=2025"))
    assert "三十年守在测站（云河水文网）" in said(secretary.get(f"/members/{cast.li.pk}/"))
    gone = {"once": once_in(secretary.get(f"{first.url}withdraw/")), "reason": "重复了"}
    secretary.post(f"{first.url}withdraw/", gone)
    assert "撤回：重复了" in said(secretary.get(first.url))
    assert "三十年守在测站" not in said(secretary.get(f"/members/{cast.li.pk}/"))
    acts = AuditRow.objects.filter(subject=f"story:{story.pk}").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["write", "edit", "withdraw"]


def test_the_same_story_twice_or_one_to_come_is_refused(cast):
    story = tell(cast)
    with pytest.raises(ValidationError, match="没有再记一条"):
        tell(cast)
    tell(cast, outlet="支部党课")
    with pytest.raises(ValidationError, match="晚于今天"):
        tell(cast, on=date(2026, 11, 24))
    with pytest.raises(ValidationError, match="刚被别人改过"):
        change_story(by=None, story=story, told=Told("新", "网", DAY), version=2, today=TODAY)


def test_out_of_scope_is_not_there_and_ones_own_is_read_only(cast, sign_in):
    naming, story = name(cast), tell(cast)
    rows = [
        (f"{NAMINGS}{naming.pk}/", ("change/", "end/", "withdraw/")),
        (f"{STORIES}{story.pk}/", ("change/", "withdraw/")),
    ]
    stranger, own = sign_in(account(cast.sibling_secretary)), sign_in(account(cast.li))
    for page, acts in rows:
        assert {stranger.get(f"{page}{act}").status_code for act in ("", *acts)} == {404}
        assert own.get(page).status_code == 200
        assert {own.get(f"{page}{act}").status_code for act in acts} == {403}
    assert own.get(f"{STORIES}new/").status_code == 403


@pytest.mark.parametrize("url", [NAMINGS, STORIES])
def test_twelve_rows_cost_what_two_cost(cast, secretary, url):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            secretary.get(url)
        return len(queries)

    def more(first, last):
        for n in range(first, last):
            name(cast, name=f"工作室{n}")
            tell(cast, title=f"第 {n} 篇")

    more(0, 2)
    cost()
    few = cost()
    more(2, 12)
    assert cost() == few

"""The registers of ties: an entry makes, ends and takes back the tie; who could stand by whom; whoever is gone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.dates import FAR
from care.entries import Given, close_entry, open_entry, withdraw_entry
from care.models import Entry
from care.registers import REGISTERS
from care.suggestions import suggested
from members.bonds import begin_tie
from members.enums import CategoryKind, EventKind, Role, TieKind
from members.models import Category, Membership, Post, Tie
from members.services import receive_member, register_event
from tests.care.test_entries import TODAY, refusal
from tests.duties.acts import talk
from tests.members.office import once_key
from tests.world import account, member, post

SINCE = date(2026, 3, 2)
NEW = reverse("entry_new")
PAIRING, LEADER = REGISTERS["pairing"], REGISTERS["leader"]
PLAN = {"sort": "党员结对", "how_often": "每季度", "measures": "每季度上门"}


def paired(person, to, register=PAIRING, since=SINCE, facts=PLAN) -> Entry:
    return open_entry(
        by=None, register=register, person=person, since=since, given=Given(facts), today=TODAY, to=to
    )  # fmt: skip


def poor(person, kind=CategoryKind.HARDSHIP):
    Category.objects.create(person=person, kind=kind, since=date(2026, 1, 1))


def ties(person) -> list[tuple]:
    return list(Tie.objects.filter(person=person).order_by("since").values_list("kind", "to", "since", "until"))


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def sent(cast, browser, **more) -> dict:
    """The form as a browser sends it; ``once``: of a page that was opened already."""
    if "once" not in more:
        page = browser.get(NEW, {"register": "pairing", "member": cast.li.pk, "to": cast.zhao.pk})
        more["once"] = once_key(page)
    return {
        "register": "pairing", "member": cast.li.pk, "name": "赵秀兰", "to": cast.zhao.pk, "since": "2026-11-02",
        **PLAN, "results-rows": "0", **more,
    }  # fmt: skip


@pytest.mark.django_db
def test_an_entry_makes_its_tie_and_its_end_is_the_end_of_the_tie(cast):
    entry = paired(cast.li, cast.zhao)
    assert ties(cast.li) == [("pairing", cast.zhao.pk, SINCE, FAR)]
    close_entry(by=None, entry=entry, last=date(2026, 10, 31), why="已经脱困", note="", today=TODAY)
    assert ties(cast.li) == [("pairing", cast.zhao.pk, SINCE, date(2026, 11, 1))]


@pytest.mark.django_db
def test_an_entry_that_never_was_takes_its_tie_along(cast):
    withdraw_entry(by=None, entry=paired(cast.li, cast.secretary, LEADER, facts={}), reason="登错了", today=TODAY)
    assert ties(cast.li) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("began", "before"), [(date(2026, 1, 5), [(date(2026, 1, 5), SINCE)]), (SINCE, []), (date(2026, 8, 1), [])]
)
def test_a_running_tie_by_hand_goes_on_as_the_entrys_and_what_was_before_stays(cast, began, before):
    begin_tie(person=cast.li, kind=TieKind.PAIRING, to=cast.zhao, since=began, today=TODAY)
    entry = paired(cast.li, cast.zhao)
    assert [(since, until) for _kind, _to, since, until in ties(cast.li)] == [*before, (SINCE, FAR)]
    assert entry.tie.since == SINCE
    assert "已是李建国的结对" in str(refusal(lambda: paired(cast.li, cast.zhao)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda cast: paired(cast.li, cast.li), "to", "不能联系自己"),
        (lambda cast: paired(cast.li, None), "to", "请选是哪一位"),
        (lambda cast: paired(cast.li, cast.zhao, LEADER, facts={}), "to", "没有任职"),
        (lambda cast: paired(cast.li, cast.zhao, facts={**PLAN, "sort": "党组织结对"}), "organisation", "哪个党组织"),
        (lambda cast: paired(cast.li, cast.zhao, facts={**PLAN, "results": [{"on": "2026-01-01", "what": "x"}]}),
         "results", "早于开始的"),
    ],
)  # fmt: skip
def test_what_cannot_be_gets_a_sentence(cast, call, field, words):
    assert words in "".join(refusal(lambda: call(cast))[field])
    assert not Tie.objects.exists()


@pytest.mark.django_db
def test_for_one_who_died_meanwhile_nothing_is_entered_late(cast):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 2), today=TODAY)
    assert "去世" in "".join(refusal(lambda: paired(cast.li, cast.zhao))["since"])


@pytest.mark.django_db
def test_a_transfer_of_the_member_carries_the_entry_and_the_tie_along(cast):
    entry = paired(cast.li, cast.zhao)
    receive_member(by=None, person=cast.li, to=cast.sibling, on=date(2026, 11, 9), today=TODAY)
    assert [each.pk for each in Entry.objects.running(TODAY).below(cast.sibling.path, TODAY)] == [entry.pk]
    assert ties(cast.li) == [("pairing", cast.zhao.pk, SINCE, FAR)]


def test_a_secretary_finds_a_helper_and_enters_the_plan_on_one_page(cast, secretary):
    page = secretary.get(NEW, {"register": "pairing", "member": cast.li.pk})
    assert "帮扶人姓名" in page.text
    assert "亲属之间也可以结对" not in page.text, "nobody is chosen yet"
    page = secretary.get(NEW, {"register": "pairing", "member": cast.li.pk, "name": "赵秀兰"})
    assert "亲属之间也可以结对" in page.text
    assert (
        "没有查到叫“孙德福”的"
        in secretary.get(NEW, {"register": "pairing", "member": cast.li.pk, "name": "孙德福"}).text
    )
    said = secretary.post(NEW, sent(cast, secretary), follow=True)
    entry = Entry.objects.get()
    assert said.redirect_chain[-1][0] == reverse("entry", args=[entry.pk])
    assert "赵秀兰自 2026-11-02 起是李建国的结对" in said.text
    assert "帮扶人 赵秀兰" in said.text
    talk(cast.li, cast.zhao, on=date(2026, 11, 10))
    listed = secretary.get(reverse("register", args=["pairing"])).text
    assert "赵秀兰" in listed
    assert "11-10" in listed
    assert "赵秀兰" in secretary.get(reverse("entry_print", args=[entry.pk])).text


def test_a_second_click_makes_one_tie_and_a_stranger_is_not_taken(cast, secretary):
    body = sent(cast, secretary)
    for _click in range(2):
        secretary.post(NEW, body)
    assert len(ties(cast.li)) == 1
    answer = secretary.post(NEW, sent(cast, secretary, name="孙德福", to=cast.sun.pk))
    assert (answer.status_code, len(ties(cast.li))) == (422, 1)


def test_an_entry_of_somebody_else_is_no_entry_to_replace(cast, secretary):
    theirs = paired(cast.zhao, cast.commissioner)
    for asked in (theirs.pk, 987654, "soup"):
        answer = secretary.get(NEW, {"register": "pairing", "member": cast.li.pk, "instead": asked})
        assert answer.status_code == 404
    assert secretary.get(NEW, {"register": "pairing", "member": cast.li.pk, "duty": "1:soup"}).status_code == 404


def test_the_bonds_page_leads_to_the_register_to_enter_and_to_end(cast, secretary):
    shown = secretary.get(reverse("tie_new", args=[cast.li.pk])).text
    for code in ("pairing", "leader"):
        assert f"{NEW}?register={code}&amp;member={cast.li.pk}" in shown
    entry = paired(cast.li, cast.zhao)
    url = reverse("tie", args=[cast.li.pk, entry.tie_id])
    assert secretary.get(url).url == reverse("entry_act", args=[entry.pk])
    secretary.post(url, {"act": "withdraw", "reason": "x", "once": "w"})
    assert len(ties(cast.li)) == 1


@pytest.mark.django_db
def test_a_contact_who_dies_leaves_or_loses_the_post_is_red_and_another_takes_the_place(cast, secretary):
    led, helped = paired(cast.li, cast.general_secretary, LEADER, facts={}), paired(cast.li, cast.zhao)
    listed = lambda code: secretary.get(reverse("register", args=[code])).text  # noqa: E731
    assert "联系人已" not in listed("leader") + listed("pairing")
    Post.objects.filter(person=cast.general_secretary).update(until=date(2026, 11, 1))
    receive_member(by=None, person=cast.zhao, to=cast.sibling, on=date(2026, 11, 9), today=TODAY)
    assert "联系人已不任职" in listed("leader")
    assert "联系人已调离" in listed("pairing")
    page = secretary.get(reverse("entry", args=[helped.pk])).text
    assert "联系人已调离：赵秀兰" in page
    another = f"{NEW}?register=pairing&member={cast.li.pk}&instead={helped.pk}"
    assert another.replace("&", "&amp;") in page
    form = secretary.get(f"{another}&name=张伟")
    body = sent(cast, secretary, name="张伟", to=cast.commissioner.pk, once=form.context["form"]["once"].value())
    early = secretary.post(another, body | {"since": "2026-03-02", "once": "early"})
    assert "接替的要晚于原来的 2026-03-02 开始" in early.text
    secretary.post(another, body)
    assert ties(cast.li)[-2:] == [
        ("pairing", cast.zhao.pk, SINCE, date(2026, 11, 2)), ("pairing", cast.commissioner.pk, date(2026, 11, 2), FAR),
    ]  # fmt: skip
    helped.refresh_from_db()
    assert helped.closed_as == "帮扶人变动"
    register_event(
        by=None, person=cast.general_secretary, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY
    )
    assert "联系人已去世：周启明" in secretary.get(reverse("entry", args=[led.pk])).text


@pytest.mark.django_db
def test_whoever_is_in_need_is_suggested_with_somebody_of_the_branch_who_is_not(cast):
    who = account(cast.secretary)
    poor(cast.li)
    poor(cast.zhao, CategoryKind.ELDERLY)
    paired(cast.zhao, cast.commissioner)
    [one] = suggested(who, PAIRING, TODAY)
    assert (one.stay.person, one.why) == (cast.li, "生活困难")
    assert (one.helper, one.because) == (cast.secretary, "同一支部，还没有结对")
    paired(cast.li, cast.secretary)
    assert suggested(who, PAIRING, TODAY) == []
    poor(cast.secretary)
    assert suggested(who, PAIRING, TODAY) == [], "never oneself"
    [hers] = suggested(account(cast.clerk), PAIRING, TODAY)
    assert (hers.helper, hers.because) == (cast.commissioner, "同一支部，已结对 1 名"), "nobody in need himself"


@pytest.mark.django_db
def test_illness_is_a_reason_only_for_those_who_may_know_it(cast):
    poor(cast.li, CategoryKind.SERIOUS_ILLNESS)
    assert [each.why for each in suggested(account(cast.secretary), PAIRING, TODAY)] == ["重病"]
    assert suggested(account(cast.commissioner), PAIRING, TODAY) == []
    poor(cast.li)
    assert [each.why for each in suggested(cast.commissioner.account, PAIRING, TODAY)] == ["生活困难"]


@pytest.mark.django_db
def test_leaders_are_suggested_to_those_who_see_them_whoever_has_fewest_first(cast):
    for each in (cast.li, cast.zhao):
        poor(each)
    paired(cast.sun, cast.general_secretary, LEADER, facts={})
    rows = suggested(account(cast.clerk), LEADER, TODAY)
    assert [(each.stay.person, each.helper) for each in rows] == [
        (cast.li, cast.committee_secretary), (cast.zhao, cast.general_secretary),
    ]  # fmt: skip
    assert rows[1].because == "河源局党总支书记，现在直接联系 1 名"
    assert [each.helper for each in suggested(account(cast.secretary), LEADER, TODAY)] == [None, None]


def test_one_click_on_a_suggestion_fills_the_form(cast, secretary):
    poor(cast.li)
    [one] = suggested(cast.secretary.account, PAIRING, TODAY)
    assert one.url.replace("&", "&amp;") in secretary.get(reverse("register", args=["pairing"])).text
    assert secretary.get(one.url).context["form"]["to"].value() == str(one.helper.pk)


@pytest.mark.parametrize("code", ["pairing", "leader"])
def test_the_list_and_its_suggestions_cost_the_same_for_one_and_fifty(cast, clerk, code):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(reverse("register", args=[code])).status_code == 200
        return len(asked)

    def add(number: int) -> None:
        someone, other = member(f"困难{number}", cast.branch), member(f"帮扶{number}", cast.branch)
        post(other, cast.branch, Role.COMMISSIONER)
        helped = member(f"受助{number}", cast.branch)
        poor(someone)
        tie = Tie.objects.create(person=helped, kind=REGISTERS[code].tie, to=other, since=SINCE)
        Entry.objects.create(register=code, person=helped, since=SINCE, entered_on=TODAY, tie=tie)

    add(0)
    cost()
    once = cost()
    for number in range(1, 15):
        add(number)
    assert cost() == once
    assert Membership.objects.filter(person__name__startswith="困难").count() == 15

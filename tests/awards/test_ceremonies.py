"""Oaths and political birthdays kept together, in the browser. Today is 2026-11-23, a Monday."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.ceremonies import Held, record_ceremony
from awards.models import Ceremony, CeremonyRecord
from duties.board.words import describe, with_words
from duties.engine.models import Action, Duty, Record, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import EventKind, Role, Standing
from tests.duties.acts import adopt_pack, die, duty, happen, once_in, sweep_on
from tests.world import account, member, post

NEW = "/ceremonies/new/"
TODAY = date(2026, 11, 23)
JULY = date(2026, 7, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    adopt_pack(cast.committee)
    adopt(by=None, organisation=cast.general, policy=load_pack("seven-articles"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def fill(client, branch, *members, **more) -> dict:
    page = client.get(NEW, {"organisation": branch.pk})
    assert page.status_code == 200
    me = page.wsgi_request.user.person_id
    given = {"once": once_in(page), "organisation": branch.pk, "kind": "birthday", "on": "2026-07-01"}
    given |= {"place": "会议室", "leader": "王海燕", "ways": ["oath", "forum"], "people": [me]}
    return given | {"members": [each.pk for each in members], "present": "", **more}


def held(cast, *members, kind="renewal", on=JULY, place=None, by=None, people=None, **more):
    return record_ceremony(
        by=by, organisation=place or cast.branch, on=on, people=people or [cast.secretary], members=members,
        held=Held(kind, **{"leader": "王海燕", **more}), today=TODAY,
    )  # fmt: skip


def of_branch(code, cast):
    return Duty.objects.get(rule__code=code, organisation=cast.branch, member=None)


def test_a_collective_day_records_the_birthday_and_the_oath_of_everybody(world, secretary):
    sent = fill(secretary, world.branch, world.li, world.zhao)
    beside = secretary.post(NEW, sent | {"preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "七一集体过政治生日" in beside
    assert "七一重温入党誓词" in beside
    assert Record.objects.count() == 0
    page = secretary.post(NEW, sent, follow=True).content.decode()
    assert "集体政治生日已登记，参加 2 人，办结 3 件应办。" in page
    for words in ("2026 年 7 月 1 日 · 会议室 · 河源第一党支部", "记名 2 人", "李建国", "赵秀兰", "重温誓词、座谈"):
        assert words in page
    records = Record.objects.values_list("member", "action", "collective", "organisation", "entered_by")
    everybody = (None, world.li.pk, world.zhao.pk)
    assert set(records) == {
        (each, action, True, world.branch.pk, world.secretary.pk)
        for each in everybody
        for action in ("greeting", "oath")
    }
    assert of_branch("birthday-together", world).state == of_branch("oath-july", world).state == State.DONE
    assert duty("political-birthday", world.li).state == State.DONE, "on the very day, and a collective act counts"
    assert duty("birthday", world.li).state == State.OPEN, "celebrating together is not the day of joining"
    again = secretary.post(NEW, sent, follow=True).content.decode()
    assert "这张表已经保存过，没有再记一次。" in again
    assert Ceremony.objects.count() == 1
    line = secretary.get(f"/members/{world.li.pk}/").content.decode()
    assert f'href="/ceremonies/{Ceremony.objects.get().pk}/"' in line


def test_withdrawn_whole_it_opens_everything_again_and_withdrawn_for_one_only_his(world, secretary):
    made = held(world, world.li, world.zhao, kind="birthday", ways=("oath",))
    url = f"/ceremonies/{made.pk}/withdraw/"
    refused = secretary.post(f"{url}{world.li.pk}/", {"reason": ""})
    assert refused.status_code == 422
    assert "请写为什么撤回" in refused.content.decode()
    page = secretary.post(f"{url}{world.li.pk}/", {"reason": "没有来"}, follow=True).content.decode()
    assert "已撤回，" in page
    assert "<s>李建国</s>" in page
    assert "记名 1 人" in page
    made.refresh_from_db()
    assert made.present == 1
    assert duty("political-birthday", world.li).state != State.DONE
    assert of_branch("birthday-together", world).state == State.DONE
    secretary.post(url, {"reason": "重复"})
    assert of_branch("birthday-together", world).state == State.OPEN
    assert not Record.objects.standing().exists()
    assert "已撤回" in secretary.get("/ceremonies/").content.decode()
    assert secretary.post(url, {"reason": "再来"}).status_code == 422


def test_an_oath_on_admission_closes_what_the_admission_asked_for(world, secretary):
    new = member("新人", world.branch, joined=date(2026, 10, 8), full=None, standing=Standing.PROBATIONARY)
    happen(new, EventKind.ADMISSION, date(2026, 10, 8))
    owed = Duty.objects.get(rule__code="oath-on-admission", member=new)
    form = secretary.get(NEW, {"duty": f"{owed.rule_id}:{owed.key}"}).context["form"]
    assert (form["kind"].value(), form["members"].value()) == ("admission", [new.pk])
    board = secretary.get("/duties/").content.decode()
    assert "登记宣誓" in board
    sent = fill(secretary, world.branch, new, kind="admission", on="2026-11-20", ways=[])
    assert "办结 1 件应办" in secretary.post(NEW, sent, follow=True).content.decode()
    owed.refresh_from_db()
    assert owed.state == State.DONE
    assert set(Record.objects.values_list("action", flat=True)) == {Action.OATH}


def test_what_a_branch_owes_leads_to_the_form_of_its_kind(world, sign_in):
    reader = account(world.secretary)
    secretary = sign_in(reader)
    for code, kind in (("birthday-together", "birthday"), ("oath-july", "renewal")):
        owed = of_branch(code, world)
        (line,) = describe(with_words(Duty.objects.filter(pk=owed.pk)), reader, TODAY)
        assert line.url.startswith(f"{NEW}?duty=")
        page = secretary.get(line.url)
        assert page.context["form"]["kind"].value() == kind
        assert page.context["here"] == world.branch


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"on": "2026-11-24"}, "on", "晚于今天"),
        ({"on": "2026-02-30"}, "on", "写法不对"),
        ({"on": "1920-01-01"}, "on", "哪天的年份不对"),
        ({"leader": ""}, "leader", "请写领誓人的姓名。"),
        ({"ways": []}, "ways", "请勾选做了什么。"),
        ({"members": []}, "members", "请勾选谁参加了，或写参加的人数。"),
        ({"present": "1"}, "present", "勾选了 2 人，人数写的是 1"),
        ({"present": "10001"}, "present", "一次最多登记 10000 人"),
        ({"kind": ""}, "kind", "请选是哪一种。"),
        ({"people": []}, "people", "请从列表里勾选是谁组织的。"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_typed_is_lost(world, secretary, more, field, sentence):
    answer = secretary.post(NEW, fill(secretary, world.branch, world.li, world.zhao, place="老会议室", **more))
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert "老会议室" in answer.content.decode()
    assert not Ceremony.objects.exists()


def test_a_birthday_without_the_oath_needs_nobody_to_lead_it(world, secretary):
    sent = fill(secretary, world.branch, world.li, ways=["forum"], leader="")
    assert secretary.post(NEW, sent).status_code == 302
    assert set(Record.objects.values_list("action", flat=True)) == {Action.GREETING}


def test_who_was_no_member_that_day_is_refused(cast):
    gone = member("走了", cast.branch, until=date(2026, 6, 1))
    late = member("后来", cast.branch, joined=date(2026, 9, 1), since=date(2026, 1, 1))
    dead = member("故人", cast.branch)
    die(dead, date(2026, 5, 1))
    stopped = member("停了", cast.branch, standing=Standing.SUSPENDED)
    for someone in (gone, dead, stopped, cast.sun):
        with pytest.raises(ValidationError, match="不是河源第一党支部的正式或预备党员"):
            held(cast, someone)
    with pytest.raises(ValidationError, match="还没有入党"):
        held(cast, late)


def test_the_oath_of_admission_of_long_standing_members_is_asked_about(cast, sign_in):
    with pytest.raises(ValidationError) as no:
        held(cast, cast.li, cast.zhao, kind="admission")
    assert "李建国、赵秀兰入党早已超过两年，入党宣誓是新党员的仪式" in no.value.message_dict["sure"][0]
    new = member("新同志", cast.branch, joined=date(2024, 7, 1), full=date(2026, 7, 1))
    assert held(cast, new, kind="admission", on=JULY)
    browser = sign_in(account(cast.secretary))
    sent = fill(browser, cast.branch, cast.li, kind="admission", ways=[])
    asked = browser.post(NEW, sent)
    assert (asked.status_code, "请勾选“我已核实”" in asked.text, 'name="sure"' in asked.text) == (422, True, True)
    assert browser.post(NEW, sent | {"sure": "on"}).status_code == 302
    assert 'name="sure"' not in browser.get(NEW, {"organisation": cast.branch.pk}).text


def test_the_same_twice_is_refused_but_who_was_forgotten_may_be_entered(cast):
    held(cast, cast.li)
    with pytest.raises(ValidationError, match="已登记过李建国"):
        held(cast, cast.li, cast.zhao)
    with pytest.raises(ValidationError, match="已登记过，没有再记一次"):
        held(cast, present=3)
    held(cast, cast.zhao)
    held(cast, cast.li, kind="birthday", ways=("forum",))
    assert Ceremony.objects.count() == 3


def test_who_organised_it_acts_for_the_others_and_not_for_himself(cast):
    held(cast, cast.commissioner, cast.li, people=[cast.secretary, cast.commissioner])
    actors = {
        record.member_id: set(record.actors.values_list("person", flat=True))
        for record in Record.objects.order_by("pk")
    }
    both = {cast.secretary.pk, cast.commissioner.pk}
    assert actors == {None: both, cast.commissioner.pk: {cast.secretary.pk}, cast.li.pk: both}


def test_an_oath_of_the_whole_committee_counts_and_names_members_of_its_branches(cast, sign_in):
    made = held(
        cast, cast.li, cast.sun, place=cast.committee, people=[cast.committee_secretary], present=120, leader="高远"
    )
    at = dict(made.made.exclude(record__member=None).values_list("record__member", "record__organisation"))
    assert at == {cast.li.pk: cast.branch.pk, cast.sun.pk: cast.sibling.pk}
    page = sign_in(account(cast.secretary)).get(f"/ceremonies/{made.pk}/").content.decode()
    assert "李建国" in page
    assert "孙德福" not in page, "of another branch"
    assert "120 人" in page


def test_the_form_offers_who_is_in_good_standing_and_not_oneself(world, secretary):
    member("停了", world.branch, standing=Standing.SUSPENDED)
    form = secretary.get(NEW, {"organisation": world.branch.pk}).context["form"]
    assert {each.name for each in form.fields["members"].queryset} == {"李建国", "赵秀兰", "张伟"}


def test_the_roll_is_printed_for_signing(world, secretary):
    made = held(world, world.li, world.zhao, ways=())
    page = secretary.get(f"/ceremonies/{made.pk}/print/").content.decode()
    for words in ("重温入党誓词名册", "领誓人", "王海燕", "李建国", "1998-07-01", "签名"):
        assert words in page


def test_who_may_see_and_take_back(world, sign_in):
    made = held(world, world.li, by=account(world.commissioner))
    url = f"/ceremonies/{made.pk}/"
    expected = (
        (world.secretary, 200, 200), (world.general_secretary, 200, 200), (world.li, 200, 403), (world.sun, 404, 404),
        (world.outsider, 404, 404),
    )  # fmt: skip
    for someone, looks, takes in expected:
        browser = sign_in(account(someone))
        assert browser.get(url).status_code == looks, someone
        assert browser.get(f"{url}withdraw/").status_code == takes, someone
        assert browser.get(f"{url}withdraw/{world.zhao.pk}/").status_code == 404
    deputy = member("副手", world.branch)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    assert sign_in(account(deputy)).get(f"{url}withdraw/").status_code == 403


def test_the_list_is_narrowed_and_asks_as_often_for_fifty_as_for_one(world, secretary):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get("/ceremonies/").status_code == 200
        return len(queries)

    held(world, world.li)
    asked()
    one = asked()
    rows = [
        Ceremony(organisation=world.branch, path=world.branch.path, kind="birthday", on=JULY, ways="forum", present=3)
        for _each in range(55)
    ]
    Ceremony.objects.bulk_create(rows)
    assert asked() == one
    assert len(secretary.get("/ceremonies/").context["rows"]) == 50
    only = secretary.get("/ceremonies/", {"kind": "renewal"}).content.decode()
    assert "重温入党誓词" in only
    assert only.count("<tr>") == 2


def test_one_ceremony_asks_as_often_for_many_members_as_for_few(world, secretary):
    def asked(made):
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get(f"/ceremonies/{made.pk}/").status_code == 200
        return len(queries)

    few = held(world, world.li)
    asked(few)
    many = held(world, *(member(f"人{number}", world.branch) for number in range(20)), on=date(2026, 7, 2))
    assert asked(many) == asked(few)
    assert CeremonyRecord.objects.filter(ceremony=many).count() == 21


def test_the_calendar_shows_it(world, secretary):
    held(world, world.li)
    assert "重温入党誓词" in secretary.get("/calendar/", {"month": "2026-07"}).content.decode()

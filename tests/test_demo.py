"""The demo: invented through and through, entered by the product itself, the same twice, and telling its stories."""

import json
from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from base.models import AuditRow
from config.demo import people
from config.demo.load import load
from config.demo.year import Talking, plan_year
from config.management.commands import load_demo
from duties.engine.models import Arrangement, Delegation, Duty, Record, State, Waiver
from duties.notices.models import Kind, Message
from members.accounts import DEMO_PREFIX
from members.enums import FUND_STEPS, EventKind, OrganisationKind, Standing
from members.identity import read_identity
from members.models import Account, Event, Membership, Organisation, Person, Post
from tests.conftest import NOW
from visits.models import Talk

pytestmark = pytest.mark.anywhere

TODAY = NOW.date()
DAYS = [TODAY, date(2027, 1, 1), date(2027, 1, 3), date(2026, 3, 2), date(2028, 2, 29), date(2026, 12, 31)]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo, loaded once for this module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            done = load(today=TODAY, now=timezone.now())
        yield done
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded, db):
    return loaded


@pytest.fixture
def signed_in(demo, sign_in):
    return lambda name: sign_in(Account.objects.get(username=f"{DEMO_PREFIX}{name}"))


def home_duties():
    return Duty.objects.filter(organisation__code=people.HOME).with_sources().order_by("due_on", "pk")


def rows_of_everything():
    ours = [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"base", "members", "duties", "visits"}
    ]
    return {model.__name__: model.objects.count() for model in ours}


# 人和组织


def test_a_committee_with_general_branches_and_fourteen_branches(demo):
    kinds = Counter(Organisation.objects.values_list("kind", flat=True).order_by("pk"))
    assert kinds == {
        OrganisationKind.COMMITTEE: 1,
        OrganisationKind.GENERAL_BRANCH: 4,
        OrganisationKind.BRANCH: 14,
    }


def test_some_360_members_with_a_little_of_everything(demo):
    standings = Counter(Membership.objects.on(TODAY).values_list("standing", flat=True).order_by("pk"))
    assert 340 <= sum(standings.values()) <= 380
    assert standings[Standing.PROBATIONARY] >= 5
    assert standings[Standing.LOST] == standings[Standing.DEAD] == 3
    assert standings[Standing.SUSPENDED] == 2
    everyone = Person.objects.all()
    assert everyone.filter(floating=True).count() >= 10
    assert everyone.filter(joined_on__range=("1969-04-14", "1977-08-11"), full_on=F("joined_on")).count() >= 8
    assert everyone.filter(joined_on__month=2, joined_on__day=29).count() >= 2
    assert everyone.filter(birth_on__month=2, birth_on__day=29).exists()
    assert 3 <= everyone.filter(joined_on__lt="2020-01-01", full_on=None).count() <= 8


def test_nobodys_number_could_be_somebodys(demo):
    for person in Person.objects.exclude(id_index=None).order_by("pk"):
        assert person.id_number.startswith("410000"), "a province-level code that no person is issued"
        identity = read_identity(person.id_number, today=TODAY)
        assert (identity.number, identity.born_on, identity.sex) == (person.id_number, person.birth_on, person.sex)
        assert person.phone.startswith("100")


def test_two_of_one_name_stand_in_different_branches(demo):
    twins = Membership.objects.on(TODAY).filter(person__name="李建国").values_list("organisation__code", flat=True)
    assert {people.HOME, "YH0201"} <= set(twins.order_by("pk"))


def test_one_secretary_gave_way_to_another_in_the_course_of_the_year(demo):
    held = Post.objects.filter(organisation__code="YH0202", role="secretary").order_by("since")
    assert [(post.person.name, post.since.year) for post in held] == [("蒋文", 2024), ("罗成", 2026)]
    assert held[0].until == held[1].since == date(2026, 7, 1)


def test_every_branch_has_one_secretary_today(demo):
    branches = Organisation.objects.exclude(code=people.COMMITTEE).order_by("pk")
    for branch in branches:
        assert Post.objects.on(TODAY).filter(organisation=branch, role="secretary").count() == 1


# 一年


def test_the_secretary_has_three_overdue_talks_and_some_due_within_the_week(demo):
    overdue = list(home_duties().overdue_on(TODAY))
    assert {duty.member.name for duty in overdue if duty.rule.action == "review"} == {"邓海波"}
    late = [duty for duty in overdue if duty.rule.action == "talk"]
    assert {(duty.member.name, duty.event.kind) for duty in late} == {
        ("李建国", EventKind.ABSENCE),
        ("陈晓明", EventKind.TENDENCY),
        ("吴桐", EventKind.ADMISSION),
    }
    soon = home_duties().open_on(TODAY).filter(due_on__range=(TODAY, TODAY + timedelta(days=7)))
    assert {duty.member.name for duty in soon if duty.member} >= {"周敏", "徐磊", "马玉珍", "王志远"}


def test_birthdays_of_this_month_are_partly_kept_and_partly_to_come(demo):
    birthdays = home_duties().filter(rule__code="political-birthday", due_on__month=TODAY.month)
    states = {duty.member.name: duty.state for duty in birthdays}
    assert (states["张伟"], states["何静"]) == (State.DONE, State.DONE)
    assert (states["马玉珍"], states["王志远"]) == (State.OPEN, State.OPEN)


def test_talks_keep_about_the_pace_of_the_year(demo):
    yearly = Duty.objects.filter(rule__code="yearly-talk", period="2026", state__in=(State.DONE, State.OPEN))
    share = yearly.filter(state=State.DONE).count() / yearly.count()
    assert 0.7 < share < 0.9
    home = yearly.filter(organisation__code=people.HOME)
    assert 0.7 < home.filter(state=State.DONE).count() / home.count() < 0.9


def test_other_branches_are_not_spotless_either(demo):
    late = Duty.objects.overdue_on(TODAY).exclude(organisation__code=people.HOME)
    assert 1 <= late.count() <= 15


def test_one_record_was_entered_late_and_only_one(demo):
    late = [record for record in Record.objects.order_by("pk") if record.late]
    assert [record.member.name for record in late] == ["孙德福"]


def test_events_and_talks_carry_who_entered_them(demo):
    assert not Record.objects.filter(entered_by=None).exists()
    assert not Event.objects.filter(entered_by=None).exists()
    assert AuditRow.objects.filter(act=AuditRow.Act.WRITE).count() >= Record.objects.count()


def test_talks_differ_and_are_sealed(demo):
    texts = [talk.text for talk in Talk.objects.order_by("pk")]
    assert len(set(texts)) > 25
    assert Talk.objects.filter(record__collective=True).count() >= 2


def test_the_dead_are_reminded_of_nothing(demo):
    dead = Membership.objects.filter(standing=Standing.DEAD).values("person")
    left = Duty.objects.open().filter(member__in=dead).values_list("rule__code", flat=True)
    assert set(left.order_by("pk")) <= {"household-visits"}, "only their families are still visited"


def test_somebody_moved_and_was_talked_with_by_the_new_secretary(demo):
    event = Event.objects.get(kind=EventKind.TRANSFER_IN)
    duty = Duty.objects.get(event=event)
    assert (duty.state, duty.organisation.code) == (State.DONE, "YH0201")


# 装入


def test_loading_twice_changes_nothing(demo):
    before = rows_of_everything()
    sums = list(Duty.objects.order_by("pk").values_list("pk", "state", "closed_on", "organisation"))

    again = load(today=TODAY, now=timezone.now())

    assert (demo.fresh, again.fresh) == (True, False)
    assert rows_of_everything() == before
    assert list(Duty.objects.order_by("pk").values_list("pk", "state", "closed_on", "organisation")) == sums
    assert (again.members, again.records, again.duties) == (demo.members, demo.records, demo.duties)


def test_one_duty_is_waived_one_arranged_one_handed_on(demo):
    assert [model.objects.count() for model in (Waiver, Arrangement, Delegation)] == [1, 2, 1]


def test_the_secretary_is_told_what_the_committee_adopted_today(demo):
    told = Message.objects.get(recipient__name="王海燕", kind=Kind.DECISION).content
    assert (told["by"], told["title"]) == ("云河水文局党委", "某县水产局党内关怀帮扶制度")
    assert [(each["place"], each["opened"]) for each in told["places"]] == [("机关第二党支部", 1)]
    assert not Message.objects.filter(recipient__name="林清", kind=Kind.DECISION).exists(), "who did it knows"


def test_something_happened_to_a_branch_as_a_whole(demo):
    event = Event.objects.exclude(kind__in=(EventKind.TASK, EventKind.HONOUR, *FUND_STEPS)).get(person=None)
    assert (event.organisation.code, event.kind) == (people.HOME, EventKind.HARD_TASK)


def test_the_command_says_what_it_loaded(demo, settings, capsys):
    settings.DEMO = True

    call_command("load_demo")
    said = capsys.readouterr().out
    call_command("load_demo", "--json")
    document = json.loads(capsys.readouterr().out)

    assert "演示数据早已装入，没有重装：党组织 19 个" in said
    assert "demo-secretary（王海燕）" in said
    assert (document["fresh"], document["organisations"], document["members"]) == (False, 19, demo.members)


def test_the_demo_is_refused_where_people_are_real(settings, capsys, monkeypatch):
    settings.DEMO = settings.DEBUG = False
    monkeypatch.setattr(load_demo, "load", lambda **_: pytest.fail("loaded all the same"))

    with pytest.raises(SystemExit) as ended:
        call_command("load_demo")

    assert ended.value.code == 1
    assert "演示数据只能装在演示或开发环境里" in capsys.readouterr().err


# 登录


def test_the_workbench_of_the_demos_secretary_opens_on_what_is_overdue(signed_in):
    body = signed_in("secretary").get("/").content.decode()

    assert "3 件逾期" in body
    assert "李建国" in body
    assert "逾期 7 天" in body


@pytest.mark.parametrize("name", ["secretary", "general", "clerk", "head", "commissioner", "inspector"])
def test_each_role_opens_its_pages(signed_in, name):
    browser = signed_in(name)

    for page in ("/", "/duties/", "/members/", "/talks/", "/ledgers/", "/ledgers/duties/", "/ledgers/talks/"):
        assert browser.get(page).status_code == 200, page


def test_the_ordinary_member_has_one_page(signed_in):
    assert signed_in("member").get("/me/").status_code == 200


def test_the_demos_accounts_open_by_one_click_in_demo_mode_and_not_at_all_outside(demo, client, settings):
    secretary = Account.objects.get(username="demo-secretary")
    settings.DEMO = False
    assert client.post("/sign-in/demo/", {"account": secretary.pk}).status_code == 404
    assert client.post("/sign-in/", {"username": "demo-secretary", "password": "demo"}).status_code == 422
    assert not any(
        account.has_usable_password() for account in Account.objects.filter(username__startswith=DEMO_PREFIX)
    )

    settings.DEMO = True
    assert client.post("/sign-in/demo/", {"account": secretary.pk}).status_code == 302
    assert "王海燕" in client.get("/").content.decode()


# 计划，不碰数据库


@pytest.mark.parametrize("today", DAYS)
def test_on_whatever_day_the_demo_is_loaded_nothing_happens_in_the_future(today):
    cast = people.invent(today)
    acts = plan_year(cast).in_order()

    assert all(cast.begin <= act.on <= act.entered <= today for act in acts)
    assert all(act.member.joined <= act.on for act in acts)
    assert all(member.joined <= today for member in cast.members)
    assert all(since <= today for _member, _code, _role, since, _last in cast.posts)
    late = [act for act in acts if act.entered - act.on > timedelta(days=2)]
    assert [act.member.name for act in late] in (["孙德福"], [])
    assert all(act.talker is not act.member for act in acts if isinstance(act, Talking))


def test_the_same_day_gives_the_same_demo():
    def told():
        cast = people.invent(TODAY)
        return cast.members, [(act.member.name, act.on) for act in plan_year(cast).in_order()]

    assert told() == told()

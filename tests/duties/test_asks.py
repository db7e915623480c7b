"""What a member asks from his own page: help, a corrected telephone; who reads it, how it ends. Today is 2026-11-23."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from base.audit import Act
from base.models import AuditRow, OnceKey
from base.reading import Level
from duties.engine.models import Arrangement, Deed, Duty, Record, RecordPerson, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import EventKind, Role, TieKind
from members.models import Correction, Event, Person, Tie
from members.roster.apply import read_roster
from members.roster.plan import plan_roster
from tests.duties.acts import die, once_in
from tests.members.sheets import HEADINGS, id_number, roster_row, workbook
from tests.world import account, post

TODAY = date(2026, 11, 23)
HELP, CORRECTION, ME = "/asks/help/", "/asks/correction/", "/me/"
CANARY = "学费凑不齐金丝雀"
OLD, NEW = "13800005678", "13911112222"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world):
    """The cast under policy and the working rules; the member's telephone is known."""
    adopt(by=None, organisation=world.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    world.li.phone = OLD
    world.li.save()
    return world


@pytest.fixture
def himself(world, sign_in):
    return sign_in(account(world.li))


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def send(client, url, **given):
    return client.post(url, {"once": once_in(client.get(url)), **given}, follow=True)


def said(answer) -> str:
    return answer.content.decode()


def page(client, url) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return said(answer)


@pytest.fixture
def help_asked(himself) -> Event:
    send(himself, HELP, what="schooling", words=CANARY)
    return Event.objects.get(kind=EventKind.HELP)


@pytest.fixture
def corrected(himself) -> Event:
    send(himself, CORRECTION, phone=NEW)
    return Event.objects.get(kind=EventKind.CORRECTION)


def at(event, what="") -> str:
    return f"/asks/{event.pk}/{what}"


def decide(client, event, act, **more):
    return client.post(at(event, "decide/"), {"act": act, "once": f"{act}-{event.pk}", **more}, follow=True)


# Help


def test_help_is_asked_for_in_two_choices_and_opens_a_duty(world, himself, secretary):
    assert f'href="{HELP}"' in page(himself, ME)
    answer = said(send(himself, HELP, what="medical", words=""))
    assert "已经提给支部，最迟 12-08 前答复您。" in answer
    event = Event.objects.get(kind=EventKind.HELP)
    assert (event.person, event.entered_by, event.note) == (world.li, world.li, "就医")
    duty = Duty.objects.get(event=event)
    assert (duty.rule.code, duty.due_on, duty.state) == ("help-request", date(2026, 12, 8), State.OPEN)
    assert "答复帮扶申请" in page(secretary, "/duties/")
    assert "12-08 前答复" in page(himself, ME)


def test_words_are_for_himself_and_who_records_there_and_leave_their_row(
    world, himself, secretary, help_asked, sign_in
):
    for client in (himself, secretary):
        before = AuditRow.objects.filter(act=Act.READ, subject=f"event:{help_asked.pk}").count()
        assert CANARY in page(client, at(help_asked))
        assert AuditRow.objects.filter(act=Act.READ, subject=f"event:{help_asked.pk}").count() == before + 1
    post(world.zhao, world.branch, Role.GROUP_LEADER)
    leader = sign_in(account(world.zhao))
    assert CANARY not in page(leader, at(help_asked))
    assert CANARY not in page(leader, "/asks/") + page(secretary, "/asks/") + page(
        secretary, f"/members/{world.li.pk}/"
    )
    for stranger in (world.sibling_secretary, world.sun):
        assert sign_in(account(stranger)).get(at(help_asked)).status_code == 404


@pytest.mark.parametrize("form", ["/deeds/new/", "/visits/new/"])
def test_a_record_opened_from_it_answers_it_and_the_member_reads_who_and_when(
    world, himself, secretary, help_asked, form
):
    duty = Duty.objects.get(event=help_asked)
    assert f'{form}?{urlencode({"duty": f"{duty.rule_id}:{duty.key}"})}"' in page(secretary, at(help_asked))
    opened = secretary.get(form, {"duty": f"{duty.rule_id}:{duty.key}"})
    given = {name: field.value() for name, field in ((f.name, f) for f in opened.context["form"]) if field.value()}
    given |= {"note": "联系了助学", "text": "去看了", "people": [world.secretary.pk], "how": "home", "met": "member"}
    secretary.post(opened.wsgi_request.get_full_path(), given)
    duty.refresh_from_db()
    assert duty.state == State.DONE
    mine = page(himself, ME)
    assert "11-23 已办：" in mine
    assert "，王海燕" in mine
    assert "联系了助学" not in mine


def test_one_waits_at_a_time_and_a_second_click_asks_once(world, himself, help_asked):
    sent = {"once": once_in(himself.get(HELP)), "what": "other", "words": "再提一次"}
    refused = himself.post(HELP, sent)
    assert refused.status_code == 422
    assert "2026-11-23 提的还在办。要补充的" in said(refused)
    assert "再提一次" in said(refused)
    himself.post(at(help_asked, "withdraw/"), {"once": "w", "reason": ""})
    assert [himself.post(HELP, sent).url for _ in range(2)] == [at(Event.objects.latest("pk"))] * 2
    assert Event.objects.standing().filter(kind=EventKind.HELP).count() == 1


def test_what_kind_of_trouble_has_to_be_chosen_and_what_was_typed_stays(himself):
    refused = himself.post(HELP, {"once": "k", "words": CANARY})
    assert refused.status_code == 422
    assert "请选是哪方面的困难。" in said(refused)
    assert CANARY in said(refused)


def test_he_takes_it_back_and_the_branch_cannot(world, himself, secretary, help_asked):
    assert secretary.post(at(help_asked, "withdraw/"), {"once": "k"}).status_code == 403
    assert secretary.get(f"/events/{help_asked.pk}/withdraw/").status_code == 403
    assert "已撤回。" in said(himself.post(at(help_asked, "withdraw/"), {"once": "w", "reason": ""}, follow=True))
    assert not Duty.objects.filter(event=help_asked).exists()
    assert "11-23 已撤回" in page(himself, ME)


def test_once_answered_it_is_not_taken_back(world, himself, secretary, corrected):
    decide(secretary, corrected, "confirm")
    refused = himself.post(at(corrected, "withdraw/"), {"once": "w", "reason": ""})
    assert refused.status_code == 422
    assert "2026-11-23 已经答复过，不能再撤回。" in said(refused)


def test_the_branch_enters_it_for_who_rings(world, secretary, himself):
    form = secretary.get("/events/new/", {"member": world.li.pk, "kind": "help"})
    sent = {"once": once_in(form), "member": world.li.pk, "kind": "help", "occurred_on": TODAY, "note": "电话里说的"}
    secretary.post("/events/new/", sent)
    assert "申请帮扶" in page(himself, ME)


def test_the_dead_and_who_is_no_member_ask_for_nothing(world, himself, sign_in):
    die(world.li, date(2026, 11, 20))
    for url in (HELP, CORRECTION):
        refused = himself.get(url)
        assert refused.status_code == 403
        assert "这里由党员本人提出" in said(refused)
    assert himself.get(ME).status_code == 200


# A correction


def test_the_branch_sees_the_old_masked_beside_the_new_and_confirms(world, himself, secretary, corrected):
    assert Duty.objects.get(event=corrected).rule.code == "contact-correction"
    asked = page(secretary, at(corrected))
    assert "138****5678" in asked
    assert OLD not in asked
    assert NEW in asked
    answer = said(decide(secretary, corrected, "confirm"))
    assert "李建国的联系方式：已改好，名册资料已经更新。" in answer
    assert NEW not in answer
    world.li.refresh_from_db()
    assert world.li.phone == NEW
    assert Duty.objects.get(event=corrected).state == State.DONE
    row = AuditRow.objects.get(act=Act.EDIT, subject=f"person:{world.li.pk}")
    assert row.detail == {"what": "联系方式", "fields": ["phone"]}
    mine = page(himself, ME)
    assert "11-23 已核实改好，王海燕" in mine
    assert "139****2222" in mine


def test_declining_asks_for_a_reason_that_the_member_reads(world, himself, secretary, corrected):
    refused = decide(secretary, corrected, "decline", reason=" ")
    assert refused.status_code == 422
    assert "请写为什么不改" in said(refused)
    decide(secretary, corrected, "decline", reason="电话打过去不是本人", once="again")
    world.li.refresh_from_db()
    assert world.li.phone == OLD
    assert Duty.objects.get(event=corrected).state == State.DONE
    assert "电话打过去不是本人" in page(himself, at(corrected))
    assert "没有改，王海燕" in page(himself, ME)


def test_two_deciding_have_one_effect_and_the_second_reads_it(world, secretary, sign_in, corrected):
    commissioner = sign_in(account(world.commissioner))
    decide(secretary, corrected, "confirm")
    decide(secretary, corrected, "confirm")
    refused = decide(commissioner, corrected, "decline", reason="不对")
    assert "2026-11-23 已经核实过，没有再改一次。" in said(refused)
    assert Deed.objects.count() == 1
    assert Correction.objects.get().confirmed


def test_who_may_not_record_there_decides_nothing(world, himself, corrected, sign_in):
    post(world.zhao, world.branch, Role.GROUP_LEADER)
    for who, status in ((world.zhao, 403), (world.sibling_secretary, 404)):
        assert decide(sign_in(account(who)), corrected, "confirm").status_code == status
    assert decide(himself, corrected, "confirm").status_code == 403
    assert Correction.objects.get().decided_on is None


def test_the_duty_leads_to_the_decision_and_no_deed_answers_beside_it(world, secretary, corrected):
    duty = Duty.objects.get(event=corrected)
    for method in (secretary.get, secretary.post):
        assert method(f"/deeds/new/?duty={duty.rule_id}:{duty.key}").url == at(corrected)
    decide(secretary, corrected, "confirm")
    deed = Deed.objects.get()
    refused = secretary.get(f"/deeds/{deed.pk}/withdraw/")
    assert refused.status_code == 403
    assert "更正核实以后不能撤回" in said(refused)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "请至少填一项新的"),
        ({"phone": "1391111"}, "手机是 11 位数字"),
        ({"phone": OLD}, "这和现在登记的联系电话一样，不用改。"),
        ({"landline": "60001122"}, "固定电话要带区号"),
        ({"address": "长" * 201}, "写了 201 个字，最多 200 个"),
    ],
)
def test_what_is_no_number_is_refused_and_stays(himself, typed, says):
    refused = himself.post(CORRECTION, {"once": "k", **typed})
    assert refused.status_code == 422
    assert says in said(refused)
    assert all(value in said(refused) for value in typed.values())
    assert not Event.objects.exists()


def test_full_width_digits_and_spaces_are_made_plain(himself):
    send(himself, CORRECTION, phone="１３９ 1111 2222", landline="0371-60001122", address=" 河东区  新村 ")
    row = Correction.objects.get()
    assert (row.phone, row.landline, row.address) == (NEW, "0371-60001122", "河东区 新村")


def test_new_values_reach_no_audit_row_and_no_once_key(secretary, corrected):
    decide(secretary, corrected, "confirm")
    kept = str([*AuditRow.objects.order_by("pk").values(), *OnceKey.objects.order_by("pk").values()])
    assert NEW not in kept


# A later roster


def planned(world, phone):
    world.li.id_number = id_number(41)
    world.li.save()
    row = [*roster_row(world.li.name, 41, 所在党支部=world.branch.name), phone]
    return plan_roster(
        by=None, sheet=read_roster(workbook([row], headings=(*HEADINGS, "手机号"))), as_of=TODAY, today=TODAY
    )


def told(plan) -> list[str]:
    return [each.message for each in plan.findings if each.code == "verified_since" and each.level == Level.WARNING]


def test_a_roster_that_says_otherwise_is_asked_about(world, secretary, corrected):
    assert told(planned(world, OLD)) == []
    decide(secretary, corrected, "confirm")
    world.li.refresh_from_db()
    (sentence,) = told(planned(world, OLD))
    assert sentence.startswith("2026-11-23 支部向本人核实后改过，名册里不一样")
    assert told(planned(world, NEW)) == told(planned(world, "")) == []


# His own page


def test_who_is_responsible_and_what_is_planned_stands_on_his_page(world, himself, help_asked):
    world.branch.phone = "0371-60001122"
    world.branch.save()
    Tie.objects.create(person=world.li, kind=TieKind.PAIRING, to=world.commissioner, since=date(2026, 1, 5))
    duty = Duty.objects.get(event=help_asked)
    Arrangement.objects.create(
        rule=duty.rule, key=duty.key, on=date(2026, 11, 25), person=world.secretary, given_on=TODAY
    )
    mine = page(himself, ME)
    for words in ("河源第一党支部书记", "结对", "河源第一党支部组织委员", "0371-60001122", "安排 11-25 王海燕去"):
        assert words in mine


def much(world, event, count) -> None:
    """So many of everything that his page lists."""
    records = Record.objects.bulk_create(
        Record(
            organisation=world.branch, path=world.branch.path, member=world.li, action="visit", on=TODAY,
            entered_on=TODAY, event=event,
        )
        for _ in range(count)
    )  # fmt: skip
    RecordPerson.objects.bulk_create(RecordPerson(record=each, person=world.secretary) for each in records)
    Event.objects.bulk_create(
        Event(person=world.li, kind=EventKind.HELP, occurred_on=TODAY, entered_on=TODAY) for _ in range(count)
    )
    helpers = Person.objects.bulk_create(Person(name=f"助{number}") for number in range(count))
    Tie.objects.bulk_create(Tie(person=world.li, kind=TieKind.CONTACT, to=each, since=TODAY) for each in helpers)


def test_his_page_costs_the_same_however_much_was_done(world, himself, help_asked, django_assert_max_num_queries):
    much(world, help_asked, 1)
    himself.get(ME)
    with django_assert_max_num_queries(40) as first:
        himself.get(ME)
    much(world, help_asked, 50)
    with django_assert_max_num_queries(len(first)):
        mine = page(himself, ME)
    assert mine.count("走访慰问") >= 10
    assert "看全部" in mine
    assert page(himself, f"{ME}?all=1").count("走访慰问") >= 50


def test_the_list_costs_the_same_for_one_and_fifty(world, secretary, help_asked, django_assert_max_num_queries):
    secretary.get("/asks/")
    with django_assert_max_num_queries(40) as first:
        assert "李建国" in page(secretary, "/asks/")
    Event.objects.bulk_create(
        Event(person=world.zhao, kind=EventKind.HELP, occurred_on=TODAY, entered_on=TODAY) for _ in range(50)
    )
    with django_assert_max_num_queries(len(first)):
        listed = page(secretary, "/asks/")
    assert listed.count("赵秀兰") >= 49
    assert "后面的" in listed


def test_he_opens_his_own_number_and_nobody_elses(world, himself):
    mine = page(himself, ME)
    assert OLD not in mine
    shown = himself.post(reverse("me_reveal"), {"field": "phone"})
    assert OLD in said(shown)
    assert shown["Cache-Control"] == "no-store"
    row = AuditRow.objects.get(act=Act.REVEAL)
    assert (row.subject, row.reason) == (f"person:{world.li.pk}", "本人查看")
    assert himself.get(reverse("me_reveal"), {"field": "phone"}).url == ME
    masked = himself.get(reverse("me_reveal"), {"field": "phone"}, headers={"HX-Request": "true"})
    assert "138****5678" in said(masked)
    assert OLD not in said(masked)
    assert AuditRow.objects.filter(act=Act.REVEAL).count() == 1
    for field in ("address", "name", "note-1", ""):
        assert himself.post(reverse("me_reveal"), {"field": field}).status_code == 404

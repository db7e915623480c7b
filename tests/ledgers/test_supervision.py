"""督办: sent as a duty of the organisation, answered by its own, accepted or sent back; who may, twice, late, gone."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from duties.engine.models import Duty, Record, State
from duties.engine.responsible import attach_responsible
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from ledgers.declarations import LEDGERS
from ledgers.ledger import Reader
from ledgers.supervision.acts import (
    Stage,
    Wanted,
    answer,
    may_answer,
    may_decide,
    may_read,
    send,
    send_back,
    sender_of,
    settle,
    stage,
    take_back,
)
from ledgers.supervision.models import Answer, Supervision
from members.enums import OrganisationKind, Role
from members.models import Account, Post
from tests.duties.acts import adopt_pack, sweep_on
from tests.ledgers.rows import event
from tests.world import account, member, organisation, post

TODAY = date(2026, 11, 23)
DUE = date(2026, 11, 30)
pytestmark = pytest.mark.django_db


def known(person):
    return Account.objects.filter(person=person).first() or account(person)


@pytest.fixture
def lived(cast):
    """The cast under the working rules."""
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


def sent(cast, due_on=DUE, **more) -> Supervision:
    wanted = Wanted("必谈没有按期谈", "请说明两件必谈为什么没有谈，哪天谈完。", due_on, **more)
    return send(by=known(cast.general_secretary), organisation=cast.branch, sender=cast.general, wanted=wanted,
                today=TODAY)  # fmt: skip


def reply(person, notice, text, today):
    return answer(by=known(person), person=person, notice=notice, text=text, today=today)


def now(notice, day=TODAY) -> Stage:
    return stage(Supervision.objects.with_names().get(pk=notice.pk), day)


def owed(notice) -> Duty:
    return Duty.objects.get(event=notice.event)


def test_a_notice_is_a_duty_until_it_is_answered_and_accepted(lived):
    notice = sent(lived)
    found = owed(notice)
    assert (found.organisation, found.due_on, found.state) == (lived.branch, DUE, State.OPEN)
    (shown,) = attach_responsible([found], TODAY)
    assert (found.event.addressee, shown.responsible) == (None, [lived.secretary])
    assert now(notice) == Stage.OPEN
    reply(lived.secretary, notice, text="已约好，周五谈完。", today=TODAY)
    assert owed(notice).state == State.DONE
    assert now(notice) == Stage.ANSWERED
    settle(by=known(lived.general_secretary), notice=notice, today=TODAY)
    assert now(notice) == Stage.SETTLED
    with pytest.raises(ValidationError, match="已认可"):
        reply(lived.secretary, notice, text="再说一次", today=TODAY)


def test_sent_back_it_is_owed_again_and_the_first_answer_stays(lived):
    notice = sent(lived)
    first = reply(lived.secretary, notice, text="已谈", today=TODAY)
    with pytest.raises(ValidationError) as no:
        send_back(by=known(lived.general_secretary), notice=notice, reason=" ", due_on=TODAY - timedelta(1),
                  today=TODAY)  # fmt: skip
    assert set(no.value.message_dict) == {"reason", "due_on"}
    send_back(by=known(lived.general_secretary), notice=notice, reason="没有写哪天谈的", due_on=date(2026, 12, 7),
              today=TODAY)  # fmt: skip
    assert (owed(notice).state, owed(notice).due_on, now(notice)) == (State.OPEN, date(2026, 12, 7), Stage.OPEN)
    assert Record.objects.get(pk=first.record_id).withdrawn_on == TODAY
    reply(lived.secretary, notice, text="11 月 20 日谈的", today=TODAY)
    assert owed(notice).state == State.DONE
    assert [each.reason for each in Answer.objects.order_by("pk")] == ["没有写哪天谈的", ""]


def test_an_answer_after_the_day_closes_it_and_says_that_it_was_late(lived):
    notice = sent(lived)
    after = DUE + timedelta(days=3)
    with time_machine.travel(f"{after} 09:00+0800", tick=False):
        sweep(on=after, today=after)
        assert now(notice, after) == Stage.LATE
        made = reply(lived.secretary, notice, text="谈完了", today=after)
    assert made.late
    assert owed(notice).state == State.DONE
    assert owed(notice).closed_on == after


def test_the_next_secretary_answers_when_the_post_of_the_first_has_ended(lived):
    notice = sent(lived)
    Post.objects.filter(person=lived.secretary).update(until=TODAY)
    heir = member("许明", lived.branch)
    post(heir, lived.branch, Role.SECRETARY, since=TODAY)
    assert not may_answer(known(lived.secretary), notice)
    assert may_answer(known(heir), notice)
    reply(heir, notice, text="接着办，已谈", today=TODAY)
    assert owed(notice).state == State.DONE


def test_nobody_answers_his_own_notice_nor_decides_on_what_was_sent_to_him(lived):
    notice = sent(lived)
    above, own = known(lived.general_secretary), known(lived.secretary)
    assert (may_answer(above, notice), may_decide(above, notice)) == (False, True)
    assert (may_answer(own, notice), may_decide(own, notice)) == (True, False)
    assert may_decide(known(lived.committee_secretary), notice)
    assert not may_read(known(lived.sibling_secretary), notice)
    assert sender_of(above, lived.branch) == lived.general
    assert sender_of(own, lived.branch) is None
    assert sender_of(known(lived.sibling_secretary), lived.branch) is None


def test_what_cannot_be_sent(lived):
    with pytest.raises(ValidationError, match="只能发给下级"):
        send(by=None, organisation=lived.general, sender=lived.branch, wanted=Wanted("事", "文", DUE), today=TODAY)
    for wanted, field in (
        (Wanted(" ", "文", DUE), "subject"), (Wanted("事", "文" * 1001, DUE), "text"),
        (Wanted("事", "文", TODAY - timedelta(days=1)), "due_on"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as no:
            send(by=None, organisation=lived.branch, sender=lived.general, wanted=wanted, today=TODAY)
        assert field in no.value.message_dict
    Post.objects.filter(organisation=lived.branch).update(until=TODAY)
    with pytest.raises(ValidationError, match="没有人能答复"):
        sent(lived)
    assert not Supervision.objects.exists()


def test_taken_back_its_duty_goes_and_it_is_answered_no_more(lived):
    notice = sent(lived)
    take_back(by=known(lived.general_secretary), notice=notice, reason="已当面说清", today=TODAY)
    assert not Duty.objects.filter(event=notice.event).exists()
    assert now(notice) == Stage.WITHDRAWN
    with pytest.raises(ValidationError, match="已撤回"):
        reply(lived.secretary, notice, text="已谈", today=TODAY)
    with pytest.raises(ValidationError, match="已撤回"):
        settle(by=known(lived.general_secretary), notice=notice, today=TODAY)


def test_the_pages_from_the_figure_to_the_answer_each_click_once(lived, sign_in):
    adopt_pack(lived.committee)
    event(lived.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    above = sign_in(known(lived.general_secretary))
    late = duty_about(lived.zhao)
    form = {"organisation": lived.branch.pk, "kind": "occasions", "year": 2026}
    page = above.get("/supervisions/new/", form).content.decode()
    assert "过期没办 1" in page
    assert lived.zhao.name in page
    key = once(page)
    wanted = form | {
        "once": key, "subject": "必谈没有按期谈", "text": "请说明原因", "due_on": "2026-11-30",
        "named": [f"{late.rule_id}:{late.key}"],
    }  # fmt: skip
    where = above.post("/supervisions/new/", wanted)
    again = above.post("/supervisions/new/", wanted | {"text": "换个说法"})
    assert where.status_code == 302
    assert again.url == where.url
    notice = Supervision.objects.get()
    assert notice.figures["late"] == 1
    shown = above.get(where.url).content.decode()
    assert lived.zhao.name in shown
    assert "请说明原因" in shown

    own = sign_in(known(lived.secretary))
    assert "必谈没有按期谈" in own.get("/duties/").content.decode()
    assert own.get(f"/supervisions/{notice.pk}/back/").status_code == 403
    given = {"once": once(own.get(f"/supervisions/{notice.pk}/answer/").content.decode()), "text": "已约好"}
    assert own.post(f"/supervisions/{notice.pk}/answer/", given | {"text": " "}).status_code == 422
    for _ in range(2):
        assert own.post(f"/supervisions/{notice.pk}/answer/", given).url == where.url
    assert Answer.objects.count() == 1

    above = sign_in(known(lived.general_secretary))
    page = above.get(where.url).content.decode()
    assert "已约好" in page
    assert above.get(f"/supervisions/{notice.pk}/answer/").status_code == 403
    assert above.post(f"/supervisions/{notice.pk}/settle/", {"once": once(page)}).url == where.url
    assert now(notice) == Stage.SETTLED
    body = sign_in(known(lived.sibling_secretary)).get("/supervisions/").content.decode()
    assert "必谈没有按期谈" not in body
    assert sign_in(known(lived.sibling_secretary)).get(where.url).status_code == 404


def duty_about(person) -> Duty:
    return Duty.objects.filter(member=person, event__kind="setback", state=State.OPEN, due_on__lt=TODAY).earliest("pk")


def once(page: str) -> str:
    return page.partition('name="once" value="')[2].partition('"')[0]


def test_the_wrong_organisation_cannot_be_asked(lived, sign_in):
    client = sign_in(known(lived.general_secretary))
    assert client.get("/supervisions/new/", {"organisation": lived.direct.pk}).status_code == 404
    assert client.get("/supervisions/new/", {"organisation": lived.general.pk}).status_code == 403
    assert lived.branch.label in client.get("/supervisions/new/").content.decode()
    foreign = {"organisation": lived.branch.pk, "kind": "occasions", "subject": "事", "text": "文",
               "due_on": "2026-11-30", "named": ["1:m1:2026"]}  # fmt: skip
    answered = client.post("/supervisions/new/", foreign)
    assert answered.status_code == 422
    assert "已经不在这里" in answered.content.decode()


def test_a_plain_deed_leads_to_the_notice_and_leaves_it_as_it_is(lived, sign_in):
    notice = sent(lived)
    duty = owed(notice)
    client = sign_in(known(lived.secretary))
    asked = f"/deeds/new/?duty={duty.rule_id}:{duty.key}"
    form = {"organisation": lived.branch.pk, "action": "handling", "on": "2026-11-23", "note": "已经谈了",
            "people": lived.secretary.pk}  # fmt: skip
    for answered in (client.get(asked), client.post(asked, form)):
        assert (answered.status_code, answered.url) == (302, f"/supervisions/{notice.pk}/")
    assert owed(notice).state == State.OPEN
    assert not Record.objects.exists()


def test_who_has_nobody_below_is_offered_no_notice_to_send(lived, sign_in):
    group = organisation("01010101", OrganisationKind.GROUP, lived.branch, name="第一党小组")
    branch = sign_in(known(lived.secretary))
    assert "发督办" not in branch.get("/supervisions/").content.decode()
    page = branch.get("/supervisions/new/").content.decode()
    assert "没有可以督办的下级" in page
    assert group.label not in page
    assert branch.get("/supervisions/new/", {"organisation": group.pk}).status_code == 403
    assert "发督办" in sign_in(known(lived.general_secretary)).get("/supervisions/").content.decode()


def test_each_cell_of_the_ledger_follows_its_fact(lived):
    notice = sent(lived, kind="occasions", year=2026, figures={"due": 3, "done": 2, "late": 1})

    def row() -> dict:
        ledger, reader = LEDGERS["supervisions"], Reader(known(lived.committee_secretary), TODAY)
        (found,) = ledger.rows(reader, lived.committee, date(2026, 1, 1), TODAY)
        return {column.heading: column.read(found, reader) for column in ledger.columns}

    assert row() | {"党组织": lived.branch.label, "情况": "待答复", "答复期限": DUE, "指标": "必谈必访"} == row()
    assert row()["发出时的数"] == "应办 3，已办结 2，过期没办 1"
    reply(lived.secretary, notice, text="已谈", today=TODAY)
    assert (row()["答复日期"], row()["答复人"], row()["情况"]) == (TODAY, lived.secretary.name, "已答复，待认可")
    send_back(by=known(lived.general_secretary), notice=notice, reason="不全", due_on=DUE, today=TODAY)
    assert (row()["退回次数"], row()["答复日期"]) == (1, None)


def test_the_list_asks_as_much_for_many_notices_as_for_one(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(known(lived.committee_secretary))
    for number in range(3):
        notice = sent(lived, due_on=DUE + timedelta(days=number))
        reply(lived.secretary, notice, text=f"答复 {number}", today=TODAY)
        client.get("/supervisions/")
        with django_assert_max_num_queries(30):
            client.get("/supervisions/")

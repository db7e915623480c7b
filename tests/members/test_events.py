"""Facts about members as services: what can have happened, where a member stands after it, and taking it back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from base import facts
from base.dates import FAR
from base.facts import Fact
from base.models import AuditRow
from members.enums import EventKind, Role, Standing
from members.models import Event, Membership, Post
from members.permissions import may_withdraw_event
from members.services import memberships_on, receive_member, register_event, withdraw_event
from tests.world import account, join, member, post

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def happens(person, kind, on=TODAY, **more) -> Event:
    return register_event(by=None, person=person, kind=kind, occurred_on=on, today=TODAY, **more)


def received(person, to, on=TODAY) -> Event:
    return receive_member(by=None, person=person, to=to, on=on, today=TODAY)


def taken_back(event, reason="登记错了") -> None:
    withdraw_event(by=None, event=event, reason=reason, today=TODAY)


def stays(person) -> list[tuple]:
    rows = Membership.objects.filter(person=person).order_by("since")
    return list(rows.values_list("organisation__code", "standing", "since", "until"))


@pytest.fixture
def told(monkeypatch) -> list[tuple]:
    """What the engine is told."""
    heard = []

    def listener(kind, *, since, people, organisations, of):
        heard.append((kind, since, list(people)))

    monkeypatch.setattr(facts, "_listeners", [listener])
    return heard


def test_an_event_is_kept_with_its_writer_and_both_days(cast, told):
    event = register_event(
        by=account(cast.secretary), person=cast.li, kind=EventKind.HONOUR, occurred_on=date(2026, 11, 3),
        note="市级优秀", today=TODAY,
    )  # fmt: skip
    event.refresh_from_db()
    assert (event.entered_by, event.entered_on, event.note, event.late) == (cast.secretary, TODAY, "市级优秀", True)
    assert told == [(Fact.EVENT, date(2026, 11, 3), [cast.li.pk])]
    assert AuditRow.objects.get(act="write").subject == f"event:{event.pk}"


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (TODAY + DAY, "2026-11-24 晚于今天"),
        (date(1998, 6, 30), "早于李建国入党的 1998-07-01"),
    ],
)
def test_nothing_happens_tomorrow_or_before_joining(cast, on, sentence):
    with pytest.raises(ValidationError) as refused:
        happens(cast.li, EventKind.HONOUR, on)
    assert sentence in refused.value.message_dict["occurred_on"][0]
    assert not Event.objects.exists()


def test_nothing_happens_to_somebody_without_membership(cast):
    gone = member("离散", cast.branch, until=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="没有组织关系"):
        happens(gone, EventKind.HONOUR)


def test_a_death_is_a_standing_at_the_same_branch(cast, told):
    happens(cast.zhao, EventKind.DEATH, date(2026, 11, 20))
    assert stays(cast.zhao) == [
        ("010101", Standing.FULL, cast.zhao.joined_on, date(2026, 11, 20)),
        ("010101", Standing.DEAD, date(2026, 11, 20), FAR),
    ]
    assert {kind for kind, _since, _people in told} == {Fact.MEMBERSHIP, Fact.EVENT}


def test_nothing_happens_to_the_dead_but_what_happened_before(cast):
    happens(cast.zhao, EventKind.DEATH, date(2026, 11, 20))
    for kind in (EventKind.HONOUR, EventKind.TRANSFER_OUT):
        with pytest.raises(ValidationError, match="已于 2026-11-20 去世"):
            happens(cast.zhao, kind)
    assert happens(cast.zhao, EventKind.ILLNESS, date(2026, 11, 19)).pk


def test_a_death_on_the_day_the_membership_began_leaves_no_empty_row(cast):
    newcomer = member("新来", cast.branch, since=TODAY)
    event = happens(newcomer, EventKind.DEATH)
    assert stays(newcomer) == [("010101", Standing.DEAD, TODAY, FAR)]
    with pytest.raises(ValidationError, match="不能直接撤回"):
        taken_back(event)


def test_nobody_dies_before_going_elsewhere(cast):
    received(cast.li, cast.sibling, date(2026, 11, 10))
    with pytest.raises(ValidationError, match="在 2026-11-10 以后还有组织关系变动"):
        happens(cast.li, EventKind.DEATH, date(2026, 11, 9))


def test_a_leaving_moves_nobody_and_is_registered_once(cast):
    before = stays(cast.li)
    happens(cast.li, EventKind.TRANSFER_OUT, date(2026, 11, 18))
    assert stays(cast.li) == before
    with pytest.raises(ValidationError, match="已于 2026-11-18 登记转出，正等对方支部接收"):
        happens(cast.li, EventKind.TRANSFER_OUT)
    received(cast.li, cast.sibling, date(2026, 11, 20))
    assert happens(cast.li, EventKind.TRANSFER_OUT).pk


def test_a_transfer_in_is_entered_by_receiving(cast):
    with pytest.raises(ValidationError) as refused:
        happens(cast.li, EventKind.TRANSFER_IN)
    assert "kind" in refused.value.message_dict


def test_a_received_member_keeps_the_standing_and_moves_on_the_day(cast):
    young = member("预备", cast.branch, standing=Standing.PROBATIONARY, since=date(2026, 3, 1))
    event = received(young, cast.sibling, date(2026, 11, 20))
    assert stays(young) == [
        ("010101", Standing.PROBATIONARY, date(2026, 3, 1), date(2026, 11, 20)),
        ("010102", Standing.PROBATIONARY, date(2026, 11, 20), FAR),
    ]
    assert (event.kind, event.occurred_on) == (EventKind.TRANSFER_IN, date(2026, 11, 20))


@pytest.mark.parametrize("to", ["general", "committee", "branch"])
def test_a_membership_is_in_a_branch_and_in_another_one(cast, to):
    before = stays(cast.li)
    with pytest.raises(ValidationError) as refused:
        received(cast.li, getattr(cast, to))
    assert "to" in refused.value.message_dict
    assert stays(cast.li) == before


def test_nobody_is_received_tomorrow_or_before_coming_here(cast):
    newcomer = member("新来", cast.branch, since=date(2026, 11, 20))
    for on in (TODAY + DAY, date(2026, 11, 20), date(2026, 11, 19)):
        with pytest.raises(ValidationError) as refused:
            received(newcomer, cast.sibling, on)
        assert "occurred_on" in refused.value.message_dict


def test_taking_back_asks_why_and_happens_once(cast, told):
    event = happens(cast.li, EventKind.HONOUR, date(2026, 11, 3))
    with pytest.raises(ValidationError, match="请写为什么撤回"):
        taken_back(event, "  ")
    told.clear()
    taken_back(event, "登错了人")
    event.refresh_from_db()
    assert (event.withdrawn_on, event.withdrawn_reason) == (TODAY, "登错了人")
    assert told == [(Fact.EVENT, date(2026, 11, 3), [cast.li.pk])]
    assert AuditRow.objects.get(act="withdraw").reason == "登错了人"
    with pytest.raises(ValidationError, match="已于 2026-11-23 撤回"):
        taken_back(event)


@pytest.mark.parametrize("kind", ["death", "transfer"])
def test_a_change_taken_back_leaves_the_rows_as_they_were(cast, kind):
    before = stays(cast.li)
    event = happens(cast.li, EventKind.DEATH) if kind == "death" else received(cast.li, cast.sibling)
    assert stays(cast.li) != before
    taken_back(event)
    assert stays(cast.li) == before


def test_only_the_latest_change_is_taken_back(cast):
    transfer = received(cast.li, cast.sibling, date(2026, 11, 10))
    death = happens(cast.li, EventKind.DEATH, date(2026, 11, 20))
    with pytest.raises(ValidationError, match="请先撤回后面的变动"):
        taken_back(transfer)
    taken_back(death)
    taken_back(transfer)
    assert stays(cast.li) == [("010101", Standing.FULL, cast.li.joined_on, FAR)]


def test_a_death_on_the_day_of_a_transfer_does_not_bring_the_member_back_to_the_old_branch(cast):
    received(cast.li, cast.sibling, TODAY)
    death = happens(cast.li, EventKind.DEATH, TODAY)
    with pytest.raises(ValidationError, match="不能直接撤回"):
        taken_back(death)
    assert stays(cast.li)[-1] == ("010102", Standing.DEAD, TODAY, FAR)


def test_the_same_event_is_registered_once_while_it_stands(cast):
    event = happens(cast.li, EventKind.HONOUR)
    with pytest.raises(ValidationError, match="李建国 2026-11-23 的“获得功勋荣誉表彰”已登记过") as refused:
        happens(cast.li, EventKind.HONOUR)
    assert set(refused.value.message_dict) == {"kind"}
    assert happens(cast.li, EventKind.HONOUR, TODAY - DAY).pk
    assert happens(cast.li, EventKind.ILLNESS).pk
    assert happens(cast.zhao, EventKind.HONOUR).pk
    taken_back(event)
    assert happens(cast.li, EventKind.HONOUR).pk


def test_a_refusal_does_not_tell_of_a_sensitive_event_to_who_may_not_know(cast):
    happens(cast.li, EventKind.PUNISHMENT)
    by = {name: account(getattr(cast, name)) for name in ("commissioner", "secretary")}
    sent = {"person": cast.li, "kind": EventKind.PUNISHMENT, "occurred_on": TODAY, "today": TODAY}
    with pytest.raises(ValidationError, match="已登记过"):
        register_event(by=by["secretary"], **sent)
    assert register_event(by=by["commissioner"], **sent).pk
    with pytest.raises(ValidationError, match="已登记过"):
        register_event(by=by["commissioner"], **sent)


@pytest.mark.parametrize("on", [date(2026, 11, 10), date(2026, 11, 12), date(2026, 11, 14)])
def test_nobody_dies_twice(cast, on):
    happens(cast.li, EventKind.DEATH, date(2026, 11, 12))
    with pytest.raises(ValidationError, match="李建国已于 2026-11-12 登记去世"):
        happens(cast.li, EventKind.DEATH, on)


def test_who_may_take_an_event_back(cast):
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    path = cast.branch.path
    plain = happens(cast.li, EventKind.HONOUR)
    hidden = happens(cast.li, EventKind.PUNISHMENT)
    own = happens(cast.secretary, EventKind.PUNISHMENT)
    praised = happens(cast.secretary, EventKind.HONOUR)
    written = register_event(
        by=account(deputy), person=cast.li, kind=EventKind.DUES, occurred_on=TODAY, today=TODAY
    )  # fmt: skip
    accounts = {name: account(getattr(cast, name)) for name in ("secretary", "general_secretary", "sibling_secretary")}
    accounts["deputy"] = deputy.account
    may = {
        name: [may_withdraw_event(who, event, path) for event in (plain, hidden, own, praised, written)]
        for name, who in accounts.items()
    }
    assert may == {
        "secretary": [True, True, False, False, True],
        "general_secretary": [True, True, True, True, True],
        "sibling_secretary": [False, False, False, False, False],
        "deputy": [True, False, False, True, True],
    }


def test_membership_ends_before_the_next_begins(cast):
    someone = member("往返", cast.branch, until=date(2026, 6, 1))
    join(someone, cast.sibling, since=date(2026, 6, 1))
    received(someone, cast.branch, date(2026, 11, 1))
    assert [code for code, *_rest in stays(someone)] == ["010101", "010102", "010101"]


def test_the_posts_of_the_dead_end_and_come_back_with_a_mistaken_death(cast):
    event = register_event(
        by=None, person=cast.secretary, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY
    )
    assert not Post.objects.on(TODAY).filter(person=cast.secretary).exists()
    assert Post.objects.on(date(2026, 11, 19)).filter(person=cast.secretary).exists()
    taken_back(event)
    assert Post.objects.on(TODAY).filter(person=cast.secretary).exists()


def test_a_request_for_a_talk_asks_somebody_and_nothing_else_does(cast, told):
    asked = happens(cast.li, EventKind.REQUEST, note="想换岗位", addressee=cast.secretary)
    assert (asked.addressee, told) == (cast.secretary, [(Fact.EVENT, TODAY, [cast.li.pk])])
    for kind, addressee, sentence in (
        (EventKind.REQUEST, None, "请选想约谁谈。"),
        (EventKind.REQUEST, cast.li, "李建国不能约自己谈话，请另选一位。"),
        (EventKind.HONOUR, cast.secretary, "只有约谈申请才写约谁谈，请去掉。"),
    ):
        with pytest.raises(ValidationError) as refused:
            happens(cast.li, kind, addressee=addressee)
        assert refused.value.message_dict == {"addressee": [sentence]}
    assert Event.objects.count() == 1


def test_two_leaders_may_be_asked_on_one_day_but_none_twice(cast):
    happens(cast.li, EventKind.REQUEST, addressee=cast.secretary)
    assert happens(cast.li, EventKind.REQUEST, addressee=cast.general_secretary).pk
    with pytest.raises(ValidationError, match="“约谈申请”已登记过"):
        happens(cast.li, EventKind.REQUEST, addressee=cast.secretary)


def test_a_request_is_not_taken_back_as_other_events_are(cast):
    asked = register_event(
        by=account(cast.secretary), person=cast.li, kind=EventKind.REQUEST, occurred_on=TODAY, today=TODAY,
        addressee=cast.commissioner,
    )  # fmt: skip
    assert not may_withdraw_event(cast.secretary.account, asked, cast.branch.path)


def test_where_many_stood_is_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        stays = memberships_on([cast.li, cast.zhao, cast.sun], TODAY)
    assert {pk: stay.organisation for pk, stay in stays.items()} == {
        cast.li.pk: cast.branch, cast.zhao.pk: cast.branch, cast.sun.pk: cast.sibling,
    }  # fmt: skip

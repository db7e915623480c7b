"""What a ledger test needs: a policy in force, a talk, an event. Written as the services below write them."""

from datetime import date

from base.facts import Fact, facts_changed
from duties.engine.models import Action
from duties.engine.records import enter_record
from duties.engine.sweep import sweep
from ledgers.declarations import LEDGERS
from ledgers.ledger import Reader
from members.models import Event
from tests.duties.acts import adopt_pack, sweep_on
from visits.models import Talk

TODAY = date(2026, 11, 23)


def in_force(organisation):
    """The pack adopted since New Year and swept for today."""
    adopt_pack(organisation)
    sweep(on=TODAY, today=TODAY)


def talk(member, organisation, people, *, on=date(2026, 11, 20), entered=None, event=None, wish="", **more):
    record = enter_record(
        by=None,
        organisation=organisation,
        member=member,
        action=Action.TALK,
        on=on,
        people=people,
        today=entered or on,
        event=event,
    )
    return Talk.objects.create(
        record=record, subject=more.pop("subject", Talk.Subject.YEARLY), text="谈了工作和生活", wish=wish, **more
    )


def event(member, kind, on):
    happened = Event.objects.create(person=member, kind=kind, occurred_on=on, entered_on=on)
    facts_changed(Fact.EVENT, since=on, people=[member.pk])
    return happened


def printed(
    code, account, organisation, *, first=date(2026, 1, 1), last=date(2026, 12, 31), held_on=None
) -> list[dict]:
    """The rows of a ledger as dictionaries by heading: of a period, or of what held on a day."""
    ledger, reader = LEDGERS[code], Reader(account, held_on or TODAY, bool(held_on))
    rows = ledger.rows(reader, organisation, *((held_on, held_on) if held_on else (first, last)))
    return [
        dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in ledger.table(rows, reader)
    ]


def a_year(cast):
    """Under the policy: one talk in time, one entered late, one of last year; an overdue talk about an event."""
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    talk(cast.li, cast.branch, [cast.secretary])
    talk(cast.commissioner, cast.branch, [cast.secretary], on=date(2026, 9, 1), entered=date(2026, 9, 30))
    talk(cast.li, cast.branch, [cast.secretary], on=date(2025, 5, 1))
    return cast

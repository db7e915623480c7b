"""What stands in the calendar, as data. What else is planned or done becomes one more :class:`Kind` of ``KINDS``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from awards.models import Ceremony, Honour, Medal, Selection, StudySession
from duties.board.records import action_label
from duties.board.words import describe, with_words
from duties.engine.answering import RUNNING
from duties.engine.models import Deed, Duty
from members.scope import sealed_at
from visits.models import Activity, Campaign, Talk, Visit
from visits.visiting import NOUNS


class Word(NamedTuple):
    """One thing of a day: what it is called and its page."""

    on: date
    text: str
    url: str


@dataclass(frozen=True)
class Kind:
    """One kind of thing in the calendar.

    :param rows: those of the days from the first to the last that the account may see, each with its day as ``at``.
    :param path: the column that says where a row lies.
    :param words: what rows, in their order, are called; as many queries for fifty as for one.
    :param everything: the page that lists them all.
    :param planned: whether it is still to come, not done.
    :param named: whether the month says them by name where they are few; else it only counts them.
    """

    label: str
    unit: str
    rows: Callable[[Any, date, date], QuerySet]
    path: str
    words: Callable[[QuerySet, Any, date], list[Word]]
    everything: str
    planned: bool = False
    named: bool = True


# 应办


def _due(account, first: date, last: date) -> QuerySet:
    """What is still to be done and falls due; of the dead nobody is reminded as if living."""
    duties = Duty.objects.visible_to(account).open().filter(due_on__range=(first, last), silent=False)
    return duties.annotate(at=F("due_on"))


def _arranged(account, first: date, last: date) -> QuerySet:
    """What somebody means to do, and is still to be done; joined from the arrangements, of which there are few."""
    duties = Duty.objects.visible_to(account).filter(state__in=RUNNING)
    duties = duties.filter(rule__arrangements__key=F("key"), rule__arrangements__on__range=(first, last))
    return duties.annotate(at=F("rule__arrangements__on"))


def _duties_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [
        Word(line.duty.at, f"{line.who} {line.what}", f"{reverse('duty_why')}?{urlencode({'duty': line.ref})}")
        for line in describe(with_words(rows), account, day)
    ]


def _campaigns(account, first: date, last: date) -> QuerySet:
    """Festival campaigns that run, on the last day for handing over."""
    running = Campaign.objects.visible_to(account).running().filter(deliver_by__range=(first, last))
    return running.annotate(at=F("deliver_by"))


def _campaigns_said(rows: QuerySet, account, day: date) -> list[Word]:
    rows = rows.defer("summary")
    return [Word(each.at, f"{each.title}：最晚发到", reverse("campaign", args=[each.pk])) for each in rows]


def _selections(account, first: date, last: date) -> QuerySet:
    """Selections in which branches nominate, on the last day for that."""
    running = Selection.objects.visible_to(account).filter(stage=Selection.Stage.OPEN)
    return running.filter(nominate_by__range=(first, last)).annotate(at=F("nominate_by"))


def _selections_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [Word(each.at, f"{each.title}：推荐截止", reverse("selection", args=[each.pk])) for each in rows]


# 办过的


def _of_records(model) -> Callable[[Any, date, date], QuerySet]:
    """Rows that point down to a record, without those withdrawn."""

    def rows(account, first: date, last: date) -> QuerySet:
        found = model.objects.visible_to(account).filter(record__on__range=(first, last))
        return found.filter(record__withdrawn_on__isnull=True).annotate(at=F("record__on"))

    return rows


def _with_member(rows: QuerySet, *sealed: str) -> QuerySet:
    return rows.select_related("record__member", "record__organisation").defer(*sealed_at("record__member"), *sealed)


def _talks_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [
        Word(talk.at, f"与{talk.record.member.name}谈话", reverse("talk", args=[talk.pk]))
        for talk in _with_member(rows, "text", "wish")
    ]


def _visits_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [
        Word(visit.at, f"{NOUNS[visit.record.action]}{visit.record.member.name}", reverse("visit", args=[visit.pk]))
        for visit in _with_member(rows, "text", "wish", "promised")
    ]


def _deeds_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [
        Word(
            deed.at, f"{deed.record.member or deed.record.organisation.label} {action_label(deed.record, account)}",
            reverse("deed", args=[deed.pk]),
        )
        for deed in _with_member(rows, "note")
    ]  # fmt: skip


def _activities_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [Word(each.at, each.title, reverse("activity", args=[each.pk])) for each in rows.defer("text")]


def _sessions(account, first: date, last: date) -> QuerySet:
    """Study sessions of which somebody's attendance still stands."""
    held = StudySession.objects.visible_to(account).filter(on__range=(first, last)).with_attendance()
    return held.filter(there__gt=0).annotate(at=F("on"))


def _sessions_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [Word(session.at, f"学习：{session.title}", reverse("study", args=[session.pk])) for session in rows]


def _ceremonies(account, first: date, last: date) -> QuerySet:
    """Ceremonies of which something still stands."""
    held = Ceremony.objects.visible_to(account).filter(on__range=(first, last)).with_attendance()
    return held.filter(stands=True).annotate(at=F("on"))


def _ceremonies_said(rows: QuerySet, account, day: date) -> list[Word]:
    return [Word(each.at, each.get_kind_display(), reverse("ceremony", args=[each.pk])) for each in rows]


def _granted(account, first: date, last: date) -> QuerySet:
    """Honours granted on these days, those taken back aside."""
    return (
        Honour.objects.visible_to(account)
        .standing()
        .filter(granted_on__range=(first, last))
        .annotate(at=F("granted_on"))
    )


def _granted_said(rows: QuerySet, account, day: date) -> list[Word]:
    rows = rows.select_related("person", "organisation").defer(*sealed_at("person"))
    return [
        Word(
            each.at,
            f"{each.whose}获{'追授' if each.is_posthumous else ''}{each.title}",
            reverse("honour", args=[each.pk]),
        )
        for each in rows
    ]


def _handed(account, first: date, last: date) -> QuerySet:
    """Medals of fifty years on the day of the hand-over."""
    found = Medal.objects.visible_to(account).handed().filter(handed_on__range=(first, last))
    return found.annotate(at=F("handed_on"))


def _handed_said(rows: QuerySet, account, day: date) -> list[Word]:
    rows = rows.select_related("person").defer(*sealed_at("person"))
    return [Word(row.at, f"颁发纪念章：{row.person.name}", reverse("medal", args=[row.pk])) for row in rows]


KINDS = (
    Kind("安排", "件", _arranged, "path", _duties_said, "duty_board", planned=True),
    Kind("到期", "件", _due, "path", _duties_said, "duty_board", planned=True, named=False),
    Kind("节日走访", "次", _campaigns, "organisation__path", _campaigns_said, "campaigns", planned=True),
    Kind("评选", "次", _selections, "organisation__path", _selections_said, "selections", planned=True),
    Kind("纪念章", "枚", _handed, "organisation__path", _handed_said, "medals"),
    Kind("谈话", "次", _of_records(Talk), "record__path", _talks_said, "talks"),
    Kind("走访", "次", _of_records(Visit), "record__path", _visits_said, "visits"),
    Kind("学习", "次", _sessions, "path", _sessions_said, "studies"),
    Kind("仪式", "次", _ceremonies, "path", _ceremonies_said, "ceremonies"),
    Kind("活动", "次", _of_records(Activity), "record__path", _activities_said, "activities"),
    Kind("荣誉", "项", _granted, "path", _granted_said, "honours"),
    Kind("办理", "件", _of_records(Deed), "record__path", _deeds_said, "deeds", named=False),
)
"""In the order of a day: what is planned and due, then what was done."""

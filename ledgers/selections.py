"""评选表彰台账: who was nominated for which title by whom, how the meetings voted, and what became of it.

Out only: a selection is gone through, not brought in; honours of before come in with the ledger of honours.
"""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from awards.models import Nominee, Selection
from awards.selecting.reading import with_words
from base.writing import Format
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Organisation
from members.scope import path_end

State = Nominee.State


def _nominees(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Those nominated in the period, where they stood, without nominations taken back and selections called off."""
    rows = Nominee.objects.all() if reader.account is None else Nominee.objects.visible_to(reader.account)
    rows = rows.filter(path__gte=organisation.path, path__lt=path_end(organisation.path), met_on__range=(first, last))
    rows = rows.exclude(state=State.WITHDRAWN).exclude(title__selection__stage=Selection.Stage.CALLED_OFF)
    return with_words(rows).order_by("-met_on", "path", "pk")


def _party_years(row: Nominee, reader: Reader) -> int | None:
    """党龄 on the day of the nomination."""
    return row.person.seniority(row.met_on).years if row.person else None


def _endorsed(row: Nominee, reader: Reader) -> str:
    if row.endorsed_on is None:
        return ""
    said = "不推荐" if row.state == State.DECLINED else f"推荐，第 {row.rank}" if row.rank else "推荐"
    return f"{row.endorsed_on} {said}"


def _reviewed(row: Nominee, reader: Reader) -> str:
    if row.reviewed_on is None:
        return ""
    return f"{row.reviewed_on} {'不通过' if row.state == State.FAILED else '通过'}"


def _decided(row: Nominee, reader: Reader) -> str:
    return f"{row.meeting.on} {row.meeting.body}" if row.meeting else ""


def _decided_votes(row: Nominee, reader: Reader) -> str:
    if row.meeting is None or row.chosen_by is None:
        return ""
    return f"应到 {row.meeting.expected} 实到 {row.meeting.present} 同意 {row.chosen_by}"


def _posted(row: Nominee, reader: Reader) -> str:
    if row.notice is None:
        return ""
    short = f"，{row.notice.days_words}" if row.notice.short else ""
    return f"{row.notice.from_on} 至 {row.notice.until_on}{short}"


def _document(row: Nominee, reader: Reader) -> str:
    return row.title.selection.document if row.state == State.AWARDED else ""


SELECTIONS = Ledger(
    code="selections",
    title="评选表彰台账",
    period="支部推荐会议在期间内的推荐对象，撤回的推荐和撤销的评选不列；党组织是党员推荐时所在的党组织；推荐党组织的没有姓名，就是它自己。",
    rows=_nominees,
    columns=(
        Column("年度", "title.selection.year", 8, Format.NUMBER, part=Part.COMPUTED),
        Column("评选", "title.selection.title", 24, part=Part.COMPUTED),
        Column("称号", "title.name", 16, leads=True, part=Part.KEY, name="title"),
        Column("推荐单位", "nominator.label", 22, part=Part.COMPUTED),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name"),
        Column("党组织", "organisation.label", 22, part=Part.KEY, name="branch"),
        Column("党龄", _party_years, 8, Format.NUMBER, part=Part.COMPUTED),
        Column("推荐会议", "met_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("推荐表决", "votes", 22, part=Part.COMPUTED),
        Column("总支审核", _endorsed, 18, part=Part.COMPUTED),
        Column("复核", _reviewed, 16, part=Part.COMPUTED),
        Column("决定会议", _decided, 18, part=Part.COMPUTED),
        Column("决定表决", _decided_votes, 22, part=Part.COMPUTED),
        Column("公示", _posted, 24, part=Part.COMPUTED),
        Column("结果", "said", 12, part=Part.COMPUTED),
        Column("文号", _document, 18, part=Part.COMPUTED),
        Column("向上推荐", "raised_to", 16, part=Part.COMPUTED),
    ),
    subject="person",
    tally=(
        ("推荐 {} 个", Count("pk")),
        ("表彰 {} 个", Count("pk", filter=Q(state=State.AWARDED))),
    ),
    link=lambda row, _: reverse("nominee", args=[row.pk]),
)

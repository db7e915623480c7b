"""节日慰问台账, which is the 慰问金发放签领表 too: every name of the campaigns of a period and what became of it.

Nothing is brought in by it: festival visits of before come in with 走访慰问台账, which has festival, sum and source.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from duties.policy.models import Rule
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Organisation
from members.scope import path_end, sealed_at
from visits.campaigns.naming import BY_HAND, groups_of
from visits.campaigns.reading import SENSITIVE_WORDS
from visits.models import Campaign, Candidate
from visits.models.campaigns import HANDED


def _names(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The names of campaigns whose festival lies in the period, listed and left out, where the member then stood."""
    rows = Candidate.objects.all() if reader.account is None else Candidate.objects.visible_to(reader.account)
    return (
        rows.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .filter(campaign__day__range=(first, last))
        .exclude(campaign__stage=Campaign.Stage.CALLED_OFF)
        .select_related("campaign", "person", "organisation", "visitor", "visit__record")
        .defer("campaign__summary", "visit__text", "visit__wish", "visit__promised", "returned_words")
        .defer(*(name for name in sealed_at("person", "visitor") if name not in PRINTED))
        .order_by("-campaign__day", "campaign", "path", "pk")
    )


PRINTED = ("person__id_number", "person__phone")
"""What is printed masked, in the workbook alone."""


def _with_groups(batch: list[Candidate], reader: Reader) -> list[Candidate]:
    """With the groups of the rules that name each; one query."""
    named = {pk for row in batch for pk in row.rules}
    rules = Rule.objects.filter(pk__in=named).order_by("policy__code", "position", "pk")
    groups = groups_of(rules)
    for row in batch:
        mine = [group for group in groups if set(group.rules) & set(row.rules)]
        shown = [
            group.label if reader.sees(group.sensitive, row.path, row.person_id) else SENSITIVE_WORDS for group in mine
        ]
        row.groups = list(dict.fromkeys(shown)) or ([BY_HAND.label] if row.by_hand and not row.out else [])
    return batch


def _groups(row: Candidate, reader: Reader) -> str:
    return "、".join(row.groups)


def _fen(row: Candidate, reader: Reader) -> Decimal | None:
    return row.fen and Decimal(row.fen) / 100


def _state(row: Candidate, reader: Reader) -> str:
    """What became of the name: why it is not listed, handed over, returned, or where it waits."""
    if row.out:
        return f"未列入：{row.get_out_display()}"
    if row.is_handed:
        return "已发放"
    if row.returned_on:
        return f"{row.returned_on} 退回"
    return "待发放" if row.confirmed_on else "待支部确认"


def _received(row: Candidate, reader: Reader) -> date | None:
    return row.received_on if row.is_handed else None


def _receiver(row: Candidate, reader: Reader) -> str:
    return row.given_to if row.is_handed else ""


def _means(row: Candidate, reader: Reader) -> str:
    return row.get_means_display() if row.is_handed else ""


CAMPAIGNS = Ledger(
    code="campaigns",
    title="节日慰问台账",
    period="节日当天在期间内的节日走访名单，列入和未列入的每人一行，撤销的不列；党支部是摸底时所在的党支部。春节按公历年份算。",
    rows=_names,
    columns=(
        Column("节日日期", "campaign.day", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("慰问批次", "campaign.title", 22, part=Part.COMPUTED),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name", leads=True),
        Column("身份证号", "person.masked_id", 20, part=Part.COMPUTED, sealed=True, bare="person.id_number"),
        Column("所在党支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("慰问类别", _groups, 20, part=Part.COMPUTED),
        Column("金额(元)", _fen, 12, Format.MONEY, part=Part.VALUE, name="money"),
        Column("款源", "get_source_display", 14, part=Part.VALUE, name="source"),
        Column("慰问品", "gift", 16, part=Part.VALUE, name="gift"),
        Column("走访人", "visitor.name", 10, part=Part.VALUE, name="visitor"),
        Column("发放方式", _means, 10, part=Part.VALUE, name="means"),
        Column("领取人", _receiver, 18, part=Part.VALUE, name="receiver"),
        Column("联系电话", "person.masked_phone", 14, part=Part.COMPUTED, sealed=True, bare="person.phone"),
        Column("领取日期", _received, 12, Format.DATE, part=Part.VALUE, name="received_on"),
        Column("情况", _state, 16, part=Part.COMPUTED),
    ),
    subject="person",
    prepare=_with_groups,
    tally=(
        ("{} 人次", Count("pk")),
        ("列入 {} 人次", Count("pk", filter=Q(out=""))),
        ("已发放 {} 人次", Count("pk", filter=Q(out="") & HANDED)),
        ("慰问金 {} 元", Coalesce(Sum(Cast("fen", FloatField()), filter=Q(out="") & HANDED), 0.0) / 100.0),
    ),
    link=lambda row, _: reverse("member", args=[row.person_id]),
)

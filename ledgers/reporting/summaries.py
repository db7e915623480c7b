"""年度总结: the words and figures that a summary begins with, who below sent one, and what the engine counts.

Nobody types a figure: those of a summary are the ones of 督查指标 on the day it is written, kept as they stood; merged
they are not what those below wrote, but what the engine counts for all of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from base.dates import FAR
from care.reporting import KINDS as REPORTING
from ledgers.indicators import FIGURES, Asked, Figures, Span
from ledgers.indicators import KINDS as COLUMNS
from ledgers.reporting.models import Report
from ledgers.yearly import report as yearly_report
from members.enums import OrganisationKind
from members.models import Organisation, OrganisationParent

NAMES = ("due", "done", "late")
"""The figures that a summary keeps of each kind."""


def title_of(year: int) -> str:
    return f"{year} 年党内激励关怀帮扶工作总结"


def words(account: Any, organisation: Organisation, span: Span) -> str:
    """The yearly report in plain words, a heading and a paragraph for each section."""
    made = yearly_report(account, organisation, span)
    paragraphs = []
    for section in made.sections:
        said = "".join(piece.text for sentence in section.sentences for piece in sentence)
        paragraphs.append(f"{section.number}、{section.title}\n{said}")
    return "\n\n".join([*paragraphs, "原因和打算：\n"])


def kept(account: Any, organisation: Organisation, span: Span) -> dict[str, Any]:
    """The figures as they stand, for the report to keep: by kind, and whether something is left out of them."""
    asked = Asked(account, span)
    (found,) = asked.figures([organisation])
    kinds = {kind: {name: told[name] for name in NAMES} for kind in COLUMNS if (told := found.of(kind))["due"]}
    return {"kinds": kinds, "whole": not asked.withholds(organisation.path)}


def whole_of(figures: Mapping[str, Any]) -> Counter:
    """The sum of kept figures over their kinds."""
    return sum((Counter(each) for each in figures.get("kinds", {}).values()), Counter())


def lines_of(figures: Mapping[str, Any], now: Figures | None = None) -> list[tuple[str, list[tuple]]]:
    """Kept figures as rows of a table: what each kind is called, and each figure as it stood and as it stands now."""
    kinds = figures.get("kinds", {})
    rows = []
    for kind, (title, _what) in COLUMNS.items():
        then, stands = kinds.get(kind, {}), now.of(kind) if now else Counter()
        if then or stands["due"]:
            rows.append((title, [(FIGURES[name], then.get(name, 0), stands[name] if now else None) for name in NAMES]))
    return rows


def parts_of(account: Any, here: Organisation, span: Span) -> QuerySet[Organisation]:
    """Who reports to an organisation: what stands directly below it, or below a leading group of it, and reports."""
    direct = OrganisationParent.objects.filter(parent=here, until=FAR)
    groups = direct.filter(organisation__kind=OrganisationKind.LEADING_GROUP).values("organisation")
    lines = OrganisationParent.objects.filter(Q(parent=here) | Q(parent__in=groups), until=FAR).values("organisation")
    visible = Organisation.objects.visible_to(account).on(span.day)
    return visible.filter(pk__in=lines, kind__in=REPORTING)


def summaries_of(organisations: Iterable[Organisation], year: int) -> dict[int, Report]:
    """The standing summary of each, by organisation; two queries."""
    rows = Report.objects.standing().filter(organisation__in=list(organisations), kind=Report.Kind.SUMMARY, year=year)
    return {each.organisation_id: each for each in rows.with_names().order_by("pk")}


@dataclass(frozen=True)
class Part:
    """One organisation below: its summary if it sent one, the figures it sent and those of now."""

    organisation: Organisation
    report: Report | None
    then: Counter
    now: Counter


def gathered(asked: Asked, here: Organisation, parts: list[Organisation]) -> tuple[Figures, list[Part]]:
    """What the engine counts for ``here`` with all below, and of each part what it sent and what is counted now."""
    sent = summaries_of(parts, asked.span.year)
    whole, *found = asked.figures([here, *parts])
    rows = [
        Part(each.organisation, made, whole_of(made.figures) if made else Counter(), each.whole)
        for each in found for made in [sent.get(each.organisation.pk)]
    ]  # fmt: skip
    return whole, rows

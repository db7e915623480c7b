"""缺项清单: the gaps of the matrix one by one: where, what, whom, whose duty, and which record there should be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from base.writing import Format, Heading, Sheet
from duties.board.words import Line, describe, with_words
from duties.engine.models import Action, DutyQuerySet
from duties.policy.models import Rule
from duties.policy.schema import Holds
from ledgers.bundle.asked import Asked
from ledgers.declarations import LEDGERS
from ledgers.evidence import RuleEvidence, missing, within

AT_ONCE = 500
HEADINGS = (
    Heading("序号", 6, Format.NUMBER), Heading("党组织", 22), Heading("缺什么", 22), Heading("谁", 14),
    Heading("应在", 12, Format.DATE), Heading("情况", 12), Heading("依据", 28), Heading("责任人", 16),
    Heading("缺哪条记录", 30),
)  # fmt: skip
RULE = "到期日不晚于期间最后一天、到今天还没有办的算缺项；“可以”办的不算，当事人去世的不算。补上记录，缺项就没有了。"


@dataclass(frozen=True)
class Gap:
    """One gap. ``record``: what is missing; empty for who may not know what it is about."""

    line: Line
    record: str

    @property
    def basis(self) -> str:
        clause = self.line.clause
        return f"{clause.policy.number or clause.policy.title} {clause.printed}" if clause else ""


def gaps(asked: Asked) -> DutyQuerySet:
    """The duties that the matrix counts as gaps, organisation by organisation."""
    rules = [each.rule.pk for each in asked.told]
    rows = within(asked.reader, asked.organisation).filter(missing(asked.reader.day, asked.last), rule__in=rules)
    return rows.order_by("path", "due_on", "pk")


def told_of(asked: Asked, rows: DutyQuerySet) -> list[Gap]:
    """These duties in words; as many queries for many as for one."""
    lines = describe(with_words(rows), asked.eyes, asked.reader.day)
    return [Gap(line, "" if line.care else record_of(line.duty.rule)) for line in lines]


def record_of(rule: Rule) -> str:
    """Which record there would be if it had been done, and where."""
    if isinstance(rule.parsed.trigger, Holds):
        return "联系关系登记"
    return f"{Action(rule.action).label}记录（{LEDGERS[RuleEvidence(rule, None).ledger].title}）"


def gap_sheet(asked: Asked, watch) -> Sheet:
    """The list as a sheet; its rows are fetched while they are written."""
    return Sheet(
        "缺项清单", asked.organisation.name, asked.period, asked.as_of, HEADINGS, watch(_rows(asked)),
        filled_by=asked.account.person.name, signed_on=asked.reader.day,
    )  # fmt: skip


def _rows(asked: Asked) -> Iterator[list]:
    """A batch of keys at a time, so that a batch is described together."""
    keys = gaps(asked).values_list("pk", flat=True).iterator(chunk_size=10 * AT_ONCE)
    number = 0
    while batch := list(islice(keys, AT_ONCE)):
        rows = within(asked.reader, asked.organisation).filter(pk__in=batch).order_by("path", "due_on", "pk")
        for gap in told_of(asked, rows):
            number, line = number + 1, gap.line
            duty = line.duty
            yield [
                number, duty.organisation.label, line.what, line.who, duty.due_on, line.when, gap.basis, line.names,
                gap.record,
            ]  # fmt: skip

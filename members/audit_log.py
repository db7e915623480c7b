"""Reading the audit: what the auditor's page lists, how a row reads, whether it is sealed; and the workbook of it.

Rows name people by number and belong to no organisation, so whoever may read the audit reads it whole.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from tempfile import TemporaryFile
from typing import BinaryIO

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from base import audit
from base.audit_seals import anchor_of, last_seal, last_verification
from base.dates import DAWN, FAR, last_day
from base.fields import TextField
from base.models import AuditRow, AuditSeal
from base.numbers import whole_number
from base.writing import Heading, Sheet, write_workbook
from members.enums import Capability

PAGE = 50
AT_ONCE = 2000
"""Rows fetched at a time for the workbook."""

KINDS = {
    "account": "账号", "person": "人员", "member": "党员", "event": "事由", "record": "关怀记录",
    "organisation": "党组织", "rule": "规则", "audit": "审计记录", "posts": "任职", "roster": "名册",
    "organisations": "党组织", "accounts": "账号", "people": "人员", "members": "党员名册", "duties": "应办看板",
    "talks": "谈心谈话", "visits": "走访慰问", "post": "任职",
    "tie": "联系关系", "category": "关怀对象类别", "ledger": "台账", "document": "制度原文",
    "contact_point": "领导联系点", "waiver": "免办", "delegation": "转办", "arrangement": "安排",
}  # fmt: skip
"""How the subjects of rows are called. A page's own name, as a refusal has it, stands as it is."""

WORDS = {
    "field": "栏目", "ledger": "台账", "first": "从", "last": "到", "rows": "行数", "page": "页面", "status": "回应",
    "found": "找到", "letters": "字数", "digest": "检索词摘要", "action": "办法", "on": "日期", "person": "人员",
    "member": "党员", "organisation": "党组织", "act": "行为", "subject": "对象", "outcome": "结果",
    "actor_letters": "操作者字数", "actor_digest": "操作者摘要", "asked": "条件", "place": "第一处",
    "holds": "通过", "breaks": "对不上", "anchor": "核验码", "locked": "锁定中",
    "what": "办理", "role": "职务", "kind": "种类", "since": "自", "until": "至", "fields": "改了", "parent": "上级",
    "to": "对方", "addresses": "地址数", "invitation": "邀请", "created": "新增", "updated": "有变化",
    "unchanged": "不变", "refused": "有错", "invitations": "邀请数", "code": "代号",
    "n": "件数", "numbers": "编号", "held_on": "截至", "unmasked": "未脱敏的列", "units": "责任分工",
}  # fmt: skip
"""How the keys of a detail are called; others stand as they are."""

HEADINGS = (
    Heading("编号", 9), Heading("时间", 20), Heading("操作者", 12), Heading("账号", 8), Heading("来源地址", 16),
    Heading("行为", 14), Heading("对象", 18), Heading("结果", 8), Heading("理由", 30), Heading("摘要", 44),
    Heading("封存", 10),
)  # fmt: skip


def check_may_read_audit(account) -> None:
    """:raises PermissionDenied: for everybody but the auditor."""
    if not account.scope.may(Capability.READ_AUDIT):
        raise PermissionDenied("审计记录由安全审计员查看。")


class AuditFilter(forms.Form):
    """Days, act, actor, subject, outcome. Nothing chosen lists everything; a faulty value is said beside its field."""

    first = forms.DateField(label="从", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label="到", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    act = forms.ChoiceField(label="行为", choices=[("", "全部行为"), *AuditRow.Act.choices])
    outcome = forms.ChoiceField(label="结果", choices=[("", "允许和拒绝"), ("allowed", "允许"), ("denied", "拒绝")])
    actor = TextField(label="操作者", max_length=30, widget=forms.TextInput(attrs={"size": 10}))
    subject = forms.RegexField(
        r"^[a-z_]{1,40}(:\d{1,9}){0,2}$", label="对象", max_length=60,
        widget=forms.TextInput(attrs={"size": 14, "placeholder": "例如 person:5"}),
        error_messages={"invalid": "“对象”请写成代号或代号加编号，例如 person 或 person:5。"},
    )  # fmt: skip

    def __init__(self, data):
        super().__init__(data, auto_id="f_%s")
        for name, field in self.fields.items():
            field.required = False
            if name in ("first", "last"):
                field.error_messages["invalid"] = f"“{field.label}”不是日期，请写成 2026-01-01 这样。"

    def clean(self):
        for name in ("first", "last"):
            day = self.cleaned_data.get(name)
            if day and not DAWN <= day < last_day(FAR):
                self.add_error(name, f"“{self.fields[name].label}”写成了 {day.year} 年，请核对。")
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", f"{last} 早于开始日期 {first}，两个日期可能填反了。")

    @property
    def days(self) -> list:
        return [self["first"], self["last"]]

    @property
    def words(self) -> list:
        return [self["actor"], self["subject"]]

    def asked(self) -> dict[str, str]:
        """What was chosen, for links to the other pages of the list."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def told(self) -> dict[str, str]:
        """What was chosen, as the audit row of the reading says it: a name only as its digest."""
        asked = self.asked()
        actor = asked.pop("actor", "")
        return asked | ({f"actor_{key}": value for key, value in audit.unread(actor).items()} if actor else {})


def narrowed(chosen: AuditFilter) -> QuerySet[AuditRow]:
    """The rows that a valid filter leaves."""
    given, rows = chosen.cleaned_data, AuditRow.objects.all()
    if given["first"]:
        rows = rows.filter(at__gte=_midnight(given["first"]))
    if given["last"]:
        rows = rows.filter(at__lt=_midnight(given["last"] + timedelta(days=1)))
    if given["act"]:
        rows = rows.filter(act=given["act"])
    if given["outcome"]:
        rows = rows.filter(allowed=given["outcome"] == "allowed")
    if given["actor"]:
        rows = rows.filter(actor__contains=given["actor"])
    if given["subject"]:
        whole = rows.filter(subject=given["subject"])
        rows = whole if ":" in given["subject"] else whole | rows.filter(subject__startswith=f"{given['subject']}:")
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Line:
    """One row of the audit as people read it."""

    row: AuditRow
    sealed: bool

    @property
    def subject(self) -> str:
        """``人员 5``; what has no name of its own here stands as it is."""
        kind, _, number = self.row.subject.partition(":")
        return f"{KINDS[kind]} {number}".strip() if kind in KINDS else self.row.subject

    @property
    def detail(self) -> str:
        return _said(self.row.detail)

    def cells(self) -> list:
        """The row of the workbook."""
        row, at = self.row, timezone.localtime(self.row.at)
        return [
            row.pk, f"{at:%Y-%m-%d %H:%M:%S}", row.actor, row.account, row.address, row.get_act_display(), row.subject,
            "允许" if row.allowed else "拒绝", row.reason, self.detail, "已封存" if self.sealed else "未封存",
        ]  # fmt: skip


def _said(value) -> str:
    if isinstance(value, dict):
        told = [(WORDS.get(name, name), each) for name, each in value.items() if each not in ("", {})]
        return "，".join(f"{name} {_said(each)}" for name, each in told)
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def page_of(rows: QuerySet[AuditRow], after: str) -> tuple[list[Line], str]:
    """One page, newest first, and the cursor of the next (empty on the last).

    :param after: the number of the last row of the page before; anything else means the first page.
    """
    with suppress(ValueError):
        rows = rows.filter(pk__lt=whole_number(after))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    sealed_to = _sealed_to()
    lines = [Line(row, row.pk <= sealed_to) for row in found[:PAGE]]
    return lines, str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _sealed_to() -> int:
    last = last_seal()
    return last.last if last else 0


@dataclass(frozen=True)
class State:
    """How the audit stands: the last seal and its anchor, how many rows lie under none, the last verification."""

    seal: AuditSeal | None
    anchor: str
    unsealed: int
    verified: AuditRow | None


def state() -> State:
    last = last_seal()
    unsealed = AuditRow.objects.filter(pk__gt=last.last if last else 0).count()
    return State(last, anchor_of(last), unsealed, last_verification())


def export(account, chosen: AuditFilter, now: datetime) -> BinaryIO:
    """The filtered rows as a workbook, oldest first. The audit row is there before the file, and is not in it."""
    rows = narrowed(chosen).order_by("pk")
    newest = rows.last()
    rows = rows.filter(pk__lte=newest.pk if newest else 0)
    count = rows.count()
    audit.write(audit.Act.EXPORT, "audit", rows=count, asked=chosen.told())
    at, sealed_to, home = timezone.localtime(now), _sealed_to(), account.scope.home
    given = chosen.cleaned_data
    sheet = Sheet(
        title="审计记录",
        unit=home.name if home else "",
        period=f"{given['first'] or '最早'} 至 {given['last'] or '现在'}",
        as_of=f"{at:%Y-%m-%d %H:%M}",
        headings=HEADINGS,
        rows=(Line(row, row.pk <= sealed_to).cells() for row in rows.iterator(chunk_size=AT_ONCE)),
        filled_by=account.person.name if account.person else "",
        signed_on=at.date(),
        totals=["合计", f"{count:,} 条", *[""] * (len(HEADINGS) - 2)],
    )
    return write_workbook(sheet, TemporaryFile())

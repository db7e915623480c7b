"""艰苦边远和派出党员: who works far away or was sent there, and how the sender cares for him (measures 15, M37)."""

from datetime import date

from django import forms
from django.db.models import Q

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, words, yes_no
from members.enums import CategoryKind, TieKind
from members.models import Membership, Organisation

KINDS = ("对口支援", "艰苦边远地区", "驻村帮扶", "挂职锻炼", "抢险救灾等专项任务", "其他")
CALLS = ("每周", "每两周", "每月", "每季度")


class PostingForm(EntryForm):
    """What is asked about a posting."""

    to = forms.ModelChoiceField(
        label="派出单位", queryset=Organisation.objects.none(), empty_label="请选择",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选派出单位。"),
    )  # fmt: skip
    kind = one_of("派出类型", KINDS, required=True, blank="请选择")
    place = words("派往地区", most=60, required=True)
    unit = words("接收单位", most=60)
    work = words("承担的工作", most=100)
    last = day("预计到哪天", hint="到了这一天自动退出台账；没有期限的不填。")
    phone = words("当地联系电话", most=40)
    health = words("身体和适应情况", most=200)
    family = words("家里的情况", most=500, lines=2, hint="老人、孩子、配偶有什么难处。")
    relatives = words("家属联系人（关系、姓名、电话）", most=100)
    calls = one_of("电话问询", CALLS, blank="没有约定")
    visits = words("探访安排", most=200, hint="谁什么时候去看。去了以后登记走访。")
    family_care = words("对家属的照顾", most=300, lines=2, hint="看望、就医、入学等怎么安排。办了以后登记办理。")
    leave = yes_no("安排了探亲假和体检")

    sections = (
        Section("派出", ("kind", "place", "unit", "work", "last")),
        Section("本人和家里", ("phone", "health", "relatives", "family")),
        Section("派出单位的关心", ("calls", "visits", "leave", "family_care")),
    )
    private = frozenset({"phone", "health", "family", "relatives", "family_care"})

    def limit(self, account, membership: Membership, on: date) -> None:
        """The sender is the member's own organisation, one above, or one that the account sees."""
        above = {"descent__organisation": membership.organisation_id, "descent__since__lte": on}
        chain = Organisation.objects.filter(**above, descent__until__gt=on).values("pk")
        seen = Organisation.objects.visible_to(account).values("pk")
        if field := self.fields.get("to"):
            field.queryset = Organisation.objects.filter(Q(pk__in=chain) | Q(pk__in=seen)).order_by("path")
        self.initial.setdefault("to", membership.organisation_id)


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {CategoryKind.POSTED: ""}


def _last(entry: Entry) -> date | None:
    last = entry.facts.get("last")
    return date.fromisoformat(last) if last else None


def _check(entry: Entry, today: date) -> dict[str, str]:
    last = _last(entry)
    if last and last < entry.since:
        return {"last": f"预计到 {last}，早于开始的 {entry.since}，两个日期可能填反了。"}
    return {}


POSTING = Register(
    code=RegisterCode.POSTING,
    title="艰苦边远和派出党员台账",
    noun="派出",
    lead="在艰苦边远地区、对口支援和派出在外的党员，派出单位常问、常去、照顾好家里。",
    form=PostingForm,
    kinds=_kinds,
    tie=TieKind.SENDER,
    closings=("期满返回", "提前返回", "调入当地工作", "其他"),
    columns=("kind", "place", "last"),
    ends=_last,
    check=_check,
)

"""The forms of applications for less dues: asking, what a meeting said, taking back, ending; the list's filters."""

from datetime import date

from django import forms

from base.dates import last_day, months_later
from base.fields import TextField, YuanField
from duties.filters import Narrowing
from fund.forms.reviewing import SERIAL, count_field
from fund.models import DuesRelief, Filer, ReliefKind, ReliefMove, ReliefState
from fund.relief.filing import Asking
from fund.relief.steps import MOVES, Said, Terms, Vote
from members.office_forms import SaysAll, day_field

BACK, AHEAD = 12, 24
"""Months before and after this one that are offered."""

STATES = {
    **{state.value: state.label for state in ReliefState if state != ReliefState.APPROVED},
    "runs": "执行中", "soon": "30 天内到期", "ended": "已到期或结束",
}  # fmt: skip


def _months(day: date) -> list[date]:
    first = day.replace(day=1)
    return [months_later(first, each) for each in range(-BACK, AHEAD + 1)]


def _month(label: str) -> forms.TypedChoiceField:
    said = dict.fromkeys(("required", "invalid_choice", "invalid"), f"请选{label}。")
    return forms.TypedChoiceField(label=label, coerce=date.fromisoformat, error_messages=said)


def _offer(field: forms.TypedChoiceField, months: list[date]) -> None:
    field.choices = [("", "请选"), *((f"{each}", f"{each.year} 年 {each.month} 月") for each in months)]


class SerialForm(SaysAll):
    """What guards against a page that is no longer true."""

    serial = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=SERIAL)


class TermsForm(SerialForm):
    """Less or nothing, how much a month, from the first month to the last, both included."""

    kind = forms.ChoiceField(
        label="减免方式", choices=ReliefKind.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选少交或免交。"),
    )  # fmt: skip
    fen = YuanField(label="每月交多少元", required=False, help_text="选少交的才写，例如 1 或 0.5。")
    since = _month("从哪个月起")
    last = _month("到哪个月止")

    def __init__(self, data=None, *, day: date, **more):
        super().__init__(data, **more)
        months = sorted({*_months(day), *filter(None, (self.initial.get("since"), self.initial.get("last")))})
        for name in ("since", "last"):
            if name in self.fields:
                _offer(self.fields[name], months)
            if self.initial.get(name):
                self.initial[name] = str(self.initial[name])

    def terms(self) -> Terms:
        given = self.cleaned_data
        fen = given["fen"] if given["kind"] == ReliefKind.LESS else None
        return Terms(given["kind"], given["since"], months_later(given["last"], 1), fen)


def terms_of(kind: str, fen: int | None, since: date, until: date) -> dict:
    """The same as a form begins with it."""
    return {"kind": kind, "fen": fen, "since": since, "last": last_day(until).replace(day=1)}


class ReliefForm(TermsForm):
    """申请: what is asked, why, who fills it in."""

    member = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = TextField(
        label="为什么交纳有困难", max_length=1_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一两句话也可以。加密保存，只有办这件事的人能看。",
        error_messages={"required": "请写为什么交纳有困难，一两句话也可以。"},
    )  # fmt: skip
    applied_on = day_field("申请日期", hint="纸质申请写的日期；今天提的就是今天。")
    filer = forms.ChoiceField(
        label="谁在填", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选谁在填。"),
    )  # fmt: skip
    relative = TextField(
        label="代填亲属的姓名和关系", max_length=60, required=False, help_text="亲属代填的才写，例如：李梅，女儿。"
    )

    def __init__(self, *args, own: bool, **more):
        super().__init__(*args, **more)
        self.fields["serial"].required = False
        first = (Filer.SELF, "我自己填") if own else (Filer.BRANCH, "党支部替本人填")
        self.fields["filer"].choices = [first, (Filer.RELATIVE, "亲属替本人填")]
        self.fields["filer"].initial = first[0]

    def asking(self) -> Asking:
        given = self.cleaned_data
        return Asking(self.terms(), given["reason"], given["applied_on"], given["filer"], given["relative"])


class SaidForm(TermsForm):
    """What a branch, a general branch or a committee said; of an approval what is granted."""

    move = forms.ChoiceField(
        label="结论", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选结论。"),
    )  # fmt: skip
    on = day_field("会议日期")
    body = TextField(label="什么会", max_length=60, required=False)
    minutes = TextField(label="会议纪要号", max_length=60, required=False)
    entitled = count_field("应到人数", required=False)
    present = count_field("实到人数", required=False)
    agree = count_field("同意票", required=False)
    against = count_field("反对票", required=False)
    abstain = count_field("弃权票", required=False)
    opinion = TextField(label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    VOTES = ("entitled", "present", "agree", "against", "abstain")
    TERMS = ("kind", "fen", "since", "last")

    def __init__(self, data=None, *, stage: str, **more):
        super().__init__(data, **more)
        self.fields["move"].choices = [(each.value, _said_of(stage, each)) for each in MOVES[stage]]
        self.stage = stage
        self.votes, self.grants = stage == ReliefState.BRANCH, stage == ReliefState.COMMITTEE
        gone = [] if self.votes else list(self.VOTES)
        for name in gone + ([] if self.grants else list(self.TERMS)):
            del self.fields[name]
        if self.grants and self.data.get("move") not in (None, "", ReliefMove.APPROVE):
            for name in self.TERMS:
                self.fields[name].required = False
        if stage == ReliefState.GENERAL:
            self.fields["on"].label = "提出意见的日期"

    def said(self) -> Said:
        given = self.cleaned_data
        vote = terms = None
        if self.votes and given["entitled"] is not None:
            vote = Vote(**{name: given[name] or 0 for name in self.VOTES})
        if given["move"] == ReliefMove.APPROVE:
            terms = self.terms()
        return Said(given["on"], given["opinion"], given["body"], given["minutes"], vote, terms)


def _said_of(stage: str, move: ReliefMove) -> str:
    if move == ReliefMove.AGAINST:
        return "不同意" if stage == ReliefState.BRANCH else "不同意，报党委定"
    return {ReliefMove.PASS: "同意，上报"}.get(move, move.label)


class WhyForm(SerialForm):
    """Taking back, or stopping."""

    reason = TextField(
        label="为什么", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么，一句话也可以。"},
    )  # fmt: skip


class EndForm(WhyForm):
    """From which month on dues are paid as before."""

    resumes = _month("从哪个月起恢复交纳")
    field_order = ("once", "serial", "resumes", "reason")

    def __init__(self, data=None, *, relief: DuesRelief, **more):
        super().__init__(data, **more)
        months, each = [], relief.granted_since
        while each < relief.granted_until:
            months.append(each)
            each = months_later(each, 1)
        _offer(self.fields["resumes"], months)


class ReliefFilter(Narrowing):
    """The filters of the list: state, year of the application, organisation, name."""

    state = forms.ChoiceField(choices=[("", "全部状态"), *STATES.items()], required=False, label="状态")
    year = forms.RegexField(r"^20\d\d$", required=False, label="年度", widget=forms.Select)

    def __init__(self, data, *, day: date):
        super().__init__(data)
        self.years = [str(year) for year in range(day.year, day.year - 6, -1)]

"""The forms of who handles applications: the list's filters, a review, a return visit, a pass of several."""

import re
from collections.abc import Sequence
from datetime import date

from django import forms

from base.fields import TextField, YuanField
from base.numbers import whole_number
from duties.filters import Narrowing
from fund.applying.reviewing import Review, Vote
from fund.regulation.schema import Regulation, Step
from fund.regulation.steps import Move, Stage
from fund.regulation.words import Body, Ground
from members.office_forms import ActForm, SaysAll, day_field

LABEL = re.compile(r"(?:(20\d\d)-)?0*([1-9]\d{0,4})")
"""2026-052, or 52 of any year."""

TABS = {"mine": "待我办", "running": "办理中", "ended": "已办结", "all": "全部"}
MOVES = ((Move.PASS.value, "通过"), (Move.RETURN.value, "退回"), (Move.REFUSE.value, "不同意"))
SERIAL = dict.fromkeys(("required", "invalid", "min_value", "max_value"), "请重新打开这一页再办。")


class ApplicationFilter(Narrowing):
    """The filters of the list: tab, state, class, organisation, year, number or name."""

    tab = forms.ChoiceField(choices=TABS.items(), required=False)
    state = forms.RegexField(r"^@?[a-z0-9-]{1,40}$", required=False, label="状态", widget=forms.Select)
    kind = forms.RegexField(r"^[a-z0-9-]{1,40}$", required=False, label="类别", widget=forms.Select)
    year = forms.RegexField(r"^20\d\d$", required=False, label="年度", widget=forms.Select)

    def __init__(self, data, *, regulations: Sequence[Regulation], day: date):
        super().__init__(data)
        self.states = {code: label for code, label in Stage.choices if code != Stage.DRAFT}
        self.kinds: dict[str, str] = {}
        for regulation in regulations:
            self.states |= {step.code: f"待{step.title}" for step in regulation.steps}
            self.kinds |= {each.code: each.title for each in regulation.classes}
        self.years = [str(year) for year in range(day.year, day.year - 6, -1)]

    def clean_q(self) -> str:
        q = self.cleaned_data["q"].strip()
        return q if LABEL.fullmatch(q) else super().clean_q()

    def numbered(self) -> tuple[str, str] | None:
        """The year (may be empty) and the number that were asked for, if it was no name."""
        found = LABEL.fullmatch(self.value("q"))
        return (found[1] or "", found[2]) if found else None


def count_field(label: str, *, required: bool = True) -> forms.IntegerField:
    wrong = f"{label}请写成整数，例如 5。"
    return forms.IntegerField(
        label=label, min_value=0, max_value=9999, required=required,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": f"请写{label}。", **dict.fromkeys(("invalid", "min_value", "max_value"), wrong)},
    )  # fmt: skip


class StepForm(SaysAll):
    """What every step carries: the state it was seen in, the step it was meant for."""

    serial = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=SERIAL)
    step = TextField(max_length=40, required=False, widget=forms.HiddenInput)


class ReviewForm(StepForm):
    """你的意见: pass with a sum, send back or refuse; what was found against it; the vote where a meeting reviews."""

    move = forms.ChoiceField(
        label="结论", choices=MOVES, initial=Move.PASS.value, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选通过、退回或不同意。"),
    )  # fmt: skip
    fen = YuanField(label="核定金额（元）", required=False)
    body = forms.ChoiceField(
        label="什么会研究的", error_messages=dict.fromkeys(("required", "invalid_choice"), "请选是什么会研究的。")
    )
    met_on = day_field("会议日期")
    entitled = count_field("应到人数")
    present = count_field("实到人数")
    agree = count_field("同意票")
    against = count_field("反对票", required=False)
    abstain = count_field("弃权票", required=False)
    recused = count_field("回避人数", required=False)
    minutes = TextField(label="会议记录编号", max_length=60, required=False)
    opinion = TextField(label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    grounds = forms.MultipleChoiceField(
        label="发现的情形", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), "请从列表里勾选。"),
    )  # fmt: skip
    aside = TextField(
        label="例外理由", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="有上面的情形或近两年已获帮扶、这次仍要安排的，写明为什么。",
    )  # fmt: skip

    FIGURES = ("entitled", "present", "agree", "against", "abstain", "recused")
    VOTE = ("body", "met_on", *FIGURES, "minutes")

    def __init__(self, data=None, *, regulation: Regulation, shown: Step, sensitive: bool, **more):
        super().__init__(data, **more)
        self.meets = bool(shown.meeting)
        self.fields["body"].choices = [(body.value, Body(body).label) for body in shown.meeting]
        grounds = [each.ground for each in regulation.exclusions if sensitive or each.ground != Ground.SANCTIONED]
        self.fields["grounds"].choices = [(ground.value, ground.label) for ground in grounds]
        gone = [] if self.meets else list(self.VOTE)
        for name in gone + ([] if regulation.exclusions else ["grounds"]):
            del self.fields[name]

    def add_error(self, field, error):
        """What is said of the vote stands with its figures, of its day with the day."""
        told = getattr(error, "error_dict", {})
        for name, here in (("vote", "agree"), ("on", "met_on")):
            if name in told and here in self.fields:
                told.setdefault(here, []).extend(told.pop(name))
        super().add_error(field, error)

    def review(self, aside: dict[str, str]) -> Review:
        """What :func:`fund.applying.reviewing.review` takes.

        :param aside: the reasons, by what each sets aside.
        """
        given = self.cleaned_data
        vote = None
        if self.meets:
            figures = {name: given[name] or 0 for name in self.FIGURES}
            vote = Vote(given["body"], given["met_on"], minutes=given["minutes"], **figures)
        grounds = tuple(given.get("grounds", ()))
        return Review(Move(given["move"]), given["opinion"], given["fen"], vote, grounds, aside)


class VisitForm(StepForm):
    """回访: on which day, what was seen of what the money did."""

    on = day_field("回访日期")
    opinion = TextField(
        label="看到的情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写回访看到的情况，一句话也可以。"}, help_text="钱用在哪里，还有什么困难。",
    )  # fmt: skip


class PassForm(ActForm):
    """Several applications passed together: each ticked one with the step it was seen at."""

    def rows(self) -> dict[int, int]:
        """Serial by application, of what was ticked; what is no such pair is left out."""
        found = {}
        for each in self.data.getlist("row"):
            pk, _, serial = each.partition("-")
            try:
                found[whole_number(pk)] = whole_number(serial)
            except ValueError:
                continue
        return found

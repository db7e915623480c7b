"""The forms of 光荣在党50年: a step for many, adding a member, a past award, and the single acts."""

from collections.abc import Sequence
from datetime import date

from django import forms

from awards.fifty.listing import Award
from awards.fifty.review import Row, Said
from awards.fifty.steps import Step
from awards.models.fifty import LEFT_OUT, Medal, Stage
from base.fields import TextField
from duties.filters import Narrowing
from members.enums import Standing
from members.office_forms import SaysAll, day_field

GOOD = "一贯表现良好"
"""What the branch mostly finds; a person may write something else for each."""

MEANS = [("", "请选"), *Medal.Means.choices]
DEAD = [("", "请定"), ("relative", "批准，由亲属领取"), ("died", "去世，不再颁发")]


class MedalFilter(Narrowing):
    """The list of a year: organisation and stage."""

    stage = forms.ChoiceField(choices=[("", "全部进度"), *Stage.choices], required=False, label="进度")


class StepForm(SaysAll):
    """One step for all who are ticked; whoever has a reason written is left out. One member's fields end in his number.

    :param rows: medals as :func:`awards.fifty.telling.told` tells them.
    """

    on = day_field("办理日期")

    def __init__(self, data=None, *, step: Step, rows: Sequence[Medal], **more):
        super().__init__(data, **more)
        self.step, self.rows = step, list(rows)
        if step.code == "hand":
            self.fields["on"].label = "颁发日期"
            self.fields["means"] = forms.ChoiceField(label="颁发方式", choices=MEANS, required=False)
        if step.words:
            self.fields["words"] = TextField(label=step.words, max_length=200, required=False)
        if step.code == "review":
            self.fields["published_on"] = day_field("公示日期", required=False, hint="公示过的写从哪天起。")
        if step.code == "approve":
            self.fields["document"] = TextField(label="批准文号", max_length=60, required=False)
        for row in self.rows:
            self._add(row)

    def _add(self, row: Medal) -> None:
        name, key, code = row.person.name, row.pk, self.step.code
        self.fields[f"take_{key}"] = forms.BooleanField(label=f"选中{name}", required=False)
        self.fields[f"out_{key}"] = TextField(label=f"{name}为什么暂缓", max_length=200, required=False)
        if code == "verify":
            self.fields[f"opinion_{key}"] = TextField(label=f"{name}的审核意见", max_length=200, required=False)
        if code == "approve" and row.is_dead:
            self.fields[f"dead_{key}"] = forms.ChoiceField(label=f"{name}已去世", choices=DEAD, required=False)
        if code == "hand":
            self.fields[f"medal_number_{key}"] = TextField(label="佩章编号", max_length=40, required=False)
            self.fields[f"certificate_number_{key}"] = TextField(label="证书编号", max_length=40, required=False)
            self.fields[f"receiver_{key}"] = TextField(label="代领人", max_length=60, required=False)
            self.fields[f"relation_{key}"] = TextField(label="与本人关系", max_length=20, required=False)

    @property
    def shared(self) -> list[forms.BoundField]:
        """The fields that hold for all."""
        return [self[name] for name in ("on", "means", "words", "published_on", "document") if name in self.fields]

    def lines(self) -> list[tuple[Medal, dict[str, forms.BoundField]]]:
        """Each member with his own fields by name."""
        return [(row, {name: self[f"{name}_{row.pk}"] for name in OF_ONE if f"{name}_{row.pk}" in self.fields})
                for row in self.rows]  # fmt: skip

    def taken(self) -> list[Medal]:
        """Whoever is ticked, or has a reason written: a reason without a tick is not thrown away."""
        given = self.cleaned_data
        return [row for row in self.rows if given[f"take_{row.pk}"] or given[f"out_{row.pk}"]]

    def said(self) -> Said:
        given = self.cleaned_data
        rows = {
            row.pk: Row(**{name: given.get(f"{name}_{row.pk}", "") for name in OF_ONE if name != "take"})
            for row in self.rows
        }
        shared = {name: given[name] for name in ("words", "published_on", "document", "means") if name in given}
        return Said(given["on"], rows=rows, **shared)


OF_ONE = (
    "take", "out", "opinion", "dead", "medal_number", "certificate_number", "receiver", "relation",
)  # fmt: skip


class AddForm(SaysAll):
    """Listing one member, where need be with the day that a person decided."""

    member = forms.IntegerField(widget=forms.HiddenInput)
    since = day_field("认定的党龄起算日期", required=False, hint="名册算得出的空着。两种说法的、缺日期的，查档案后写。")
    basis = TextField(
        label="认定依据", max_length=200, required=False, help_text="哪些档案、哪份文件。名册的日期到全国系统里更正。"
    )
    note = TextField(label="备注", max_length=200, required=False)

    def given(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("since", "basis", "note")}


class AwardForm(SaysAll):
    """A medal handed over already."""

    member = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field("颁发日期")
    means = forms.ChoiceField(label="颁发方式", choices=[("", "不清楚"), *Medal.Means.choices], required=False)
    medal_number = TextField(label="佩章编号", max_length=40, required=False)
    certificate_number = TextField(label="证书编号", max_length=40, required=False)
    receiver = TextField(label="代领人", max_length=60, required=False, help_text="本人领的空着。")
    relation = TextField(label="与本人关系", max_length=20, required=False)
    note = TextField(label="备注", max_length=200, required=False)

    def award(self) -> Award:
        names = ("on", "means", "medal_number", "certificate_number", "receiver", "relation", "note")
        return Award(**{name: self.cleaned_data[name] for name in names})


class EndForm(SaysAll):
    """Refused, deferred, or dead before: who is left out, and why."""

    stage = forms.ChoiceField(
        label="结论", choices=[(each.value, each.label) for each in LEFT_OUT], widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选结论。"),
    )  # fmt: skip
    on = day_field("日期")
    reason = TextField(
        label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False,
        help_text="加密保存，只给能看敏感事项依据的人看。",
    )  # fmt: skip


class BackForm(SaysAll):
    reason = TextField(
        label="为什么退回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False,
        help_text="加密保存。",
    )  # fmt: skip


class WithdrawForm(SaysAll):
    reason = TextField(
        label="为什么撤回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False,
        help_text="理由留在审计里，不写个人情况。",
    )  # fmt: skip


def first_day(step: Step, rows: Sequence[Medal], day: date) -> dict:
    """What a step's form begins with: today, everybody living ticked, the usual opinion; of whom something is to be
    weighed first, neither.
    """
    given: dict = {"on": day}
    for row in rows:
        weighed = row.standing == Standing.SUSPENDED or row.sanctioned
        living = not row.is_dead or step.code not in ("approve", "hand")
        given[f"take_{row.pk}"] = living and not (step.code == "verify" and weighed)
        given[f"opinion_{row.pk}"] = row.opinion or ("" if weighed else GOOD)
    return given

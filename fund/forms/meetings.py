"""The form of a meeting: who came, what was decided on each application. Fields are named as ``decide`` refuses."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from base.dates import civil_day
from base.fields import TextField, YuanField
from base.numbers import whole_number
from fund.applying.agenda import Agenda, Matter, Pot, added, entitled_to, to_step_aside
from fund.applying.deciding import Pot as Paid
from fund.applying.deciding import Result, Sitting
from fund.models import Decision
from fund.regulation.reckoning import yuan
from members.models import Person
from members.office_forms import SaysAll, day_field

MOST_VOTES = 999
_ODD = {"invalid": "票数写成数字，例如 8。", "min_value": "票数不能小于零。", "max_value": "票数太大，请核对。"}
Outcome = Decision.Outcome
_VOTES = ("agree", "against", "abstain")


def _votes(label: str) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "votes"})
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=MOST_VOTES, widget=widget, error_messages=_ODD
    )


def _ticks() -> forms.CheckboxSelectMultiple:
    return forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})


class _People(forms.MultipleChoiceField):
    """People ticked in a list."""

    def __init__(self, label: str):
        said = dict.fromkeys(("invalid_choice", "invalid_list"), "名单里没有这个人，请重新勾选。")
        super().__init__(
            label=label, required=False, widget=_ticks(), error_messages=said
        )  # fmt: skip

    def clean(self, value) -> set[int]:
        return {int(each) for each in super().clean(value)}


class MeetingForm(SaysAll):
    """One meeting. Call :meth:`seat` before it is shown or checked: who may vote hangs on what was typed."""

    body = forms.ChoiceField(
        label="什么会", error_messages=dict.fromkeys(("required", "invalid_choice"), "请选是什么会。")
    )
    title = TextField(
        label="会议名称", max_length=80, error_messages={"required": "请写会议名称，例如“党委会（2026 年第 21 次）”。"}
    )
    on = day_field("会议日期")
    minutes = TextField(
        label="纪要号", max_length=60,
        error_messages={"required": "请写会议纪要号。使用资金须经集体研究，有纪要可查。"},
    )  # fmt: skip
    present = _People("到会")
    outside = _People("不算应到")
    extra = _People("另加的人")
    add = TextField(label="再加一人", max_length=60, required=False)
    pot = forms.ChoiceField(label="空着的资金来源都用", required=False)

    def __init__(self, data=None, *, agenda: Agenda, account, day: date, **more):
        super().__init__(data, **more)
        self.agenda, self.account, self.day = agenda, account, day
        self.matters = [each for each in agenda.matters if not each.own]
        self.fields["body"].choices = [(each.value, each.label) for each in agenda.bodies]
        own = [pot for pot in agenda.pots if pot.fund.pk == agenda.fund.pk]
        self.fields["pot"].choices = [("", "逐件选"), *((pot.code, pot.label) for pot in own)]
        for matter in self.matters:
            self._fields_of(matter)

    def _fields_of(self, matter: Matter) -> None:
        pk, name = matter.row.pk, matter.row.person.name
        for code, made in {
            "take": forms.BooleanField(
                label=f"{matter.row.label} 这次研究", required=False, initial=True,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            ),
            "fen": YuanField(label=f"{name} 核定金额", required=False, initial=yuan(matter.proposed)),
            "agree": _votes("同意"), "against": _votes("反对"), "abstain": _votes("弃权"),
            "outcome": forms.ChoiceField(
                label=f"{name} 结论", choices=Outcome.choices, required=False, initial=Outcome.AGREED.value,
                error_messages={"invalid_choice": "请选结论。"},
            ),
            "recused": _People(f"{matter.row.label} 回避"),
            "reason": TextField(label=f"{matter.row.label} 理由", required=False, max_length=500),
            "serial": forms.IntegerField(widget=forms.HiddenInput, required=False, initial=matter.row.serial),
        }.items():  # fmt: skip
            if code not in ("recused", "serial"):
                made.widget.attrs["aria-label"] = f"{name} {made.label}" if code in _VOTES else made.label
            self.fields[f"{code}-{pk}"] = made
        for fund, code in self.sources_of(matter):
            pots = matter.offered(fund)
            label = "资金来源" if len(matter.funds) == 1 else f"{fund.organisation.label}承担的来源"
            self.fields[code] = forms.ChoiceField(
                label=label, required=False, error_messages={"invalid_choice": "这个来源不能用在这一类，请另选。"},
                choices=[("", "—"), *((pot.code, pot.label) for pot in pots)],
                initial=pots[0].code if len(pots) == 1 else "",
                widget=forms.Select(attrs={"aria-label": f"{name} {label}"}),
            )  # fmt: skip

    @staticmethod
    def sources_of(matter: Matter):
        """Each fund that bears a part, with the name of the field that says out of what."""
        for place, fund in enumerate(matter.funds):
            yield fund, f"source-{matter.row.pk}" + (f"-{fund.pk}" if place else "")

    # Who may vote

    def seat(self, before: list[str] | None = None) -> None:
        """Find who is entitled, by the body and the day that were typed, and whoever was named beside.

        :param before: who sat on the list when it was last shown; whoever is new on it is taken to have come.
        """
        fund = self.agenda.fund
        people = entitled_to(str(self["body"].value() or self.agenda.body or ""), fund.organisation, self._day())
        numbers = {each for each in map(_number, self["extra"].value() or []) if each}
        beside = [each for each in added(self.account, numbers) if each not in people] if numbers else []
        self.seats: list[Person] = [*people, *beside]
        chosen = [(str(each.pk), each.name) for each in self.seats]
        for name in ("present", "outside", *(f"recused-{each.row.pk}" for each in self.matters)):
            self.fields[name].choices = chosen
        self.fields["extra"].choices = [(str(each.pk), each.name) for each in beside]
        self.related = to_step_aside(self.matters, self.seats)
        if not self.is_bound:
            self._tick(before)

    def _tick(self, before: list[str] | None) -> None:
        everybody = [str(each.pk) for each in self.seats]
        came = self.initial.get("present")
        new = [each for each in everybody if before is not None and each not in before]
        self.initial["present"] = everybody if came is None else [*came, *new]
        for pk, related in self.related.items():
            aside = map(str, related)
            self.initial[f"recused-{pk}"] = sorted({*(self.initial.get(f"recused-{pk}") or ()), *aside})

    def _day(self) -> date:
        typed = self["on"].value()
        try:
            return typed if isinstance(typed, date) else self.fields["on"].clean(typed)
        except ValidationError:
            return self.day

    def name_beside(self, person: Person) -> None:
        """Put somebody on the list of those entitled, of a form that is shown again."""
        self.initial["extra"] = [*(self.initial.get("extra") or ()), str(person.pk)]
        self.initial["add"] = ""

    # What is shown

    def head(self) -> list[forms.BoundField]:
        """The fields that are not of one application."""
        return [self[name] for name in MeetingForm.base_fields if name != "once"]

    def lines(self) -> list[dict]:
        """The rows of the table: the application with its fields."""
        return [
            {
                "matter": each, "related": self.related[each.row.pk],
                "sources": [self[code] for _fund, code in self.sources_of(each)],
                "bad": self._bad(each.row.pk),
                "beyond": self.agenda.beyond(each, str(self["body"].value() or "")),
                **{name: self[f"{name}-{each.row.pk}"] for name in (
                    "take", "fen", "agree", "against", "abstain", "outcome", "recused", "reason", "serial")},
            }
            for each in self.matters
        ]  # fmt: skip

    def _bad(self, pk: int) -> list[str]:
        """What is wrong with the fields of one application."""
        if not self.is_bound:
            return []
        return [error for name, errors in self.errors.items() if name.split("-")[1:2] == [str(pk)] for error in errors]

    def voters(self) -> int:
        """How many came of those entitled, as it is typed now."""
        gone = set(self["outside"].value() or ())
        return len({*(self["present"].value() or ())} & {str(each.pk) for each in self.seats} - gone)

    def entitled(self) -> int:
        return len({str(each.pk) for each in self.seats} - set(self["outside"].value() or ()))

    def totals(self) -> dict:
        """What would be set aside as it is typed now: counts by outcome, the sum, each pot with what is short."""
        counts, spent, sum_ = dict.fromkeys(Outcome, 0), dict.fromkeys(self.agenda.pots, 0), 0
        for matter in self.matters:
            pk = matter.row.pk
            if not self[f"take-{pk}"].value():
                continue
            outcome = self[f"outcome-{pk}"].value()
            if outcome not in counts:
                continue
            counts[outcome] += 1
            fen = self._typed_fen(pk) if outcome == Outcome.AGREED else 0
            sum_ += fen
            for pot, part in self._out_of(matter, fen):
                spent[pot] += part
        used = [(pot, fen, max(0, fen - pot.available)) for pot, fen in spent.items() if fen]
        words = [f"{Outcome(code).label} {count} 件" for code, count in counts.items() if count]
        return {"words": "，".join(words) or "没有勾选", "fen": sum_, "pots": used, "unused": self._unused(spent)}

    @staticmethod
    def _unused(spent: dict[Pot, int]) -> list[Pot]:
        return [pot for pot, fen in spent.items() if not fen and pot.available]

    def _typed_fen(self, pk: int) -> int:
        try:
            return self.fields[f"fen-{pk}"].clean(self[f"fen-{pk}"].value()) or 0
        except ValidationError:
            return 0

    def _out_of(self, matter: Matter, fen: int):
        try:
            parts = matter.parts(fen)
        except ValidationError:
            return
        pots = {(pot.fund.pk, pot.code): pot for pot in self.agenda.pots}
        for fund, code in self.sources_of(matter):
            asked = self[code].value() or (self["pot"].value() if fund.pk == self.agenda.fund.pk else "")
            if (pot := pots.get((fund.pk, asked))) and parts.get(fund.pk):
                yield pot, parts[fund.pk]

    # What is entered

    def clean(self):
        known = {str(each.row.pk) for each in self.matters}
        gone = [name for name in self.data if name.startswith("take-") and name.removeprefix("take-") not in known]
        if gone:
            raise ValidationError(
                f"有 {len(gone)} 件已经不在待研究的申请里（刚由别人办过），已从表里去掉，其余填的都还在。请核对再保存。"
            )
        if not any(self.cleaned_data.get(f"take-{pk}") for pk in known):
            raise ValidationError("还没有勾选这次研究的申请。")
        return self.cleaned_data

    def sitting(self) -> Sitting:
        said = self.cleaned_data
        entitled = [each for each in self.seats if each.pk not in said["outside"]]
        present = [each for each in entitled if each.pk in said["present"]]
        return Sitting(self.agenda.fund, said["body"], said["title"], said["on"], said["minutes"], entitled, present)

    def results(self, now) -> list[Result]:
        """What was decided, of the applications that were ticked. Empty votes: all who came and stay voted yes."""
        sitting, day = self.sitting(), civil_day(now)
        return [self._result(each, sitting, day) for each in self.matters if self.cleaned_data[f"take-{each.row.pk}"]]

    def _result(self, matter: Matter, sitting: Sitting, day: date) -> Result:
        pk = matter.row.pk
        fen, agree, against, abstain, outcome, recused, reason, serial = (
            self.cleaned_data[f"{name}-{pk}"]
            for name in ("fen", "agree", "against", "abstain", "outcome", "recused", "reason", "serial")
        )
        aside = tuple(each.pk for each in sitting.entitled if each.pk in recused)
        voters = sum(each.pk not in aside for each in sitting.present)
        against, abstain = against or 0, abstain or 0
        agreed = outcome == Outcome.AGREED
        pots = {}
        for fund, code in self.sources_of(matter):
            asked = self.cleaned_data[code] or (self.cleaned_data["pot"] if fund.pk == self.agenda.fund.pk else "")
            source, _, earmark = asked.partition(":")
            pots[fund.pk] = Paid(source, earmark)
        return Result(
            matter.row, -1 if serial is None else serial, outcome, (fen or 0) if agreed else 0, pots if agreed else {},
            max(0, voters - against - abstain) if agree is None else agree, against, abstain, aside, reason,
            matter.aside(reason, day) if agreed else {},
        )  # fmt: skip


def _number(text: str) -> int:
    try:
        return whole_number(text)
    except ValueError:
        return 0

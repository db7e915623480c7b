"""The grid of talks held before a policy was adopted: one day for each member and rule, or nothing."""

from dataclasses import dataclass
from datetime import date

from django import forms

from base.once import OnceField
from duties.engine.models import Duty
from members.acting import actors_for
from members.models import Membership, Person
from visits.already import Checks, Grid, Held, held_of
from visits.forms.choices import say


@dataclass(frozen=True)
class Cell:
    """One cell: the field to type into, or the duty that has ended; neither where nothing is asked."""

    field: forms.BoundField | None
    duty: Duty | None


@dataclass(frozen=True)
class GridLine:
    """One member's line."""

    membership: Membership
    cells: list[Cell]


class AlreadyForm(forms.Form):
    """Days on which was already talked. Only what is typed counts; one faulty day and nothing is saved."""

    once = OnceField()
    talker = forms.TypedChoiceField(label="谈话人", coerce=int)

    def __init__(self, data=None, *, account, grid: Grid, day: date, **more):
        super().__init__(data, **more)
        self.grid, self.day = grid, day
        self.fields["talker"].choices = actors_for(grid.here, account, day)
        say(self, {"talker": "请选谈话人。"})
        names = {stay.person_id: stay.person.name for stay in grid.stays}
        titles = {rule.pk: rule.title for rule in grid.rules}
        for stay in grid.stays:
            for rule in grid.rules:
                if (of := (stay.person_id, rule.pk)) in grid.open:
                    self.fields[self._name(of)] = _day(f"{names[of[0]]}，{titles[of[1]]}", grid.open[of], day)

    @staticmethod
    def _name(of: tuple[int, int]) -> str:
        return f"on_{of[0]}_{of[1]}"

    def clean(self):
        given = super().clean()
        if given.get("talker"):
            checks = Checks(self.grid.here, self.by(), [stay.person_id for stay in self.grid.stays], self.day)
            for member, rule, on, field in self._typed():
                if amiss := checks.amiss(self.grid.open[member.pk, rule.pk], member, on):
                    self.add_error(field, amiss)
        return given

    def by(self) -> Person:
        """Who talked."""
        return Person.objects.get(pk=self.cleaned_data["talker"])

    def _typed(self) -> list[tuple]:
        """(member, rule, day, field) of each typed cell."""
        return [
            (stay.person, rule, self.cleaned_data[name], name)
            for stay in self.grid.stays
            for rule in self.grid.rules
            if self.cleaned_data.get(name := self._name((stay.person_id, rule.pk)))
        ]

    def held(self) -> list[Held]:
        """The talks as the service takes them."""
        return held_of(self._typed())

    def meant(self) -> set[int]:
        """The duties that the typed cells are to close."""
        return {self.grid.open[member.pk, rule.pk].pk for member, rule, _on, _field in self._typed()}

    def lines(self) -> list[GridLine]:
        """The lines in which there is something to type, as the page lays them out."""
        every = [
            GridLine(stay, [self._cell((stay.person_id, rule.pk)) for rule in self.grid.rules])
            for stay in self.grid.stays
        ]
        return [line for line in every if any(cell.field for cell in line.cells)]

    def _cell(self, of: tuple[int, int]) -> Cell:
        return Cell(self[self._name(of)] if of in self.grid.open else None, self.grid.duties.get(of))


def _day(label: str, duty: Duty, day: date) -> forms.DateField:
    wrong = "日期写法不对，请写成 2026-03-12 这样。"
    attrs = {
        "type": "date",
        "min": duty.counts_from.isoformat(),
        "max": date.fromordinal(day.toordinal() - 1).isoformat(),
    }
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"),
        error_messages={"invalid": wrong},
    )  # fmt: skip

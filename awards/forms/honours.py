"""Forms of honours: granting and correcting one, revoking it, and what the list is narrowed by."""

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms

from awards.honours import Granted, Merit
from awards.kept import died_on
from awards.models import Honour, HonourKind, Level
from base.fields import TextField
from duties.filters import Narrowing
from duties.forms import CLERKS
from members.acting import actors_for
from members.enums import EventKind
from members.models import Event, Organisation, Person
from members.office_forms import SaysAll, day_field

BACK = timedelta(days=400)
"""Events of merit older than this are commended no more in time."""

YEARS = range(1949, 2100)


@dataclass(frozen=True)
class Whose:
    """Of whom or of what an honour, a story or a naming is: a member where he stands, or an organisation."""

    place: Organisation
    person: Person | None = None

    @property
    def name(self) -> str:
        return self.person.name if self.person else self.place.label

    @property
    def subject(self) -> dict:
        """As the services take it."""
        return {"person": self.person} if self.person else {"organisation": self.place}


class HonourForm(SaysAll):
    """What was granted, by whom, when, on which paper; for an event of merit, who decided on it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="种类", choices=HonourKind, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选是哪一种荣誉。"),
    )  # fmt: skip
    title = TextField(
        label="荣誉名称", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "照文件写，例如：优秀共产党员"}),
    )  # fmt: skip
    level = forms.ChoiceField(
        label="层级", choices=[("", "请选"), *Level.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选是哪一级授予的。"),
    )  # fmt: skip
    granted_on = day_field("授予日期", hint="文件上的日期。谈话期限从这一天算起。")
    is_posthumous = forms.BooleanField(
        label="追授：去世以后授予的", required=False, help_text="照文件登记，只记荣誉，不生成走访、邀请。"
    )  # fmt: skip
    grantor = forms.ModelChoiceField(
        Organisation.objects.none(), label="授予的党组织", required=False, empty_label="不是下面这些",
        help_text="是本系统的上级党组织的选上：本人去世时逐级报告到它。",
        error_messages={"invalid_choice": "请从列表里选授予的党组织。"},
    )  # fmt: skip
    granted_by = TextField(
        label="授予单位", required=False, max_length=60, help_text="选了上面的党组织，这里可以空着。",
    )  # fmt: skip
    document = TextField(label="文号", required=False, max_length=60)
    evidence = TextField(
        label="佐证材料", required=False, max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "例如：证书编号、存放在哪里"}),
    )  # fmt: skip
    merit = forms.TypedChoiceField(
        label="表彰的是哪件事", required=False, coerce=int, empty_value=None,
        help_text="选上，这件事的“及时表彰表扬”随之办结，不用再登记一次。",
        error_messages={"invalid_choice": "请从列表里选表彰的是哪件事。"},
    )  # fmt: skip
    people = forms.TypedMultipleChoiceField(
        label="谁办的", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), "请从列表里勾选是谁办的。"),
    )  # fmt: skip

    def __init__(self, data=None, *, account, whose: Whose, day: date, changing: bool = False, **more):
        super().__init__(data, **more)
        above = Organisation.objects.filter(
            descent__organisation=whose.place, descent__since__lte=day, descent__until__gt=day
        )
        if changing and (kept := more["initial"].get("grantor")):
            above = Organisation.objects.filter(pk__in=[kept, *above.values_list("pk", flat=True)])
        self.fields["grantor"].queryset = above.order_by("path")
        self.fields["grantor"].label_from_instance = lambda place: place.label
        if not (self.initial.get("is_posthumous") or (whose.person and died_on(whose.person))):
            del self.fields["is_posthumous"]
        self.merits = {} if changing or whose.person is None else merits_of(whose.person, day)
        if not self.merits:
            del self.fields["merit"], self.fields["people"]
            return
        what = [(pk, f"{event.occurred_on} {event.get_kind_display()}") for pk, event in self.merits.items()]
        self.fields["merit"].choices = [("", "不是为登记过的事"), *what]
        self.fields["people"].choices = actors_for(whose.place, account, day, but=whose.person, also=CLERKS)

    def clean(self):
        given = super().clean()
        if given.get("grantor") and not given.get("granted_by"):
            given["granted_by"] = given["grantor"].label
        if given.get("merit") and not given.get("people") and "people" not in self.errors:
            self.add_error("people", "请勾选是谁办的：按他的职务办结应办。")
        return given

    def granted(self) -> Granted:
        """The honour as the service takes it."""
        names = ("kind", "title", "level", "granted_by", "granted_on", "document", "evidence", "grantor")
        posthumous = self.cleaned_data.get("is_posthumous", False)
        return Granted(**{name: self.cleaned_data[name] for name in names}, is_posthumous=posthumous)

    def commends(self) -> Merit | None:
        """The event of merit, with who decided."""
        if not (pk := self.cleaned_data.get("merit")):
            return None
        people = Person.objects.filter(pk__in=self.cleaned_data["people"]).order_by("pk")
        return Merit(self.merits[pk], list(people))


def merits_of(person: Person, day: date) -> dict[int, Event]:
    """The events of merit of the last year that no honour answers yet, the latest first."""
    events = Event.objects.standing().filter(person=person, kind=EventKind.MERIT, occurred_on__gt=day - BACK)
    answered = Honour.objects.standing().filter(person=person, record__isnull=False).values("record__event")
    return {event.pk: event for event in events.exclude(pk__in=answered).order_by("-occurred_on", "-pk")}


class RevokeForm(SaysAll):
    """From when on an honour no longer stands, and on which paper that rests."""

    on = day_field("撤销日期", hint="文件上的日期，从这一天起不再享受礼遇。")
    reason = TextField(
        label="撤销的依据", required=False, max_length=200,
        help_text="例如哪份文件。荣誉留在记录里，注明已撤销。",
    )  # fmt: skip


class RestoreForm(SaysAll):
    reason = TextField(label="为什么恢复", required=False, max_length=200)


class HonourFilter(Narrowing):
    """The list's filters: kind, level, year, whether it stands, of whom, organisation, name."""

    kind = forms.ChoiceField(choices=[("", "全部种类"), *HonourKind.choices], required=False, label="种类")
    level = forms.ChoiceField(choices=[("", "全部层级"), *Level.choices], required=False, label="层级")
    state = forms.ChoiceField(
        choices=[("", "不限状态"), ("held", "有效"), ("revoked", "已撤销")], required=False, label="状态"
    )
    of = forms.ChoiceField(
        choices=[("", "党员和组织"), ("people", "党员"), ("places", "党组织")], required=False, label="对象"
    )
    year = forms.RegexField(
        r"^(19|20)\d\d$", required=False, label="年份",
        widget=forms.TextInput(attrs={"size": 6, "inputmode": "numeric", "placeholder": "年份"}),
    )  # fmt: skip

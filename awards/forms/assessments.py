"""The form of a secretary's yearly assessment."""

from datetime import date

from django import forms

from awards.assessing import LONGEST, Judged, secretaries_of
from awards.models.assessments import Grade
from base.fields import TextField
from members.acting import actors_for
from members.models import Organisation, Person
from members.office_forms import SaysAll, day_field

ASSESSORS = ("people", "talker")


class AssessmentForm(SaysAll):
    """How the secretary of one organisation was assessed, by whom, and what follows."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    instead = forms.IntegerField(widget=forms.HiddenInput, required=False)
    assessor = forms.TypedChoiceField(
        label="哪级党组织考核", coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选考核的党组织。"),
    )  # fmt: skip
    year = forms.TypedChoiceField(
        label="考核年度", coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选考核年度。"),
    )  # fmt: skip
    secretary = forms.TypedChoiceField(
        label="被考核的书记", coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选被考核的书记。"),
    )  # fmt: skip
    on = day_field("考核日期")
    meeting = TextField(label="考核会议或文号", max_length=60, required=False)
    people = forms.TypedMultipleChoiceField(
        label="谁主持考核", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请从列表里勾选谁主持考核。"),
    )  # fmt: skip
    grade = forms.ChoiceField(
        label="等次", choices=Grade, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选等次。"),
    )  # fmt: skip
    remarks = TextField(
        label="考核意见", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="加密保存，只给被考核的书记和上级看。",
    )  # fmt: skip
    mend_by = day_field("整改期限", required=False)
    talker = forms.TypedChoiceField(label="谁来提醒谈话", coerce=int, empty_value=None, required=False)
    talk_by = day_field("哪天前谈", required=False)

    def __init__(self, data=None, *, account, here: Organisation, assessors: list[Organisation], day: date, **more):
        super().__init__(data, **more)
        self.assessors = {each.pk: each for each in assessors}
        years = (day.year, day.year - 1)
        posts = [post for year in years for post in secretaries_of(here, year)]
        found = {post.person_id: post.person for post in posts if post.person_id != account.person_id}
        self.fields["assessor"].choices = [(each.pk, each.label) for each in assessors]
        self.fields["year"].choices = [(year, f"{year} 年度") for year in years]
        self.fields["secretary"].choices = [(pk, person.name) for pk, person in found.items()]
        offered = {pk: said for each in assessors for pk, said in actors_for(each, account, day)}
        people = [(pk, said) for pk, said in offered.items() if pk not in found]
        self.fields["people"].choices = people
        self.fields["talker"].choices = [("", "请选"), *people]
        wrong = "请从列表里选谁来谈。"
        self.fields["talker"].error_messages |= {"invalid_choice": wrong, "invalid": wrong}

    @property
    def assessor_chosen(self) -> Organisation:
        return self.assessors[self.cleaned_data["assessor"]]

    def judged(self) -> Judged:
        """As the service takes it."""
        given = self.cleaned_data
        pks = {*given["people"], given["secretary"], *([given["talker"]] if given["talker"] else [])}
        people = Person.objects.in_bulk(pks)
        plain = {name: given[name] for name in ("year", "grade", "on", "meeting", "remarks", "mend_by", "talk_by")}
        return Judged(
            **plain, secretary=people[given["secretary"]], people=[people[pk] for pk in given["people"]],
            talker=people.get(given["talker"]),
        )  # fmt: skip

"""Stories told of models (M06): who was told of, where, when. Taken back, a story stays to be read."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.kept import before_founding, check_version, known_place, still, take_back
from awards.models.namings import Story
from base import audit
from members.models import Organisation, Person


@dataclass(frozen=True)
class Told:
    """What a form says of a story."""

    title: str
    outlet: str
    on: date
    reference: str = ""

    def stripped(self) -> dict:
        return {name: value.strip() if isinstance(value, str) else value for name, value in vars(self).items()}


@transaction.atomic
def enter_story(
    *, by, told: Told, today: date, person: Person | None = None, organisation: Organisation | None = None
) -> Story:
    """Enter a story told of a member or of an organisation.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field: for a day to come, what is missing, the same story twice.
    """
    if (person is None) == (organisation is None):
        raise ValueError("a story is of one member or of one organisation")
    place = known_place(person, told.on, field="on") if person else organisation
    _check(person, place, told, today)
    story = Story.objects.create(
        person=person, organisation=place, path=place.path, **told.stripped(), entered_on=today,
        entered_by=by and by.person,
    )  # fmt: skip
    _tell(story, audit.Act.WRITE)
    return story


@transaction.atomic
def change_story(*, by, story: Story, told: Told, version: int, today: date) -> None:
    """Correct what was typed wrongly.

    :raises ValidationError: as :func:`enter_story`, and if somebody changed it meanwhile.
    """
    story = still(story, "person", "organisation")
    check_version(story, version)
    place = known_place(story.person, told.on, field="on") if story.person else story.organisation
    _check(story.person, place, told, today, but=story)
    for name, value in told.stripped().items():
        setattr(story, name, value)
    story.organisation, story.path, story.version = place, place.path, story.version + 1
    story.save()
    _tell(story, audit.Act.EDIT)


@transaction.atomic
def withdraw_story(*, by, story: Story, reason: str, today: date) -> None:
    """Take back what was entered wrongly.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    story = still(story)
    take_back(story, reason, today)
    _tell(story, audit.Act.WITHDRAW, reason=reason)


def _check(person: Person | None, place: Organisation, told: Told, today: date, *, but: Story | None = None) -> None:
    refused = {}
    if not told.title.strip():
        refused["title"] = "请写宣传的标题。"
    if not told.outlet.strip():
        refused["outlet"] = "请写在哪里宣传，例如：云河水文网、支部党课。"
    if told.on > today:
        refused["on"] = f"日期 {told.on} 晚于今天，宣传了再登记。"
    elif person is None and (early := before_founding(place, told.on)):
        refused["on"] = f"日期 {early}"
    about = {"person": person} if person else {"person": None, "organisation": place}
    same = Story.objects.standing().filter(title=told.title.strip(), outlet=told.outlet.strip(), on=told.on, **about)
    if same.exclude(pk=but and but.pk).exists():
        refused["title"] = f"{told.on} 在“{told.outlet.strip()}”的这一篇已登记过，没有再记一条。"
    if refused:
        raise ValidationError(refused)


def _tell(story: Story, act: audit.Act, *, reason: str = "") -> None:
    about = {"person": story.person_id} if story.person_id else {"organisation": story.organisation_id}
    audit.write(act, f"story:{story.pk}", reason=reason, **about, on=str(story.on))

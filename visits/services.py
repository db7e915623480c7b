"""Recording and taking back what was said and done for members. One transaction each; duties settle inside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base.facts import facts_together, facts_will_change
from duties.engine.models import Action
from duties.engine.records import enter_record, same_people
from members.models import Event, Membership, Person
from members.services import check_stay, memberships_on
from visits.contents import sealed
from visits.models import Talk

NO_WORDS = "请写谈了什么，一句话也可以。"


@dataclass(frozen=True)
class Said:
    """What was talked about with one member, and the event it answers, if that was the reason."""

    member: Person
    text: str
    wish: str = ""
    subject: str = Talk.Subject.OTHER
    event: Event | None = None
    themes: Sequence[str] = ()
    opinion: str = ""
    reply: str = ""
    place: str = ""
    minutes: int | None = None

    def row(self) -> dict:
        """What the talk's own row keeps of it."""
        kept = ("text", "wish", "subject", "opinion", "reply", "place", "minutes")
        return {name: getattr(self, name) for name in kept} | {"themes": ",".join(self.themes)}


@transaction.atomic
def record_talk(
    *,
    by,
    members: list[Person],
    on: date,
    means: str,
    subject: str,
    text: str,
    talkers: list[Person],
    today: date,
    event: Event | None = None,
    **more,
) -> list[Talk]:
    """Record a talk with one member, or one talk with several of them (集体): one record each.

    :param by: the acting account, ``None`` for a command.
    :param talkers: who talked; credit follows the posts they held on the day.
    :param more: the other fields of :class:`Said`: wish, themes, opinion, reply, place, minutes.
    :param event: the event the talk answers, if it was chosen as the reason; it is kept with its own member's record.
    :returns: the talks in the order of their members' keys.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    if not members:
        raise ValidationError({"member": "请选谈话对象。"})
    everyone = locked(members)
    collective = means == Talk.Means.COLLECTIVE
    refused = amiss(everyone, talkers, text, collective=collective)
    stays, no = stays_of(everyone, on, today, field=lambda _: "on", what="谈话")
    said = [
        Said(each, text, subject=subject, event=event if event and event.person_id == each.pk else None, **more)
        for each in everyone
    ]
    refused = refused | no or _entered(said, on, talkers, field=lambda _: "text")
    if refused:
        raise ValidationError(refused)
    return _write(by, said, stays, on=on, means=means, talkers=talkers, today=today)


@transaction.atomic
def record_talks(
    *, by, said: list[Said], on: date, means: str, talkers: list[Person], today: date, field: Callable[[Person], str]
) -> list[Talk]:
    """Record talks held with several members one by one on one day: all of them, or none.

    :param means: the same for all; anything but 集体, which :func:`record_talk` records.
    :param field: the form field in which a member's words stand; refusals concerning one member are keyed by it.
    :raises ValidationError: keyed by form field.
    """
    if not said:
        raise ValidationError("还没有勾选谈过话的党员。请勾选，每人写一句谈了什么。")
    everyone = {member.pk: member for member in locked([each.member for each in said])}
    refused = {}
    talking = {talker.pk for talker in talkers}
    for each in said:
        if each.member.pk in talking:
            refused[field(each.member)] = [f"{each.member.name}不能与自己谈话，请去掉这一行或另选谈话人。"]
        elif not each.text.strip():
            refused[field(each.member)] = [NO_WORDS]
    stays, no = stays_of(everyone.values(), on, today, field=field, what="谈话")
    refused = refused | no or _entered(said, on, talkers, field=field)
    if refused:
        raise ValidationError(refused)
    return _write(by, said, stays, on=on, means=means, talkers=talkers, today=today)


def locked(members: list[Person]) -> list[Person]:
    """The members in the order of their keys, after the engine's lock and under their own: acts on one take turns."""
    facts_will_change()
    rows = Person.objects.select_for_update(no_key=True).filter(pk__in=[member.pk for member in members])
    return list(rows.order_by("pk"))


def stays_of(
    members, on: date, today: date, *, field: Callable[[Person], str], what: str
) -> tuple[dict[int, Membership], dict[str, list[str]]]:
    """Where the living members stood on the day, and what is wrong with the day for whom, by form field."""
    known, stays, refused = memberships_on(members, on), {}, {}
    for member in members:
        try:
            stays[member.pk] = check_stay(member, known.get(member.pk), on, today, field=field(member), what=what)
        except ValidationError as no:
            refused |= no.message_dict
    return stays, refused


def _write(by, said: list[Said], stays: dict, *, on: date, means: str, talkers, today: date) -> list[Talk]:
    talks = []
    with facts_together():
        for each in said:
            record = enter_record(
                by=by, organisation=stays[each.member.pk].organisation, member=each.member, action=Action.TALK, on=on,
                people=talkers, today=today, collective=means == Talk.Means.COLLECTIVE, event=each.event,
            )  # fmt: skip
            talks.append(sealed(Talk(record=record, means=means, **each.row())))
    return Talk.objects.bulk_create(talks)


def amiss(members: list[Person], talkers: list[Person], text: str, *, collective: bool) -> dict[str, list[str]]:
    """What is wrong with the talk apart from its day, by form field."""
    refused = {}
    if not talkers:
        refused["talker"] = ["请选谈话人。"]
    for member in members:
        if member.pk in {talker.pk for talker in talkers}:
            refused["talker"] = [f"{member.name}不能与自己谈话，请另选谈话人。"]
    if not text.strip():
        refused["text"] = [NO_WORDS]
    if len(members) > 1 and not collective:
        refused["means"] = ["一次与几个人谈，方式请选“集体”；分别谈的请分别登记。"]
    return refused


def _entered(
    said: list[Said], on: date, talkers: list[Person], *, field: Callable[[Person], str]
) -> dict[str, list[str]]:
    """Which of the talks stand already: same day, talkers and words with the same member."""
    words = {each.member.pk: each.text.strip() for each in said}
    talks = Talk.objects.filter(record__member__in=words, record__on=on, record__withdrawn_on__isnull=True)
    refused = {}
    for talk in talks.select_related("record__member").prefetch_related("record__actors").order_by("-pk"):
        member = talk.record.member
        if same_people(talk.record, talkers) and talk.text.strip() == words[member.pk]:
            which = f"与{member.name} {on} 的谈话"
            refused[field(member)] = [f"{which}已登记过，没有再记一条。要补充请在那一条里补记。"]
    return refused

"""Assessing secretaries once a year, and what follows from a bad grade (S2 三(一)1; central measures 16; M11, M54).

The act is a record of the organisation that assessed, so it closes what that owes. After 一般 and 较差 somebody there
has to talk to the secretary, and the secretary to mend by a day: two tasks, the first of the assessor, unseen below.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models.assessments import TO_MEND, Assessment, Grade
from base import audit
from base.facts import facts_together, facts_will_change
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.engine.records import withdraw_record
from duties.tasks import assign_task, tasks_of, withdraw_task
from members.enums import Capability, Role, Standing
from members.models import Lineage, Organisation, Person, Post
from members.services import membership_on

LONGEST = 2_000
"""Characters of the remarks."""

WRONG_ONE = "考核由上级党组织登记，被考核的书记自己不登记。"


@dataclass(frozen=True)
class Judged:
    """What a form says of an assessment. ``talker`` and ``talk_by``: who talks to the secretary by when."""

    year: int
    grade: str
    secretary: Person
    on: date
    people: list[Person]
    meeting: str = ""
    remarks: str = ""
    mend_by: date | None = None
    talker: Person | None = None
    talk_by: date | None = None

    @property
    def bad(self) -> bool:
        return self.grade in TO_MEND


def assessors_of(organisation: Organisation, account) -> list[Organisation]:
    """The organisations above for which the account may assess it, the nearest first."""
    above = Organisation.objects.visible_to(account, Capability.RECORD).filter(
        pk__in=Lineage.objects.filter(
            organisation=organisation, distance__gt=0, since__lte=account.scope.day, until__gt=account.scope.day
        ).values("ancestor")
    )
    return list(above.order_by("-path"))


def secretaries_of(organisation: Organisation, year: int) -> list[Post]:
    """Who led it in a year, the last first."""
    posts = Post.objects.filter(organisation=organisation, role=Role.SECRETARY)
    posts = posts.filter(since__lte=date(year, 12, 31), until__gt=date(year, 1, 1))
    return list(posts.select_related("person").order_by("-since", "-pk"))


@transaction.atomic
def record_assessment(
    *, by, organisation: Organisation, assessor: Organisation, judged: Judged, today: date
) -> Assessment:
    """Enter how the secretary of an organisation was assessed, with what follows.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field: for a day or year to come, a second time in the year, somebody who did
        not lead it then, without a day to mend after a bad grade, with one after a good one; where no policy is
        followed that makes tasks duties.
    """
    facts_will_change()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if refused := _amiss(by, organisation, assessor, judged, today):
        raise ValidationError(refused)
    with facts_together():
        made = Assessment.objects.create(
            organisation=organisation, assessor=assessor, path=assessor.path, secretary=judged.secretary,
            year=judged.year, grade=judged.grade, on=judged.on, meeting=judged.meeting.strip(),
            remarks=judged.remarks.strip(), mend_by=judged.mend_by if judged.bad else None, entered_on=today,
            entered_by=by.person if by else None,
        )  # fmt: skip
        deed = record_deed(
            by=by, action=Action.ASSESSMENT, organisation=assessor, on=judged.on, people=judged.people, today=today,
            note=f"考核{organisation.label}书记 {judged.year} 年度抓党建工作。", paper=judged.meeting,
        )  # fmt: skip
        made.record = deed.record
        made.save(update_fields=["record"])
        _told(made, audit.Act.WRITE)
    _give_tasks(by, made, judged, today)
    return made


@transaction.atomic
def correct_assessment(*, by, assessment: Assessment, judged: Judged, today: date) -> Assessment:
    """Put another in its place; the old one stays to be read, taken back."""
    withdraw_assessment(by=by, assessment=assessment, reason="更正，重新登记", today=today)
    return record_assessment(
        by=by, organisation=assessment.organisation, assessor=assessment.assessor, judged=judged, today=today
    )


@transaction.atomic
def withdraw_assessment(*, by, assessment: Assessment, reason: str, today: date) -> None:
    """Take it back with its record and with the tasks that are not done yet.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    facts_will_change()
    found = Assessment.objects.select_for_update(of=("self",)).select_related("record").get(pk=assessment.pk)
    if found.withdrawn_on:
        raise ValidationError(f"这次考核已于 {found.withdrawn_on} 撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    found.withdrawn_on, found.withdrawn_reason = today, reason.strip()
    found.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    if found.record and found.record.withdrawn_on is None:
        withdraw_record(by=by, record=found.record, reason=reason, today=today)
    for task in tasks_of(found.source, today=today):
        if task.running:
            withdraw_task(by=by, event=task.event, reason=reason, today=today)
    _told(found, audit.Act.WITHDRAW, reason=reason)


def _give_tasks(by, made: Assessment, judged: Judged, today: date) -> None:
    """The talk and the mending, as far as their days are not past: of long ago nothing is asked any more."""
    if not judged.bad:
        return
    name = judged.secretary.name
    common = {"by": by, "source": made.source, "today": today}
    if judged.talk_by and judged.talk_by >= today:
        said = f"与{made.organisation.label}书记{name}提醒谈话，反馈 {made.year} 年度考核意见。"
        given = {"to": judged.talker, "due_on": judged.talk_by, "organisation": made.assessor}
        _assigned("talker", what=said, **given, **common)
    if judged.mend_by and judged.mend_by >= today:
        said = f"按上级反馈的 {made.year} 年度抓党建考核意见整改，改完写明做了什么。"
        given = {"to": judged.secretary, "due_on": judged.mend_by, "organisation": made.organisation}
        _assigned("secretary", what=said, **given, **common)


def _assigned(field: str, **task) -> None:
    """A task; what is refused of whom it is given to stands at the form's own field."""
    try:
        assign_task(**task)
    except ValidationError as no:
        told = no.message_dict if hasattr(no, "error_dict") else {}
        raise ValidationError({field: told["to"]} if "to" in told else no.messages) from no


def _amiss(by, organisation: Organisation, assessor: Organisation, judged: Judged, today: date) -> dict[str, list[str]]:
    refused = {}
    if judged.on > today:
        refused["on"] = [f"考核日期 {judged.on} 晚于今天，考核了再登记。"]
    elif not judged.year <= judged.on.year <= judged.year + 1:
        refused["year"] = [f"{judged.on} 考核的是当年或上一年，请核对年度。"]
    if judged.secretary.pk not in {post.person_id for post in secretaries_of(organisation, judged.year)}:
        refused["secretary"] = [f"{judged.secretary.name}在 {judged.year} 年没有任{organisation.label}书记，请核对。"]
    elif (stay := membership_on(judged.secretary, judged.on)) and stay.standing == Standing.DEAD:
        refused["secretary"] = [f"{judged.secretary.name}已于 {stay.since} 去世，不再考核。"]
    if not judged.people:
        refused["people"] = ["请勾选是谁主持考核的。"]
    me = by and by.person_id
    if judged.secretary.pk == me or judged.secretary in judged.people:
        refused["people"] = [WRONG_ONE]
    above = Lineage.objects.filter(organisation=organisation, ancestor=assessor, distance__gt=0)
    if not above.filter(since__lte=judged.on, until__gt=judged.on).exists():
        refused["assessor"] = [f"{assessor.label}在 {judged.on} 不是{organisation.label}的上级。"]
    same = Assessment.objects.standing().filter(organisation=organisation, year=judged.year)
    if other := same.first():
        refused["year"] = [
            f"{organisation.label} {judged.year} 年度已于 {other.on} 考核，没有再记一次；改错请用“更正”。"
        ]
    if len(judged.remarks) > LONGEST:
        refused["remarks"] = [f"写了 {len(judged.remarks)} 个字，最多 {LONGEST} 个，请写短一些。"]
    return refused | (_without_days(judged, today) if judged.bad else _for_nothing(judged))


def _for_nothing(judged: Judged) -> dict[str, list[str]]:
    """What is said of mending and a talk after a good grade, which asks for neither."""
    if judged.grade not in Grade.values:
        return {}
    label = Grade(judged.grade).label
    said = f"考核“{label}”的不用约谈提醒和限期整改，请把这一格清空；要整改的请改等次。"
    return {name: [said] for name in ("mend_by", "talker", "talk_by") if getattr(judged, name)}


def _without_days(judged: Judged, today: date) -> dict[str, list[str]]:
    """After a bad grade: a day to mend by, and as long as that is to come, a talk."""
    refused = {}
    grade = Grade(judged.grade).label
    if judged.mend_by is None:
        refused["mend_by"] = [f"考核“{grade}”的要限期整改，请填整改期限。"]
    elif judged.mend_by < judged.on:
        refused["mend_by"] = [f"整改期限 {judged.mend_by} 早于考核的 {judged.on}，请核对。"]
    elif judged.mend_by >= today:
        if judged.talker is None:
            refused["talker"] = [f"考核“{grade}”的要约谈提醒，请选谁来谈。"]
        if judged.talk_by is None or judged.talk_by < today:
            refused["talk_by"] = ["请填哪天前谈，今天或以后的日子。"]
    return refused


def _told(assessment: Assessment, act: audit.Act, *, reason: str = "") -> None:
    audit.write(
        act, f"assessment:{assessment.pk}", reason=reason, person=assessment.secretary_id,
        organisation=assessment.organisation_id, year=assessment.year,
    )  # fmt: skip

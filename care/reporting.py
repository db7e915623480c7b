"""Reporting 困难党员 upward every half-year: prepared from the register, confirmed, merged level by level, returned.

A report is dated on the day of its figures, and so is the record that closes the duty to report: the report of a first
half that is confirmed in July is still the first half's.
"""

from collections import Counter
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.facts import facts_will_change
from care.figures import Half, annual_sentence, counted
from care.models import DifficultyReport
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.engine.records import withdraw_record
from members.enums import OrganisationKind
from members.models import Organisation

State = DifficultyReport.State
KINDS = (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, OrganisationKind.BRANCH)
"""Who reports: a party group is part of its branch, a leading group has no members."""


def parts_of(organisation: Organisation, day: date) -> list[Organisation]:
    """Who reports to an organisation: the nearest below it that report at all, in the order of the tree."""
    below = Organisation.objects.within(organisation).on(day).filter(kind__in=KINDS).exclude(pk=organisation.pk)
    found: list[Organisation] = []
    for each in below.order_by("path"):
        if not found or not each.path.startswith(found[-1].path):
            found.append(each)
    return found


def above(organisation: Organisation) -> Organisation | None:
    """To whom an organisation reports: the nearest above it that reports itself, or is the top."""
    ways = [organisation.path[:end] for end in range(1, len(organisation.path))]
    return Organisation.objects.filter(path__in=ways, kind__in=KINDS).order_by("-path").first()


def reports_of(parts: list[Organisation], half: str) -> dict[int, DifficultyReport]:
    """The reports of organisations for a half-year, by organisation."""
    rows = DifficultyReport.objects.filter(organisation__in=parts, half=half).order_by("pk")
    return {each.organisation_id: each for each in rows}


def merged(organisation: Organisation, as_of: date, day: date) -> tuple[Counter, Counter, list[Organisation]]:
    """What an organisation reports, what the register says now, and who below has not confirmed.

    It reports what those below confirmed, and of whoever stands below none of them what the register says.
    """
    parts = parts_of(organisation, day)
    found = counted(organisation, as_of, parts)
    given = {
        key: each for key, each in reports_of(parts, Half.of(as_of).code).items() if each.state == State.CONFIRMED
    }  # fmt: skip
    said = sum((Counter(each.figures) for each in given.values()), Counter(found[organisation.pk]))
    return said, sum(found.values(), Counter()), [each for each in parts if each.pk not in given]


@transaction.atomic
def prepare_report(*, by, organisation: Organisation, as_of: date, today: date) -> DifficultyReport:
    """Draw up the report of an organisation as of a day; who may is the caller's to check.

    :raises ValidationError: for a day to come, an organisation that reports nothing, a half-year reported before.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    half = Half.of(as_of)
    if as_of > today:
        raise ValidationError({"as_of": f"{as_of} 还没到，请填今天或以前的日子。"})
    if organisation.kind not in KINDS:
        raise ValidationError(f"{organisation.label}不单独上报，由所在党支部或上级一并上报。")
    if before := DifficultyReport.objects.filter(organisation=organisation, half=half.code).first():
        said = f"{half.words}已经填过一张（数据截至 {before.as_of}，{before.get_state_display()}），请打开那一张。"
        raise ValidationError({"as_of": said})
    said, _now, _missing = merged(organisation, as_of, today)
    report = DifficultyReport.objects.create(
        organisation=organisation, half=half.code, as_of=as_of, figures=said, prepared_on=today,
        prepared_by=by.person if by else None,
    )  # fmt: skip
    audit.write(audit.Act.WRITE, _subject(report), half=half.code)
    return report


@transaction.atomic
def refresh_report(*, by, report: DifficultyReport, as_of: date, today: date) -> DifficultyReport:
    """Draw up anew what is not confirmed, perhaps as of another day of the same half-year.

    :raises ValidationError: for a confirmed one, a day to come or of another half-year.
    """
    report = _locked(report)
    if report.state == State.CONFIRMED:
        raise ValidationError("已经确认上报，要改请先由上级退回。")
    if as_of > today:
        raise ValidationError({"as_of": f"{as_of} 还没到，请填今天或以前的日子。"})
    if Half.of(as_of).code != report.half:
        raise ValidationError({"as_of": f"{as_of} 不在{Half.read(report.half).words}里，请另填一张。"})
    report.figures, _now, _missing = merged(report.organisation, as_of, today)
    report.as_of, report.state, report.prepared_on = as_of, State.DRAFT, today
    report.prepared_by = by.person if by else None
    report.save()
    audit.write(audit.Act.EDIT, _subject(report), half=report.half, what="refreshed")
    return report


@transaction.atomic
def confirm_report(*, by, report: DifficultyReport, today: date) -> DifficultyReport:
    """Report the figures as they stand on the form: a record of the report, that closes the organisation's duty.

    Whoever has not confirmed below is written down with it.

    :param by: the account of somebody, whose report it is.
    :raises ValidationError: if it was confirmed already, or was returned and not drawn up anew.
    """
    facts_will_change()
    report = _locked(report)
    if report.state == State.CONFIRMED:
        raise ValidationError(f"已于 {report.confirmed_on} 确认上报，没有再报一次。")
    if report.state == State.RETURNED:
        raise ValidationError("这张表被退回了，请先核对台账，点“重新计算”，再确认。")
    _said, _now, missing = merged(report.organisation, report.as_of, today)
    note = f"{Half.read(report.half).words}困难党员情况（截至 {report.as_of}）：{annual_sentence(report.figures)}"
    deed = record_deed(
        by=by, action=Action.REPORT, on=report.as_of, people=[by.person], note=note, today=today,
        organisation=report.organisation,
    )  # fmt: skip
    report.record, report.missing = deed.record, [each.label for each in missing]
    report.state, report.confirmed_on, report.confirmed_by = State.CONFIRMED, today, by.person
    report.returned_reason = ""
    report.save()
    audit.write(audit.Act.EDIT, _subject(report), half=report.half, what="confirmed")
    return report


@transaction.atomic
def return_report(*, by, report: DifficultyReport, reason: str, today: date) -> DifficultyReport:
    """Give a confirmed report back: its record is withdrawn, the duty opens again.

    :raises ValidationError: without a reason, for one not confirmed, while the level above has confirmed its own.
    """
    facts_will_change()
    report = _locked(report)
    if report.state != State.CONFIRMED:
        raise ValidationError("这张表还没有确认上报，不用退回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么退回，一句话也可以。"})
    upper = above(report.organisation)
    taken = {"organisation": upper, "half": report.half, "state": State.CONFIRMED}
    if upper and DifficultyReport.objects.filter(**taken).exists():
        raise ValidationError(f"{upper.label}已经按这张表汇总上报，请先退回{upper.label}的那一张。")
    if report.record and not report.record.withdrawn_on:
        withdraw_record(by=by, record=report.record, reason=reason.strip(), today=today)
    report.record, report.state, report.returned_reason = None, State.RETURNED, reason.strip()
    report.confirmed_on = report.confirmed_by = None
    report.missing = []
    report.save()
    audit.write(audit.Act.EDIT, _subject(report), reason=reason.strip(), half=report.half, what="returned")
    return report


def _locked(report: DifficultyReport) -> DifficultyReport:
    """The report as it is now, under the lock of its organisation."""
    Organisation.objects.select_for_update(no_key=True).get(pk=report.organisation_id)
    return DifficultyReport.objects.select_related("organisation", "record").get(pk=report.pk)


def _subject(report: DifficultyReport) -> str:
    return f"difficulty-report:{report.pk}"

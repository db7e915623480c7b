"""Taking a step of the review for many at once, leaving some out with a reason, taking the last step back.

Nobody takes a step about himself. A punishment refuses nothing: it is shown, and a person decides (domain.md 2.2).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from awards.fifty.steps import WAITS, Step
from awards.fifty.waiting import keep_tasks, places_of
from awards.models.fifty import LEFT_OUT, Medal, MedalStep, Stage, first_of_july
from base import audit
from base.facts import facts_will_change
from members.enums import Standing
from members.models import Membership
from members.services import memberships_on

LONGEST = 200


@dataclass(frozen=True)
class Row:
    """What is said of one member in a step for many.

    ``out``: why he is left out (暂缓). ``dead``: of somebody dead, ``relative`` (a relative receives it) or ``died``.
    """

    out: str = ""
    opinion: str = ""
    dead: str = ""
    medal_number: str = ""
    certificate_number: str = ""
    receiver: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Said:
    """What is said of all of them: the day, words, the number of the document, how it is handed over."""

    on: date
    words: str = ""
    opinion: str = ""
    published_on: date | None = None
    document: str = ""
    means: str = ""
    rows: Mapping[int, Row] = field(default_factory=dict)


@transaction.atomic
def take_step(*, by, step: Step, medals: Collection[Medal], said: Said, today: date) -> tuple[int, int]:
    """Take a step for all of these, or leave out those of whom ``said.rows`` gives a reason.

    :param by: the acting account, ``None`` for a command.
    :returns: how many went on, how many were left out.
    :raises ValidationError: keyed by form field (those of one member end in his number); of one who moved on meanwhile.
    """
    found = _locked(medals)
    if not found:
        raise ValidationError("还没有勾选人。请先勾选。")
    _check(by, step, found, said, today)
    stays = memberships_on([each.person for each in found], today)
    refused: dict[str, list[str]] = {}
    for medal in found:
        row, stay = said.rows.get(medal.pk, Row()), stays.get(medal.person_id)
        if not row.out:
            refused |= _amiss(step, medal, row, stay, said)
    refused |= _same_numbers(found, said) if step.code == "hand" else {}
    if refused:
        raise ValidationError(refused)
    out, places = 0, places_of(found)
    for medal in found:
        out += _go(by, step, medal, said, stays.get(medal.person_id))
    keep_tasks(by=by, places=places | places_of(found), today=today)
    return len(found) - out, out


def _locked(medals: Collection[Medal]) -> list[Medal]:
    """The medals as they stand, after the engine's lock, with who they are about and the steps taken."""
    facts_will_change()
    rows = Medal.objects.select_for_update(of=("self",)).select_related("person", "organisation")
    rows = rows.prefetch_related("steps")
    return list(rows.filter(pk__in=[each.pk for each in medals]).order_by("pk"))


def _check(by, step: Step, medals: list[Medal], said: Said, today: date) -> None:
    for medal in medals:
        if medal.withdrawn_on or medal.stage != step.after:
            raise ValidationError(f"{medal.person.name}的刚才已经办到“{_where(medal)}”，没有再办。请重新打开看。")
        if by is not None and by.person_id == medal.person_id:
            raise ValidationError(f"{medal.person.name}是你本人，由别人办理。")
    refused = {}
    if said.on > today:
        refused["on"] = f"日期 {said.on} 晚于今天，请改成今天或以前。"
    elif early := next((each for each in medals if said.on < _last(each).on), None):
        refused["on"] = f"{early.person.name}的上一步是 {_last(early).on} 办的，这一步不会更早，请核对。"
    elif step.code == "hand" and (soon := next((each for each in medals if said.on < date(each.year, 1, 1)), None)):
        refused["on"] = (
            f"{soon.year} 年的纪念章颁发给到 {first_of_july(soon.year)} 党龄满 50 年的党员，一般“七一”前集中颁发，"
            f"不在 {said.on} 颁发，最早填 {soon.year}-01-01；多列的先暂缓或撤回。"
        )
    if step.must and not said.words.strip():
        refused["words"] = f"请写{step.words}。"
    if step.code == "hand" and said.means not in Medal.Means.values:
        refused["means"] = "请选集中颁发还是上门颁发。"
    if refused:
        raise ValidationError(refused)


def _where(medal: Medal) -> str:
    return "撤回" if medal.withdrawn_on else medal.get_stage_display()


def _last(medal: Medal) -> MedalStep:
    return steps_of(medal)[-1]


def steps_of(medal: Medal) -> list[MedalStep]:
    """The steps taken, the first first."""
    return sorted(medal.steps.all(), key=lambda step: step.pk)


def _amiss(step: Step, medal: Medal, row: Row, stay: Membership | None, said: Said) -> dict[str, list[str]]:
    """What is wrong with one member's part, by field."""
    name, key = medal.person.name, medal.pk
    if stay is None:
        return {f"out_{key}": [f"{name}已没有组织关系，请写明理由暂缓。"]}
    if stay.standing == Standing.PROBATIONARY:
        return {f"out_{key}": [f"{name}是预备党员，没有党龄，请写明理由暂缓。"]}
    dead = stay.standing == Standing.DEAD
    if step.code == "verify" and not (row.opinion or said.opinion).strip():
        return {f"opinion_{key}": [f"请写{name}的表现情况审核意见。"]}
    if step.code == "approve" and dead and not (row.dead or settings.MEDAL_OF_THE_DEAD):
        return {f"dead_{key}": [f"{name}已于 {stay.since} 去世，请定：由亲属领取，还是不再颁发。"]}
    if step.code != "hand":
        return {}
    refused = {}
    if dead and said.on >= stay.since and not row.receiver.strip():
        refused[f"receiver_{key}"] = [f"{name}已于 {stay.since} 去世，请写代领的亲属。"]
    elif row.receiver.strip() and not row.relation.strip():
        refused[f"relation_{key}"] = [f"请写{row.receiver.strip()}与{name}的关系。"]
    return refused


def _same_numbers(medals: list[Medal], said: Said) -> dict[str, list[str]]:
    """Numbers given twice, in this form or before."""
    given = {pk: row.medal_number.strip() for pk, row in said.rows.items() if row.medal_number.strip() and not row.out}
    others = Medal.objects.standing().filter(medal_number__in=given.values())
    taken = {number: name for number, name in others.values_list("medal_number", "person__name").order_by("pk")}
    refused: dict[str, list[str]] = {}
    for medal in medals:
        number = given.get(medal.pk)
        if number and number in taken:
            refused[f"medal_number_{medal.pk}"] = [f"佩章编号 {number} 已登记给{taken[number]}，请核对。"]
        elif number:
            taken[number] = medal.person.name
    return refused


def _go(by, step: Step, medal: Medal, said: Said, stay: Membership | None) -> bool:
    """Move one member on, or leave him out; returns whether he was left out."""
    row = said.rows.get(medal.pk, Row())
    if row.out:
        _move(by, medal, Stage.DEFERRED, on=said.on, words=row.out)
        return True
    if stay.organisation_id != medal.organisation_id:
        medal.organisation = stay.organisation
    dead = stay.standing == Standing.DEAD
    if step.code == "approve" and dead and (row.dead or settings.MEDAL_OF_THE_DEAD) == "died":
        _move(by, medal, Stage.DIED, on=said.on, words=said.words)
        return True
    medal.opinion = (row.opinion or said.opinion or medal.opinion).strip()
    medal.published_on = said.published_on or medal.published_on
    medal.document = said.document.strip() or medal.document
    if step.code == "hand":
        medal.handed_on, medal.means = said.on, said.means
        medal.medal_number, medal.certificate_number = row.medal_number.strip(), row.certificate_number.strip()
        medal.receiver, medal.relation = row.receiver.strip(), row.relation.strip()
    _move(by, medal, step.to, on=said.on, words=said.words)
    return False


def _move(by, medal: Medal, stage: Stage, *, on: date, words: str, back: bool = False) -> None:
    medal.stage = stage
    medal.save()
    person = by.person if by is not None else None
    MedalStep.objects.create(medal=medal, stage=stage, back=back, on=on, by=person, words=words.strip())
    audit.write(audit.Act.EDIT, f"medal:{medal.pk}", person=medal.person_id, stage=stage, on=str(on))


@transaction.atomic
def leave_out(*, by, medal: Medal, stage: Stage, on: date, reason: str, today: date) -> Medal:
    """Refuse a member the medal, defer it, or record that he died before: the approver's word, with a reason.

    :raises ValidationError: keyed by form field: without a reason, for a day to come; if no step is waited for.
    """
    if stage not in LEFT_OUT:
        raise ValueError("only refusal, deferring and death leave a member out")
    [medal] = _locked([medal])
    step = WAITS.get(Stage(medal.stage))
    if step is None or medal.withdrawn_on:
        raise ValidationError(f"{medal.person.name}的已经{_where(medal)}，没有再办。")
    if not reason.strip():
        raise ValidationError({"reason": "请写理由，一句话也可以。"})
    _check(by, replace(step, must=False, code=""), [medal], Said(on), today)
    stay = memberships_on([medal.person], today).get(medal.person_id)
    if stage == Stage.DIED and (stay is None or stay.standing != Standing.DEAD):
        raise ValidationError({"stage": f"{medal.person.name}没有登记去世，请先登记，或选别的结果。"})
    _move(by, medal, stage, on=on, words=reason)
    keep_tasks(by=by, places=places_of([medal]), today=today)
    return medal


@transaction.atomic
def step_back(*, by, medal: Medal, reason: str, today: date) -> Medal:
    """Take the last step back: to where the member stood before it. Of a hand-over the numbers and receiver go too.

    :raises ValidationError: keyed ``reason`` without one; where nothing can be taken back; where another proposal
        of the member runs meanwhile.
    """
    [medal] = _locked([medal])
    if medal.withdrawn_on or (before := stage_before(medal)) is None:
        raise ValidationError("没有可退回的步骤。登记错了的，请撤回这一条。")
    if by is not None and by.person_id == medal.person_id:
        raise ValidationError(f"{medal.person.name}是你本人，由别人办理。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么退回，一句话也可以。"})
    if medal.stage in LEFT_OUT and Medal.objects.live().filter(person=medal.person_id).exists():
        raise ValidationError(f"{medal.person.name}另有一条正在办理或已颁发，不能退回这一条。")
    if medal.stage == Stage.HANDED:
        medal.handed_on, medal.means, medal.receiver, medal.relation = None, "", "", ""
        medal.medal_number = medal.certificate_number = ""
    _move(by, medal, before, on=today, words=reason, back=True)
    keep_tasks(by=by, places=places_of([medal]), today=today)
    return medal


def stage_before(medal: Medal) -> Stage | None:
    """Where the member stood before the last step that was not taken back; ``None`` at the beginning."""
    stack: list[str] = []
    for each in steps_of(medal):
        if each.back:
            stack.pop()
        else:
            stack.append(each.stage)
    return Stage(stack[-2]) if len(stack) > 1 else None


@transaction.atomic
def withdraw_medal(*, by, medal: Medal, reason: str, today: date) -> None:
    """Take back a row that was entered wrongly; the member may be listed again.

    :raises ValidationError: keyed ``reason`` without one; if it was taken back meanwhile.
    """
    [medal] = _locked([medal])
    if medal.withdrawn_on:
        raise ValidationError(f"这一条已于 {medal.withdrawn_on} 撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    medal.withdrawn_on, medal.withdrawn_reason = today, reason.strip()
    medal.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    audit.write(audit.Act.WITHDRAW, f"medal:{medal.pk}", reason=reason.strip(), person=medal.person_id)
    keep_tasks(by=by, places=places_of([medal]), today=today)

"""集体研究: one meeting decides many applications, and what it agreed to is set aside in the books at once."""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from base.sealed import sealing_key
from duties.engine.records import printed_posts
from fund.applying.filing import content_of
from fund.applying.reviewing import sum_amiss
from fund.applying.steps import Doing, check_serial, give_part, locked_all, take_step
from fund.applying.turns import awaited_on, line_of, places_of
from fund.journal import Desk
from fund.models import Application, Attendee, Decision, Fund, Grant, Meeting, Use
from fund.regulation.reckoning import NotRegulated, majority, share, who_decides
from fund.regulation.schema import Regulation, Shares
from fund.regulation.steps import Move
from fund.regulation.words import Body, Hand, StepKind
from fund.services import Wish, reserve_all
from members.enums import OrganisationKind
from members.models import Organisation, Person

PURPOSE = "fund.decision"
MOVES = {
    Decision.Outcome.AGREED: Move.PASS,
    Decision.Outcome.REFUSED: Move.REFUSE,
    Decision.Outcome.RETURNED: Move.RETURN,
}


@dataclass(frozen=True)
class Sitting:
    """A meeting as its minutes say. ``entitled``: all who may vote; ``present``: those of them who came."""

    fund: Fund
    body: str
    title: str
    on: date
    minutes: str
    entitled: Sequence[Person]
    present: Sequence[Person]


@dataclass(frozen=True)
class Pot:
    """Out of what of a fund a sum is paid: source, and the use it is earmarked for, if it is."""

    source: str
    earmark: str = ""


@dataclass(frozen=True)
class Result:
    """What was decided on one application. ``fen`` is the whole sum; ``pots`` by number of each fund that bears a part.

    ``serial``: the last step the minutes' writer saw; ``aside`` as :class:`fund.applying.reviewing.Review`.
    """

    application: Application
    serial: int
    outcome: str
    fen: int = 0
    pots: dict[int, Pot] = field(default_factory=dict)
    agree: int = 0
    against: int = 0
    abstain: int = 0
    recused: tuple[int, ...] = ()
    reason: str = ""
    aside: dict[str, str] = field(default_factory=dict)


def awaiting_decision(fund: Fund):
    """The applications to a fund that wait for a meeting, the oldest first."""
    codes = {
        step.code for each in fund.regulations.all() for step in each.parsed.steps if step.kind == StepKind.DECISION
    }
    rows = fund.applications.awaiting(*codes).select_related("regulation", "person", "organisation")
    return rows.order_by("year", "number")


def portions_of(application: Application, fen: int, day: date) -> dict[Fund, int]:
    """Which fund bears what part of a sum, in fen; the parts add up to it. Without shares the fund bears all.

    What a level would bear that does not exist above the member is the highest level's.

    :raises ValidationError: where a level that has to bear a part has no fund.
    """
    shares = application.regulation.parsed.shares
    if shares is None:
        return {application.fund: fen}
    places = places_of(line_of(application.organisation, application.fund, day))
    return parts_of(shares, fen, places, funds_at(places.values()))


def funds_at(organisations: Iterable[Organisation]) -> dict[int, Fund]:
    """The funds of these organisations, by the organisation's number."""
    numbers = {each.pk for each in organisations}
    return Fund.objects.select_related("organisation").in_bulk(numbers, field_name="organisation_id")


def parts_of(
    shares: Shares, fen: int, places: Mapping[OrganisationKind, Organisation], funds: Mapping[int, Fund]
) -> dict[Fund, int]:
    """As :func:`portions_of`, of what was read already."""
    parts: dict[Organisation, int] = {}
    for level, part in share(shares, fen).items():
        place = places.get(level) or places[shares.portions[-1].level]
        parts[place] = parts.get(place, 0) + part
    borne = {place: part for place, part in parts.items() if part}
    for place, part in borne.items():
        if place.pk not in funds:
            said = f"办法规定{place.label}分担 {part / 100:,.2f} 元，那里还没有设立资金，请先设立或改由一级承担。"
            raise ValidationError(said)
    return {funds[place.pk]: part for place, part in borne.items()}


@transaction.atomic
def decide(*, by, sitting: Sitting, results: Sequence[Result], now: datetime) -> Meeting:
    """Enter what a meeting decided, all or none.

    :raises ValidationError: keyed by ``title``, ``on``, ``minutes``, ``body``, ``present``; of one application by the
        field and its number (``agree-8``, ``fen-8``, ``source-8``, ``reason-8``, ``outcome-8``), or by nothing.
    """
    rows = {row.pk: row for row in locked_all([each.application for each in results])}
    today = civil_day(now)
    refused, beside = _meeting_amiss(sitting, results, today), []
    for result in results:
        row = rows[result.application.pk]
        check_serial(row, result.serial)
        said = _amiss(row, sitting, result, today, beside)
        beside += [(row, result.fen)] if result.outcome == Decision.Outcome.AGREED else []
        refused |= {f"{name}-{row.pk}": sentences for name, sentences in said.items()}
    if refused:
        raise ValidationError(refused)
    meeting = _written(by, sitting, now)
    for result in results:
        _decide_one(meeting, rows[result.application.pk], sitting, result)
    _keep(by, meeting, rows, results, now)
    for result in results:
        row = rows[result.application.pk]
        taken = take_step(
            by=by, application=row, move=MOVES[result.outcome], now=now, through=StepKind.DECISION,
            doing=Doing(result.reason, result.fen or None, {"meeting": meeting.pk, "aside": result.aside}, sitting.on),
        )  # fmt: skip
        if result.outcome == Decision.Outcome.AGREED:
            taken.application.granted, taken.application.decided_on = result.fen, sitting.on
            taken.application.save(update_fields=["granted", "decided_on"])
    audit.write(audit.Act.WRITE, f"meeting:{meeting.pk}", applications=sorted(rows))
    return meeting


def _meeting_amiss(sitting: Sitting, results: Sequence[Result], today: date) -> dict[str, list[str]]:
    refused: dict[str, list[str]] = {}
    if not results:
        refused["__all__"] = ["还没有选要研究的申请。"]
    if not sitting.title.strip():
        refused["title"] = ["请写会议名称，例如“党委会（2026 年第 21 次）”。"]
    if not sitting.minutes.strip():
        refused["minutes"] = ["请写会议纪要号。使用资金须经集体研究，有纪要可查。"]
    elif sitting.fund.meetings.filter(body=sitting.body, minutes=sitting.minutes.strip()).exists():
        refused["minutes"] = [f"纪要 {sitting.minutes.strip()} 已经登记过一次，请核对纪要号。"]
    if sitting.on > today:
        refused["on"] = [f"会议日期 {sitting.on} 晚于今天，请改成今天或以前。"]
    if sitting.body not in Body.values:
        refused["body"] = ["请选是什么会。"]
    if not sitting.entitled:
        refused["present"] = ["应到名单是空的，请先选应到会的人。"]
    elif len(sitting.entitled) < 2:
        refused["present"] = ["应到只有一个人，不是集体研究。请核对应到名单。"]
    return refused


def _amiss(
    row: Application, sitting: Sitting, result: Result, today: date, beside: list[tuple[Application, int]]
) -> dict[str, list[str]]:
    """What is wrong with one result, by field; ``beside``: what was agreed to before it."""
    regulation, refused = row.regulation.parsed, {}
    step = awaited_on(row, line_of(row.organisation, row.fund, today))
    if row.fund_id != sitting.fund.pk or step is None or step.kind != StepKind.DECISION:
        return {"outcome": [f"{row.label} 现在是“{row.state_words}”，不在待研究的申请里。"]}
    last = row.taken.order_by("serial").last()
    if sitting.on < last.on:
        refused["outcome"] = [f"{row.label} 的“{last.title}”是 {last.on}，会议不会早于那天，请核对会议日期。"]
    agreed = result.outcome == Decision.Outcome.AGREED
    if said := _vote_amiss(row, sitting, result, regulation):
        refused["agree"] = [said]
    if not agreed:
        if not result.reason.strip():
            refused["reason"] = ["不同意或退回的，请写明理由。"]
        return refused
    grounds = tuple(last.facts.get("grounds", ()))
    aside = {**last.facts.get("aside", {}), **{name: text for name, text in result.aside.items() if text.strip()}}
    said = sum_amiss(row, result.fen, grounds, aside, today, on=sitting.on, beside=beside)
    refused |= {{"aside": "reason"}.get(name, name): sentences for name, sentences in said.items()}
    if "fen" not in refused:
        if said := _wrong_body(regulation, row, result.fen, sitting.body):
            refused["fen"] = [said]
        refused |= _pots_amiss(row, result, today)
    return refused


def related_names(row: Application) -> set[str]:
    """Names of those who have to step aside: the household, and the relative who filed it."""
    content = content_of(row)
    return {row.person.name, content.filer_name, *(each.get("name", "") for each in content.family)} - {""}


def related_to(row: Application, people: Sequence[Person]) -> set[int]:
    """Who of these has to step aside: the applicant, who filed it, and whoever bears a name of the household."""
    names, own = related_names(row), {row.person_id, row.filed_by_id}
    return {person.pk for person in people if person.pk in own or person.name in names}


def _vote_amiss(row: Application, sitting: Sitting, result: Result, regulation: Regulation) -> str:
    related = related_to(row, sitting.entitled)
    there = {person.pk for person in sitting.present}
    if missing := [person.name for person in sitting.present if person.pk in related - set(result.recused)]:
        return f"{'、'.join(missing)}是申请人本人、代填人或亲属，须回避，不计入投票。请勾选回避。"
    voters = len(there - set(result.recused))
    total = result.agree + result.against + result.abstain
    if total > voters:
        return f"最多 {voters} 票，现在填了 {total} 票。"
    try:
        outcome = majority(
            regulation, Body(sitting.body), entitled=[each.pk for each in sitting.entitled],
            present=[each.pk for each in sitting.present], agree=result.agree, against=result.against,
            abstain=result.abstain, recused=result.recused, related=related,
        )  # fmt: skip
    except (NotRegulated, ValueError) as wrong:
        return str(wrong)
    if not outcome.is_quorate:
        return outcome.why
    if outcome.is_adopted != (result.outcome == Decision.Outcome.AGREED):
        return outcome.why or "赞成票够通过，结论却不是“同意”，请核对票数和结论。"
    return ""


def _wrong_body(regulation: Regulation, row: Application, fen: int, body: str) -> str:
    """Why a body may not decide on a sum; one that decides on more may decide on less."""
    needed = who_decides(regulation, fen, urgent=row.urgent)
    order = [band.body for band in regulation.bands]
    if body == needed or (body in order and needed in order and order.index(body) > order.index(needed)):
        return ""
    return f"这个数额由{needed.label}研究，这次是{Body(body).label}。请减少金额，或提交{needed.label}。"


def _pots_amiss(row: Application, result: Result, today: date) -> dict[str, list[str]]:
    try:
        portions = portions_of(row, result.fen, today)
    except ValidationError as wrong:
        return {"fen": wrong.messages}
    without = [fund.organisation.label for fund in portions if not getattr(result.pots.get(fund.pk), "source", "")]
    return {"source": [f"请选资金来源（{'、'.join(without)}）。"]} if without else {}


def _written(by, sitting: Sitting, now: datetime) -> Meeting:
    meeting = Meeting.objects.create(
        fund=sitting.fund, organisation=sitting.fund.organisation, body=sitting.body, title=sitting.title.strip(),
        on=sitting.on, minutes=sitting.minutes.strip(), at=now, entered_by=by.person,
    )  # fmt: skip
    posts = printed_posts(list(sitting.entitled), sitting.on)
    there = {person.pk for person in sitting.present}
    Attendee.objects.bulk_create(
        Attendee(meeting=meeting, person=person, post=posts.get(person.pk, ""), present=person.pk in there)
        for person in sitting.entitled
    )
    return meeting


def _decide_one(meeting: Meeting, row: Application, sitting: Sitting, result: Result) -> None:
    """The frozen decision, and who had a hand in it: a reviewer who voted keeps the hand of a reviewer."""
    voters = [person for person in sitting.present if person.pk not in result.recused]
    reviewed = set(row.parts.filter(hand=Hand.REVIEW).values_list("person", flat=True))
    for person in sorted(voters, key=lambda each: each.pk):
        if person.pk not in reviewed:
            give_part(row, person.pk, Hand.DECIDE, "")
    decision = Decision(
        meeting=meeting, application=row, round=row.round, outcome=result.outcome,
        fen=result.fen if result.outcome == Decision.Outcome.AGREED else 0, entitled=len(sitting.entitled),
        present=len(voters), agree=result.agree, against=result.against, abstain=result.abstain,
        recused=sorted(result.recused), reason=result.reason.strip(), snapshot=snapshot_of(row),
    )  # fmt: skip
    decision.digest = digest_of(decision)
    decision.save()


def snapshot_of(row: Application) -> dict:
    """What a meeting has before it: frozen with its decision, whatever is changed afterwards."""
    reviews = row.taken.filter(round=row.round).order_by("serial")
    return {
        "person": row.person_id, "name": row.person.name, "organisation": row.organisation.label,
        "kind": row.kind, "kind_words": row.class_of.title, "grade": row.grade, "urgent": row.urgent,
        "asked": row.asked, "regulation": row.regulation_id, "content": row.content,
        "reviews": [{"title": each.title, "move": each.move, "fen": each.fen, "on": str(each.on)} for each in reviews],
    }  # fmt: skip


def digest_of(decision: Decision, key: str | None = None) -> str:
    """A keyed digest over a decision; ``key`` names the key it was made with. Empty if that key is gone."""
    found = sealing_key(PURPOSE, key)
    if found is None:
        return ""
    name, secret = found
    said = [
        decision.meeting_id, decision.application_id, decision.round, decision.outcome, decision.fen,
        decision.entitled, decision.present, decision.agree, decision.against, decision.abstain, decision.recused,
        decision.reason, decision.snapshot,
    ]  # fmt: skip
    text = json.dumps(
        [str(each) if not isinstance(each, dict) else each for each in said], ensure_ascii=False, sort_keys=True
    )
    return f"{name}${hmac.digest(secret, text.encode(), 'sha256').hex()}"


def holds(decision: Decision) -> bool | None:
    """Whether a decision still says what it said when it was entered; ``None`` if the key is gone."""
    name = decision.digest.partition("$")[0]
    again = digest_of(decision, name)
    return hmac.compare_digest(again, decision.digest) if again else None


def _keep(by, meeting: Meeting, rows: dict[int, Application], results: Sequence[Result], now: datetime) -> None:
    """Set all agreed sums aside in one go, and write what is owed to whom."""
    agreed = [result for result in results if result.outcome == Decision.Outcome.AGREED]
    decisions = {each.application_id: each for each in meeting.decisions.all()}
    wishes: list[tuple[Application, Wish]] = []
    for result in agreed:
        row = rows[result.application.pk]
        for fund, fen in portions_of(row, result.fen, civil_day(now)).items():
            pot = result.pots[fund.pk]
            use = row.class_of.use
            wishes.append((row, Wish(fund, pot.source, Use(use), fen, f"application:{row.pk}", pot.earmark, row.label)))
    desk = Desk(max(meeting.on, *(wish.fund.opened_on for _row, wish in wishes)) if wishes else meeting.on, now, by.pk)
    try:
        kept = reserve_all([wish for _row, wish in wishes], desk) if wishes else []
    except ValidationError as short:
        raise ValidationError([f"还不能保存：{sentence}" for sentence in short.messages]) from short
    Grant.objects.bulk_create(
        Grant(
            fund=wish.fund, person=row.person, application=row, decision=decisions[row.pk], reservation=reservation,
            fen=wish.amount,
        )
        for (row, wish), reservation in zip(wishes, kept, strict=True)
    )  # fmt: skip

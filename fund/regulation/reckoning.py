"""What a regulation says of sums, days, votes and earlier help. Pure; sums in whole fen, days are civil days."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from base.dates import months_later
from base.workdays import Arrangement, working_days_later
from fund.regulation.schema import Cap, Class, LookBack, Notice, Regulation, Shares, Standard
from fund.regulation.words import Body, DayCount, Limit
from members.enums import OrganisationKind


class NotRegulated(LookupError):
    """The regulation does not say what was asked; the text says what to do."""


def classes_fitting(regulation: Regulation, kinds: Collection[str], party_years: int | None = None) -> list[Class]:
    """The classes a member may apply in; which evidence they need, each says itself.

    :param kinds: the categories of care the member stands in on the day. A class without kinds is open to everybody.
    :param party_years: completed years of 党龄; ``None`` where unknown, which fits no class that asks for them.
    """
    return [
        each
        for each in regulation.classes
        if (not each.kinds or set(each.kinds) & set(kinds))
        and (each.party_years is None or (party_years is not None and party_years >= each.party_years))
    ]


def barring(regulation: Regulation, grounds: Collection[str], overridden: Mapping[str, str] | None = None) -> list[str]:
    """For each ground that stands in the way of paying a member, a sentence; empty where none does.

    It bars from money alone: talks and visits are owed all the same (中办发〔2019〕11号第八条).

    :param grounds: what was found of the member, of :class:`~fund.regulation.words.Ground`.
    :param overridden: grounds the deciding body set aside, each with its reason.
    """
    found = []
    for each in regulation.exclusions:
        if each.ground not in grounds:
            continue
        if not each.may_override:
            found.append(f"{each.ground.label}，按办法不予帮扶。")
        elif not (overridden or {}).get(each.ground, "").strip():
            found.append(f"{each.ground.label}，按办法不予帮扶；确需帮扶的，由研究决定的会议写明理由。")
    return found


def standard_for(regulation: Regulation, of: str, day: date, *, grade: str = "") -> Standard:
    """The standard of a class in force on a day.

    :param of: the code of the class.
    :param grade: which of several standards of the class; empty where it has one.
    :raises NotRegulated: where none is in force; that is not a standard of zero.
    """
    for each in regulation.standards:
        if (each.of, each.grade) == (of, grade) and each.since <= day < each.until:
            return each
    grades = [each.grade for each in regulation.standards if each.of == of and each.since <= day < each.until]
    if any(grades):
        raise NotRegulated(f"这一类的标准分档，请选一档：{'、'.join(grades)}。")
    title = next((each.title for each in regulation.classes if each.code == of), of)
    raise NotRegulated(f"办法里没有“{title}”在 {day} 的标准。请先补上标准，或核对类别和日期。")


def beyond_standard(standard: Standard, fen: int) -> str:
    """Why a sum is not what the standard says, as a sentence; empty if it is."""
    lowest, highest = (standard.fen, standard.fen) if standard.fen else (standard.lowest, standard.highest)
    if fen <= 0:
        return "金额要大于零。"
    if lowest is None or lowest <= fen <= highest:
        return ""
    if lowest == highest:
        return f"这一类的标准是 {yuan(lowest)} 元，填的是 {yuan(fen)} 元。"
    return f"这一类的标准是 {yuan(lowest)} 至 {yuan(highest)} 元，填的是 {yuan(fen)} 元。"


def yuan(fen: int) -> str:
    """``1,200.50`` for 120050 fen."""
    return f"{fen // 100:,}.{fen % 100:02}"


def who_decides(regulation: Regulation, fen: int, *, urgent: bool = False) -> Body:
    """The body that decides on a sum: of the first band it fits in; of the urgent path, where that names one.

    :raises NotRegulated: where the urgent path does not exist or reach so far.
    """
    if fen <= 0:
        raise ValueError("金额要大于零。")
    if urgent:
        path = regulation.urgent
        if path is None:
            raise NotRegulated("办法里没有紧急程序，请按一般程序办理。")
        if path.up_to and fen > path.up_to:
            raise NotRegulated(f"紧急程序最多 {yuan(path.up_to)} 元，超出的请按一般程序办理。")
        if path.body:
            return path.body
    return next(band.body for band in regulation.bands if band.up_to is None or fen <= band.up_to)


@dataclass(frozen=True)
class Outcome:
    """What a vote came to. ``why`` says, in a sentence, why nothing was adopted."""

    is_quorate: bool
    is_adopted: bool
    why: str = ""


def majority(
    regulation: Regulation,
    body: Body,
    *,
    entitled: Collection,
    present: Sequence,
    agree: int,
    against: int = 0,
    abstain: int = 0,
    recused: Collection = (),
    related: Collection = (),
) -> Outcome:
    """What a vote of a body on one application came to.

    :param entitled: who may vote in the body (应到会), all of them.
    :param present: who came (实到会); may name those who step aside.
    :param agree: votes for; ``against`` and ``abstain`` likewise. Together as many as came and did not step aside.
    :param recused: who steps aside (回避): they stay in the whole, and count neither as present nor as agreeing.
    :param related: the applicant and their relatives, who have to be among ``recused`` if they are there.
    :raises NotRegulated: where the regulation does not say how the body votes.
    :raises ValueError: with a sentence, for attendance or votes that cannot be.
    """
    voting = next((each for each in regulation.votings if each.body == body), None)
    if voting is None:
        raise NotRegulated(f"办法里没有写{Body(body).label}怎样表决。请先补上，或改由办法规定的会议研究。")
    everybody, there, aside = set(entitled), set(present), set(recused)
    if len(everybody) != len(entitled) or len(there) != len(present):
        raise ValueError("同一个人登记了两次，请核对应到和实到名单。")
    if there - everybody:
        raise ValueError("实到名单里有不在应到名单中的人；列席的不计入实到。")
    if aside - everybody:
        raise ValueError("回避名单里有不在应到名单中的人，请核对。")
    if (there & set(related)) - aside:
        raise ValueError("申请人和亲属在场的，要登记为回避，不计入实到，也不投票。")
    voters = there - aside
    if min(agree, against, abstain) < 0:
        raise ValueError("票数不能小于零。")
    if agree + against + abstain != len(voters):
        said = f"赞成、反对、弃权合计 {agree + against + abstain} 票"
        raise ValueError(f"{said}，应为实到且不回避的 {len(voters)} 人各一票。")
    if not everybody or not voting.quorum.reached(len(voters), len(everybody)):
        need = f"应到 {len(everybody)} 人，要{voting.quorum.label}到会"
        return Outcome(False, False, f"{need}，扣除回避的实到 {len(voters)} 人，不够开会人数，不能表决。")
    if not voting.majority.reached(agree, len(everybody)):
        need = f"应到 {len(everybody)} 人，要{voting.majority.label}赞成"
        return Outcome(True, False, f"{need}，赞成 {agree} 票，没有通过。")
    return Outcome(True, True)


def notice_ends(notice: Notice, posted_on: date, more: Mapping[int, Arrangement] | None = None) -> date:
    """The last day of a notice, through 24:00; the day of posting is not counted (民法典 201 条).

    Calendar days are counted through, weekends and holidays included; the last may be one.

    :param more: arrangements of working days beside those shipped (:mod:`base.workdays`).
    :raises base.calendar.YearUnknown: where a year is met whose working days are not known; nothing is guessed.
    """
    if notice.count == DayCount.WORKING:
        return working_days_later(posted_on, notice.days, more)
    return posted_on + timedelta(days=notice.days)


def share(shares: Shares, fen: int) -> dict[OrganisationKind, int]:
    """What each level bears of a sum, lowest level first; the parts add up to the sum, to the fen.

    By largest remainder; of equal remainders the higher level takes the fen.
    """
    if fen < 0:
        raise ValueError("金额不能小于零。")
    products = [fen * each.percent for each in shares.portions]
    parts = [product // 100 for product in products]
    order = sorted(range(len(parts)), key=lambda place: (products[place] % 100, place), reverse=True)
    for place in order[: fen - sum(parts)]:
        parts[place] += 1
    return {portion.level: part for portion, part in zip(shares.portions, parts, strict=True)}


def within_look_back(look_back: LookBack | None, day: date, helped_on: Iterable[date]) -> list[date]:
    """The days of earlier help that stand in the way of a new decision on ``day``; empty where none does.

    Help counts from its own day up to, and without, the corresponding day ``months`` later (29 February: the 28th where
    a year has none): who was helped on 2025-06-10 may be helped again on 2026-06-10.

    :param helped_on: the days of decision on earlier help that was not released or refused.
    """
    if look_back is None:
        return []
    found = sorted(each for each in helped_on if each <= day < months_later(each, look_back.months))
    return found if len(found) >= look_back.times else []


def beyond_caps(caps: Iterable[Cap], fen: int, spent: Mapping[Limit, int]) -> list[str]:
    """For each cap that a new sum would go beyond, a sentence.

    :param spent: what was decided already, in fen, of what each limit counts together; what is missing counts as 0.
    """
    found = []
    for cap in caps:
        before = 0 if cap.per == Limit.APPLICATION else spent.get(cap.per, 0)
        if before + fen > cap.fen:
            left = max(0, cap.fen - before)
            found.append(f"{cap.per.label}最多 {yuan(cap.fen)} 元，还可以帮扶 {yuan(left)} 元，填的是 {yuan(fen)} 元。")
    return found

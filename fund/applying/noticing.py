"""公示: what is shown to everybody, how long, and what follows from an objection."""

import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from base import audit
from base.arranging import arrangements
from base.calendar import YearUnknown
from base.dates import civil_day
from base.facts import facts_will_change
from base.workdays import is_working_day, working_days_later
from fund.applying.masking import masked_name
from fund.applying.steps import Doing, hands_of, locked, locked_all, take_step
from fund.applying.turns import Turn, awaited_on, barred_from, line_of, places_of, turn_of, way_of
from fund.applying.waiting import wait_until
from fund.models import Application, Fund, NoticeLine, Objection, Payment, PublicNotice
from fund.regulation.reckoning import notice_ends
from fund.regulation.steps import OBJECTED, Move, StepRefused, check_hands, reopened_from
from fund.regulation.words import DayCount, StepKind
from members.enums import Standing
from members.models import Membership

ANSWERS = {
    Objection.Outcome.DISMISSED: Move.DISMISS,
    Objection.Outcome.CORRECTED: Move.REPOST,
    Objection.Outcome.RETURNED: Move.RETURN,
    Objection.Outcome.UPHELD: Move.REFUSE,
}
"""What each conclusion does to the application."""


@dataclass(frozen=True)
class Posting:
    """What a notice says besides its rows. No names."""

    title: str
    words: str
    phone: str
    office: str
    place: str = ""


def live_lines():
    """Rows under which an application is being shown for the step and round it is in, objected to or not."""
    rows = NoticeLine.objects.filter(notice__taken_down_on__isnull=True, round=F("application__round"))
    at = Q(application__state=F("notice__step")) | Q(application__state=Concat(F("notice__step"), Value(OBJECTED)))
    return rows.filter(at)


def unposted(applications):
    """Of these, those that wait for a notice and stand on none that is shown."""
    return applications.exclude(pk__in=live_lines().values("application"))


@transaction.atomic
def post_notice(*, by, applications: Sequence[Application], posting: Posting, now: datetime) -> PublicNotice:
    """Post a list today. Its days count from tomorrow (民法典 201 条), working days by the State Council's calendar.

    :raises PermissionDenied: where it is not the account's turn.
    :raises ValidationError: keyed by form field; for an application that waits for no notice, or stands on one already.
    """
    rows, today = locked_all(applications), civil_day(now)
    refused = {
        name: [said]
        for name, said in (
            ("title", "请写公示的标题。"), ("phone", "请写监督电话，群众要能反映意见。"), ("office", "请写受理部门。"),
        )
        if not getattr(posting, name).strip()
    }  # fmt: skip
    if not rows:
        refused["__all__"] = ["还没有选要公示的申请。"]
    if refused:
        raise ValidationError(refused)
    turns = {_turn(by, row, today) for row in rows}
    if len(turns) > 1:
        raise ValidationError("选的申请不在同一级公示，或者公示的天数不同，请分开张贴。")
    (code, organisation, _days), (step, fund) = turns.pop(), _step_of(rows[0], today)
    if again := _standing_on_one(rows):
        raise ValidationError(f"{'、'.join(each.label for each in again)} 已经在公示，没有再贴一次。")
    try:
        ends_on = notice_ends(step.notice, today, arrangements())
    except YearUnknown as unknown:
        raise ValidationError(f"还算不出公示哪天期满：{unknown}") from unknown
    notice = PublicNotice.objects.create(
        fund=fund, organisation_id=organisation, step=code, token=secrets.token_urlsafe(16), posted_on=today,
        posted_at=now, days=step.notice.days, count=step.notice.count, ends_on=ends_on, posted_by=by.person,
        corrects=_corrected(rows, fund, code),
        **{name: text.strip() for name, text in vars(posting).items()},
    )  # fmt: skip
    NoticeLine.objects.bulk_create(
        NoticeLine(
            notice=notice, application=row, round=row.round, number=number, name=name, branch=row.organisation.label,
            category=row.class_of.public_title, fen=row.granted or row.asked,
        )
        for number, (row, name) in enumerate(zip(rows, shown_names(rows), strict=True), start=1)
    )  # fmt: skip
    for row in rows:
        wait_until(row, ends_on + timedelta(days=3))
    audit.write(audit.Act.WRITE, f"notice:{notice.pk}", applications=[row.pk for row in rows], ends=str(ends_on))
    return notice


def shown_names(rows: Sequence[Application]) -> list[str]:
    """The names as the list shows them; those of one branch that look alike are told apart as （1）, （2）."""
    masked = [(masked_name(row.person.name), row.organisation_id) for row in rows]
    alike, seen, names = Counter(masked), Counter(), []
    for each in masked:
        seen[each] += 1
        names.append(f"{each[0]}（{seen[each]}）" if alike[each] > 1 else each[0])
    return names


def _corrected(rows: Sequence[Application], fund: Fund, code: str) -> PublicNotice | None:
    """The list that was taken down and that this one takes the place of."""
    down = PublicNotice.objects.filter(fund=fund, step=code, taken_down_on__isnull=False, corrected_by__isnull=True)
    return down.filter(lines__application__in=rows).order_by("-pk").first()


def _step_of(row: Application, today: date):
    return awaited_on(row, line_of(row.organisation, row.fund, today)), row.fund


def _turn(by, row: Application, today: date) -> tuple[str, int, tuple]:
    """The notice step an application waits for, after asking whether it is the account's turn."""
    line = line_of(row.organisation, row.fund, today)
    step = awaited_on(row, line)
    if step is None or step.kind != StepKind.NOTICE or row.editable:
        raise ValidationError(f"{row.label} 现在是“{row.state_words}”，不是公示的时候。")
    check_turn(by, row, turn_of(step, line, today, but=barred_from(row, step)))
    return step.code, places_of(line)[step.at].pk, (step.notice.days, step.notice.count)


def check_turn(by, row: Application, turn: Turn) -> None:
    """Refuse whose turn a clerical part of a step is not.

    :raises ValidationError: naming who may.
    """
    own = by.person_id in (row.person_id, row.filed_by_id)
    if turn.role_of(by.person_id) is None and (own or turn.kept_out_as(by.person_id) is None):
        who = "、".join(person.name for person in turn.people) or "有这个职务的人"
        raise ValidationError(f"“{turn.step.title}”由{turn.organisation.label}的{who}办理。")
    try:
        check_hands(turn.step, by.person_id, hands_of(row))
    except StepRefused as refused:
        raise ValidationError(str(refused)) from refused


def _standing_on_one(rows: Sequence[Application]) -> list[Application]:
    free = set(unposted(Application.objects.filter(pk__in=[row.pk for row in rows])).values_list("pk", flat=True))
    return [row for row in rows if row.pk not in free]


def line_ends(line: NoticeLine) -> date:
    """The last day on which a row is shown: that of the notice, or later where an objection stopped its days.

    Asks nothing if ``objections`` were prefetched.
    """
    return max([line.notice.ends_on, *(each.ends_on for each in line.objections.all() if each.ends_on)])


def cleared_on(applications: Collection[int]) -> dict[int, date]:
    """By number of each application that was shown in its present round: the first day on which its notices were over
    and what was objected to was answered.
    """
    rows = NoticeLine.objects.filter(application__in=applications, round=F("application__round"))
    rows = rows.filter(notice__taken_down_on__isnull=True).select_related("notice").prefetch_related("objections")
    found: dict[int, date] = {}
    for line in rows.order_by("pk"):
        answered = [each.answered_on for each in line.objections.all() if each.answered_on]
        over = max([line_ends(line) + timedelta(days=1), *answered])
        found[line.application_id] = max(over, found.get(line.application_id, over))
    return found


def live_line(application: Application) -> NoticeLine | None:
    """The row under which an application is being shown."""
    rows = live_lines().filter(application=application).select_related("notice").prefetch_related("objections")
    return rows.order_by("-notice__posted_on", "-pk").first()


@transaction.atomic
def finish_notice(*, by, notice: PublicNotice, result: str, now: datetime) -> int:
    """Enter that a notice is over: every row whose days have passed without an open objection goes on.

    :returns: how many went on.
    :raises ValidationError: on the last day or before; where nothing is left to go on.
    """
    facts_will_change()
    notice = PublicNotice.objects.select_for_update().get(pk=notice.pk)
    today = civil_day(now)
    if notice.taken_down_on:
        raise ValidationError(f"这份公示已于 {notice.taken_down_on} 撤下，名单更正后要重新公示。")
    if today <= notice.ends_on:
        raise ValidationError(
            f"公示 {notice.ends_on:%m-%d} 24:00 才期满，{notice.ends_on + timedelta(days=1):%m-%d} 起可以登记结果。"
        )
    lines = notice.lines.select_related("application", "notice").prefetch_related("objections").order_by("application")
    dead = Membership.objects.on(today).filter(standing=Standing.DEAD, person__in=lines.values("application__person"))
    buried, passed = set(dead.values_list("person", flat=True)), 0  # whose applications the clock ends
    for line in lines:
        row = locked(line.application)
        if row.person_id in buried and not row.urgent:
            continue
        if row.state != notice.step or live_line(row) != line or today <= line_ends(line):
            continue
        take_step(
            by=by, application=row, move=Move.PASS, now=now, through=StepKind.NOTICE,
            doing=Doing(result, facts={"notice": notice.pk}),
        )  # fmt: skip
        passed += 1
    if not passed:
        raise ValidationError("这份公示里没有可以往下办的：有异议的先答复，答复后继续公示的到期再办。")
    if notice.result_on is None:
        notice.result_on, notice.result_by = today, by.person
    objected = any(line.objections.all() for line in lines)
    notice.result = result.strip() or ("公示期满，异议已书面答复。" if objected else "公示期满，无异议。")
    notice.save(update_fields=["result", "result_on", "result_by"])
    audit.write(audit.Act.EDIT, f"notice:{notice.pk}", passed=passed)
    return passed


@transaction.atomic
def object_to(
    *, by, line: NoticeLine, received_on: date, who: str, contact: str, text: str, now: datetime
) -> Objection:  # fmt: skip
    """Enter an objection to a row: its clock stops, and nothing is paid until it is answered in writing. What came
    in the days of a notice may be entered after its result too, while nothing is paid or with the bank.

    :raises ValidationError: keyed by form field; where the row is shown no more, or its money went out.
    """
    row, today = locked(line.application), civil_day(now)
    refused: dict[str, list[str]] = {}
    if not text.strip():
        refused["text"] = ["请写反映了什么。"]
    if not who.strip():
        refused["by"] = ["请写反映人；匿名反映的写“匿名”，同样要核查。"]
    if received_on > today or received_on < line.notice.posted_on:
        refused["received_on"] = [f"收到日期要在 {line.notice.posted_on} 到今天之间，请核对。"]
    if refused:
        raise ValidationError(refused)
    over = line.notice.step if live_line(row) != line else ""
    if over:
        _check_reopens(row, line, received_on, today)
    objection = Objection.objects.create(
        line=line, received_on=received_on, entered_on=today, by=who.strip(), contact=contact.strip(),
        text=text.strip(), entered_by=by.person,
    )  # fmt: skip
    if not row.state.endswith(OBJECTED):
        take_step(
            by=by, application=row, move=Move.OBJECT, now=now, through=StepKind.NOTICE, notice=over,
            doing=Doing(facts={"objection": objection.pk}),
        )  # fmt: skip
    else:
        check_turn(by, row, _turn_at_notice(row, line.notice, today))
    audit.write(audit.Act.WRITE, f"objection:{objection.pk}", application=row.pk)
    return objection


def _check_reopens(row: Application, line: NoticeLine, received_on: date, today: date) -> None:
    """Refuse an objection to a row that is shown no more, unless it came while it was shown and money can be stopped.

    :raises ValidationError: saying what is to be done instead.
    """
    notice = line.notice
    if received_on > (last := line_ends(line)):
        said = f"这一行公示到 {last} 为止，之后收到的不停发放。请书面答复反映人；属实的，由组织部另行处理。"
        raise ValidationError({"received_on": [said]})
    there = set(Payment.objects.filter(grant__application=row).values_list("state", flat=True))
    if there & {Payment.State.PAID, Payment.State.RECEIVED}:
        raise ValidationError(
            f"{row.label} 的钱已经发出，异议停不下来了。请核查后书面答复；异议成立的，由出纳在这笔发放里办“登记退款”。"
        )
    if Payment.State.LISTED in there:
        raise ValidationError(
            f"{row.label} 已列入银行发放批次。请先由出纳作废这个批次（已送银行的，等回单按“没有发出”登记），"
            "再来登记异议。"
        )
    if row.over or row.editable or line.round != row.round or notice.taken_down_on:
        raise ValidationError("这一行已经不在公示，请在现在的公示里登记。")
    steps = way_of(row, line_of(row.organisation, row.fund, today))
    if row.state not in reopened_from(steps, notice.step):
        raise ValidationError(
            f"{row.label} 现在是“{row.state_words}”，在这份公示以后已另经研究或公示。"
            "请在现在的公示里登记，或者书面答复。"
        )


def _turn_at_notice(row: Application, notice: PublicNotice, today: date) -> Turn:
    """Whose turn what is clerical about a notice is, whatever became of the application."""
    steps = [each for each in row.regulation.parsed.steps if each.kind == StepKind.NOTICE]
    step = next((each for each in steps if each.code == notice.step), steps[0])
    return turn_of(step, line_of(row.organisation, row.fund, today), today, but=barred_from(row, step))


@transaction.atomic
def answer(*, by, objection: Objection, outcome: str, words: str, now: datetime) -> Objection:
    """Answer an objection in writing. Dismissed, the row goes on for as many days as were left; corrected, the whole
    list comes down and is posted anew; otherwise the application leaves the list. What was said besides against one
    that left the list already is answered all the same, and changes nothing.

    :raises ValidationError: keyed by form field; if it was answered already.
    """
    row, today = locked(objection.line.application), civil_day(now)
    objection = Objection.objects.select_for_update().select_related("line__notice").get(pk=objection.pk)
    if objection.answered_on:
        raise ValidationError(f"这条异议已于 {objection.answered_on} 答复，没有再办一次。")
    if outcome not in ANSWERS:
        raise ValidationError({"outcome": "请选核查的结论。"})
    if not words.strip():
        raise ValidationError({"answer": "请写给反映人的书面答复。"})
    objection.answered_on, objection.answer = today, words.strip()
    objection.outcome, objection.answered_by = outcome, by.person
    notice = objection.line.notice
    shown = row.round == objection.line.round and row.state == notice.step + OBJECTED
    if outcome == Objection.Outcome.DISMISSED and shown:
        try:
            objection.ends_on = resumed(notice, objection.received_on, today)
        except YearUnknown as unknown:
            raise ValidationError(f"还算不出这一行公示到哪天：{unknown}") from unknown
    objection.save()
    others = Objection.objects.filter(line__application=row, line__round=row.round, answered_on__isnull=True).exists()
    move = ANSWERS[outcome]
    if shown and others and move == Move.REPOST:
        raise ValidationError({"outcome": "这一行还有别的异议没有答复。请先答复那些，最后一条再更正名单。"})
    if shown and not (others and move == Move.DISMISS):
        take_step(
            by=by, application=row, move=move, now=now, through=StepKind.NOTICE,
            doing=Doing(words, facts={"objection": objection.pk}),
        )  # fmt: skip
    else:
        check_turn(by, row, _turn_at_notice(row, notice, today))
    if outcome == Objection.Outcome.CORRECTED and shown and notice.taken_down_on is None:
        notice.taken_down_on = today
        notice.save(update_fields=["taken_down_on"])
    if outcome == Objection.Outcome.DISMISSED and shown and not others:
        wait_until(locked(row), objection.ends_on + timedelta(days=3))
    audit.write(audit.Act.EDIT, f"objection:{objection.pk}", outcome=outcome)
    return objection


def resumed(notice: PublicNotice, received_on: date, answered_on: date) -> date:
    """The last day of a row whose days stood still from the receipt of an objection to its answer, both included.

    As many days as were left on receipt follow the day of the answer; none left, it is the notice's own last day.
    """
    working, more = notice.count == DayCount.WORKING, arrangements()
    days = (
        notice.posted_on + timedelta(days=ahead) for ahead in range(1, (notice.ends_on - notice.posted_on).days + 1)
    )
    left = sum(1 for day in days if day >= received_on and (not working or is_working_day(day, more)))
    if not left:
        return notice.ends_on
    return working_days_later(answered_on, left, more) if working else answered_on + timedelta(days=left)

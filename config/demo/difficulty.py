"""The demo's register of hardship in all its stages: waiting, recognised, reviewed, overdue, ended; a plan with tasks;
and last half-year's report, which one branch has not confirmed.
"""

from datetime import date, timedelta

from care.entries import Given, close_entry, open_entry, review_entry, source_of
from care.figures import Half
from care.models import Entry, RegisterCode
from care.registers import REGISTERS
from care.registers.difficulty import OUT
from care.reporting import confirm_report, prepare_report
from config.demo.people import COMMITTEE, HOME
from duties.deeds import record_deed
from duties.tasks import assign_task
from members.enums import OrganisationKind, Role
from members.models import Account, Organisation, Person, Post

PLANNED, WAITING, UNREVIEWED = "郭凤英", "李建国", "邓海波"
TASKS = (
    ("陪她到医保窗口办门诊慢特病待遇", 30, -9, True),
    ("联系街道，问清助餐补贴怎么申请", 18, -4, False),
    ("入冬前上门看一次取暖", 6, 12, False),
)
"""What the plan has done about one member: given how many days ago, due in how many, whether it is done."""


def enter_difficulty(*, since: date, today: date) -> None:
    """Enter them by the accounts of the branches' secretaries; what would lie before ``since`` is left out."""
    secretaries = _secretaries(today)
    _review(secretaries, since, today)
    _wait(secretaries[HOME], today)
    _plan(secretaries[HOME], today)
    _report(secretaries, since, today)


def _secretaries(today: date) -> dict[str, Account]:
    posts = Post.objects.on(today).filter(role=Role.SECRETARY, organisation__code__startswith=COMMITTEE)
    posts = posts.filter(person__account__isnull=False).select_related("organisation", "person__account__person")
    return {each.organisation.code: each.person.account for each in posts.order_by("pk")}


def _review(secretaries: dict[str, Account], since: date, today: date) -> None:
    """All but one were looked at within the half-year; the last one is in difficulty no more."""
    rows = Entry.objects.filter(register=RegisterCode.DIFFICULTY).exclude(person__name=UNREVIEWED)
    entries = list(rows.select_related("person").order_by("pk"))
    for entry in entries:
        place = entry.person.memberships.on(today).select_related("organisation").first()
        by, on = secretaries.get(place.organisation.code), max(since + timedelta(days=170), entry.since)
        if by is None or by.person_id == entry.person_id or on > today:
            continue
        review_entry(by=by, entry=entry, on=on, people=[by.person], note="上门看过，和本人谈过", today=on)
    last = today - timedelta(days=20)
    if entries and last > entries[-1].since:
        close_entry(by=None, entry=entries[-1], last=last, why=OUT, note="本人和配偶都已就业", today=today)


def _wait(by: Account, today: date) -> None:
    """One that the branch entered and nobody above has recognised yet."""
    given = Given({
        "causes": ["accident"], "main_cause": "accident", "economy": "other", "health": "fair", "source": "退休金",
        "own_income": 260000, "detail": "夏天屋顶漏水，修房借了钱。", "needs": "修缮补助", "measures": "问清房管所政策",
    }, "一般困难")  # fmt: skip
    about = Person.objects.filter(name=WAITING).order_by("pk").first()
    register = REGISTERS[RegisterCode.DIFFICULTY]
    open_entry(by=by, register=register, person=about, since=today - timedelta(days=5), given=given, today=today)


def _plan(by: Account, today: date) -> None:
    entry = Entry.objects.select_related("person").filter(register=RegisterCode.DIFFICULTY, person__name=PLANNED).get()
    commissioner = Post.objects.on(today).filter(organisation__code=HOME, role=Role.ORGANISATION_COMMISSIONER)
    helper = commissioner.select_related("person").get().person
    for what, ago, due, done in TASKS:
        event = assign_task(
            by=by, member=entry.person, what=what, to=helper, due_on=today + timedelta(days=due),
            source=source_of(entry), today=today - timedelta(days=ago),
        )  # fmt: skip
        if done:
            handled = today + timedelta(days=due - 2)
            record_deed(
                by=by, action="handling", on=handled, people=[helper], note="待遇办下来了，下月起报销。", today=handled,
                member=entry.person, event=event,
            )  # fmt: skip


def _report(secretaries: dict[str, Account], since: date, today: date) -> None:
    """Last half-year's report: each branch's, but that the last branch only drew it up."""
    as_of = Half.of(today).first - timedelta(days=1)
    if as_of < since:
        return
    branches = Organisation.objects.on(as_of).filter(code__startswith=COMMITTEE, kind=OrganisationKind.BRANCH)
    branches = [each for each in branches.order_by("path") if each.code in secretaries]
    for branch in branches:
        by = secretaries[branch.code]
        report = prepare_report(by=by, organisation=branch, as_of=as_of, today=as_of)
        if branch != branches[-1]:
            confirm_report(by=by, report=report, today=as_of)

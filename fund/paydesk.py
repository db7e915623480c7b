"""What lies on the cashier's desk: what may be paid, what may not yet and why, what the bank has, what is unsigned.

Reads alone. It says whom, how much, by which decision and notice; never why somebody is helped.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from fund.applying.masking import masked_account
from fund.applying.noticing import line_ends
from fund.applying.owed import payable, payee_of, payment_codes, unpaid
from fund.models import Batch, Fund, Grant, NoticeLine, Payment
from fund.regulation.steps import OBJECTED
from fund.regulation.words import StepKind
from members.enums import Capability, Standing
from members.models import Membership, Person, Post
from members.scope import sealed_at
from members.services import memberships_on

AWAY = (*sealed_at("person"), "application__content", "decision__reason")
"""What a list of grants leaves in the database."""

WITNESSES = Prefetch("witnesses", Person.objects.only("name").order_by("name", "pk"))


def with_words(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Grants with all that :func:`told` reads."""
    lines = NoticeLine.objects.select_related("notice").prefetch_related("objections").order_by("notice__posted_on")
    related = (
        "person", "fund__organisation", "application__organisation", "application__regulation", "decision__meeting",
        "reservation", "allowance__run",
    )  # fmt: skip
    shown = Prefetch("application__notice_lines", lines)
    tried = Prefetch("payments", Payment.objects.order_by("pk"))
    return grants.select_related(*related).prefetch_related(shown, tried).defer(*AWAY)


def open_grants(account, capability: Capability = Capability.READ_BOOKS) -> tuple[QuerySet[Grant], QuerySet[Grant]]:
    """What may be paid now, and what is decided and may not be yet."""
    grants = Grant.objects.visible_to(account, capability)
    codes = payment_codes(Fund.objects.visible_to(account, capability))
    ready = payable(grants, codes)
    return ready, unpaid(grants).filter(application__isnull=False).exclude(application__state__in=codes)


def to_pay(account) -> int:
    """How many grants wait for the account itself to pay them."""
    return open_grants(account, Capability.PAY)[0].count()


def counts(account, ready: QuerySet[Grant], waiting: QuerySet[Grant]) -> dict[str, int]:
    """How many rows each tab of the desk has that ask for something; the grants as of :func:`open_grants`."""
    batches = Batch.objects.visible_to(account, Capability.READ_BOOKS).filter(state=Batch.State.LISTED)
    unsigned = Payment.objects.visible_to(account, Capability.READ_BOOKS).filter(state=Payment.State.PAID)
    return {"due": ready.count() + waiting.count(), "batches": batches.count(), "unsigned": unsigned.count()}


def told(grants: Sequence[Grant], day: date) -> list[Grant]:
    """Each grant with its words: ``whom``, ``where``, ``account`` and ``masked``, ``meeting``, ``noticed``, and why it
    may not be paid now (``holds``); ``standing`` is the payment that stands, ``tries`` those that failed. One query.
    """
    stays = memberships_on([grant.person for grant in grants], day)
    for grant in grants:
        stay, account = stays.get(grant.person_id), payee_of(grant)
        grant.account = account
        grant.masked = masked_account(account["number"])
        grant.where = grant.application.organisation if grant.application else stay and stay.organisation
        grant.died_on = _died(stay) if not grant.for_family else None
        grant.run = grant.allowance.run if hasattr(grant, "allowance") else None
        grant.meeting = grant.decision.meeting if grant.decision else None
        grant.noticed = _noticed(grant, day)
        grant.holds = _holds(grant, day)
        grant.tries = [each for each in grant.payments.all() if each.failure]
        grant.standing = next((each for each in grant.payments.all() if not each.failure), None)
    return list(grants)


def _died(stay: Membership | None) -> date | None:
    return stay.since if stay and stay.standing == Standing.DEAD else None


def _noticed(grant: Grant, day: date) -> str:
    """The notice under which it was shown last, and how that went."""
    line = _line(grant)
    if line is None:
        return ""
    ends = line_ends(line)
    said = f"公示 {line.notice.posted_on:%m-%d} 至 {ends:%m-%d}"
    if any(not each.outcome for each in line.objections.all()):
        return f"{said}，有异议"
    return f"{said}，{'还在公示' if day <= ends else '已期满'}"


def _line(grant: Grant) -> NoticeLine | None:
    lines = grant.application.notice_lines.all() if grant.application else ()
    return next((each for each in reversed(lines) if each.round == grant.application.round), None)


def _holds(grant: Grant, day: date) -> str:
    """Why a grant may not be paid today; empty if it may."""
    if grant.died_on:
        return f"{grant.person.name}已于 {grant.died_on} 去世，不能再发给本人，请登记终止；慰问家属另行研究。"
    if grant.application is None:
        return ""
    state = grant.application.state
    if state.endswith(OBJECTED):
        return "有异议未答复，暂不能发放。请组织部先书面答复。"
    kinds = {each.code: each.kind for each in grant.application.regulation.parsed.steps}
    if kinds.get(state) == StepKind.NOTICE:
        return _still_shown(grant, day)
    return "" if kinds.get(state) == StepKind.PAYMENT else f"这件申请现在是“{grant.application.state_words}”。"


def _still_shown(grant: Grant, day: date) -> str:
    line = _line(grant)
    if line is None or line.notice.taken_down_on:
        return "集体研究以后还没有公示，公示期满才能发放。"
    ends = line_ends(line)
    if day <= ends:
        return f"公示 {ends:%m-%d} 24:00 才期满，{ends + timedelta(days=1):%m-%d} 起可以发放。"
    return "公示已期满，等组织部登记公示结果。"


def witnesses(fund: Fund, day: date, *, but: Sequence[int | None]) -> list[tuple[int, str]]:
    """Who can be asked to stand by when cash is handed over: those with posts at the fund's organisation."""
    posts = Post.objects.on(day).filter(organisation=fund.organisation).exclude(Q(person__in=[*filter(None, but)]))
    held: dict[Person, list[str]] = {}
    for post in posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk"):
        held.setdefault(post.person, []).append(post.get_role_display())
    return [(person.pk, f"{person.name}（{'、'.join(roles)}）") for person, roles in held.items()]

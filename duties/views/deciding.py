"""What the pages that decide on policy share: looking first, and having the duties follow at once."""

from collections.abc import Callable, Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from base import jobs
from base.once import submitted
from duties.board.outlook import Outlook, outlook
from duties.engine.jobs import SPREAD
from duties.engine.whatif import what_if
from duties.notices.decisions import tell
from duties.notices.models import Decision
from duties.policy.adjusting import AdjustmentRefused
from duties.policy.adoption import AdoptionRefused
from duties.policy.models import Policy, Rule
from duties.policy_forms import DecisionForm
from members.models import Organisation

REFUSALS = (AdoptionRefused, AdjustmentRefused)
SEE_AGAIN = "填的和刚才看的不一样了，下面是按现在填的算的，看过再保存。"
"""What is said when the form was changed after it was looked at."""


def looked_at(
    form: DecisionForm, act: Callable[[], object], *, rules: Callable[[], Collection[int]], here: Organisation,
    policies: Collection[str], day: date, on: date | None = None,
) -> Outlook | None:  # fmt: skip
    """What ``act`` would do, for a valid form; its refusal stands in the form then.

    :param on: the day from which it holds, to be looked at where it is one to come.
    """
    later = on if on and on > day else None
    try:
        return outlook(what_if(act, rules=rules, today=day, on=later), here, policies, later)
    except REFUSALS as refused:
        refuse(form, refused)
        return None


def refuse(form: DecisionForm, refused: Exception) -> None:
    """Put a refusal where it belongs: at the number it is about, else at the top."""
    form.add_error(form.field_of(getattr(refused, "number", "")), str(refused))


def decided(request, form: DecisionForm, act: Callable[[], str]) -> str | None:
    """Carry out what the form asks for, once, if it is what was looked at; ``None`` to show the form (again)."""

    def refusing() -> str:
        try:
            return act()
        except REFUSALS as refused:
            field = form.field_of(getattr(refused, "number", ""))
            raise ValidationError({field: [str(refused)]} if field else str(refused)) from refused

    if "look" in request.POST or not form.is_bound or not form.is_valid():
        return None
    if not form.was_seen:
        form.seen_again = True
        return None
    return submitted(request, form, refusing)


def spread(
    account, act: Decision.Act, policy: Policy, where: str, *, here: Organisation, on: date, day: date,
    rule: Rule | None = None,
) -> str:  # fmt: skip
    """Tell those below what was decided, and have the duties follow now instead of in the night; the page that shows
    how far it is, which leads to ``where``.

    Who waits for enough already, for him the night does it.

    :param on: the day from which the decision holds; ``day`` is today.
    """
    now = timezone.now()
    tell(act, by=account, policy=policy, rule=rule, organisation=here, on=on, today=day, now=now)
    try:
        job = jobs.ask(
            account=account.pk, kind=SPREAD.code, title=f"{SPREAD.title}：{policy.title}", parameters={"where": where},
            now=now,
        )  # fmt: skip
    except jobs.JobRefused:
        return where
    return reverse("job", args=[job.pk])


def page_of(policy: Policy) -> str:
    """The policy's own page."""
    try:
        return reverse("policy", args=[policy.pk])
    except NoReverseMatch:
        return reverse("desk")

"""One application, everything side by side, and the step that waits for whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from base.numbers import whole_number
from base.pictures import pictures_of, subject_of
from base.sealed import mask_phone
from care.codes import Relation
from care.registers.difficulty import income_of
from duties.reveal import Hidden, answered
from fund.applying.filing import content_of
from fund.applying.flags import Flag, flags_of
from fund.applying.helped import given_before, listed_now
from fund.applying.masking import masked_account
from fund.applying.mine import awaiting
from fund.applying.reviewing import look_back_amiss, reasons_for, review
from fund.applying.steps import Doing, may_clear, take_step
from fund.applying.telling import (
    Now,
    Reader,
    barred,
    now_of,
    proposed,
    standard_words,
    taken_of,
    waits_for,
    way_of,
)
from fund.forms.reviewing import ReviewForm, StepForm, VisitForm
from fund.models import Application, Taken
from fund.permissions import (
    is_party,
    may_read_content,
    may_reveal,
    may_see_sensitive,
    spared,
)
from fund.regulation.schema import Step
from fund.regulation.steps import Move, table
from fund.regulation.words import StepKind
from fund.views.applications import ORDERS
from members.enums import Capability, Standing
from members.models import Membership
from members.scope import sealed_at
from members.services import membership_on
from members.views.acts import bound, carried_out, status_of

PAGES = {
    StepKind.DECISION: ("meetings", "去上会"),
    StepKind.NOTICE: ("notices", "去公示"),
    StepKind.PAYMENT: ("payments", "去发放"),
    StepKind.RECEIPT: ("payments", "去登记签收"),
}
"""Where the steps are taken that have pages of their own."""

SEALED = {"account": "收款账号", "phone": "联系电话"}
"""What of an application's content is masked."""


def application_asked_for(request, pk: int) -> Application:
    """An application in view; any other does not exist."""
    rows = Application.objects.visible_to(request.user).select_related(
        "person", "organisation", "fund__organisation", "regulation", "filed_by"
    )
    return get_object_or_404(rows.defer(*sealed_at("filed_by")), pk=pk)


@dataclass(frozen=True)
class Place:
    """Where an application stands among those that wait for the account."""

    number: int
    of: int
    before: int | None
    after: int | None


def place_of(waiting: Sequence[int], pk: int) -> Place | None:
    if pk not in waiting:
        return None
    at = waiting.index(pk)
    before, after = waiting[at - 1] if at else None, waiting[at + 1] if at + 1 < len(waiting) else None
    return Place(at + 1, len(waiting), before, after)


def waiting_of(account) -> list[int]:
    """What waits for the account, in the order of the list."""
    return list(awaiting(account).order_by(*ORDERS["mine"]).values_list("pk", flat=True))


@require_safe
def application(request, pk: int):
    """One application with all that is known beside it, and the form of the step that waits for who reads it."""
    row = application_asked_for(request, pk)
    desk = _desk(request, row)
    if may_read_content(request.user, row):
        papers = pictures_of(subject_of(row)).count()
        audit.write(audit.Act.READ, subject_of(row), field="content", **({"pictures": papers} if papers else {}))
    return _shown(request, desk, desk.forms(), waiting_of(request.user))


@require_POST
def application_step(request, pk: int):
    """Take the step that waits, and open the next of what waits; refused, the page comes back with what was typed."""
    row, waiting = application_asked_for(request, pk), waiting_of(request.user)
    desk = _desk(request, row)
    forms, acts = desk.forms(), {"review": desk.review, "visit": desk.visit, "death": desk.death}
    if where := carried_out(request, forms, {name: _then(acts[name], waiting, row) for name in forms}):
        return redirect(where)
    return _shown(request, desk, forms, waiting)


def _desk(request, row: Application) -> "_Desk":
    day = today()
    stay = membership_on(row.person, day)
    return _Desk(request, row, taken_of(row), now_of(row, day), stay, day)


def _shown(request, desk: "_Desk", forms: dict[str, StepForm], waiting: list[int]):
    account, row, now, day, stay, taken = request.user, desk.row, desk.now, desk.day, desk.stay, desk.taken
    content = may_read_content(account, row)
    handles = content and account.person_id != row.person_id
    fen = proposed(row, taken)
    reader = Reader(account.person_id, handles, content, may_see_sensitive(account, row))
    context = {
        "application": row, "day": day, "stay": stay, "now": now, "place": place_of(waiting, row.pk), "forms": forms,
        "why_not": desk.why_not, "over": desk.over, "page": _page_of(now) if desk.mine else None, "fen": fen,
        "handles": handles, "stops": way_of(row, taken, now, reader, fen),
        "reads_kind": account.scope.may(Capability.VIEW, row.path) or content,
        "opens_member": stay is not None and account.scope.may(Capability.VIEW, stay.path),
        "standard": (standard := standard_words(row, day)), "standard_hint": f"标准：{standard}" if standard else "",
        **(_content(account, row) if content else {"content": None}),
        **(_beside(account, row, day) if handles else {"flags": [], "given": None, "lists": [], "needs_reason": False}),
        "edits": row.editable and is_party(account, row),
        "clears": not is_party(account, row) and may_clear(account, row),
        "pictures": list(pictures_of(subject_of(row))) if content else [],
    }  # fmt: skip
    return render(request, "fund/application.html", context, status=status_of(forms))


def _then(act, waiting: list[int], row: Application):
    """The act, and after it the next of what waited."""

    def done(form) -> str:
        act(form)
        at = place_of(waiting, row.pk)
        return reverse("application", args=[at.after]) if at and at.after else reverse("applications")

    return done


@dataclass
class _Desk:
    """What the account may do to an application now, and doing it.

    ``mine``: it is the account's turn and nothing bars it; ``why_not``: the sentence where it is not;
    ``over``: what was sent is about a step that somebody else took.
    """

    request: Any
    row: Application
    taken: list[Taken]
    now: Now
    stay: Membership | None
    day: date

    def __post_init__(self):
        person, now = self.request.user.person_id, self.now
        turn = now.turn is not None and now.turn.role_of(person) is not None
        had = now.turn is not None and not is_party(self.request.user, self.row) and now.turn.kept_out_as(person)
        named = may_read_content(self.request.user, self.row)
        waits = waits_for(self.row, now, named=named)
        self.why_not = barred(self.row, now.step, person, self.taken) if turn or had else waits
        self.mine, self.over = turn and not self.why_not, False

    def forms(self) -> dict[str, StepForm]:
        """The forms of the step awaited; of a sent one also where somebody else took the step meanwhile.

        :raises PermissionDenied: for what was sent by somebody whose turn it is not.
        """
        sent = self.request.POST.get("act", "") if self.request.method == "POST" else ""
        names = self._names() if self.mine else []
        if self.request.method == "POST" and sent not in names:
            if not self._was_overtaken():
                raise PermissionDenied(self.why_not or "这件申请现在没有这一步可办。")
            self.over, names = True, [sent]
        return {name: self._form(name) for name in names}

    def _names(self) -> list[str]:
        ends = table(self.row.regulation.parsed, urgent=self.row.urgent)
        dead = self.stay is not None and self.stay.standing == Standing.DEAD
        if dead and any((state, move) == (self.row.state, Move.DEATH) for state, move, _who in ends):
            return ["death"]
        return {StepKind.REVIEW: ["review"], StepKind.RETURN_VISIT: ["visit"]}.get(self.now.step.kind, [])

    def _was_overtaken(self) -> bool:
        """Whether what was sent is about an earlier state: who may have been able to take it then is told so."""
        try:
            serial = whole_number(self.request.POST.get("serial", ""))
        except ValueError:
            return False
        content = may_read_content(self.request.user, self.row) and not is_party(self.request.user, self.row)
        return content and serial < self.row.serial and self.request.POST.get("act") in ("review", "visit", "death")

    def _form(self, name: str) -> StepForm:
        row, step = self.row, self._step()
        initial = {"serial": row.serial, "step": step.code}
        if name == "review":
            initial |= {"fen": proposed(row, self.taken), "met_on": self.day}
            more = {"regulation": row.regulation.parsed, "shown": step,
                    "sensitive": may_see_sensitive(self.request.user, row)}  # fmt: skip
            return bound(self.request, name, ReviewForm, initial=initial, **more)
        if name == "visit":
            return bound(self.request, name, VisitForm, initial=initial | {"on": self.day})
        return bound(self.request, name, StepForm, initial=initial)

    def _step(self) -> Step:
        """The step the form is about: as it was sent, else the one awaited."""
        steps = {step.code: step for step in self.row.regulation.parsed.steps}
        return steps.get(self.request.POST.get("step", "")) or self.now.step or next(iter(steps.values()))

    # Each act; what a service refuses stands in the form.

    def review(self, form: ReviewForm) -> None:
        given, row = form.cleaned_data, self.row
        aside = reasons_for(row, given.get("grounds", ()), given["aside"], self.day)
        try:
            made = review(
                by=self.request.user, application=row, review=form.review(aside), serial=given["serial"],
                now=timezone.now(),
            )  # fmt: skip
        except ValidationError as refused:
            raise spared(self.request.user, row, refused) from refused
        self._say(made)

    def visit(self, form: VisitForm) -> None:
        given = form.cleaned_data
        self._take(form, Move.PASS, Doing(given["opinion"], on=given["on"]))

    def death(self, form: StepForm) -> None:
        self._take(form, Move.DEATH, Doing())

    def _take(self, form: StepForm, move: Move, doing: Doing) -> None:
        by, serial = self.request.user, form.cleaned_data["serial"]
        made = take_step(by=by, application=self.row, move=move, now=timezone.now(), serial=serial, doing=doing)
        self._say(made)

    def _say(self, made: Taken) -> None:
        made.application.regulation = self.row.regulation
        said = f"{self.row.label} {made.title}：{Move(made.move).label}，现在{made.application.state_words}。"
        messages.success(self.request, said)


def _page_of(now: Now) -> tuple[str, str] | None:
    """The page on which the step awaited is taken, if it is another one."""
    name, label = PAGES.get(now.step.kind, ("", ""))
    return (reverse(name), label) if name else None


def _content(account, row: Application) -> dict:
    """What only those read who handle it: reason, household, account, all masked that is to be."""
    content = content_of(row)
    return {
        "content": content, "income": income_of(row.content), "account": masked_account(content.account.number),
        "household": [_relative(each) for each in content.family],
        "phone": mask_phone(content.phone), "reveals": may_reveal(account, row),
    }  # fmt: skip


def _relative(given: dict) -> dict:
    """One of the household as the table shows them; the relation in words, where it is one of the list."""
    labels = dict(Relation.choices)
    relation = given.get("relation", "")
    return {
        "name": given.get("name", ""), "relation": labels.get(relation, relation), "work": given.get("work", ""),
        "income": given.get("income"),
    }  # fmt: skip


def _beside(account, row: Application, day: date) -> dict:
    """What speaks for and against it: warnings, earlier help, other lists."""
    flags = [flag for flag in flags_of(row, day) if not flag.sensitive or may_see_sensitive(account, row)]
    others = [flag.other.pk for flag in flags if flag.other]
    seen = set(Application.objects.visible_to(account).filter(pk__in=others).values_list("pk", flat=True))
    given = given_before(row, day)
    return {
        "flags": [_told(flag, row, seen) for flag in flags], "given": given, "sum": sum(each.fen for each in given),
        "lists": listed_now(account, row), "needs_reason": bool(look_back_amiss(row, "", day)),
    }  # fmt: skip


def _told(flag: Flag, row: Application, seen: set[int]) -> tuple[str, str, str]:
    """(kind of note, words, address or empty) of a warning; of people out of view only that there is somebody."""
    other, kind = flag.other, {"warn": "soon"}.get(flag.tone, flag.tone)
    if other and other.pk in seen:
        return kind, flag.words, reverse("application", args=[other.pk])
    if other and other.person_id != row.person_id:
        return kind, "同一收款账户还用在你看不到的另一件申请上，请由组织部核对。", ""
    return kind, flag.words, ""


def application_reveal(request, pk: int):
    """Ask why, then show one masked value once and leave the audit row; a GET shows the form, or the mask again."""
    row = application_asked_for(request, pk)
    field = request.POST.get("field") or request.GET.get("field", "")
    if field not in SEALED:
        raise Http404
    subject = f"application:{row.pk}"
    if not may_reveal(request.user, row):
        raise audit.Denied("查看收款账号和电话，要办理这件申请，并有书记或组织部的岗位。", subject, field=field)
    content = content_of(row)
    value, mask = {"account": (content.account.number, masked_account), "phone": (content.phone, mask_phone)}[field]
    here, back = (reverse(name, args=[row.pk]) for name in ("application_reveal", "application"))

    def opened(reason: str) -> str:
        audit.write(audit.Act.REVEAL, subject, reason=reason, field=field)
        return value

    return answered(request, Hidden(f"申请 {row.label}", SEALED[field], field, mask(value), here, back), opened)

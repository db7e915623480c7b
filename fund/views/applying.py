"""Filling in an application, page by page, for oneself or for a member; handing it in; taking it back.

What is typed is saved with every page: an application is a row from its first one on.
"""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted, was_done
from base.pictures import attach, pictures_of, subject_of
from base.sealed import mask_phone
from duties.board.roster import seniority_of
from fund.applying.filing import (
    Asking,
    amend,
    asking_of,
    check_own,
    content_of,
    draft,
    fund_for,
    regulation_on,
    submit,
    withdraw,
)
from fund.applying.masking import masked_account
from fund.applying.offering import offers_of, urgent_words
from fund.applying.prefilling import kinds_shown, known_content
from fund.applying.steps import locked, may_clear
from fund.forms.applying import PARTS, AccountForm, Part, PartForm, SubmitForm, TakeBackForm, WhatForm
from fund.models import Application, Filer, FundRegulation
from fund.permissions import is_party
from fund.regulation.steps import Stage
from fund.views.whose import whose
from members.models import Membership
from members.services import membership_on

SUBMITTED_BEFORE = "这件申请已经提交过，没有再提交一次。"


def application_new(request):
    """The first page of a new application: for what, how much, who fills it in. Saved, it is a draft."""
    account, day = request.user, today()
    stay = whose(request, day)
    own = stay is not None and stay.person_id == account.person_id
    if stay is None:
        return render(request, "fund/application_pick.html", {"person": account.person})
    fund = fund_for(stay.organisation, day)
    if fund is None:
        return render(request, "fund/application_none.html", {"membership": stay, "own": own})
    regulation = regulation_on(fund, day)
    initial = {"member": stay.person_id, **_only_fitting(account, stay, regulation, day)}
    form = _what(request, stay, regulation, day, initial=initial)
    form = drafted(form, account=account.pk, key=f"application:m{stay.person_id}", now=timezone.now())
    if where := submitted(request, form, lambda: _begin(request, form, stay, day)):
        return redirect(where)
    running = Application.objects.visible_to(account).running().filter(fund=fund, person=stay.person_id)
    running = running.select_related("regulation").order_by("pk")
    context = {
        "form": form, "membership": stay, "own": own, "fund": fund, "part": PARTS[0], "parts": PARTS, "number": 1,
        "urgent_words": urgent_words(regulation.parsed), "running": [(each, _runs(each)) for each in running],
        "full_path": request.get_full_path(),
    }  # fmt: skip
    return render(request, "fund/application_what.html", context, status=422 if form.errors else 200)


def _runs(row: Application) -> str:
    state = "一份还没有提交的草稿" if row.state == Stage.DRAFT else f"一件申请（{row.label}），{row.state_words}"
    return f"“{row.class_of.title}”已有{state}。同一类不能再开一件。"


def _what(request, stay: Membership, regulation: FundRegulation, day: date, *, initial: dict) -> WhatForm:
    """The form of the first page, with what the regulation offers; what fits the member stands first."""
    account, parsed = request.user, regulation.parsed
    offers = offers_of(parsed, kinds_shown(account, stay, day), seniority_of(stay, day).years, day)
    return WhatForm(
        request.POST if request.method == "POST" else None, offers=offers, may_be_urgent=parsed.urgent is not None,
        own=stay.person_id == account.person_id, initial={"once": new_key(), **initial},
    )  # fmt: skip


def _only_fitting(account, stay: Membership, regulation: FundRegulation, day: date) -> dict:
    """The class chosen beforehand where a register names just one; a class open to everybody is no hint."""
    kinds = kinds_shown(account, stay, day)
    named = {each.code for each in regulation.parsed.classes if set(each.kinds) & kinds}
    offers = offers_of(regulation.parsed, kinds, seniority_of(stay, day).years, day)
    found = [each.value for each in offers if each.kind in named]
    return {"choice": found[0]} if len(found) == 1 else {}


def _begin(request, form: WhatForm, stay: Membership, day: date) -> str:
    known = known_content(request.user, stay, day)
    asking = form.asking(Asking(kind="", asked=0, content=known))
    filer = form.cleaned_data["filer"]
    row = draft(by=request.user, person=stay.person, asking=asking, filer=filer, now=timezone.now())
    return _after(request, row, PARTS[0])


def _after(request, row: Application, part: Part) -> str:
    """The next page, or, where the rest is for later, the application's own."""
    if "again" in request.POST:
        messages.success(request, "已存好，什么时候接着填都行。")
        return reverse("my_application", args=[row.pk])
    codes = [each.code for each in PARTS]
    after = codes[codes.index(part.code) + 1 :]
    if not after:
        return reverse("application_submit", args=[row.pk])
    return f"{reverse('application_edit', args=[row.pk])}?part={after[0]}"


def with_all(rows: QuerySet[Application]) -> QuerySet[Application]:
    """What the pages of one application read of it."""
    return rows.select_related("person", "organisation", "fund__organisation", "regulation", "filed_by")


def own_application(request, pk: int) -> Application:
    """An application in view that the account made or filed.

    :raises PermissionDenied: for whoever sees it without having had that part.
    """
    found = get_object_or_404(with_all(Application.objects.visible_to(request.user)), pk=pk)
    check_own(request.user, found)
    if found.person_id != request.user.person_id:
        audit.write(audit.Act.READ, f"application:{found.pk}", field="content")
    return found


def _done(request) -> bool:
    """Whether this very form was carried out: a second click is sent to the same result."""
    return was_done(request.POST.get("once", ""))


def _editable(request, pk: int) -> Application:
    found = own_application(request, pk)
    if not found.editable and not _done(request):
        raise PermissionDenied(f"这件申请现在是“{found.state_words}”，内容不能再改。要改请先撤回，或请办理人退回。")
    return found


def application_edit(request, pk: int):
    """One page of an application that may still be changed; ``part`` in the address says which."""
    found, day = _editable(request, pk), today()
    part = next((each for each in PARTS if each.code == request.GET.get("part")), PARTS[0])
    form = _part_form(request, found, part, day)
    form = drafted(form, account=request.user.pk, key=f"application:a{pk}:{part.code}", now=timezone.now())
    if where := submitted(request, form, lambda: _save(request, form, found, part)):
        return redirect(where)
    content, own = content_of(found), found.person_id == request.user.person_id
    context = {
        "form": form, "application": found, "own": own, "fund": found.fund, "part": part, "parts": PARTS,
        "number": PARTS.index(part) + 1, "content": content, "urgent_words": urgent_words(found.regulation.parsed),
        "evidence": "、".join(found.class_of.evidence), "pictures": pictures_of(subject_of(found)),
        "phone": mask_phone(content.phone), "file_phone": found.person.masked_phone,
        "number_known": masked_account(content.account.number), "full_path": request.get_full_path(),
    }  # fmt: skip
    return render(request, f"fund/application_{part.code}.html", context, status=422 if form.errors else 200)


def _part_form(request, found: Application, part: Part, day: date) -> PartForm:
    content = content_of(found)
    known = {
        "what": {
            "choice": f"{found.kind}/{found.grade}", "asked": found.asked, "urgent": found.urgent, "filer": found.filer,
            "filer_name": content.filer_name, "filer_relation": content.filer_relation, "filer_why": content.filer_why,
        },
        "why": {"reason": content.reason, "helped": content.helped},
        "home": {"own_income": content.own_income, "family": content.family},
        "account": {
            "holder": content.account.holder or found.person.name, "bank": content.account.bank,
            "relation": content.account.relation,
        },
    }  # fmt: skip
    initial = {"once": new_key(), "serial": found.serial, **known[part.code]}
    if part.form is WhatForm:
        stay = membership_on(found.person, day)
        return _what(request, stay, found.regulation, day, initial=initial)
    more = {"account": content.account, "name": found.person.name} if part.form is AccountForm else {}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return part.form(*sent, initial=initial, **more)


def _save(request, form: PartForm, found: Application, part: Part) -> str:
    row, given = locked(found), form.cleaned_data
    amend(
        by=request.user, application=row, asking=form.asking(asking_of(row)), serial=given["serial"] or 0,
        filer=given.get("filer", ""),
    )  # fmt: skip
    pictures = given.get("pictures") or []
    attach(
        by=request.user, subject=subject_of(row), organisation=row.organisation_id, pictures=pictures,
        now=timezone.now(),
    )  # fmt: skip
    return _after(request, row, part)


def application_submit(request, pk: int):
    """Everything once more, the consent, and handing in."""
    found, day = _editable(request, pk), today()
    initial = {"once": new_key(), "serial": found.serial}
    form = SubmitForm(request.POST if request.method == "POST" else None, initial=initial)
    own = found.person_id == request.user.person_id
    if not own:
        form.fields["agreed"].label = "本人（或受委托人）已同意组织核查上面写的情况，并按规定公示"
    if where := submitted(request, form, lambda: _submit(request, form, found, day), repeated=SUBMITTED_BEFORE):
        return redirect(where)
    content = content_of(found)
    context = {
        "form": form, "application": found, "own": own, "parts": PARTS, "number": len(PARTS) + 1, "content": content,
        "number_known": masked_account(content.account.number), "phone": mask_phone(content.phone),
        "pictures": pictures_of(subject_of(found)).count(), "relative": found.filer == Filer.RELATIVE,
    }  # fmt: skip
    return render(request, "fund/application_submit.html", context, status=422 if form.errors else 200)


def _submit(request, form: SubmitForm, found: Application, day: date) -> str:
    row, serial = locked(found), form.cleaned_data["serial"] or 0
    asking = asking_of(row)
    asking.agreed_on = day
    amend(by=request.user, application=row, asking=asking, serial=serial)
    submit(by=request.user, application=row, serial=serial, now=timezone.now())
    row.refresh_from_db()
    until = f"，最迟 {row.due_on:%m-%d} 前有答复" if row.due_on else ""
    messages.success(request, f"已提交，编号 {row.label}{until}。")
    return reverse("my_application", args=[row.pk])


def application_withdraw(request, pk: int):
    """Taking an application back, with a reason, as long as nothing was paid."""
    found = get_object_or_404(with_all(Application.objects.visible_to(request.user)), pk=pk)
    if not may_clear(request.user, found):
        check_own(request.user, found)
    if found.over and not _done(request):
        raise PermissionDenied(f"这件申请{found.state_words}，不用再撤回。")
    initial = {"once": new_key(), "serial": found.serial}
    form = TakeBackForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _withdraw(request, form, found), repeated="已经撤回过了。"):
        return redirect(where)
    context = {"form": form, "application": found, "back": _page_of(request, found)}
    return render(request, "fund/application_withdraw.html", context, status=422 if form.errors else 200)


def _withdraw(request, form: TakeBackForm, found: Application) -> str:
    given = form.cleaned_data
    withdraw(
        by=request.user, application=found, serial=given["serial"] or 0, reason=given["reason"], now=timezone.now()
    )  # fmt: skip
    messages.success(request, "已撤回这件申请。")
    return _page_of(request, found)


def _page_of(request, found: Application) -> str:
    """The page of an application: one's own, or as those read it who handle it."""
    return reverse("my_application" if is_party(request.user, found) else "application", args=[found.pk])

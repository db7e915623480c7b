"""The text of a policy's document: read beside its rules, attached, replaced, removed, its paragraphs assigned."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from duties.board import policies as board
from duties.forms import BY_BEGINNING, NO_CLAUSE, DocumentForm, DocumentRemoveForm, ParagraphForm
from duties.policy.documents import assign_paragraph, attach_document, paragraphs, remove_document
from duties.policy.models import Document, Policy
from members.asked import number
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_decide_policy

REPEATED = "这份正文已经处理过，没有再做一次。"


@require_safe
def policy_text(request, pk, document):
    """The text by paragraphs, each beside the clause that begins as it does and the rules of that clause."""
    within = Document.objects.visible_to(request.user).filter(policy=pk).select_related("policy", "organisation")
    found = get_object_or_404(within, pk=document)
    return render(request, "duties/policy_text.html", board.text_page(found, board.Reader(request.user, today())))


def policy_paragraph(request, pk, document, place):
    """To which clause one paragraph belongs, where its beginning does not tell; ``place`` counts from one."""
    within = Document.objects.visible_to(request.user).filter(policy=pk).select_related("policy", "organisation")
    found = get_object_or_404(within, pk=document)
    check_may_decide_policy(request.user, found.organisation)
    there = paragraphs(found)
    if not 1 <= place <= len(there):
        raise Http404
    paragraph, clauses = there[place - 1], list(found.policy.clauses.order_by("position", "pk"))
    assigned = f"c{paragraph.clause}" if paragraph.clause else NO_CLAUSE
    initial = {"once": new_key(), "key": paragraph.key, "clause": assigned if paragraph.by_hand else BY_BEGINNING}
    form = ParagraphForm(request.POST if request.method == "POST" else None, clauses=clauses, initial=initial)
    if where := submitted(request, form, lambda: _assign(form, request, found, place), repeated=REPEATED):
        return redirect(where)
    context = {
        "document": found, "policy": found.policy, "paragraph": paragraph, "form": form,
        "now": next((each for each in clauses if each.code == paragraph.clause), None),
        "back": f"{reverse('policy_text', args=[found.policy_id, found.pk])}#p{place}",
    }  # fmt: skip
    return render(request, "duties/policy_paragraph.html", context, status=422 if form.errors else 200)


def _assign(form: ParagraphForm, request, document: Document, place: int) -> str:
    assign_paragraph(by=request.user, document=document, key=form.cleaned_data["key"], code=form.code)
    said = dict(form.fields["clause"].choices)[form.cleaned_data["clause"]]
    messages.success(request, f"这一段现在{'' if form.code is None else '对应：'}{said}。")
    return f"{reverse('policy_text', args=[document.policy_id, document.pk])}#p{place}"


def policy_document(request, pk):
    """Attach, replace or remove the text that one organisation has of a policy."""
    account = request.user
    if not account.scope.may(Capability.POLICY):
        raise PermissionDenied("录入制度原文由能决定采用制度的书记和组织部办理。")
    policy = get_object_or_404(board.all_policies(), pk=pk)
    here = _organisation(request)
    check_may_decide_policy(account, here)
    there = Document.objects.visible_to(account, Capability.POLICY).filter(policy=policy, organisation=here).first()
    act = request.POST.get("act", "")
    form, remove = _forms(request, policy, there, act)
    if where := submitted(request, form, lambda: _attach(form, request, policy, here), repeated=REPEATED):
        return redirect(where)
    if there and (where := submitted(request, remove, lambda: _remove(request, there), repeated=REPEATED)):
        return redirect(where)
    context = {"policy": policy, "here": here, "form": form, "remove": remove, "there": there,
               "choices": board.deciding(account), "back": reverse("policy", args=[policy.pk])}  # fmt: skip
    return render(request, "duties/policy_document.html", context, status=422 if form.errors or remove.errors else 200)


def _organisation(request) -> Organisation:
    """The organisation that the address names, else the first for which the account decides."""
    asked = request.GET.get("organisation")
    if not asked:
        return board.deciding(request.user)[0]
    return get_object_or_404(Organisation.objects.visible_to(request.user), pk=number(asked))


def _forms(request, policy: Policy, there: Document | None, act: str) -> tuple[DocumentForm, DocumentRemoveForm]:
    sent = request.POST if request.method == "POST" else None
    known = {"title": policy.title, "number": policy.number}
    if there:
        known = {"title": there.title, "number": there.number, "text": there.text}
    form = DocumentForm(sent if act != "remove" else None, replaces=bool(there), initial={"once": new_key(), **known})
    return form, DocumentRemoveForm(sent if act == "remove" else None, initial={"once": new_key()}, prefix="remove")


def _attach(form: DocumentForm, request, policy: Policy, here: Organisation) -> str:
    given = {name: form.cleaned_data[name] for name in ("title", "number", "text")}
    document = attach_document(by=request.user, policy=policy, organisation=here, today=today(), **given)
    messages.success(request, f"已录入{here.label}的正文，本组织和下级都能对照着看。")
    return reverse("policy_text", args=[policy.pk, document.pk])


def _remove(request, document: Document) -> str:
    remove_document(by=request.user, document=document)
    messages.success(request, "已移除正文。规则和应办不受影响。")
    return reverse("policy", args=[document.policy_id])

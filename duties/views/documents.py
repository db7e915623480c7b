"""The text of a policy's document: read beside its rules, attached, replaced, removed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from duties.board import policies as board
from duties.forms import DocumentForm, DocumentRemoveForm
from duties.policy.documents import attach_document, remove_document
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

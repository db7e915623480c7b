"""本人确认: the member says whether the record of a talk with him is right; a signature on paper is noted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from base.dates import today
from base.once import new_key, submitted
from visits.confirming import Says, confirm, note_paper
from visits.forms.after import ConfirmForm, PaperForm
from visits.lists import with_people
from visits.models import Talk
from visits.permissions import may_add


def talk_confirm(request, pk: int):
    """For the member: whether the record is right. For who was there or leads the branch: the signature on paper."""
    account, day = request.user, today()
    found = get_object_or_404(with_people(Talk.objects.visible_to(account)), pk=pk)
    record, back = found.record, reverse("talk", args=[pk])
    own = record.member_id == account.person_id
    if record.withdrawn_on or not (own or may_add(account, record)):
        raise PermissionDenied("谈话由本人确认，纸质签字由谈话人或本支部书记、组织委员注明；撤回的不用确认。")
    data = request.POST if request.method == "POST" else None
    form = ConfirmForm(data, initial={"once": new_key()}) if own else PaperForm(
        data, initial={"once": new_key(), "on": day}
    )  # fmt: skip

    def act() -> str:
        given = form.cleaned_data
        if own:
            said = confirm(by=account, record=record, right=given["right"] == "yes", text=given["text"], today=day)
            agrees = said.says == Says.AGREES
            messages.success(request, "已确认。" if agrees else "已转告谈话人，这条记录旁会注明您的意见。")
        else:
            note_paper(by=account, record=record, on=given["on"], today=day)
            messages.success(request, "已注明纸质签字已存。")
        return back

    if where := submitted(request, form, act, repeated="已经确认过，没有再记一次。"):
        return redirect(where)
    context = {"form": form, "talk": found, "record": record, "own": own, "back": back}
    return render(request, "visits/talk_confirm.html", context, status=422 if form.errors else 200)

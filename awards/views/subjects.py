"""What the pages of honours, namings and stories share: of whom a form is, its pick page, the page of one act."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from awards.forms.honours import Whose
from awards.permissions import check_may_change
from base.dates import today
from base.once import new_key, submitted
from duties.views.entering import recording_places
from members.asked import member_asked_for, number
from members.enums import Capability
from members.models import Membership, Organisation, Person
from members.permissions import check_may_record_about

GONE = "已经撤回过，理由以第一次写的为准。"


def asked_for(request, *, member: int | None = None, organisation: int | None = None) -> Whose | None:
    """Of whom the form is: as somebody named it before, else as the address says; ``None`` if nobody did.

    About oneself it is refused; out of scope is 404.
    """
    if organisation is None and (membership := member_asked_for(request, today(), named=member)):
        check_may_record_about(request.user, membership.person)
        return Whose(membership.organisation, membership.person)
    asked = organisation or request.POST.get("organisation") or request.GET.get("organisation")
    if not asked:
        return None
    within = Organisation.objects.visible_to(request.user, Capability.RECORD)
    return Whose(get_object_or_404(within, pk=number(asked)))


def pick(request, target: str, **words):
    """The page on which is chosen of whom the form is to be."""
    context = {"target": target, "organisations": recording_places(request.user), **words}
    return render(request, "awards/pick.html", context)


def one(rows, pk, *related: str):
    """One of the rows in view, with what its page prints."""
    return get_object_or_404(rows.select_related(*related), pk=number(pk))


def seen_member(request, pk: int) -> tuple[Person, Membership | None]:
    """A member in view, oneself included, and where he stands as far as the account sees it."""
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=number(pk))
    stays = Membership.objects.on(today()).visible_to(request.user).filter(person=person)
    stay = stays.select_related("person", "organisation").order_by("pk").first()
    if stay is None and person.pk != request.user.person_id:
        raise Http404
    return person, stay


def act_page(
    request, row, form_class: type[Form], act: Callable, *, back: str, said: str, initial: dict | None = None,
    **words,
):  # fmt: skip
    """The page of one act on a row that only its form says something of: revoke, end, take back.

    :param act: takes the cleaned fields of the form.
    :param said: what is told afterwards.
    :param words: what the page says: title, what, note, label, crumb.
    """
    check_may_change(request.user, row)
    sent = request.POST if request.method == "POST" else None
    form = form_class(sent, initial={"once": new_key(), **(initial or {})})

    def carry_out() -> str:
        given = {name: value for name, value in form.cleaned_data.items() if name != "once"}
        act(by=request.user, today=today(), **given)
        messages.success(request, said)
        return back

    if where := submitted(request, form, carry_out, repeated=GONE):
        return redirect(where)
    context = {"form": form, "back": back, **words}
    return render(request, "awards/act.html", context, status=422 if form.errors else 200)

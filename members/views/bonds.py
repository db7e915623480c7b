"""Ties of one member, entered by hand, and his categories: what holds, beginning a tie, ending or taking one back."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from base import audit
from base.dates import FAR, last_day, today
from base.once import submitted
from members.asked import number
from members.bonds import (
    CARED_FOR,
    begin_tie,
    categories_of,
    category_words,
    end_category,
    end_tie,
    remembers_sanctions,
    ties_by_hand,
    withdraw_category,
    withdraw_tie,
)
from members.enums import Capability, TieKind
from members.finding import helpers, named
from members.models import Category, Membership, Person, Tie
from members.office_forms import CategoryEnd, ReasonForm, TieEnd, TieNew
from members.permissions import check_may_record_about
from members.views.acts import bound, carried_out, status_of


@require_safe
def bonds(request, pk: int):
    """Who stands by the member and which kinds of care the member belongs to, now and before."""
    within = Membership.objects.on(today()).visible_to(request.user).select_related("person", "organisation")
    member = get_object_or_404(within, person=number(pk))
    sensitive, day = _sensitive(request, member), today()
    everything = categories_of(member.person, sensitive=True).on(day)
    context = {
        "member": member, "ties": [_line(tie, day) for tie in ties_by_hand(member.person)],
        "categories": [_line(each, day) for each in _known(request, member, day)],
        "hidden": CARED_FOR in category_words(everything, sensitive=sensitive),
        "may_record": _may_record(request, member), "pages": settings.MEMBER_PAGES, "forms": settings.CATEGORY_FORMS,
    }  # fmt: skip
    return render(request, "members/bonds.html", context)


def _line(row: Tie | Category, day) -> dict:
    return {"row": row, "last": None if row.until == FAR else last_day(row.until), "runs": row.until > day}


def _may_record(request, member: Membership) -> bool:
    return request.user.scope.may(Capability.RECORD, member.path) and member.person_id != request.user.person_id


def _sensitive(request, member: Membership) -> bool:
    """Whether the reader may know of this member's sensitive categories: never of one's own."""
    may = request.user.scope.may(Capability.SENSITIVE, member.path)
    return may and member.person_id != request.user.person_id


def _known(request, member: Membership, day):
    """The categories of which the reader may know."""
    forgets = None if remembers_sanctions(request.user, member.path, member.person_id) else day
    return categories_of(member.person, sensitive=_sensitive(request, member), forgets=forgets)


def recorded(request, pk: int) -> Membership:
    """Where the member stands about whom something is entered; out of scope is 404, about oneself refused."""
    within = Membership.objects.on(today()).visible_to(request.user, Capability.RECORD)
    member = get_object_or_404(within.select_related("person", "organisation"), person=number(pk))
    check_may_record_about(request.user, member.person)
    return member


def _page(member: Membership) -> str:
    return reverse("bonds", args=[member.person_id])


def tie_new(request, pk: int):
    """Find who stands by the member by name, then say as what and from when on."""
    member = recorded(request, pk)
    return tie_form(request, member, lambda form: _begin_tie(request, member, form), back=_page(member))


def tie_form(
    request, member: Membership, act: Callable[[TieNew], str], *, back: str, kind: str = "", to: Person | None = None,
    keep: Mapping[str, str] | None = None, about: str = "",
):  # fmt: skip
    """The form of a tie of ``member``, for every page that leads to one.

    :param act: carries out the valid form and says where to go then.
    :param kind: filled in beforehand, as is ``to``.
    :param keep: what the address holds besides, for the search by name.
    :param about: what ``back`` leads to, if it is not the member.
    """
    name = (request.POST or request.GET).get("name", to.name if to else "").strip()
    found = named(helpers(request.user, member), name, today())
    audit.search(request, "people", request.GET.get("name", "").strip(), found=len(found))
    offered = {each.person.pk for each in found}
    only = found[0].person.pk if len(found) == 1 else None
    initial = {
        "name": name,
        "since": today(),
        "kind": kind,
        "to": str(to.pk if to and to.pk in offered else only or ""),
    }
    form = bound(request, "begin", TieNew, found=found, initial=initial)
    if where := submitted(request, form, lambda: act(form)):
        return redirect(where)
    context = {
        "member": member, "form": form, "name": name, "found": bool(found), "back": back, "keep": keep or {},
        "about": about or member.person.name,
        "pages": settings.MEMBER_PAGES,
        "registers": [(TieKind(each).label, register_url(each, member)) for each in settings.TIE_REGISTERS],
    }  # fmt: skip
    return render(request, "members/tie_new.html", context, status=status_of({"begin": form}))


def register_url(kind: str, member: Membership, more: Mapping[str, str] | None = None) -> str:
    """The form of the register that writes ties of a kind, about a member; ``more``: what else the address says."""
    asked = {"register": settings.TIE_REGISTERS[kind], "member": member.person_id, **(more or {})}
    return f"{reverse(settings.REGISTER_FORM)}?{urlencode(asked)}"


def _begin_tie(request, member: Membership, form: TieNew) -> str:
    entered = enter_tie(member, form)
    messages.success(request, f"{said_tie(entered)}。")
    return _page(member)


def enter_tie(member: Membership, form: TieNew) -> Tie:
    """Begin the tie that the valid form asks for."""
    given = form.cleaned_data
    return begin_tie(
        person=member.person, kind=given["kind"], to=form.found[int(given["to"])], since=given["since"],
        last=given["last"], today=today(),
    )  # fmt: skip


def said_tie(tie: Tie) -> str:
    """A tie as the message after entering it says: who is whose what since when."""
    return f"{tie.to.name}自 {tie.since} 起是{tie.person.name}的{tie.get_kind_display()}"


def tie(request, pk: int, tie: int):
    """Ending a tie, or taking back one that never was; one that an entry of a register made, there."""
    member = recorded(request, pk)
    found = get_object_or_404(ties_by_hand(member.person).select_related("entry"), pk=number(tie))
    if entry := getattr(found, "entry", None):
        return redirect(settings.TIE_KEEPER, entry.pk)
    forms = {"withdraw": bound(request, "withdraw", ReasonForm)}
    if found.until > today():
        forms["end"] = bound(request, "end", TieEnd, initial={"last": today()})
    acts = {
        "end": lambda form: _end_tie(request, member, found, form),
        "withdraw": lambda form: _withdraw_tie(request, member, found, form),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"member": member, "line": _line(found, today()), "forms": forms, "back": _page(member)}
    return render(request, "members/tie.html", context, status=status_of(forms))


def _said(tie: Tie) -> str:
    return f"{tie.to.name}是{tie.person.name}的{tie.get_kind_display()}"


def _end_tie(request, member: Membership, found: Tie, form: TieEnd) -> str:
    end_tie(tie=found, last=form.cleaned_data["last"], today=today())
    messages.success(request, f"{_said(found)}，到 {form.cleaned_data['last']} 为止。")
    return _page(member)


def _withdraw_tie(request, member: Membership, found: Tie, form: ReasonForm) -> str:
    withdraw_tie(tie=found, reason=form.cleaned_data["reason"])
    messages.success(request, f"{_said(found)}，已撤销，就当没有过。")
    return _page(member)


def category(request, pk: int, category: int):
    """Setting or moving the end of a category, or taking back one that never was."""
    member = recorded(request, pk)
    found = get_object_or_404(_known(request, member, today()), pk=number(category))
    word, _, keeper = found.source.partition(":")
    if page := settings.CATEGORY_KEEPERS.get(word):
        return redirect(page, int(keeper or member.person_id))
    line = _line(found, today())
    forms = {
        "end": bound(request, "end", CategoryEnd, initial={"last": line["last"] or today()}),
        "withdraw": bound(request, "withdraw", ReasonForm),
    }
    acts = {
        "end": lambda form: _end_category(request, member, found, form),
        "withdraw": lambda form: _withdraw_category(request, member, found, form),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"member": member, "line": line, "forms": forms, "back": _page(member)}
    return render(request, "members/category.html", context, status=status_of(forms))


def _end_category(request, member: Membership, found: Category, form: CategoryEnd) -> str:
    last = form.cleaned_data["last"]
    end_category(category=found, last=last)
    until = f"到 {last} 为止" if last else "没有期限"
    messages.success(request, f"{found.get_kind_display()}{until}。")
    return _page(member)


def _withdraw_category(request, member: Membership, found: Category, form: ReasonForm) -> str:
    withdraw_category(category=found, reason=form.cleaned_data["reason"])
    messages.success(request, f"{found.get_kind_display()}已撤销，就当没有列过。")
    return _page(member)

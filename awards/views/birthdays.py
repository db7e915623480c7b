"""Pages of birthdays: the month, one birthday with its words, cards to print, and an organisation's own words."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from awards import birthdays as board
from awards.forms.ceremonies import GreetingTextForm
from awards.greeting_texts import PLACEHOLDERS, Kind, Occasion, drop_text, rendered, texts_for, write_text
from awards.models import GreetingText
from base.dates import today
from base.once import new_key, submitted
from duties.filters import Narrowing
from members.asked import number
from members.counting import counts_of, counts_under
from members.directory import organisation_choices
from members.enums import Capability, Precision, Standing
from members.models import Membership, Organisation
from members.scope import path_end

MOST = 20_000
"""Of more members than these a month is not looked through; the reader chooses an organisation first."""

EARLIEST = date(2000, 1, 1)


@require_safe
def birthdays(request):
    """The political birthdays of a month in scope, by day; unknown dates apart; others where a policy asks."""
    account, day = request.user, today()
    _check_may_view(account)
    here, first, tab = _asked(request, day)
    living = (counts_under([here.path]) if here else counts_of(account)).living
    stays, rows, after, at = _stays(account, here, day), [], "", request.GET.get("after", "")
    natural = board.asks_for_natural(account, here, day)
    if tab == "natural" and not natural:
        raise Http404
    if living <= MOST:
        rows, after = board.page_of(_listed(stays, account, first, tab, day), at)
    if tab != "unknown":
        fact = board.NATURAL if tab == "natural" else board.POLITICAL
        rows = board.birthdays(rows, first.year, account, day, fact=fact)
    before = _shifted(first, -1)
    context = {
        "rows": rows, "after": after, "at": at, "first_page": "after" not in request.GET, "here": here, "first": first,
        "tab": tab, "natural": natural, "day": day, "this_month": first == day.replace(day=1), "many": living > MOST,
        "unknown": board.unknown(stays).count() if living <= MOST else 0,
        "before": _query(before, here, tab) if before >= EARLIEST else "", "now": _query(day, here, tab),
        "next": _query(_shifted(first, 1), here, tab), "query": _query(first, here, tab),
        "tabs": [_query(first, here, name) for name in ("", "natural", "unknown")],
        "organisations": organisation_choices(account, here),
        "may_record": account.scope.may(Capability.RECORD), "me": account.person_id,
    }  # fmt: skip
    return render(request, "awards/birthdays.html", context)


def _check_may_view(account) -> None:
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("政治生日由有查阅职责的同志查看。你自己的在“我的”里。")


def _asked(request, day: date) -> tuple[Organisation | None, date, str]:
    """The organisation, the month and the list asked for; a month nobody could mean is this one."""
    where = Narrowing(request.GET).value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(request.user), pk=where) if where else None
    first = day.replace(day=1)
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
        first = asked if EARLIEST <= asked <= date(day.year + 5, 12, 1) else first
    except ValueError:
        pass
    tab = request.GET.get("tab", "")
    return here, first, tab if tab in ("natural", "unknown") else ""


def _shifted(first: date, by: int) -> date:
    month = first.year * 12 + first.month - 1 + by
    return date(month // 12, month % 12 + 1, 1)


def _query(month: date, here: Organisation | None, tab: str) -> str:
    asked = {"month": f"{month:%Y-%m}", "organisation": here.pk if here else "", "tab": tab}
    return urlencode({name: value for name, value in asked.items() if value})


def _stays(account, here: Organisation | None, day: date):
    stays = Membership.objects.on(day).visible_to(account)
    return stays.filter(path__gte=here.path, path__lt=path_end(here.path)) if here else stays


def _listed(stays, account, first: date, tab: str, day: date):
    if tab == "unknown":
        return board.unknown(stays)
    if tab == "natural":
        return board.of_month(board.where_asked(stays, account, day), first, fact=board.NATURAL)
    return board.of_month(stays, first)


@require_safe
def birthday(request, pk: int, year: int):
    """One birthday: the words of the message or card, filled, and one tap to record how they were sent."""
    account, day = request.user, today()
    _check_may_view(account)
    natural = request.GET.get("kind") == "natural"
    found = _one(account, pk, year, day, natural=natural)
    (occasion,) = board.occasions([found], day)
    held = texts_for([found.stay.organisation_id], day)[found.stay.organisation_id, occasion.kind]
    context = {
        "each": found, "person": occasion.person, "text": rendered(held.text, occasion), "held": held,
        "kind": occasion.kind, "day": day, "once": new_key(), "natural": natural, "year": year,
        "me": account.person_id,
        "may_greet": pk != account.person_id and account.scope.may(Capability.RECORD, found.stay.path),
    }  # fmt: skip
    return render(request, "awards/birthday.html", context)


def _one(account, pk: int, year: int, day: date, *, natural: bool) -> board.Birthday:
    """The birthday of a member in sight. The dead and whoever is suspended have none; nor has an unknown date."""
    stays = Membership.objects.on(day).visible_to(account).select_related("person", "organisation")
    stay = get_object_or_404(board.where_asked(stays, account, day) if natural else stays, person=pk)
    person = stay.person
    if stay.standing not in board.TAKE_PART:
        raise PermissionDenied(f"{person.name}{Standing(stay.standing).label}，不祝贺生日。")
    known = (person.birth_on, person.birth_precision) if natural else (person.joined_on, person.joined_precision)
    if known[0] is None or known[1] == Precision.YEAR:
        raise PermissionDenied(f"{person.name}的{'出生' if natural else '入党'}日期不全，核对名册以后再祝贺。")
    if not known[0].year <= year <= day.year + 5:
        raise Http404
    (found,) = board.birthdays([stay], year, account, day, fact=board.NATURAL if natural else board.POLITICAL)
    return found


@require_safe
def birthday_cards(request):
    """Cards to print, one a page: of one birthday, or of those a page of the month lists."""
    account, day = request.user, today()
    _check_may_view(account)
    here, first, tab = _asked(request, day)
    if asked := request.GET.get("member"):
        year = request.GET.get("year", "")
        year = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else day.year
        found = [_one(account, number(asked), year, day, natural=tab == "natural")]
        back = f"{reverse('birthday', args=[asked, year])}{'?kind=natural' if tab else ''}"
    else:
        fact = board.NATURAL if tab == "natural" else board.POLITICAL
        living = (counts_under([here.path]) if here else counts_of(account)).living
        stays = _stays(account, here, day) if living <= MOST else Membership.objects.visible_to(account).none()
        rows, _after = board.page_of(_listed(stays, account, first, tab, day), request.GET.get("after", ""))
        found = board.birthdays(rows, first.year, account, day, fact=fact)
        back = f"{reverse('birthdays')}?{_query(first, here, tab)}"
    texts = texts_for({each.stay.organisation_id for each in found}, day)
    cards = [
        _card(rendered(texts[each.stay.organisation_id, occasion.kind].text, occasion), occasion)
        for each, occasion in zip(found, board.occasions(found, day), strict=True)
    ]
    return render(request, "awards/birthday_cards.html", {"cards": cards, "back": back, "natural": tab == "natural"})


def _card(text: str, occasion: Occasion) -> list[tuple[str, bool]]:
    """The lines of a card, and whether each stands at the right: who signs, and the day."""
    ends = (occasion.signed, occasion.day_words)
    return [(line, line in ends) for line in map(str.strip, text.splitlines()) if line]


@require_safe
def greeting_texts(request):
    """The words that hold in an organisation, kind by kind, and whose they are."""
    account, day = request.user, today()
    _check_may_view(account)
    where = Narrowing(request.GET).value("organisation")
    within = Organisation.objects.visible_to(account)
    here = get_object_or_404(within, pk=where) if where else within.order_by("path").first()
    if here is None:
        raise Http404
    texts = texts_for([here.pk], day)
    context = {
        "here": here, "organisations": organisation_choices(account, here),
        "rows": [(kind, texts[here.pk, kind]) for kind in Kind],
        "may_write": account.scope.may(Capability.POLICY, here.path),
    }  # fmt: skip
    return render(request, "awards/greeting_texts.html", context)


def greeting_text(request, pk: int, kind: str):
    """Writing an organisation's own words of one kind, or giving them up."""
    account, day = request.user, today()
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=pk)
    if kind not in Kind.values:
        raise Http404
    if not account.scope.may(Capability.POLICY, here.path):
        raise PermissionDenied("祝贺文案由本组织或上级的书记和组织部编写。")
    held = texts_for([here.pk], day)[here.pk, kind]
    form = GreetingTextForm(
        request.POST if request.method == "POST" else None, initial={"once": new_key(), "text": held.text}
    )
    drops = "drop" in request.POST

    def act() -> str:
        if drops:
            drop_text(by=account, organisation=here, kind=kind)
        else:
            write_text(by=account, organisation=here, kind=kind, text=form.cleaned_data["text"], today=day)
        messages.success(request, "已改回上级的或通用的文案。" if drops else "文案已保存。")
        return f"{reverse('greeting_texts')}?organisation={here.pk}"

    if where := submitted(request, form, act, repeated="这份文案已经保存过。"):
        return redirect(where)
    context = {
        "form": form, "here": here, "kind": Kind(kind), "placeholders": PLACEHOLDERS[Kind(kind)],
        "own": GreetingText.objects.visible_to(account).filter(organisation=here, kind=kind).exists(),
        "back": f"{reverse('greeting_texts')}?organisation={here.pk}",
    }  # fmt: skip
    return render(request, "awards/greeting_text.html", context, status=422 if form.is_bound else 200)

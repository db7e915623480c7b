"""Answering for ticked duties otherwise than by an act: not doing them, handing them on, saying when they are done.

The board's bar sends what is ticked by POST, so that names of duties do not fill addresses; ``ask`` opens the form.
"""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.dates import today
from base.once import new_key, submitted
from duties.board.permits import check_may_answer, check_may_waive, offered
from duties.board.refs import all_asked_for
from duties.board.words import Line, describe, with_words
from duties.engine.answering import arrange, drop_arrangement, hand_on, take_back_delegation, take_back_waiver, waive
from duties.engine.models import Duty
from duties.filters import BoardFilter
from duties.forms import ArrangeForm, HandOnForm, WaiveForm

MOST = 200
"""Duties answered for at once; a page of the board has far fewer."""

NOTHING = "还没有勾选。请先在列表里勾选要办的事。"
AGAIN = "这张表已经保存过，没有再办一次。"


def _asked_for(request, check: Callable) -> list[Duty]:
    """The duties that the sent form, else the address names; none where nothing was ticked."""
    texts = list(dict.fromkeys(request.POST.getlist("duty") or request.GET.getlist("duty")))
    if len(texts) > MOST:
        raise Http404
    within = with_words(Duty.objects.visible_to(request.user))
    try:
        duties = all_asked_for(within, request.user, texts)
    except Duty.DoesNotExist as gone:
        raise Http404 from gone
    check(request.user, duties)
    return duties


def _board(request, **more: str) -> str:
    """The board as it was when the duties were ticked."""
    kept = dict(parse_qsl(request.POST.get("back", "")[:500]))
    names = {"tab", *BoardFilter.base_fields} - {"q"}  # a name is kept nowhere
    where = f"{reverse('duty_board')}?{urlencode({**{k: v for k, v in kept.items() if k in names}, **more})}"
    return where if len(where) <= 200 else reverse("duty_board")


def _nothing(request):
    if request.method == "POST":
        messages.warning(request, NOTHING)
    return redirect(_board(request))


def _data(request):
    return request.POST if request.method == "POST" and "ask" not in request.POST else None


def _page(request, template: str, form: forms.Form, lines: list[Line], *, changed: bool = False):
    context = {
        "form": form, "lines": lines, "back": request.POST.get("back", "")[:500], "cancel_url": _board(request),
        "changed": changed,
    }  # fmt: skip
    return render(request, template, context, status=422 if form.errors else 200)


def duty_waive(request):
    """Why the ticked duties need not be done."""
    duties, day = _asked_for(request, check_may_waive), today()
    if not duties:
        return _nothing(request)
    form = WaiveForm(_data(request), initial={"once": new_key()})

    def act() -> str:
        waive(by=request.user, duties=duties, reason=form.reason, today=day)
        messages.success(request, f"已免办 {len(duties)} 件，列在“免办与作废”里，随时可以恢复。")
        return _board(request)

    if where := submitted(request, form, act, repeated=AGAIN):
        return redirect(where)
    return _page(request, "duties/duty_waive.html", form, describe(duties, request.user, day))


@require_POST
def duty_restore(request):
    """Have a waived duty be owed again."""
    duties = _asked_for(request, check_may_waive)
    if not duties:
        return _nothing(request)
    count = take_back_waiver(by=request.user, duties=duties, today=today())
    messages.success(request, "已恢复，重新列为待办。" if count else "这件事已经恢复过，没有再办一次。")
    return redirect(_board(request))


def duty_hand_on(request):
    """To whom the ticked duties are handed on."""
    duties, day = _asked_for(request, check_may_answer), today()
    if not duties:
        return _nothing(request)
    others = offered(request.user, duties, day)
    others = {person: posts for person, posts in others.items() if person.pk != request.user.person_id}
    form = HandOnForm(_data(request), offered=others, initial={"once": new_key()})

    def act() -> str:
        given = form.cleaned_data
        hand_on(by=request.user, duties=duties, to=given["to"], reason=given["reason"], today=day)
        messages.success(request, f"已把 {len(duties)} 件转给{given['to'].name}办理，要收回请在“本组织”里找。")
        return _board(request)

    if where := submitted(request, form, act, repeated=AGAIN):
        return redirect(where)
    lines = describe(duties, request.user, day)
    return _page(request, "duties/duty_hand_on.html", form, lines, changed=any(line.handed for line in lines))


@require_POST
def duty_take_back(request):
    """Have duties that were handed on be the turn of those whose turn it was."""
    duties = _asked_for(request, check_may_answer)
    if not duties:
        return _nothing(request)
    count = take_back_delegation(by=request.user, duties=duties, today=today())
    messages.success(request, "已收回，仍由原来的责任人办理。" if count else "这件事没有转给别人，不用收回。")
    return redirect(_board(request))


def duty_arrange(request):
    """When the ticked duties are to be done, and by whom; the board's bar sends it filled in."""
    duties, day = _asked_for(request, check_may_answer), today()
    if not duties:
        return _nothing(request)
    form = ArrangeForm(
        _data(request), offered=offered(request.user, duties, day), initial={"once": new_key(), "on": day}
    )

    def act() -> str:
        given = form.cleaned_data
        arrange(by=request.user, duties=duties, on=given["on"], person=given["person"], today=day)
        whom = f"，由{given['person'].name}去" if given["person"] else ""
        messages.success(request, f"{len(duties)} 件安排在 {given['on']}{whom}。办完登记了才算办结。")
        return _board(request)

    if where := submitted(request, form, act, repeated=AGAIN):
        return redirect(where)
    lines = describe(duties, request.user, day)
    return _page(request, "duties/duty_arrange.html", form, lines, changed=any(line.arranged for line in lines))


@require_POST
def duty_unarrange(request):
    """Forget when duties were to be done."""
    duties = _asked_for(request, check_may_answer)
    if not duties:
        return _nothing(request)
    count = drop_arrangement(by=request.user, duties=duties, today=today())
    messages.success(request, "已取消安排。" if count else "这件事没有安排过，不用取消。")
    return redirect(_board(request))

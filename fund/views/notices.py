"""公示: what waits to be posted, what hangs, what is over; one notice with its objections; its papers on A4."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.arranging import missing
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import answered, new_key, submitted
from fund.applying.noticing import answer, finish_notice, line_ends, live_lines, object_to, post_notice, shown_names
from fund.applying.showing import Waiting, inside_lines, posted_paper, waiting_for_notice, words_for
from fund.forms.notices import AnswerForm, ObjectionForm, PostingForm, ResultForm
from fund.models import NoticeLine, Objection, PublicNotice
from fund.permissions import is_party
from fund.regulation.steps import OBJECTED
from members.enums import Capability
from members.scope import sealed_at

PAGE = 20
AGAIN = "这一步刚才已经办好，没有再办一次。"


def check_sees_notices(account) -> None:
    if not (account.scope.may(Capability.READ_BOOKS) or account.scope.may(Capability.RECORD)):
        raise PermissionDenied("公示由组织部和党支部办理。正在公示的名单，登录页的“公示”里人人可看。")


def may_handle(account, notice: PublicNotice) -> bool:
    """Objections and their answers: for the department of the fund, and where the notice is posted."""
    scope = account.scope
    return scope.may(Capability.FUND, notice.fund.organisation.path) or scope.may(
        Capability.RECORD, notice.organisation.path
    )


def check_may_handle(account, notice: PublicNotice) -> None:
    if not may_handle(account, notice):
        raise PermissionDenied("公示的异议和结果由张贴的党组织和组织部办理。")


@require_safe
def notices(request):
    """What waits to be posted, by list; what hangs today; what is over, a page at a time."""
    account, day = request.user, today()
    check_sees_notices(account)
    rows = PublicNotice.objects.visible_to(account).select_related("organisation", "fund__organisation")
    rows = rows.annotate(count_of=Count("lines"))
    here = Q(pk__in=live_lines().values("notice")) | Q(result_on__isnull=True, taken_down_on__isnull=True)
    objected = live_lines().filter(notice=OuterRef("pk"), application__state__endswith=OBJECTED)
    hanging = rows.filter(here).annotate(objected=Exists(objected)).order_by("ends_on", "pk")
    over = rows.exclude(here)
    page, after = newest_first(over, request.GET.get("after", ""), size=PAGE, day="posted_on")
    context = {
        "waiting": [(each, each.ends_on(day)) for each in waiting_for_notice(account, day)],
        "hanging": list(hanging[:PAGE]), "over": page, "after": after, "first": "after" not in request.GET,
        "day": day, "missing": missing(day), "may_arrange": account.scope.may(Capability.FUND),
    }  # fmt: skip
    return render(request, "fund/notices.html", context)


def _list_asked_for(request, day: date) -> Waiting:
    """The list that the address names, of those the account may post."""
    code = request.GET.get("list", "")
    lists = waiting_for_notice(request.user, day)
    found = next((each for each in lists if each.code == code), lists[0] if lists and not code else None)
    if found is None:
        raise Http404
    return found


def notice_new(request):
    """Posting a list: which applications, and what the paper says."""
    account, now, day = request.user, timezone.now(), today()
    check_sees_notices(account)
    if where := answered(request, repeated=AGAIN):
        return redirect(where)
    found = _list_asked_for(request, day)
    data = request.POST if request.method == "POST" else None
    form = PostingForm(data, rows=found.rows, initial={"once": new_key(), **words_for(found, day)})
    form = drafted(form, account=account.pk, key=f"notice:f{found.fund.pk}:o{found.organisation.pk}", now=now)

    def done() -> str:
        made = _posted(form, request, now)
        until = f"{made.ends_on:%m-%d} 24:00 止"
        messages.success(request, f"已张贴，从次日起算 {found.days_words}，{until}。公开地址可以发到内网，也可以打印。")
        return reverse("notice", args=[made.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    names = shown_names(found.rows)
    ticked = form.ticked()
    context = {
        "form": form, "found": found, "ends": found.ends_on(day), "day": day,
        "lines": [(row, name, str(row.pk) in ticked) for row, name in zip(found.rows, names, strict=True)],
    }  # fmt: skip
    return render(request, "fund/notice_new.html", context, status=422 if form.errors else 200)


def _posted(form: PostingForm, request, now) -> PublicNotice:
    try:
        return post_notice(by=request.user, applications=form.chosen(), posting=form.posting(), now=now)
    except PermissionDenied as refused:
        raise ValidationError(str(refused)) from refused


# One notice


def _notice(request, pk: int) -> PublicNotice:
    check_sees_notices(request.user)
    rows = PublicNotice.objects.visible_to(request.user).select_related(
        "organisation", "fund__organisation", "posted_by", "result_by", "corrects", "corrected_by"
    )
    return get_object_or_404(rows.defer(*sealed_at("posted_by", "result_by")), pk=pk)


def _lines(notice: PublicNotice, day: date, *, handles: bool) -> list[NoticeLine]:
    """The rows as they were shown, each with its last day and how it stands."""
    found = inside_lines(notice, opened=handles)
    for line in found:
        line.ends_on = line_ends(line)
        line.state, line.tone = _state(line, notice, day)
        row = line.application
        here = row.round == line.round and row.state.removesuffix(OBJECTED) == notice.step
        line.live = here and notice.taken_down_on is None
        line.over = line.tone == "ok"
    return found


def _state(line: NoticeLine, notice: PublicNotice, day: date) -> tuple[str, str]:
    row = line.application
    if notice.taken_down_on:
        return "已撤下", "open"
    if row.round != line.round or row.state.removesuffix(OBJECTED) != notice.step:
        left = row.over and row.granted is None
        return (row.state_words, "late") if left or row.editable else ("公示通过", "ok")
    if row.state.endswith(OBJECTED):
        return "异议待答复", "late"
    return ("公示中", "open") if day <= line.ends_on else ("期满，待登记结果", "soon")


@require_safe
def notice(request, pk: int):
    """One notice as it was posted, with its objections."""
    return _page(request, _notice(request, pk))


@require_POST
def notice_finish(request, pk: int):
    """Entering its result when its days are over."""
    found, form = _notice(request, pk), ResultForm(request.POST)
    check_may_handle(request.user, found)

    def done() -> str:
        passed = finish_notice(by=request.user, notice=found, result=form.cleaned_data["result"], now=timezone.now())
        messages.success(request, f"已登记公示结果，{passed} 件进入下一步。")
        return reverse("notice", args=[found.pk])

    where = submitted(request, form, done, repeated=AGAIN)
    return redirect(where) if where else _page(request, found, form)


def _page(request, found: PublicNotice, form: ResultForm | None = None):
    day, handles = today(), may_handle(request.user, found)
    lines = _lines(found, day, handles=handles)
    for line in lines:
        line.opened = handles and not is_party(request.user, line.application)
    objected = any(line.objections.all() for line in lines)
    words = {"result": "公示期满，异议已书面答复。"} if objected else {}
    form = form or ResultForm(initial={"once": new_key(), **words})
    context = {
        "notice": found, "lines": lines, "form": form, "handles": handles, "day": day,
        "objections": [(line, each) for line in lines for each in line.objections.all()],
        "ripe": any(line.tone == "soon" for line in lines), "shown": any(line.tone == "open" for line in lines),
        "extended": any(line.ends_on > found.ends_on for line in lines),
        "public": request.build_absolute_uri(reverse("public_notice", args=[found.token])),
    }  # fmt: skip
    return render(request, "fund/notice.html", context, status=422 if form.errors else 200)


def objection_new(request, pk: int, line: int):
    """Entering what somebody said against one row."""
    account, now = request.user, timezone.now()
    found = _notice(request, pk)
    row = get_object_or_404(found.lines.select_related("application", "notice"), pk=line)
    check_may_handle(account, found)
    data = request.POST if request.method == "POST" else None
    form = ObjectionForm(data, initial={"once": new_key(), "received_on": today()})
    form = drafted(form, account=account.pk, key=f"objection:l{row.pk}", now=now)

    def done() -> str:
        said = form.cleaned_data
        object_to(
            by=account, line=row, received_on=said["received_on"], who=said["by"], contact=said["contact"],
            text=said["text"], now=now,
        )  # fmt: skip
        messages.success(request, f"第 {row.number} 号的异议已登记，这一行的公示天数停下，答复以前不发放。")
        return reverse("notice", args=[found.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context = {"form": form, "notice": found, "line": row, "over": found.result_on is not None}
    return render(request, "fund/objection_new.html", context, status=422 if form.errors else 200)


def objection_answer(request, pk: int, objection: int):
    """Answering an objection in writing."""
    account, now = request.user, timezone.now()
    found = _notice(request, pk)
    rows = Objection.objects.visible_to(account).filter(line__notice=found).select_related("line__notice")
    said = get_object_or_404(rows.select_related("line__application"), pk=objection)
    check_may_handle(account, found)
    data = request.POST if request.method == "POST" else None
    form = AnswerForm(data, initial={"once": new_key()})
    form = drafted(form, account=account.pk, key=f"answer:o{said.pk}", now=now)

    def done() -> str:
        given = form.cleaned_data
        made = answer(by=account, objection=said, outcome=given["outcome"], words=given["answer"], now=now)
        messages.success(request, _told(made, before=said.line.application.state))
        return reverse("notice", args=[found.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context = {"form": form, "notice": found, "said": said}
    return render(request, "fund/objection_answer.html", context, status=422 if form.errors else 200)


def _told(said: Objection, *, before: str) -> str:
    """What an answer did to the row; ``before``: the state of its application until then."""
    number, now = said.line.number, said.line.application.state
    if not before.endswith(OBJECTED):
        return f"已答复。第 {number} 号已不在公示，它的办理结果不变。"
    if now == before:
        return f"已答复。第 {number} 号还有别的异议没有答复，公示天数仍停着。"
    return {
        Objection.Outcome.DISMISSED: f"已答复。第 {number} 号接着公示，天数从停下的那天补足。",
        Objection.Outcome.CORRECTED: "已答复。整份名单已撤下，请更正后在“待公示”里重新张贴，天数重新起算。",
    }.get(said.outcome, f"已答复。第 {number} 号已从公示里去掉。")


# Paper


@require_safe
def notice_print(request, pk: int):
    """The posting for the wall, on A4."""
    found = _notice(request, pk)
    audit.write(audit.Act.PRINT, f"notice:{found.pk}")
    return render(request, "fund/notice_print.html", {"notice": found, "paper": posted_paper(found)})


@require_safe
def notice_result(request, pk: int):
    """公示结果证明, once the result was entered."""
    found = _notice(request, pk)
    audit.write(audit.Act.PRINT, f"notice:{found.pk}", result=True)
    lines = _lines(found, today(), handles=False)
    objections = [each for line in lines for each in line.objections.all()]
    context = {
        "notice": found, "paper": posted_paper(found), "day": today(), "passed": [x for x in lines if x.tone == "ok"],
        "objections": len(objections), "open": (open_ := sum(each.answered_on is None for each in objections)),
        "answered": len(objections) - open_,
    }  # fmt: skip
    return render(request, "fund/notice_result.html", context)

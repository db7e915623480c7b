"""Importing a sheet on a page: upload, preview, write, result, the refused rows; one address for each kind of sheet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from base import audit
from base.cells import BROKEN, text_of
from base.dates import today
from base.once import new_key, once
from base.reading import Sheet, SheetRefused
from base.uploads import Upload, keep, kept
from members.enums import Capability
from members.imports import ImportReport
from members.office_forms import SheetUpload, SheetWrite
from members.organisations import import_organisations, plan_organisations, read_organisations
from members.posts import import_posts, plan_posts, read_posts
from members.returned import returned
from members.sheets import Preview, SheetPlan

RESULT = "sheet_result"
"""Where the session keeps which upload was written last and its counts; never a name."""

NONE_REFUSED = "这份表没有要退回的行。"


@dataclass(frozen=True)
class Kind:
    """One kind of sheet: its address, its words, who may bring it, how it is read, planned and written."""

    page: str
    noun: str
    needs: str
    follows: str
    list_page: str
    read: Callable[[bytes], Sheet]
    plan: Callable[..., SheetPlan]
    write: Callable[..., ImportReport]
    at: dict = field(default_factory=dict)
    """What the addresses of its pages need."""
    capability: Capability = Capability.IMPORT
    keeper: str = "由组织部导入。要更正本支部的，请联系上级组织部。"
    named: str = "名称"
    first_page: str = "members/sheet_upload.html"
    updates: bool = True
    """Whether a row may change what is known."""
    subject: object = None
    """What its first page tells of besides."""

    @property
    def url(self) -> str:
        return reverse(self.page, kwargs=self.at)

    @property
    def list_url(self) -> str:
        return reverse(self.list_page, kwargs=self.at)


def _write_posts(*, by, sheet: Sheet, today: date) -> ImportReport:
    return import_posts(by=by, sheet=sheet, today=today, now=timezone.now()).report


ORGANISATIONS = Kind(
    "organisations_import", "党组织", "党组织编码、党组织名称、组织类别、上级党组织编码",
    "空着的格子不改原有内容；上级编码空着，就是最上级。换了上级的，从今天起算。",
    "organisations", read_organisations, plan_organisations, import_organisations,
)  # fmt: skip
POSTS = Kind(
    "posts_import", "任职", "党组织名称（或党组织编码）、姓名、职务、任职日期",
    "免职日期是最后一天任职。组织部负责人、干事、检查组、出纳、会计和三员由安全保密管理员授予，不从这里写入。",
    "posts", read_posts, plan_posts, _write_posts,
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def organisations_import(request):
    """The tree from a sheet."""
    return stages(request, ORGANISATIONS)


@require_http_methods(["GET", "HEAD", "POST"])
def posts_import(request):
    """Posts from a sheet."""
    return stages(request, POSTS)


def stages(request, kind: Kind) -> HttpResponse:
    """The first stage, or the one that the request is for. Only for those who may import somewhere."""
    if not request.user.scope.may(kind.capability):
        raise PermissionDenied(f"{kind.noun}{kind.keeper}")
    given = request.POST if request.method == "POST" else request.GET
    if "upload" not in given:
        return _receive(request, kind) if request.method == "POST" else _upload_page(request, kind, SheetUpload())
    upload = kept(given["upload"], owner=request.user.pk, now=timezone.now())
    try:
        sheet = kind.read(upload.data) if upload else None
    except SheetRefused:
        sheet = None
    if sheet is None:
        messages.warning(request, "上传的表已过期或已换成另一份，请重新上传。")
        return redirect(kind.url)
    if request.method == "POST":
        act = _returned if "refused" in given else _write
        return act(request, kind, upload, sheet)
    written = request.session.get(RESULT, {}).get("upload") == upload.token
    page = _result if written and "done" in request.GET else _preview
    return page(request, kind, upload, sheet)


def _upload_page(request, kind: Kind, form: SheetUpload, status: int = 200) -> HttpResponse:
    return render(request, kind.first_page, {"form": form, "kind": kind}, status=status)


def _receive(request, kind: Kind) -> HttpResponse:
    """Refuse what is no such sheet; keep what is one, and go to its preview."""
    form = SheetUpload(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, kind, form, status=422)
    file = form.cleaned_data["file"]
    data = file.read()
    try:
        kind.read(data)
    except SheetRefused as refusal:
        form.add_error("file", str(refusal))
        return _upload_page(request, kind, form, status=422)
    token = keep(owner=request.user.pk, filename=BROKEN.sub("", text_of(file.name)), data=data, now=timezone.now())
    return redirect(f"{kind.url}?{urlencode({'upload': token})}")


def _preview(request, kind: Kind, upload: Upload, sheet: Sheet, form: SheetWrite | None = None) -> HttpResponse:
    """What writing would do. A refused form comes back with what refused it."""
    plan = kind.plan(by=request.user, sheet=sheet, today=today())
    context = {
        "kind": kind, "upload": upload, "preview": Preview(plan, request.GET.get("tab", "")),
        "form": form or SheetWrite(initial={"once": new_key(), "upload": upload.token}),
    }  # fmt: skip
    return render(request, "members/sheet_preview.html", context, status=422 if form else 200)


def _write(request, kind: Kind, upload: Upload, sheet: Sheet) -> HttpResponse:
    """Carry the preview out, once."""
    form = SheetWrite(request.POST)
    if not form.is_valid():
        return _preview(request, kind, upload, sheet, form)

    def act() -> str:
        counts = kind.write(by=request.user, sheet=sheet, today=today()).counts()
        request.session[RESULT] = {"upload": upload.token, **counts}
        return f"{kind.url}?{urlencode({'upload': upload.token, 'done': 1})}"

    try:
        where, _fresh = once(form.cleaned_data["once"] or new_key(), act)
    except SheetRefused as refusal:
        form.add_error(None, str(refusal))
        return _preview(request, kind, upload, sheet, form)
    return redirect(where)


def _result(request, kind: Kind, upload: Upload, sheet: Sheet) -> HttpResponse:
    """What was written, and what was not: rows refused then are refused still."""
    plan = kind.plan(by=request.user, sheet=sheet, today=today())
    context = {
        "kind": kind, "upload": upload, "counts": request.session[RESULT], "preview": Preview(plan, "refused"),
    }  # fmt: skip
    return render(request, "members/sheet_result.html", context)


def _returned(request, kind: Kind, upload: Upload, sheet: Sheet) -> HttpResponse:
    """The rows of the account's own upload that are not taken, marked, to be mended and uploaded again."""
    day = today()
    refused = kind.plan(by=request.user, sheet=sheet, today=day).refused
    if not refused:
        messages.info(request, NONE_REFUSED)
        return redirect(f"{kind.url}?{urlencode({'upload': upload.token})}")
    audit.write(audit.Act.EXPORT, kind.list_page, refused=len(refused), **kind.at)
    file = returned(sheet, refused)
    response = FileResponse(file, as_attachment=True, filename=f"{kind.noun}退回-{day}.xlsx")
    response["Cache-Control"] = "no-store"
    return response

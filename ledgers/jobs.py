"""Long work on ledgers: a workbook or a sheet of more rows than a page gives or takes by itself, and the bundle."""

import shutil
from datetime import date

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.http import urlencode

from base import audit
from base.jobs import JobRefused, Kind, Result, Work, register
from base.reading import Sheet, SheetRefused
from base.uploads import Upload, kept
from ledgers.bundle import making
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.ledger import Ledger
from ledgers.models import Layout
from ledgers.people import Importer
from ledgers.permissions import check_may_export, check_may_read, check_may_take_in, check_may_unmask
from ledgers.stored import stored
from ledgers.taking import LedgerPlan, import_ledger, plan_ledger, read_ledger
from members.enums import Capability
from members.jobs import asker
from members.models import Organisation
from members.returned import returned

GONE = "上传的表已过期或已换成另一份，请重新上传。"


def _extract(account, parameters: dict, now) -> Extract:
    """The extract that was asked for, as the account may see it now.

    :raises PermissionDenied: when the organisation is not within its scope any more, or not for export.
    """
    organisation = Organisation.objects.visible_to(account).filter(pk=parameters["organisation"]).first()
    if organisation is None:
        raise PermissionDenied("这个党组织已不在你的范围内，没有导出。")
    ledger = LEDGERS[parameters["ledger"]]
    check_may_read(account, ledger)
    check_may_export(account, organisation)
    first, last = (date.fromisoformat(parameters[name]) for name in ("first", "last"))
    layout = Layout.objects.visible_to(account).filter(pk=parameters.get("layout"), ledger=ledger.code).first()
    if parameters.get("layout") and layout is None:
        raise PermissionDenied("选的版式已经没有了，没有导出。")
    held_on, reason = parameters.get("held_on"), parameters.get("reason", "")
    if reason:
        check_may_unmask(account, organisation, ledger)
    return Extract(
        ledger, account, organisation, first, last, now, layout, parameters.get("paper", ""),
        date.fromisoformat(held_on) if held_on else None, reason, pick=parameters.get("pick", ""),
    )  # fmt: skip


def extract_parameters(extract: Extract) -> dict:
    """What the job needs to make this extract anew."""
    return {
        "ledger": extract.ledger.code, "organisation": extract.organisation.pk, "first": extract.first.isoformat(),
        "last": extract.last.isoformat(), **({"layout": extract.layout.pk} if extract.layout else {}),
        **({"paper": extract.paper} if extract.paper else {}),
        **({"held_on": extract.held_on.isoformat()} if extract.held_on else {}),
        **({"pick": extract.pick} if extract.pick else {}),
        **({"reason": extract.reason} if extract.reason else {}),
    }  # fmt: skip


def _check(number: int, parameters: dict) -> None:
    _extract(asker(number), parameters, None)


def _export(work: Work) -> Result:
    extract = _extract(asker(work.account), work.parameters, work.now)
    if extract.refused:
        raise JobRefused(extract.refused)
    work.progress("数一数有多少行")
    total = extract.count
    try:
        export(extract, work.file, lambda rows: work.progress.each(rows, "写入台账", total))
    except SheetRefused as refused:
        raise JobRefused(str(refused)) from refused
    return Result(file_name=extract.file_name)


def taking_parameters(ledger: Ledger, token: str, account) -> dict:
    """What a job on an upload needs; with it what the account may see and record now, for its result shows the like."""
    within = [sorted(account.scope.paths(capability)) for capability in (Capability.VIEW, Capability.RECORD)]
    return {"ledger": ledger.code, "upload": token, "within": within}


def _check_taking(number: int, parameters: dict) -> None:
    account = asker(number)
    ledger = LEDGERS[parameters["ledger"]]
    check_may_take_in(account, ledger)
    if parameters != taking_parameters(ledger, parameters["upload"], account):
        raise PermissionDenied("你的范围在上传以后变了，请重新上传。")


def _sheet(work: Work) -> tuple[Upload, Sheet]:
    """:raises JobRefused: for an upload that is gone, or no sheet of the ledger."""
    upload = kept(work.parameters["upload"], owner=work.account, now=work.now)
    if upload is None:
        raise JobRefused(GONE)
    work.progress("读取台账")
    try:
        return upload, read_ledger(LEDGERS[work.parameters["ledger"]], upload.data)
    except SheetRefused as refused:
        raise JobRefused(str(refused)) from refused


def _asked(work: Work, sheet: Sheet) -> dict:
    """What plan and import take: whoever asked, as the account is now."""
    ledger = LEDGERS[work.parameters["ledger"]]
    return {"importer": Importer(asker(work.account)), "ledger": ledger, "sheet": sheet, "today": work.today}


def _check_sheet(work: Work) -> Result:
    upload, sheet = _sheet(work)
    work.progress(f"检查 {len(sheet.rows)} 行")
    return _result(work, upload, plan_ledger(**_asked(work, sheet)))


def _write_sheet(work: Work) -> Result:
    """The rows, what follows from them and the job's end are one transaction: all of it, or nothing."""
    upload, sheet = _sheet(work)
    try:
        plan = import_ledger(**_asked(work, sheet), told=work.progress)
    except SheetRefused as refused:
        raise JobRefused(str(refused)) from refused
    return _result(work, upload, plan)


def _result(work: Work, upload: Upload, plan: LedgerPlan) -> Result:
    """The preview or the result as the page shows it, and the refused rows as a workbook."""
    work.progress("整理结果")
    ledger, file_name = LEDGERS[work.parameters["ledger"]], ""
    if plan.refused:
        audit.write(audit.Act.EXPORT, "ledger", refused=len(plan.refused), code=ledger.code)
        file_name = f"{ledger.title}退回-{work.today}.xlsx"
        shutil.copyfileobj(returned(plan.sheet, plan.refused), work.file)
    page = reverse("ledger_import", kwargs={"code": ledger.code})
    return Result(f"{page}?{urlencode({'upload': upload.token, 'job': work.job})}", file_name, stored(plan, upload))


LEDGER_EXPORT = register(Kind("ledger_export", "导出台账", _export, _check))
LEDGER_CHECK = register(Kind("ledger_check", "检查台账", _check_sheet, _check_taking))
LEDGER_WRITE = register(Kind("ledger_write", "写入台账", _write_sheet, _check_taking, whole=True))
BUNDLE = register(Kind("bundle", "生成迎检包", making.make, making.check))

"""Long work on the roster: checking a large one, and writing it."""

import shutil
from datetime import date

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.http import urlencode

from base.jobs import JobRefused, Kind, Result, Work, register
from base.reading import Sheet, SheetRefused
from base.uploads import kept
from members.enums import Capability
from members.models import Account
from members.roster.apply import import_roster, read_roster
from members.roster.plan import Plan, plan_roster
from members.roster.refused import export_refused
from members.roster.stored import stored

GONE = "上传的名册已过期或已换成另一份，请重新上传。"


def asker(number: int) -> Account:
    """The account for which a job runs. :raises PermissionDenied: when it is closed by now."""
    account = Account.objects.filter(pk=number, is_active=True).select_related("person").first()
    if account is None:
        raise PermissionDenied("你的账号已停用。")
    return account


def check_importer(account: Account) -> None:
    """:raises PermissionDenied: for an account that imports nowhere."""
    if not account.scope.may(Capability.IMPORT):
        raise PermissionDenied("名册由组织部导入。要更正本支部的党员，请联系上级组织部。")


def _check(number: int, _parameters: dict) -> None:
    check_importer(asker(number))


def _read(work: Work) -> Sheet:
    """:raises JobRefused: for an upload that is gone, or no roster."""
    upload = kept(work.parameters["upload"], owner=work.account, now=work.now)
    if upload is None:
        raise JobRefused(GONE)
    work.progress("读取名册")
    try:
        return read_roster(upload.data)
    except SheetRefused as refused:
        raise JobRefused(str(refused)) from refused


def _check_roster(work: Work) -> Result:
    sheet = _read(work)
    work.progress(f"检查 {len(sheet.rows)} 行")
    as_of = date.fromisoformat(work.parameters["as_of"])
    plan = plan_roster(by=asker(work.account), sheet=sheet, as_of=as_of, today=work.today)
    return _result(work, plan)


def _write_roster(work: Work) -> Result:
    """The rows, what follows from them and the job's end are one transaction: all of it, or nothing."""
    sheet = _read(work)
    as_of = date.fromisoformat(work.parameters["as_of"])
    try:
        plan = import_roster(
            by=asker(work.account), sheet=sheet, as_of=as_of, today=work.today, told=work.progress
        )  # fmt: skip
    except SheetRefused as refused:
        raise JobRefused(str(refused)) from refused
    return _result(work, plan, done=1)


def _result(work: Work, plan: Plan, **stage) -> Result:
    """The preview or the result as the page shows it, and the refused rows as a workbook."""
    work.progress("整理结果")
    file_name = ""
    if plan.refused:
        file_name = f"名册退回-{work.today}.xlsx"
        shutil.copyfileobj(export_refused(plan), work.file)
    query = {"upload": work.parameters["upload"], "as_of": plan.as_of, "job": work.job, **stage}
    return Result(f"{reverse('roster_import')}?{urlencode(query)}", file_name, stored(plan))


ROSTER_CHECK = register(Kind("roster_check", "检查名册", _check_roster, _check))
ROSTER_WRITE = register(Kind("roster_write", "写入名册", _write_roster, _check, whole=True))

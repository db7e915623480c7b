"""Long work of the engine: bringing every duty to today from the beginning, whatever was swept before."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from base.jobs import Kind, Result, Work, register
from duties.engine.models import SweptRule
from duties.engine.sweep import sweep, take_turn
from members.enums import Capability
from members.jobs import asker
from members.permissions import check_decides_policy


def _check(number: int, _parameters: dict) -> None:
    if not asker(number).scope.may(Capability.ACCOUNTS):
        raise PermissionDenied("全部应办由系统管理员重新核对。")


def _recheck(work: Work) -> Result:
    """Each rule is a transaction of its own: stopped in between, what is left is done by the next sweep."""
    with transaction.atomic():
        take_turn(alone=True)
        SweptRule.objects.update(behind=True)
    work.progress("逐条核对制度")
    report = sweep(on=work.today, today=work.today)
    changed = f"新增 {report.opened} 件，办结 {report.closed} 件，作废 {report.voided} 件"
    said = f"核对了 {len(report.by_rule)} 条规定：{changed}。"
    if report.only_reported:
        said += f"另有 {len(report.only_reported)} 条已核对到今天以后，没有动。"
    return Result(answer={"said": said})


def _check_decides(number: int, _parameters: dict) -> None:
    check_decides_policy(asker(number))


def _spread(work: Work) -> Result:
    """What was decided on policy marked the rules; the sweep of the night would do the same."""
    work.progress("按新的规定列出应办")
    report = sweep(on=work.today, today=work.today)
    said = f"列出 {report.opened} 件，办结 {report.closed} 件，作废 {report.voided} 件。"
    return Result(where=work.parameters["where"], answer={"said": said})


SPREAD = register(Kind("spread", "按新的规定列出应办", _spread, _check_decides))
"""After a decision on policy, so that nobody waits for the night."""

RECHECK = register(
    Kind(
        "recheck", "重新核对全部应办", _recheck, _check,
        offered="按制度和现有情况把每一件应办重算一遍；数据没有问题时，什么都不会变。人多时要几分钟。",
    )
)  # fmt: skip

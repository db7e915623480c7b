"""What became of a report, told to who sent it: received, answered or sent back; none of its words."""

from ledgers.reporting.acts import may_read
from ledgers.reporting.models import Report

SAID = {"received": "已签收", "answered": "已答复", "returned": "退回补充"}


def told(asked) -> dict[tuple[int, str], dict]:
    """See :data:`duties.notices.outcomes.TELLERS`: whoever may not read the report any more is told nothing, and of one
    that was taken back nobody is.
    """
    numbers = {about: int(about.split(":")[1]) for _account, about in asked}
    reports = Report.objects.standing().with_names().in_bulk(set(numbers.values()))
    found = {}
    for account, about in asked:
        report = reports.get(numbers[about])
        if report is not None and may_read(account, report):
            said = _said(report, about.split(":")[2])
            page = {"page": "report", "number": report.pk, "link": "看这份报告"}
            found[account.person_id, about] = {"said": said, **page}
    return found


def _said(report: Report, step: str) -> str:
    back = report.sent_back
    until = f"，请在 {back.due_on} 前补充再报" if step == "returned" and back else ""
    return f"你 {report.sent_on} 报给{report.to}的{report.get_kind_display()} {report.pk} 号{SAID[step]}{until}。"

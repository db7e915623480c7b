"""A roster's preview as JSON can hold it, for a plan that took too long to be made for each page anew."""

from datetime import date

from members.models import Membership
from members.roster.plan import Plan, Planned
from members.roster.preview import SHOWN, Preview, Remark


def stored(plan: Plan) -> dict:
    """What :class:`~members.roster.preview.Preview` shows, all its lists at once."""
    lists = {}
    for tab in Preview(plan).tabs:
        chosen = Preview(plan, tab.code)
        lists[tab.code] = {
            "remarks": [_remark(remark) for remark in chosen.remarks],
            "planned": [_planned(planned) for planned in chosen.planned],
            "shown_of": chosen.shown_of,
        }
    preview = Preview(plan)
    return {
        "as_of": plan.as_of.isoformat(),
        "tabs": [{"code": t.code, "label": t.label, "count": t.count, "unit": t.unit} for t in preview.tabs],
        "first": preview.tab,
        "lists": lists,
        "absent": [_absent(stay) for stay in preview.absent],
        "absent_count": preview.absent_count,
        "report": preview.report.counts(),
        "transfers": preview.transfers,
        "writable": preview.writable,
        "rows": preview.rows,
        "columns": preview.columns,
        "header_row": preview.header_row,
        "ignored": preview.ignored,
        "limit": SHOWN,
    }


def restored(answer: dict, chosen: str = "") -> dict:
    """One list of a stored preview, under the names by which the templates know a fresh one."""
    tab = chosen if chosen in answer["lists"] else answer["first"]
    shown = answer["lists"][tab]
    for planned in shown["planned"]:
        planned["moved_on"] = planned["moved_on"] and date.fromisoformat(planned["moved_on"])
    return {**answer, "tab": tab, **shown}


def _remark(remark: Remark) -> dict:
    return {"finding": remark.finding.as_dict(), "name": remark.name, "cell": remark.cell}


def _planned(planned: Planned) -> dict:
    return {
        "row": {
            "number": planned.row.number,
            "name": planned.row.name,
            "standing": {"label": planned.row.standing.label if planned.row.standing else ""},
        },
        "organisation": {"label": planned.organisation.label},
        "days": planned.days,
        "changes": [
            {"label": each.label, "old": each.old, "new": each.new, "transfer": each.transfer}
            for each in planned.changes
        ],
        "moved_on": planned.moved_on.isoformat() if planned.moved_on else "",
    }


def _absent(stay: Membership) -> dict:
    return {
        "organisation": {"label": stay.organisation.label},
        "person_id": stay.person_id,
        "person": {"name": stay.person.name},
        "get_standing_display": stay.get_standing_display(),
    }

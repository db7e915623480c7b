"""结对帮扶: who stands by which member, with what plan and what came of it (central measures 14, M35, M36)."""

from datetime import date

from django import forms

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, table, words
from members.enums import TieKind

BY_MEMBER, BY_ORGANISATION = "党员结对", "党组织结对"
HOW_OFTEN = ("每月", "每两月", "每季度", "每半年", "逢年过节和有事时")


class Result(forms.Form):
    """What was reached by a day."""

    on = day("日期", required=True)
    what = words("做成了什么", most=200, required=True)


class PairingForm(EntryForm):
    """The plan of the help: what, how often, to what end; and in time what came of it."""

    sort = one_of("结对方式", (BY_MEMBER, BY_ORGANISATION), required=True, radio=True)
    organisation = words("哪个党组织", most=60, hint="党组织结对时填，上面选的是具体联系的同志。")
    how_often = one_of("走访频次", HOW_OFTEN, required=True, blank="请选择")
    measures = words("帮扶措施", most=500, required=True, lines=2, say="请写帮扶措施，例如：每月上门，帮助申请低保。")
    goal = words("帮扶目标", most=200)
    needs = words("需要什么", most=500, lines=2, hint="加密保存，只给有权限的同志看。")
    results = table("帮扶成效", Result, hint="做成一件记一行。走访、谈话不用写在这里，登记后自动列在条目上。")

    sections = (
        Section("帮扶方案", ("sort", "organisation", "how_often", "measures", "goal", "needs")),
        Section("成效", ("results",)),
    )
    private = frozenset({"needs"})


def check_results(entry: Entry, today: date) -> dict[str, str]:
    """A result is not older than the help."""
    for row in entry.facts.get("results") or ():
        if row["on"] < entry.since.isoformat():
            return {"results": f"成效的日期 {row['on']} 早于开始的 {entry.since}，请核对。"}
        if row["on"] > today.isoformat():
            return {"results": f"成效的日期 {row['on']} 晚于今天，请核对。"}
    return {}


def _check(entry: Entry, today: date) -> dict[str, str]:
    if entry.facts.get("sort") == BY_ORGANISATION and not entry.facts.get("organisation"):
        return {"organisation": "党组织结对的，请写是哪个党组织。"}
    return check_results(entry, today)


PAIRING = Register(
    code=RegisterCode.PAIRING,
    title="结对帮扶台账",
    noun="结对帮扶",
    lead="谁帮谁、帮什么、多久走访一次、有什么成效。登记以后就是结对关系，走访应办按它提醒。",
    form=PairingForm,
    tie=TieKind.PAIRING,
    other="帮扶人",
    about_other="亲属之间也可以结对；不能与本人结对。",
    replaced="帮扶人变动",
    closings=("已经脱困", "达到帮扶目标", "帮扶人变动", "党员调离", "其他"),
    columns=("how_often",),
    review_days=180,
    check=_check,
)

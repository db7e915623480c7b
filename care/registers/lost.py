"""失联党员: since when nobody reaches a member, and what was tried (M29; education rules of 2019, article 24).

That a member is lost, or the membership stopped, is decided by the organisation and stands in the roster. The entry
leads there and keeps the search.
"""

from datetime import date

from django import forms

from base.dates import months_later
from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, table, words
from members.enums import Standing
from members.models import Membership

SEARCHED_MONTHS = 6
"""After so many months without contact a member counts as lost."""

WAYS = ("电话", "网络", "联系亲属", "上门", "通过单位或社区", "通过公安等部门", "公告", "其他")


class Try(forms.Form):
    """One attempt to find the member."""

    on = day("日期", required=True)
    how = one_of("怎样找的", WAYS, required=True)
    by = words("谁找的", most=30, required=True)
    what = words("结果", most=100)


class LostForm(EntryForm):
    """When the member was last in touch, and what was tried since."""

    last_contact = day("最后一次联系", required=True)
    last_known = words("当时在哪里", most=100, hint="加密保存。")
    family = words("亲属和电话", most=100, hint="加密保存。")
    tries = table("查找情况", Try)
    clues = words("线索", most=500, lines=2, hint="加密保存。")

    sections = (
        Section("失去联系", ("last_contact", "last_known", "family")),
        Section("查找", ("tries", "clues")),
    )
    private = frozenset({"last_known", "family", "clues"})


def _check(entry: Entry, today: date) -> dict[str, str]:
    last = entry.facts.get("last_contact") or ""
    if last > entry.since.isoformat():
        return {"last_contact": f"最后一次联系 {last} 晚于登记失联的 {entry.since}，请核对。"}
    for row in entry.facts.get("tries") or ():
        if row["on"] < last:
            return {"tries": f"查找日期 {row['on']} 早于最后一次联系的 {last}，请核对。"}
        if row["on"] > today.isoformat():
            return {"tries": f"查找日期 {row['on']} 晚于今天，请核对。"}
    return {}


def _notice(entry: Entry, stay: Membership, day: date) -> str:
    if stay.standing == Standing.SUSPENDED:
        return "名册上已停止党籍。查找告一段落的，这一条可以退出。"
    last = entry.facts.get("last_contact")
    if not last:
        return ""
    full = months_later(date.fromisoformat(last), SEARCHED_MONTHS)
    if day < full:
        return f"到 {full} 失去联系满六个月，在那以前继续查找。"
    if stay.standing == Standing.LOST:
        return f"{full} 起失去联系已满六个月，名册上是失联党员。是否停止党籍由上级研究，定了以后在名册里改。"
    return f"{full} 起失去联系已满六个月，名册上还是{stay.get_standing_display()}。认定失联的，由组织部在名册里改。"


LOST = Register(
    code=RegisterCode.LOST,
    title="失联党员台账",
    noun="失去联系",
    lead="从哪天起联系不上、找过哪些地方、谁去找的。认定失联和停止党籍在名册里办，这里只记查找。",
    form=LostForm,
    notice=_notice,
    closings=("已经找到，恢复联系", "已停止党籍", "已按自行脱党除名", "其他"),
    columns=("last_contact",),
    review_days=90,
    check=_check,
)

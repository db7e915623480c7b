"""流动党员: where they are, who there knows of them, how they are kept in touch with (M29).

The organisation at home stays responsible. While an entry runs, the member's own row says 流动党员 and where to.
"""

from datetime import date

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, some_of, words, yes_no
from members.models import Membership

REASONS = ("务工经商", "自主择业", "离退休后随家属居住", "就学进修", "其他")
MEANS = ("电话", "微信等网络方式", "视频", "回来时见面", "上门走访")
HOW_OFTEN = ("每周", "每月", "每两月", "每季度", "每半年")


class FloatingForm(EntryForm):
    """Where the member went, how to reach the member, which organisation there looks after the member."""

    place = words("外出流向", most=80, required=True, say="请写去了哪里，例如：广东省深圳市南山区。")
    reason = one_of("外出原因", REASONS)
    back_on = day("预计返回")
    means = some_of("联系方式", MEANS, required=True)
    how_often = one_of("多久联系一次", HOW_OFTEN, required=True, blank="请选择")
    last_contact = day("最近一次联系")
    reach = words("在外电话和住址", most=200, hint="加密保存。")
    there = words("流入地党组织", most=60, hint="参加哪个党组织的活动，没有的不填。")
    there_contact = words("流入地联系人和电话", most=60, hint="加密保存。")
    card = yes_no("已发流动党员活动证")

    sections = (
        Section("去向", ("place", "reason", "back_on")),
        Section("怎样联系", ("means", "how_often", "last_contact", "reach")),
        Section("流入地", ("there", "there_contact", "card")),
    )
    private = frozenset({"reach", "there_contact"})


def _check(entry: Entry, today: date) -> dict[str, str]:
    back = entry.facts.get("back_on")
    if back and back < entry.since.isoformat():
        return {"back_on": f"预计返回 {back} 早于外出的 {entry.since}，请核对。"}
    return {}


def _away_to(entry: Entry) -> str:
    return entry.facts.get("place", "")


def _notice(entry: Entry, stay: Membership, day: date) -> str:
    if entry.person.floating:
        return ""
    return "名册上已不是流动党员。已经返回的请退出；还在外面的请修改这一条，再存一次去向。"


FLOATING = Register(
    code=RegisterCode.FLOATING,
    title="流动党员台账",
    noun="外出流动",
    lead="去了哪里、怎样联系、在那边参加哪个党组织的活动。组织关系不动的，仍由本支部负责。",
    form=FloatingForm,
    away_to=_away_to,
    notice=_notice,
    closings=("已经返回", "组织关系已转出", "失去联系", "其他"),
    columns=("place", "how_often", "last_contact"),
    review_days=180,
    contact=True,
    check=_check,
)

"""What the demo's registers say of ties, of members who are away and of those nobody reaches. All invented."""

from datetime import date, timedelta

from care.entries import Given, amend_entry, open_entry
from care.models import Entry, RegisterCode
from care.registers import REGISTERS
from members.enums import Standing, TieKind
from members.models import Account, Membership, Person

OF_TIE = {TieKind.PAIRING: RegisterCode.PAIRING, TieKind.LEADER_CONTACT: RegisterCode.LEADER}
"""The register that writes ties of a kind."""

PLANS = {
    RegisterCode.PAIRING: (
        {"sort": "党员结对", "how_often": "每季度", "measures": "每季度上门，协调助学贷款和大病救助",
         "goal": "两年内脱困", "needs": "医药费压力大"},
        {"sort": "党员结对", "how_often": "每半年", "measures": "联系技能培训，介绍公益性岗位", "goal": "配偶就业"},
        {"sort": "党组织结对", "organisation": "河源局机关党支部", "how_often": "每月",
         "measures": "社区助餐，每月上门", "goal": "日常有人照料"},
    ),
    RegisterCode.LEADER: (
        {"how_often": "每半年", "plan": "了解思想和生活情况，听取对局里工作的意见"},
        {"how_often": "逢年过节和有事时", "plan": "节日走访，帮助协调困难"},
    ),
}  # fmt: skip
AWAY = (
    {"reason": "务工经商", "means": ["电话", "微信等网络方式"], "how_often": "每月", "card": True,
     "there": "开发区党群服务中心党支部"},
    {"reason": "离退休后随家属居住", "means": ["电话", "回来时见面"], "how_often": "每季度", "card": False},
    {"reason": "自主择业", "means": ["微信等网络方式"], "how_often": "每两月", "card": True},
)  # fmt: skip
UNENTERED = 3
"""So many of those whom the roster calls floating nobody has entered yet."""


def enter_tie(by: Account | None, person: Person, kind: TieKind, *, to: Person, since: date, today: date) -> None:
    """Somebody stands by a member from ``since`` on, as the register of such ties has it."""
    code = OF_TIE[kind]
    facts = PLANS[code][person.pk % len(PLANS[code])]
    open_entry(by=by, register=REGISTERS[code], person=person, since=since, given=Given(facts), today=today, to=to)


def enter_results(today: date) -> None:
    """What came of two pairings so far, and when most are to be looked at anew."""
    pairings = Entry.objects.running(today).filter(register=RegisterCode.PAIRING).order_by("pk")
    for place, entry in enumerate(pairings):
        what = {0: "大病救助已经批下来", 1: "参加了技能培训"}.get(place)
        on = max(entry.since, today - timedelta(days=20)).isoformat()
        facts = {"results": [{"on": on, "what": what}]} if what else {}
        if place % 5 != 4:
            given = Given(facts, review_on=today + timedelta(days=25 * (1 + place % 5)))
            amend_entry(by=None, entry=entry, given=given, on=today, version=1, today=today)


def enter_away(stays: list[Membership], *, by: Account | None, since: date, today: date) -> None:
    """The members whom the roster calls floating, but for some whom nobody entered yet; and one who is searched for.

    :param stays: the memberships of today, in order.
    """
    floating = [stay for stay in stays if stay.person.floating and stay.standing == Standing.FULL]
    for place, stay in enumerate(floating[UNENTERED:]):
        contact = {"last_contact": (today - timedelta(days=12 + 9 * place)).isoformat()}
        facts = {"place": stay.person.floating_to, **AWAY[place % len(AWAY)], **contact}
        given = Given(facts, review_on=today + timedelta(days=20 * (1 + place)))
        register = REGISTERS[RegisterCode.FLOATING]
        open_entry(by=by, register=register, person=stay.person, since=since, given=given, today=today)
    last = max(since, today - timedelta(days=230))
    tried = (
        (20, "电话", "支部书记", "停机"), (45, "联系亲属", "组织委员", "亲属也联系不上"),
        (80, "上门", "组织委员", "邻居说已搬走"),
    )  # fmt: skip
    rows = [(last + timedelta(days=days), how, by_whom, what) for days, how, by_whom, what in tried]
    tries = [
        {"on": on.isoformat(), "how": how, "by": by_whom, "what": what}
        for on, how, by_whom, what in rows
        if on <= today
    ]
    for stay in [stay for stay in stays if stay.standing == Standing.LOST][:1]:
        given, register = Given({"last_contact": last.isoformat(), "tries": tries}), REGISTERS[RegisterCode.LOST]
        open_entry(by=by, register=register, person=stay.person, since=max(last, stay.since), given=given, today=today)

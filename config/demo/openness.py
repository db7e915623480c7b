"""What the demo's organisations opened to their members: dues, an admission, an election whose days are over."""

from datetime import timedelta

from config.demo.people import COMMITTEE, HOME, Cast
from ledgers.disclosing import Told, disclose
from members.accounts import DEMO_PREFIX
from members.models import Account, Organisation

GENERAL = HOME[:-2]

OPENED = (
    ("clerk", COMMITTEE, 40, 120, "dues", "上半年党费收缴、使用情况",
     "上半年应收 361 人，实收 361 人，共 43,320.00 元，按规定上缴 21,660.00 元；留存部分用于慰问困难党员和老党员。",
     "机关一楼公开栏"),
    ("general", GENERAL, 12, 30, "admission", "接收预备党员的情况",
     "所属一个支部的党员大会接收 1 名同志为预备党员，应到 29 人，实到 27 人，同意 27 票，总支审查同意。",
     "党员大会"),
    ("clerk", COMMITTEE, 75, 40, "election", "党总支换届选举结果",
     "机关党总支党员大会选出新一届委员会，选举结果已经党委批准。", ""),
    ("general", GENERAL, 3, 60, "care", "帮扶送温暖的安排",
     "元旦、春节前各支部委员分头走访老党员和住院党员，有困难的同志可以找支部委员说，也可以在“我的”里提出。", ""),
)  # fmt: skip
"""By whom, where, how many days ago, for how many days, and what."""


def enter_openness(cast: Cast) -> None:
    for who, code, ago, days, topic, title, text, place in OPENED:
        by = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}{who}")
        on = max(cast.today - timedelta(days=ago), cast.begin)
        told = Told(topic, title, text, on, on + timedelta(days=days), place)
        here = Organisation.objects.get(code=code)
        disclose(by=by, organisation=here, people=[by.person], told=told, today=on)

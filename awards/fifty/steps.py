"""The review as a table: what each step leads from and to, whose it is, by when. Pure.

支部核查 → 党委推荐 → 征求执纪执法部门意见 → 部门审核 → 批准 → 颁发 (domain.md 2.2); handed over by 1 July, in its year.
"""

from dataclasses import dataclass
from datetime import date

from awards.models.fifty import RUNNING, Stage


@dataclass(frozen=True)
class Step:
    """One step.

    :param after: the stage in which it is waited for.
    :param committee: whether it is the committee's; else the branch's where the member stands, and of those above.
    :param due: month and day of its year by which it is due.
    :param words: what is to be written besides, or nothing; ``must`` whether it must be.
    """

    code: str
    label: str
    title: str
    after: Stage
    to: Stage
    committee: bool
    due: tuple[int, int]
    hint: str
    words: str = ""
    must: bool = False

    def due_on(self, year: int, today: date) -> date:
        return max(date(year, *self.due), today)


_STEPS = (
    Step(
        "verify", "支部核查", "核查光荣在党50年人选", Stage.LISTED, Stage.VERIFIED, False, (3, 31),
        "核对两个日期和党龄，写表现情况的审核意见。处分、立案只作提示，由人判断。",
    ),
    Step(
        "recommend", "党委推荐", "推荐光荣在党50年人选", Stage.VERIFIED, Stage.RECOMMENDED, True, (4, 20),
        "党委研究后推荐，可以写会议或文件。", "会议或文件",
    ),
    Step(
        "ask", "征求意见", "征求执纪执法部门意见", Stage.RECOMMENDED, Stage.ASKED, True, (4, 30),
        "把名单送执纪执法部门，写明征求了哪些部门。", "征求了哪些部门", True,
    ),
    Step(
        "review", "部门审核", "审核光荣在党50年人选", Stage.ASKED, Stage.REVIEWED, True, (5, 20),
        "写执纪执法部门的答复；有不同意见的，写明理由暂缓。", "执纪执法部门的答复", True,
    ),
    Step(
        "approve", "批准", "批准光荣在党50年名单", Stage.REVIEWED, Stage.APPROVED, True, (6, 10),
        "依据荣誉性纪念章颁发权限批准，登记批准文号。",
    ),
    Step(
        "hand", "颁发", "颁发光荣在党50年纪念章", Stage.APPROVED, Stage.HANDED, False, (6, 30),
        "集中颁发或上门颁发，写编号和领取人，当年 1 月 1 日起登记。照片不要求。",
    ),
)  # fmt: skip

STEPS = {step.code: step for step in _STEPS}
WAITS = {step.after: step for step in _STEPS}
"""Which step is waited for in each stage."""

if set(WAITS) != set(RUNNING):
    raise ImportError("every running stage waits for exactly one step")

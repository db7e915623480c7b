"""Whether one rule asks at least as much as another: only then may it take the other's place. Pure, no database.

A lower body may add to what is asked from above, never subtract from it.
"""

from duties.policy.schema import Holds, InCategory, InStanding, OnDate, OnEvent, OnOccasion, Quota, RuleSpec

_FORCES = ("可以", "一般应", "应当")
_AT_LEAST = {
    Quota: ("times", "sum"), OnOccasion: ("times", "due_days_before"), OnDate: (), OnEvent: (), Holds: ("at_least",),
}  # fmt: skip
_AT_MOST = {
    Quota: ("days",), OnOccasion: ("closes_days_after",), OnDate: ("closes_days_after",), OnEvent: ("within_days",),
    Holds: ("within_days",),
}  # fmt: skip
_EQUAL = {
    Quota: ("per", "counted_per", "semesters", "category"), OnOccasion: ("occasion",),
    OnDate: ("fact", "every", "at_years", "category", "shift_days"), OnEvent: (), Holds: ("tie", "counted_per"),
}  # fmt: skip


def asks_less(new: RuleSpec, old: RuleSpec) -> str:
    """What ``new`` asks less of than ``old``, as a few words; empty if it asks at least as much of all."""
    return next((words for words, fine in _compared(new, old) if not fine), "")


def _compared(new: RuleSpec, old: RuleSpec):
    yield "触发方式不同", type(new.trigger) is type(old.trigger)
    kind, mine, theirs = type(old.trigger), new.trigger, old.trigger
    yield "触发的周期、节日或日期不同", all(getattr(mine, n, 0) == getattr(theirs, n, 0) for n in _EQUAL[kind])
    yield "次数或数量更少", all(_number(mine, n) >= _number(theirs, n) for n in _AT_LEAST[kind])
    yield "期限更宽", all(_number(mine, n) <= _number(theirs, n) for n in _AT_MOST[kind])
    if isinstance(theirs, OnEvent):
        yield "事由更少", set(theirs.events) <= set(mine.events)
        yield "不再要求逐件答复", mine.answers or not theirs.answers
    if isinstance(theirs, OnOccasion):
        yield "由普遍改为选择", mine.coverage == "all" or theirs.coverage == "selected"
    yield "约束力更弱", _FORCES.index(new.force) >= _FORCES.index(old.force)
    yield "敏感事项改成了公开", new.sensitive or not old.sensitive
    yield "办法更宽", set(new.actions) <= set(old.actions)
    yield "集体的也算了", old.collective_counts or not new.collective_counts
    yield "对象更窄", _covers(new, old)


def stricter(trigger, name: str) -> int:
    """Which way a number of a trigger asks more: 1 for a higher one, -1 for a lower one, 0 where neither does."""
    return (name in _AT_LEAST[type(trigger)]) - (name in _AT_MOST[type(trigger)])


def _number(trigger, name: str) -> int:
    return getattr(trigger, name) or 0


def _covers(new: RuleSpec, old: RuleSpec) -> bool:
    """Whether everybody in the old target is in the new one."""
    kept = {condition.condition: condition for condition in old.target}
    return all(_wider(condition, kept.get(condition.condition)) for condition in new.target)


def _wider(mine, theirs) -> bool:
    if theirs is None:
        return False
    if isinstance(mine, InStanding):
        return set(theirs.standings) <= set(mine.standings)
    if isinstance(mine, InCategory) and mine.kind == theirs.kind:
        return not mine.grades or (bool(theirs.grades) and set(theirs.grades) <= set(mine.grades))
    return mine == theirs

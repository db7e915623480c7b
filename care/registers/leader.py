"""领导直接联系: which leader keeps in touch with which member, and how (central measures 7, M17)."""

from care.models import RegisterCode
from care.register import EntryForm, Register, Section, one_of, table, words
from care.registers.pairing import HOW_OFTEN, Result, check_results
from members.enums import TieKind


class LeaderForm(EntryForm):
    """How the leader keeps in touch, and what came of it."""

    how_often = one_of("多久联系一次", HOW_OFTEN)
    plan = words("联系什么", most=500, lines=2, hint="例如：了解思想和生活情况，听取意见，帮助解决困难。")
    results = table("帮助解决的事", Result, hint="做成一件记一行。谈话、走访不用写在这里，登记后自动列在条目上。")

    sections = (Section("联系安排", ("how_often", "plan")), Section("成效", ("results",)))


LEADER = Register(
    code=RegisterCode.LEADER,
    title="领导直接联系台账",
    noun="领导直接联系",
    lead="哪位领导直接联系哪些党员。登记以后就是联系关系，节日走访等应办按它提醒。",
    form=LeaderForm,
    tie=TieKind.LEADER_CONTACT,
    other="联系领导",
    about_other="要选任职的同志；不能联系本人。",
    replaced="领导职务变动",
    closings=("领导职务变动", "调整联系对象", "党员调离", "其他"),
    columns=("how_often",),
    check=check_results,
)

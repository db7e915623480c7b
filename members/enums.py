"""Closed lists of floor 1. Values go into the database and into policy packs; labels are what people read."""

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    GROUP = "group", "党小组"
    LEADING_GROUP = "leading_group", "党组"


class Standing(TextChoices):
    """How a person stands in an organisation; leaving is the absence of a membership."""

    FULL = "full", "正式党员"
    PROBATIONARY = "probationary", "预备党员"
    SUSPENDED = "suspended", "停止党籍"
    LOST = "lost", "失联党员"
    DEAD = "dead", "去世"


LIVING = (Standing.FULL, Standing.PROBATIONARY, Standing.SUSPENDED, Standing.LOST)


class Role(TextChoices):
    """Posts a person can hold in an organisation."""

    SECRETARY = "secretary", "书记"
    DEPUTY_SECRETARY = "deputy_secretary", "副书记"
    ORGANISATION_COMMISSIONER = "organisation_commissioner", "组织委员"
    PUBLICITY_COMMISSIONER = "publicity_commissioner", "宣传委员"
    DISCIPLINE_COMMISSIONER = "discipline_commissioner", "纪检委员"
    COMMISSIONER = "commissioner", "委员"
    GROUP_LEADER = "group_leader", "党小组长"
    ORGANISER = "organiser", "组织员"
    DEPARTMENT_HEAD = "department_head", "组织部负责人"
    DEPARTMENT_CLERK = "department_clerk", "组织部干事"
    CASHIER = "cashier", "出纳"
    ACCOUNTANT = "accountant", "会计"
    INSPECTOR = "inspector", "检查组"
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"
    SECURITY_ADMINISTRATOR = "security_administrator", "安全保密管理员"
    AUDITOR = "auditor", "安全审计员"


ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)
"""三员: they keep accounts, grants and the audit, see no business data, and hold no other post."""

SYSTEM_ROLES = (
    Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK, Role.INSPECTOR, Role.CASHIER, Role.ACCOUNTANT, *ADMINISTRATORS,
)  # fmt: skip
"""系统岗位: granted and ended with :attr:`Capability.GRANT`; the others are party posts, kept with ``IMPORT``."""


class Capability(TextChoices):
    """What a post lets its holder do in its organisation and all below it."""

    VIEW = "view", "查阅"
    RECORD = "record", "登记事由和记录"
    READ_TALKS = "read_talks", "看本支部谈话内容"
    WITHDRAW = "withdraw", "撤回别人登记的谈话"
    SENSITIVE = "sensitive", "看敏感事项的依据"
    REVEAL = "reveal", "查看敏感信息"
    EXPORT = "export", "导出台账"
    RECEIVE = "receive", "办理转接"
    IMPORT = "import", "导入名册、维护组织和任职"
    POLICY = "policy", "采用和调整制度"
    ACCOUNTS = "accounts", "管理账号"
    GRANT = "grant", "授予和收回系统岗位"
    READ_AUDIT = "read_audit", "看审计记录"
    READ_BOOKS = "read_books", "看资金账"
    FUND = "fund", "管理专项资金"
    KEEP_BOOKS = "keep_books", "记资金账"
    PAY = "pay", "发放资金"


class Precision(TextChoices):
    """How exactly a date is known. A month or a year is kept as its first day."""

    DAY = "day", "到日"
    MONTH = "month", "到月"
    YEAR = "year", "到年"


class CategoryKind(TextChoices):
    """关怀对象类别. Each kind will have one named writer among the registries."""

    HARDSHIP = "hardship", "生活困难"
    ELDERLY = "elderly", "老党员"
    HONOUREE = "honouree", "功勋荣誉"
    INJURED = "injured", "因公伤残"
    BEREAVED = "bereaved", "因公牺牲家庭"
    SERIOUS_ILLNESS = "serious_illness", "重病"
    DISCIPLINED = "disciplined", "处分影响期"
    POSTED = "posted", "艰苦边远"
    AWAITING_RIGHTS = "awaiting_rights", "待恢复党员权利"
    LAID_OFF = "laid_off", "下岗失业困难"
    DUES_RELIEF = "dues_relief", "党费减免"


SENSITIVE_CATEGORIES = frozenset({
    CategoryKind.INJURED, CategoryKind.SERIOUS_ILLNESS, CategoryKind.DISCIPLINED, CategoryKind.AWAITING_RIGHTS,
})  # fmt: skip
"""Kinds that read 关怀对象 to those without :attr:`Capability.SENSITIVE`: health and sanctions.

Hardship is reviewed and made public by the branch itself, a family of somebody who died on duty is honoured openly.
"""


NO_DUES = "免交"
"""The grade of :attr:`CategoryKind.DUES_RELIEF` in which nothing is to be paid; in the other something is."""

SANCTIONS = frozenset({CategoryKind.DISCIPLINED, CategoryKind.AWAITING_RIGHTS})
"""Kinds of which nobody is to be reminded once they ended: then only a committee's own still know (domain.md 2.3)."""


class TieKind(TextChoices):
    CONTACT = "contact", "联系人"
    LEADER_CONTACT = "leader_contact", "领导直接联系"
    PAIRING = "pairing", "结对"
    CHARGE = "charge", "分管"
    SENDER = "sender", "派出单位"
    GRANTOR = "grantor", "授予单位"


class EventKind(TextChoices):
    """事由: what can happen to a member. The six occasions of the central measures come first (domain.md 1.7–1.8)."""

    ADMISSION = "admission", "培养发展入党"
    TRANSFER_IN = "transfer_in", "组织关系转入"
    TRANSFER_OUT = "transfer_out", "组织关系转出"
    HONOUR = "honour", "获得功勋荣誉表彰"
    TENDENCY = "tendency", "有苗头性倾向性问题"
    ABSENCE = "absence", "无故不参加组织生活"
    DUES = "dues", "不正常交纳党费"
    TREATMENT = "treatment", "受到组织处理"
    PUNISHMENT = "punishment", "受到纪律处分"
    ILLNESS = "illness", "身患严重疾病"
    SETBACK = "setback", "遭遇重大挫折"
    FAMILY_CHANGE = "family_change", "家庭重大变故"
    DISASTER = "disaster", "重大自然灾害或者事故"
    CRITICAL = "critical", "病危临终"
    DEATH = "death", "去世"
    REQUEST = "request", "约谈申请"
    MERIT = "merit", "在重大任务中表现突出"
    COMMENDATION = "commendation", "取得成绩、受到表扬"
    PROMOTION = "promotion", "提拔使用"
    POST_CHANGE = "post_change", "职务调整"
    JOB_CHANGE = "job_change", "岗位、工作变动"
    HIRED = "hired", "新入职"
    RETIRED = "retired", "退休"
    TROUBLE = "trouble", "工作遇到困难、问题"
    CONFLICT = "conflict", "有矛盾和意见分歧"
    FAULT = "fault", "出现过错、失误"
    PROBLEM = "problem", "存在问题"
    COMPLAINT = "complaint", "群众有不良反映"
    MOOD = "mood", "思想有情绪、波动较大"
    HOSPITAL = "hospital", "患病住院"
    FAMILY_ACCIDENT = "family_accident", "家庭成员遭灾、意外或患病"
    FAMILY_DEATH = "family_death", "家庭成员去世"
    NEED = "need", "生活遇到特殊困难"
    HARD_TASK = "hard_task", "长期承担急难险重任务"
    TASK_HARDSHIP = "task_hardship", "因重大任务、专项工作致困"
    TRAUMA = "trauma", "受到严重心理创伤"
    INJUSTICE = "injustice", "履职受侵害、受委屈"
    FALSE_REPORT = "false_report", "受到不实举报"
    DATA_QUESTION = "data_question", "资料待核实"
    HELP = "help", "申请帮扶"
    CORRECTION = "correction", "申请更正联系方式"
    TASK = "task", "帮扶任务"
    FUND_REVIEW = "fund_review", "资金申请待审核"
    FUND_OFFICE = "fund_office", "资金申请待组织部办理"
    FUND_PAYMENT = "fund_payment", "资金待发放"
    DUES_RELIEF = "dues_relief", "党费减免待办理"


EVENT_GROUPS: tuple[tuple[str, tuple[EventKind, ...]], ...] = (
    (
        "走访慰问的事由",
        (
            EventKind.ILLNESS, EventKind.HOSPITAL, EventKind.FAMILY_CHANGE, EventKind.FAMILY_ACCIDENT,
            EventKind.FAMILY_DEATH, EventKind.NEED, EventKind.SETBACK, EventKind.DISASTER, EventKind.CRITICAL,
            EventKind.HARD_TASK, EventKind.TASK_HARDSHIP, EventKind.TRAUMA,
        ),
    ),
    ("思想和工作", (EventKind.MOOD, EventKind.TROUBLE, EventKind.CONFLICT, EventKind.INJUSTICE)),
    (
        "需要提醒谈话",
        (
            EventKind.TENDENCY, EventKind.ABSENCE, EventKind.DUES, EventKind.FAULT, EventKind.PROBLEM,
            EventKind.COMPLAINT,
        ),
    ),
    (
        "职务和岗位",
        (EventKind.JOB_CHANGE, EventKind.POST_CHANGE, EventKind.PROMOTION, EventKind.HIRED, EventKind.RETIRED),
    ),
    ("成长和荣誉", (EventKind.ADMISSION, EventKind.HONOUR, EventKind.COMMENDATION, EventKind.MERIT)),
    ("组织处理和处分", (EventKind.TREATMENT, EventKind.PUNISHMENT, EventKind.FALSE_REPORT)),
    ("组织关系和去世", (EventKind.TRANSFER_OUT, EventKind.TRANSFER_IN, EventKind.DEATH)),
    ("党员提出的", (EventKind.HELP, EventKind.REQUEST, EventKind.CORRECTION)),
    ("资料", (EventKind.DATA_QUESTION,)),
    ("帮扶任务", (EventKind.TASK,)),
    (
        "专项资金和党费",
        (EventKind.FUND_REVIEW, EventKind.FUND_OFFICE, EventKind.FUND_PAYMENT, EventKind.DUES_RELIEF),
    ),
)  # fmt: skip
"""The closed list as the form shows it, the commonest first; every kind stands in exactly one group (checked below)."""

ORGANISATION_EVENTS = (
    EventKind.HONOUR, EventKind.COMMENDATION, EventKind.MERIT, EventKind.HARD_TASK, EventKind.DISASTER,
    EventKind.PROBLEM, EventKind.COMPLAINT,
)  # fmt: skip
"""What can happen to an organisation as a whole whatever policy says, the commonest first."""

OF_PEOPLE = frozenset({
    EventKind.TRANSFER_IN, EventKind.TRANSFER_OUT, EventKind.DEATH, EventKind.REQUEST, EventKind.HELP,
})  # fmt: skip
"""What can only happen to a person: memberships change, or somebody asks for a talk."""

FUND_STEPS = (EventKind.FUND_REVIEW, EventKind.FUND_OFFICE, EventKind.FUND_PAYMENT, EventKind.DUES_RELIEF)
"""What an organisation has to do next for an application to its fund or for less dues; entered and ended by the
application alone."""

ON_PAGES_OF_THEIR_OWN = frozenset({EventKind.REQUEST, EventKind.CORRECTION, EventKind.TASK, *FUND_STEPS})
"""Kinds entered, read and taken back on pages of their own, not as other events are."""

SENSITIVE_EVENTS = frozenset({
    EventKind.TENDENCY, EventKind.ABSENCE, EventKind.DUES, EventKind.TREATMENT, EventKind.PUNISHMENT, EventKind.ILLNESS,
    EventKind.CRITICAL, EventKind.FAULT, EventKind.PROBLEM, EventKind.COMPLAINT, EventKind.MOOD, EventKind.CONFLICT,
    EventKind.HOSPITAL, EventKind.TRAUMA, EventKind.FALSE_REPORT,
})  # fmt: skip
"""Kinds whose very name is shown only to those with :attr:`Capability.SENSITIVE`."""

if sorted(kind for _, kinds in EVENT_GROUPS for kind in kinds) != sorted(EventKind):
    raise ImportError("EVENT_GROUPS must name every EventKind exactly once")

_SECRETARIAT = frozenset(
    {Capability.VIEW, Capability.RECORD, Capability.SENSITIVE, Capability.REVEAL, Capability.EXPORT, Capability.RECEIVE}
)
_DEPARTMENT = frozenset({Capability.IMPORT, Capability.POLICY, Capability.READ_BOOKS, Capability.FUND})
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.SECRETARY: _SECRETARIAT
    | {Capability.READ_TALKS, Capability.WITHDRAW, Capability.POLICY, Capability.READ_BOOKS},
    Role.DEPUTY_SECRETARY: frozenset({Capability.VIEW, Capability.RECORD}),
    Role.ORGANISATION_COMMISSIONER: frozenset({Capability.VIEW, Capability.RECORD, Capability.READ_TALKS}),
    Role.PUBLICITY_COMMISSIONER: frozenset(),
    Role.DISCIPLINE_COMMISSIONER: frozenset(),
    Role.COMMISSIONER: frozenset(),
    Role.GROUP_LEADER: frozenset({Capability.VIEW}),
    Role.ORGANISER: frozenset({Capability.VIEW}),
    Role.DEPARTMENT_HEAD: _SECRETARIAT | _DEPARTMENT,
    Role.DEPARTMENT_CLERK: _SECRETARIAT | _DEPARTMENT,
    Role.CASHIER: frozenset({Capability.READ_BOOKS, Capability.KEEP_BOOKS, Capability.PAY}),
    Role.ACCOUNTANT: frozenset({Capability.READ_BOOKS, Capability.KEEP_BOOKS}),
    Role.INSPECTOR: frozenset({Capability.VIEW, Capability.EXPORT, Capability.READ_BOOKS}),
    Role.SYSTEM_ADMINISTRATOR: frozenset({Capability.ACCOUNTS}),
    Role.SECURITY_ADMINISTRATOR: frozenset({Capability.GRANT}),
    Role.AUDITOR: frozenset({Capability.READ_AUDIT}),
}
"""What each role may do; a role without an entry refuses to import."""

if set(CAPABILITIES) != set(Role):
    raise ImportError("CAPABILITIES must name every Role")

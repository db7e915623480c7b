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
    ACCOUNTS = "accounts", "管理账号"
    GRANT = "grant", "授予和收回系统岗位"
    READ_AUDIT = "read_audit", "看审计记录"


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


SENSITIVE_CATEGORIES = frozenset({
    CategoryKind.INJURED, CategoryKind.SERIOUS_ILLNESS, CategoryKind.DISCIPLINED,
})  # fmt: skip
"""Kinds that read 关怀对象 to those without :attr:`Capability.SENSITIVE`: health and sanctions.

Hardship is reviewed and made public by the branch itself, a family of somebody who died on duty is honoured openly.
"""


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


EVENT_GROUPS: tuple[tuple[str, tuple[EventKind, ...]], ...] = (
    ("谈心谈话的事由", (EventKind.ADMISSION, EventKind.HONOUR, EventKind.TENDENCY, EventKind.ABSENCE, EventKind.DUES)),
    ("组织处理和处分", (EventKind.TREATMENT, EventKind.PUNISHMENT)),
    (
        "走访慰问的事由",
        (EventKind.ILLNESS, EventKind.SETBACK, EventKind.FAMILY_CHANGE, EventKind.DISASTER, EventKind.CRITICAL),
    ),
    ("组织关系", (EventKind.TRANSFER_OUT, EventKind.TRANSFER_IN)),
    ("去世", (EventKind.DEATH,)),
    ("约谈", (EventKind.REQUEST,)),
)
"""The closed list as the form shows it; every kind stands in exactly one group (checked below)."""

SENSITIVE_EVENTS = frozenset({
    EventKind.TENDENCY, EventKind.ABSENCE, EventKind.DUES, EventKind.TREATMENT, EventKind.PUNISHMENT, EventKind.ILLNESS,
    EventKind.CRITICAL,
})  # fmt: skip
"""Kinds whose very name is shown only to those with :attr:`Capability.SENSITIVE`."""

if sorted(kind for _, kinds in EVENT_GROUPS for kind in kinds) != sorted(EventKind):
    raise ImportError("EVENT_GROUPS must name every EventKind exactly once")

_SECRETARIAT = frozenset(
    {Capability.VIEW, Capability.RECORD, Capability.SENSITIVE, Capability.REVEAL, Capability.EXPORT, Capability.RECEIVE}
)
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.SECRETARY: _SECRETARIAT | {Capability.READ_TALKS, Capability.WITHDRAW},
    Role.DEPUTY_SECRETARY: frozenset({Capability.VIEW, Capability.RECORD}),
    Role.ORGANISATION_COMMISSIONER: frozenset({Capability.VIEW, Capability.RECORD, Capability.READ_TALKS}),
    Role.PUBLICITY_COMMISSIONER: frozenset(),
    Role.DISCIPLINE_COMMISSIONER: frozenset(),
    Role.COMMISSIONER: frozenset(),
    Role.GROUP_LEADER: frozenset({Capability.VIEW}),
    Role.ORGANISER: frozenset({Capability.VIEW}),
    Role.DEPARTMENT_HEAD: _SECRETARIAT | {Capability.IMPORT},
    Role.DEPARTMENT_CLERK: _SECRETARIAT | {Capability.IMPORT},
    Role.CASHIER: frozenset(),
    Role.ACCOUNTANT: frozenset(),
    Role.INSPECTOR: frozenset({Capability.VIEW, Capability.EXPORT}),
    Role.SYSTEM_ADMINISTRATOR: frozenset({Capability.ACCOUNTS}),
    Role.SECURITY_ADMINISTRATOR: frozenset({Capability.GRANT}),
    Role.AUDITOR: frozenset({Capability.READ_AUDIT}),
}
"""What each role may do; a role without an entry refuses to import."""

if set(CAPABILITIES) != set(Role):
    raise ImportError("CAPABILITIES must name every Role")

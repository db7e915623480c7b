"""What answers a clause besides rules: the registries, records, workflows and pages of the product, by name.

Packs name them (``answers`` of a clause); the coverage reference in ``docs/coverage.md`` is made from both. An answer
that a later issue brings says which; a principle asks for nothing that could be entered.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rule", "registry", "record", "workflow", "principle"]
KIND_LABELS = {"rule": "规则", "registry": "台账", "record": "记录", "workflow": "流程", "principle": "原则"}


@dataclass(frozen=True)
class Answer:
    """One way in which the product answers a clause.

    ``page``: the URL name where a reader finds it, with ``test``, the test that drives it; or ``issue``, the number of
    the issue that brings it.
    """

    kind: Kind
    title: str
    page: str = ""
    test: str = ""
    issue: int | None = None


ANSWERS: dict[str, Answer] = {
    "principle": Answer("principle", "原则性要求，不设时限"),
    "talks": Answer("record", "谈心谈话记录", "talks", "tests/visits/test_talks.py"),
    "talk-requests": Answer("workflow", "约谈申请和答复", "talk_requests", "tests/visits/test_requests.py"),
    "asks": Answer("workflow", "帮扶申请、更正联系方式", "asks", "tests/duties/test_asks.py"),
    "visits": Answer("record", "走访慰问记录", "visits", "tests/visits/test_visits.py"),
    "greetings": Answer("record", "政治生日祝贺记录", "visits", "tests/visits/test_greetings_and_condolences.py"),
    "condolences": Answer("record", "吊唁慰问记录", "visits", "tests/visits/test_greetings_and_condolences.py"),
    "upward": Answer("workflow", "逐级报告到授予荣誉的党组织", "report_upward", "tests/visits/test_report_upward.py"),
    "study": Answer("record", "集中学习和学时", "studies", "tests/awards/test_study.py"),
    "events": Answer("record", "事由登记", "event_new", "tests/duties/test_event_form.py"),
    "deeds": Answer("record", "办理记录", "deed_new", "tests/duties/test_deeds.py"),
    "ties": Answer("registry", "联系关系", "bonds", "tests/members/test_bonds.py"),
    "categories": Answer("registry", "关怀对象类别", "bonds", "tests/members/test_bonds.py"),
    "posts": Answer("registry", "任职", "posts", "tests/members/test_posts_import.py"),
    "messages": Answer("workflow", "提醒消息", "messages", "tests/duties/test_notices_pages.py"),
    "ledgers": Answer("record", "台账导出", "ledgers", "tests/ledgers/test_pages.py"),
    "tasks": Answer("workflow", "帮扶任务：布置、改期、办结", "tasks", "tests/duties/test_tasks.py"),
    "difficulty": Answer("registry", "困难党员台账", "registers", "tests/care/test_difficulty.py"),
    "relief-plan": Answer("workflow", "摸底、需求分析、帮扶方案", "entry_new", "tests/care/test_difficulty.py"),
    "difficulty-reports": Answer(
        "workflow", "困难党员半年上报", "difficulty_reports", "tests/care/test_difficulty_reports.py"
    ),
    "waivers": Answer("workflow", "免办，写明理由", "duty_board", "tests/duties/test_waivers.py"),
    "policies": Answer("registry", "制度、条款和规则", "policies", "tests/duties/test_policy_pages.py"),
    "households": Answer("registry", "牺牲党员家庭档案", "registers", "tests/care/test_households.py"),
    "injured": Answer("registry", "因公伤残党员档案", "registers", "tests/care/test_injured.py"),
    "elderly": Answer("registry", "老党员服务台账", "registers", "tests/care/test_elderly.py"),
    "pairing": Answer("registry", "结对帮扶和领导直接联系", "registers", "tests/care/test_ties.py"),
    "floating": Answer("registry", "流动党员和失联党员", "registers", "tests/care/test_away.py"),
    "discipline": Answer("registry", "处分影响期和恢复权利", "registers", "tests/care/test_discipline.py"),
    "clearing": Answer("record", "诬告查处和澄清正名", "deed_new", "tests/care/test_discipline_pages.py"),
    "postings": Answer("registry", "艰苦地区和对口支援", "registers", "tests/care/test_postings.py"),
    "psychology": Answer("record", "心理疏导转介和随访", "registers", "tests/care/test_psychology.py"),
    "campaigns": Answer("workflow", "节日走访慰问", "campaigns", "tests/visits/test_campaigns.py"),
    "activities": Answer("record", "文体、健康、志愿服务活动", "activities", "tests/visits/test_activities.py"),
    "contact-points": Answer("record", "领导联系点", "contact_points", "tests/visits/test_contact_points.py"),
    "fund": Answer(
        "workflow", "专项资金：申请、审核、集体研究、公示、发放", "applications", "tests/fund/test_applying.py"
    ),
    "fund-books": Answer("registry", "资金来源、收支流水、公开表", "fund", "tests/fund/test_books_pages.py"),
    "dues-relief": Answer("workflow", "党费减免", "reliefs", "tests/fund/test_relief.py"),
    "honours": Answer("registry", "荣誉表彰", "honours", "tests/awards/test_honours_pages.py"),
    "selection": Answer("workflow", "年度评选表彰", "selections", "tests/awards/test_selection.py"),
    "medals": Answer("workflow", "光荣在党50年纪念章", "medals", "tests/awards/test_fifty_pages.py"),
    "birthdays": Answer("registry", "政治生日", "birthdays", "tests/awards/test_birthdays.py"),
    "posts-for-members": Answer("registry", "无职党员设岗定责", "registers", "tests/care/test_assignments.py"),
    "assessment": Answer("record", "书记抓党建考核、述职评议", "assessments", "tests/awards/test_assessments.py"),
    "allowances": Answer("record", "奖励、补贴和福利", "allowances", "tests/awards/test_allowances.py"),
    "yearly-report": Answer("record", "述职材料", "yearly_report", "tests/ledgers/test_yearly_report.py"),
    "care-plan": Answer("record", "年度关怀计划", "care_plans", "tests/awards/test_care_plans.py"),
    "stories": Answer("record", "典型命名和宣传", "stories", "tests/awards/test_namings_and_stories.py"),
    "openness": Answer("record", "党务公开", "openness", "tests/ledgers/test_openness.py"),
    "reports": Answer("workflow", "情况报告和汇总上报", "reports", "tests/ledgers/test_reports.py"),
    "supervision": Answer("workflow", "督查指标和督办", "supervisions", "tests/ledgers/test_supervision.py"),
    "responsibilities": Answer(
        "registry", "责任分工：牵头和配合单位", "policies", "tests/duties/test_responsibilities.py"
    ),
}

MECHANISMS: dict[str, tuple[str, str]] = {}
"""Every mechanism of the seeds: its title and its kinds (CAL, EVT, QUO, ANN, REG, WF, MON, RPT, ONE, POL)."""

_TABLE = """
M01 学习教育与组织生活|POL
M02 集中学习培训|QUO
M03 创先争优、七一评选表彰|CAL
M04 及时性表彰表扬|EVT
M05 功勋荣誉表彰获得者的礼遇|REG CAL
M06 先进典型命名、宣传、推荐|ONE
M07 光荣在党50年纪念章|ANN
M08 宣誓、重温誓词|CAL EVT
M09 政治生日|ANN
M10 自然生日祝福|ANN
M11 书记抓党建考核|QUO ONE
M12 奖励、创新成果、兼职补贴|MON
M13 无职党员设岗定责|REG
M14 必谈|EVT
M15 谈心谈话次数|QUO
M16 党员约谈|WF
M17 领导干部直接联系党员|REG QUO
M18 领导干部联系点、党课、调研|QUO
M19 必访、突发情况走访|EVT
M20 节日走访慰问|CAL
M21 重点群体定期走访|QUO
M22 临终关怀|EVT
M23 亡故吊唁|EVT MON
M24 功勋获得者去世逐级报告|EVT RPT
M25 心理疏导与干预|EVT
M26 文体、体检、健康服务|ONE
M27 困难党员信息库、台账|REG
M28 台账更新与上报|QUO RPT
M29 流动党员|REG
M30 牺牲党员家庭建档立卡|REG QUO
M31 牺牲党员家庭权益|MON ONE
M32 因公伤残党员照顾|REG
M33 老党员服务|POL ONE
M34 老党员生活补贴|MON
M35 结对帮扶|REG
M36 摸底、需求分析、帮扶方案|WF
M37 艰苦地区、对口支援、一线|EVT REG
M38 一线干部培养选拔|POL
M39 志愿服务、互助|ONE
M40 群众、社区困难户帮扶|ONE
M41 受处理处分党员结对、回访|EVT QUO
M42 处分影响期|REG
M43 恢复党员权利|WF
M44 诬告查处、澄清正名|ONE WF
M45 专项资金来源、预算、捐赠|MON
M46 专项资金申请到发放|WF
M47 分担比例、标准、数量|MON
M48 党费列支|MON
M49 党费减免|WF
M50 收支台账与公开|RPT
M51 党务公开|POL RPT
M52 党员权利保障、党内民主|POL
M53 责任体系、年度计划、部门协同|POL REG
M54 述职评议考核、督促检查、问责|QUO
M55 情况报告、反馈、总结宣传|RPT
M56 职工和村干部福利|MON
"""
for _line in _TABLE.split("\n")[1:-1]:
    MECHANISMS[_line[:3]] = tuple(_line[4:].split("|"))
if len(MECHANISMS) != 56:
    raise ImportError("MECHANISMS must name M01 to M56")

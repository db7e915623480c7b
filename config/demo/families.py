"""What the demo's registers say of families, of the sick and hurt, the old and those posted far away. All invented."""

from datetime import date

from care.amounts import set_amount
from care.entries import Given, open_entry
from care.models import RegisterCode
from care.registers import REGISTERS
from care.subsidy import Tier
from config.demo.people import HOME
from members.accounts import DEMO_PREFIX
from members.enums import Role, Standing
from members.models import Account, Membership, Organisation, Post

FACTS = {
    RegisterCode.HOUSEHOLD: (
        ("", {
            "cause": "退休返聘参加汛期巡测，途中车辆被山洪冲走，因公牺牲。", "found_by": "云河水文局",
            "honour": "正在申报", "document": "云水人〔2026〕18号",
            "address": "云河市滨河路水文家属院", "phone": "10012340001",
            "family": [
                {
                    "name": "何秀珍", "relation": "mother", "born": "1943-03", "income": "农村养老金",
                    "pension": "随次子居住", "medical": "城乡居民医保", "health": "高血压", "needs": "定期复查陪同",
                },
                {
                    "name": "沈静", "relation": "spouse", "born": "1971-09", "income": "退休金", "pension": "职工养老",
                    "medical": "职工医保", "work": "已退休", "health": "健康", "member": True,
                },
                {
                    "name": "小禾", "relation": "daughter", "born": "2013-06-02", "medical": "少儿医保",
                    "schooling": "初中一年级", "health": "健康", "needs": "课后照看，升学照顾",
                },
            ],
            "support": "单位工会每季看望；寒暑假安排志愿者陪伴。",
        }),
    ),
    RegisterCode.ILLNESS: (
        ("", {
            "state": "在家休养", "treated_at": "云河市人民医院", "what": "肺部手术后恢复期，每两周复查。",
            "carer": "女儿，10012340003", "needs": "复查当天需要陪同",
        }),
    ),
    RegisterCode.ELDERLY: (
        ("", {
            "living": "与配偶同住", "care": "部分失能", "health": "chronic", "illness": "高血压、膝关节病",
            "home_care": True, "relatives": "儿子，10012340004", "study_home": True, "exempt": True, "visits": 4,
            "services": ["送学上门", "陪同就医"], "needs": "希望有人教用手机挂号。",
        }),
        ("", {
            "living": "独居", "care": "能自理", "health": "fair", "relatives": "女儿，10012340005", "visits": 6,
            "services": ["上门看望", "助餐助浴", "手机使用"], "gives": ["讲党课", "传帮带青年"],
            "gives_more": "每年给新职工讲一次测站故事。",
        }),
        ("", {
            "living": "与子女同住", "care": "失能", "health": "serious", "relatives": "儿媳，10012340006",
            "study_home": True, "exempt": True, "visits": 4, "services": ["上门看望", "家政维修"],
        }),
    ),
    RegisterCode.POSTING: (
        ("", {
            "kind": "对口支援", "place": "昌都市", "unit": "当地水文分局", "work": "水文站网建设",
            "phone": "10012340007", "health": "初到时有高原反应，已适应", "relatives": "妻子，10012340008",
            "calls": "每两周",
            "family": "父亲年迈，孩子上小学。", "visits": "分管领导每年去一次", "leave": True,
            "family_care": "支部节日上门，帮助接送孩子放学。",
        }),
    ),
    RegisterCode.PSYCHOLOGY: (
        ("", {
            "triggers": ["家庭重大变故"], "state": "亲人去世后睡不好，工作时走神。", "agreed": True,
            "referred_to": "单位心理咨询室", "where": "局机关三楼，每周三下午",
        }),
    ),
    RegisterCode.ASSIGNMENT: (
        ("", {
            "post": "安全生产监督岗", "work": "出测前看一遍安全绳和救生衣，发现隐患当天报告。", "how": "自愿申报",
            "meeting": "年初党员大会", "turn": "一年一轮",
            "trainings": [{"kind": "岗前培训", "what": "水上作业安全规程"}],
        }),
        ("", {
            "post": "节水宣传岗", "work": "每季度到附近社区讲一次节水。", "how": "民主推荐", "meeting": "年初党员大会",
        }),
        ("", {
            "post": "青年帮带岗", "work": "带一名新职工，每月教一次测验。", "how": "自愿申报和民主推荐",
        }),
    ),
    RegisterCode.INJURED: (
        ("", {
            "work": "已调整岗位", "happened_on": "2025-08-14", "found_by": "云河市人力资源和社会保障局",
            "found_on": "2025-11-03", "degree": "八级", "cause": "汛期抢测流量时滑落护坡，右腿骨折。",
            "papers": [
                {"kind": "工伤认定书", "number": "云人社工认〔2025〕112号", "issued_on": "2025-11-03"},
                {"kind": "劳动能力鉴定结论", "number": "云劳鉴〔2026〕9号", "issued_on": "2026-01-20"},
            ],
            "treated_at": "云河市人民医院", "treatment": "内固定已取出", "rehabilitation": "每周两次康复训练",
            "eased": "单位派车接送康复", "benefits": "一次性伤残补助金已发", "relatives": "妻子，10012340002",
            "needs": "由外业转内业后需要学习资料整编",
        }),
    ),
}  # fmt: skip
"""By register, the grade and the facts of its entries, in turn."""


STANDARDS = {Tier.FIRST: 92_000, Tier.SECOND: 82_000, Tier.THIRD: 72_000}
"""What the committee pays the old members of each tier in a month, in fen. Invented."""


def enter_standards(organisation: Organisation, *, since: date) -> None:
    """The committee's standards of the subsidy."""
    for tier, fen in STANDARDS.items():
        set_amount(
            by=None, organisation=organisation, tier=tier, since=since, fen=fen, basis="云水党〔演示〕3号", today=since
        )


def enter_psychology(*, since: date) -> None:
    """Somebody of the secretary's branch whom he and the organisation commissioner help to bear a loss."""
    secretary = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}secretary")
    carer = Post.objects.on(since).get(organisation__code=HOME, role=Role.ORGANISATION_COMMISSIONER)
    here = Membership.objects.on(since).filter(organisation__code=HOME, standing=Standing.FULL, person__posts=None)
    grade, facts = FACTS[RegisterCode.PSYCHOLOGY][0]
    open_entry(
        by=secretary, register=REGISTERS[RegisterCode.PSYCHOLOGY], since=since, today=since,
        person=here.select_related("person").order_by("-pk").first().person,
        given=Given(facts, grade, carers=[carer.person_id]),
    )  # fmt: skip


def enter_assignments(*, since: date) -> None:
    """Three of the secretary's branch without office take on posts of work."""
    secretary = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}secretary")
    stays = Membership.objects.on(since).filter(organisation__code=HOME, standing=Standing.FULL, person__posts=None)
    stays = stays.exclude(person=secretary.person_id).filter(person__entries=None).select_related("person")
    for stay, (grade, facts) in zip(stays.order_by("pk"), FACTS[RegisterCode.ASSIGNMENT], strict=False):
        trained = [row | {"on": since.isoformat()} for row in facts.get("trainings", ())]
        given = Given({**facts, "trainings": trained}, grade)
        open_entry(
            by=secretary, register=REGISTERS[RegisterCode.ASSIGNMENT], person=stay.person, since=since, given=given,
            today=since,
        )  # fmt: skip

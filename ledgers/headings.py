"""How the official forms head the facts of the registers, by register and fact: the heading printed, then other ones.

A fact that is not named here is headed as its form labels it. Sources: the forms of the difficulty information set and
its local registers, of injuries and deaths on duty, of pairing, and the surveys of old members.
"""

from care.models import RegisterCode

OFFICIAL: dict[str, dict[str, tuple[str, ...]]] = {
    RegisterCode.DIFFICULTY: {
        "causes": ("致困原因", "生活困难原因", "困难原因", "贫困原因", "困难情况及原因"),
        "main_cause": ("主要致困原因", "主要原因"),
        "economy": ("经济状况", "困难类型", "困难类别", "生活困难类型"),
        "civil": ("民政认定类别", "低收入人口类别", "是否低保"),
        "marks": ("特殊情形", "特殊标识"),
        "cause_note": ("原因简述",),
        "detail": ("具体困难情况", "具体情况", "困难情况", "生活困难补充情况"),
        "health": ("健康状况", "身体健康情况", "身体状况"),
        "source": ("本人收入来源", "收入来源"),
        "family": ("家庭成员", "家庭成员情况"),
        "housing": ("居住情况", "住房类型"),
        "living": ("生产生活情况", "生活情况"),
        "needs": ("困难与需求", "需要什么", "困难和需求"),
        "measures": ("帮扶措施", "帮扶措施落实情况"),
        "benefits": ("享受帮扶情况", "已享受的帮扶"),
    },
    RegisterCode.ILLNESS: {
        "treated_at": ("就诊医院", "就医医院"),
        "diagnosed_on": ("确诊日期", "确诊时间"),
        "what": ("病情", "疾病", "患病情况"),
        "carer": ("照顾的家属和电话", "家属联系人"),
        "needs": ("困难与需求", "需要什么"),
    },
    RegisterCode.HOUSEHOLD: {
        "cause": ("牺牲事由", "事由"),
        "found_on": ("认定日期", "认定时间"),
        "document": ("认定文号",),
        "honour": ("烈士、见义勇为评定", "评定情况"),
        "honour_document": ("评定文号", "证明书编号"),
        "family": ("家庭成员", "成员表"),
    },
    RegisterCode.INJURED: {
        "happened_on": ("发生时间", "受伤日期", "伤亡时间"),
        "found_by": ("认定单位", "认定部门"),
        "found_on": ("公伤认定时间", "认定日期", "认定时间"),
        "degree": ("伤残等级", "认定情况", "负伤程度"),
        "cause": ("受伤经过", "认定情况说明"),
        "needs": ("困难与需求", "困难和需求"),
    },
    RegisterCode.ELDERLY: {
        "living": ("居住方式", "居住/赡养方式", "赡养方式"),
        "care": ("自理能力",),
        "health": ("健康状况", "健康状态"),
        "helped": ("是否纳入困难救助", "已纳入困难救助"),
        "home_care": ("享受居家养老服务", "是否享受居家养老服务"),
        "relatives": ("联系人（关系、姓名、电话）", "家属联系人（关系、姓名、电话）"),
        "study_home": ("是否需要送学上门", "送学上门", "送学情况"),
        "services": ("希望得到服务", "希望得到的服务"),
        "visits": ("定期走访慰问每年几次", "每年走访几次", "每年几次"),
        "needs": ("建议和需要解决的实际问题", "建议和需要解决的问题"),
        "gives_more": ("作用发挥情况",),
    },
    RegisterCode.DISCIPLINE: {
        "decided_by": ("作出决定的党组织", "批准党委", "批准机关"),
        "decided_on": ("决定日期", "批准时间"),
        "document": ("文号", "处分文号"),
    },
    RegisterCode.PAIRING: {
        "sort": ("结对类型", "结对方式"),
        "results": ("帮扶成效", "帮教成效"),
    },
    RegisterCode.ASSIGNMENT: {
        "post": ("岗位名称", "岗位", "设岗名称", "认领岗位"),
        "work": ("岗位职责", "职责"),
        "how": ("怎样定岗", "定岗方式", "产生方式"),
    },
    RegisterCode.FLOATING: {
        "place": ("外出流向", "外出地点"),
    },
}  # fmt: skip

OTHER_END = {
    "pairing": ("帮扶人", "帮扶人姓名", "帮扶责任人", "帮扶人员", "结对党员姓名", "帮扶方"),
    "leader_contact": ("联系领导", "领导姓名", "联系人"),
    "contact": ("联系人", "联系人姓名"),
    "charge": ("分管领导",),
    "sender": ("派出单位", "选派单位"),
    "grantor": ("授予单位", "授予机关"),
}
"""The heading of the other end of a tie, by its kind."""

SINCE = ("自", "列入日期", "起始日期", "开始日期", "起始时间", "建档日期", "结对时间")
PLACE = ("党组织", "所在党组织", "所在党支部", "所在支部", "党支部", "所属党支部", "所属组织")
LAST = ("至", "截止日期", "退出日期", "脱困日期", "解除结对时间")
WHY = ("退出原因", "脱困原因", "解除原因", "终止原因")
REVIEW = ("下次复核", "下次复核日期", "复核日期")

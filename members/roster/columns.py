"""What a roster may say, under which headings, and the words its closed columns use (domain.md 2.4, forms.md b11)."""

from base.reading import Column
from members.enums import Standing

COLUMNS = (
    Column("name", ("姓名", "党员姓名"), required=True),
    Column("id_number", ("公民身份证号", "公民身份证号码", "公民身份号码", "身份证号", "身份证号码"), required=True),
    Column("branch", ("所在党支部", "所在支部", "党支部", "所属党支部", "所属组织", "所在党组织"), required=True),
    Column("category", ("人员类别", "党员类别", "管理类别"), required=True),
    Column("sex", ("性别",)),
    Column("ethnicity", ("民族",)),
    Column("birth_on", ("出生日期", "出生年月", "出生年月日")),
    Column("education", ("学历",)),
    Column("joined_on", ("加入党组织日期", "入党日期", "入党时间", "加入党组织时间")),
    Column("full_on", ("转为正式党员日期", "转正日期", "转正时间", "转为正式党员时间")),
    Column("seniority_months", ("党龄校正值(月)",)),
    Column("job", ("工作岗位",)),
    Column("phone", ("手机号", "手机号码", "联系电话", "电话")),
    Column("landline", ("固定电话",)),
    Column("address", ("家庭住址", "现居住地", "家庭地址")),
    Column("status", ("党籍状态",)),
    Column("lost", ("是否为失联党员", "是否失联党员", "失联党员")),
    Column("floating", ("是否为流动党员", "是否流动党员", "流动党员")),
    Column("floating_to", ("外出流向", "流向")),
)

CATEGORY_WORDS = {
    "正式党员": Standing.FULL, "正式": Standing.FULL, "中共党员": Standing.FULL,
    "预备党员": Standing.PROBATIONARY, "预备": Standing.PROBATIONARY, "中共预备党员": Standing.PROBATIONARY,
}  # fmt: skip

STATUS_WORDS = {"正常": False, "": False, "停止党籍": True}
"""党籍状态: whether the membership is stopped. Leaving and death are events, never a word in a roster."""

YES_WORDS = {"是": True, "否": False, "": False, "有": True, "无": False}

SEX_WORDS = {"男": "男", "女": "女", "男性": "男", "女性": "女", "": ""}

LABELS = {
    "name": "姓名", "sex": "性别", "ethnicity": "民族", "birth_on": "出生日期", "education": "学历", "job": "工作岗位",
    "joined_on": "入党日期", "full_on": "转正日期", "seniority_months": "党龄校正值（月）", "floating": "流动党员",
    "floating_to": "外出流向", "phone": "联系电话", "landline": "固定电话", "address": "家庭住址",
}  # fmt: skip
"""What of a person the roster writes, as the preview calls it. The identity number says who it is and never changes."""

PRECISIONS = {"birth_on": "birth_precision", "joined_on": "joined_precision", "full_on": "full_precision"}
"""Each date of a person, and the field that says how exactly it is known."""

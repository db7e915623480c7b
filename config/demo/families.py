"""What the demo's registers say of families, of the sick and hurt, the old and those posted far away. All invented."""

from care.models import RegisterCode

FACTS = {
    RegisterCode.HOUSEHOLD: (
        ("", {
            "cause": "汛期巡测途中车辆被山洪冲走，因公牺牲。", "found_by": "云河水文局", "honour": "正在申报",
            "document": "云水人〔2026〕18号", "address": "云河市滨河路水文家属院", "phone": "10012340001",
            "family": [
                {
                    "name": "何秀珍", "relation": "mother", "born": "1949-03", "income": "农村养老金",
                    "pension": "随次子居住", "medical": "城乡居民医保", "health": "高血压", "needs": "定期复查陪同",
                },
                {
                    "name": "沈静", "relation": "spouse", "born": "1984-09", "income": "工资", "pension": "职工养老",
                    "medical": "职工医保", "work": "小学教师", "health": "健康", "member": True,
                },
                {
                    "name": "小禾", "relation": "daughter", "born": "2013-06-02", "medical": "少儿医保",
                    "schooling": "初中一年级", "health": "健康", "needs": "课后照看，升学照顾",
                },
            ],
            "support": "单位工会每季看望；寒暑假安排志愿者陪伴。",
        }),
    ),
}  # fmt: skip
"""By register, the grade and the facts of its entries, in turn."""

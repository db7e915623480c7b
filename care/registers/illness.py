"""重病党员: who is seriously ill, so that the sick are visited; what they have is for those who care for them alone."""

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, words
from members.enums import CategoryKind


class IllnessForm(EntryForm):
    """What is known of an illness."""

    state = one_of("现在的情况", ("住院", "在家休养", "门诊治疗", "恢复中"), required=True, blank="请选择")
    treated_at = words("就诊医院", most=60)
    diagnosed_on = day("确诊日期")
    what = words("病情", most=500, lines=3, hint="加密保存，只给有权限的同志看。")
    carer = words("照顾的家属和电话", most=60)
    needs = words("需要什么", most=500, lines=2)

    sections = (
        Section("病情", ("state", "treated_at", "diagnosed_on", "what")),
        Section("照顾和需要", ("carer", "needs")),
    )
    private = frozenset({"treated_at", "diagnosed_on", "what", "carer", "needs"})


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {CategoryKind.SERIOUS_ILLNESS: ""}


ILLNESS = Register(
    code=RegisterCode.ILLNESS,
    title="重病党员台账",
    noun="重病",
    lead="身患重病的党员，探望和走访按它提醒。病情只给有权限的同志看。",
    form=IllnessForm,
    kinds=_kinds,
    closings=("已经康复", "病情平稳，不再列为重病", "其他"),
    columns=("state",),
    review_days=180,
)

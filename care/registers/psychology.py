"""心理关怀: who is helped to bear a heavy blow, to whom he was referred, how he is since (central measures 10, M25).

Nothing of it is for anybody but the writer and the carers named: whoever may know of sensitive entries sees that there
is one and who the carers are. It writes no category and no record, so it stands on no time line and in no ledger.
"""

from datetime import date

from django import forms

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, some_of, table, words, yes_no
from members.enums import CAPABILITIES, Capability
from members.models import Membership, Organisation, Post

TRIGGERS = ("身患严重疾病", "遭遇重大挫折", "家庭重大变故", "重大自然灾害或者事故", "长期承担急难险重任务", "其他")
PLACES = ("单位心理咨询室", "专业机构", "医院", "热线或在线咨询")
KEEPERS = [role for role, may in CAPABILITIES.items() if Capability.RECORD in may]
"""Posts whose holders can open an entry and write in it."""


class FollowUp(forms.Form):
    """How the member was, some time after."""

    on = day("日期", required=True)
    how = one_of("方式", ("面谈", "电话", "上门", "其他"))
    note = words("情况", most=300)


class PsychologyForm(EntryForm):
    """What is asked where somebody needs to be helped to bear something."""

    carers = forms.TypedMultipleChoiceField(
        label="关怀人", coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="除了你，只有勾选的同志能看到和修改内容。",
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), "关怀人请从列表里勾选。"),
    )  # fmt: skip
    triggers = some_of("因为什么", TRIGGERS, required=True)
    state = words("情况", most=500, lines=3)
    agreed = yes_no("本人同意转介")
    referred_to = one_of("转介到", PLACES, blank="没有转介")
    referred_on = day("转介日期")
    where = words("机构和联系人", most=100)
    follow_ups = table("随访", FollowUp)
    next_on = day("下次随访")

    sections = (
        Section("情况", ("triggers", "state")),
        Section("转介", ("referred_to", "referred_on", "where", "agreed")),
        Section("随访", ("follow_ups", "next_on")),
    )
    private = frozenset({"triggers", "state", "agreed", "referred_to", "referred_on", "where", "follow_ups", "next_on"})

    def limit(self, account, membership: Membership, on: date) -> None:
        """Carers hold posts in the member's organisation or above; never the member. The writer is one anyhow."""
        apart = {membership.person_id, account.person_id} - set(self.initial.get("carers", ()))
        chain = Organisation.objects.filter(
            descent__organisation=membership.organisation_id, descent__since__lte=on, descent__until__gt=on
        )
        posts = Post.objects.on(on).filter(organisation__in=chain, role__in=KEEPERS)
        posts = posts.exclude(person__in=apart)
        posts = posts.select_related("person", "organisation").order_by("-organisation__path", "role", "pk")
        found = {}
        for post in posts:
            found.setdefault(
                post.person_id, f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）"
            )
        self.fields["carers"].choices = list(found.items())


def _check(entry: Entry, today: date) -> dict[str, str]:
    known, on = entry.private, today.isoformat()
    refused = {}
    if any(row["on"] > on for row in known.get("follow_ups") or []):
        refused["follow_ups"] = "随访日期晚于今天，还没有做的填在“下次随访”。"
    if (known.get("referred_on") or "") > on:
        refused["referred_on"] = "转介日期晚于今天，请核对。"
    if known.get("referred_on") and not known.get("referred_to"):
        refused["referred_to"] = "填了转介日期，请选转介到哪里。"
    return refused


PSYCHOLOGY = Register(
    code=RegisterCode.PSYCHOLOGY,
    title="心理关怀",
    noun="心理关怀",
    lead="受到打击、压力大的党员，有人疏导、转介和随访。内容只给登记人和关怀人看，不进经过和台账。",
    form=PsychologyForm,
    closings=("已经平复", "转由专业机构长期照顾", "本人不愿继续", "其他"),
    check=_check,
)

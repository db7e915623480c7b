"""The forms of festival campaigns: starting one, its sums, asking, deciding, closing, and what is done to names."""

from collections.abc import Sequence
from datetime import date

from django import forms

from base.fields import TextField, YuanField
from base.money import Source
from duties.filters import Narrowing
from members.models import Organisation, Person
from members.office_forms import SaysAll, day_field
from visits.campaigns.handing import Handed
from visits.campaigns.naming import BY_HAND, Group, festivals
from visits.campaigns.reading import of_group
from visits.campaigns.sums import Standard
from visits.forms.choices import Day, say
from visits.models import Campaign, Candidate, CandidateQuerySet

SOURCES = [("", "选来源"), *Source.choices]
STATES = {
    "unconfirmed": "待支部确认", "confirmed": "支部已确认", "outstanding": "还没发到", "handed": "已发放",
    "returned": "已退回", "nobody": "没有走访人", "out": "未列入",
}  # fmt: skip
"""How a list of names can be narrowed."""

WHY = "请写为什么，一句话也可以。"


class CampaignFilter(Narrowing):
    """The filters of a campaign's list: organisation, reason, state, name."""

    reason = forms.RegexField(r"^[a-z0-9_-]{1,40}$", required=False, label="类别", widget=forms.Select)
    state = forms.ChoiceField(choices=[("", "全部状态"), *STATES.items()], required=False, label="状态")

    def __init__(self, data, *, groups: Sequence[Group]):
        super().__init__(data)
        self.groups = {group.code: group for group in (*groups, BY_HAND)}

    def narrowed(self, rows: CandidateQuerySet) -> CandidateQuerySet:
        """The names of the reason and the state asked for; without a state those that are listed."""
        if group := self.groups.get(self.value("reason")):
            rows = of_group(rows, group)
        state = self.value("state")
        found = {
            "unconfirmed": rows.unconfirmed, "outstanding": rows.outstanding, "handed": rows.handed,
            "out": rows.left_out, "confirmed": lambda: rows.listed().filter(confirmed_on__isnull=False),
            "returned": lambda: rows.listed().filter(returned_on__isnull=False),
            "nobody": lambda: rows.outstanding().filter(visitor__isnull=True),
        }  # fmt: skip
        return found.get(state, rows.listed)()


class CampaignNew(SaysAll):
    """Which committee begins for which festival."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="哪个党委办", empty_label=None)
    occasion = forms.ChoiceField(label="哪个节日")

    def __init__(self, data=None, *, organisations, day: date, **more):
        super().__init__(data, **more)
        ahead = sorted((on, occasion, year) for occasion, year, on in festivals(day) if on > day)
        self.fields["organisation"].queryset = organisations
        self.fields["occasion"].choices = [
            (f"{occasion.value}-{year}", f"{year} 年{occasion.label}（{on}）") for on, occasion, year in ahead
        ]
        say(self, {"organisation": "请从列表里选党委。", "occasion": "请从列表里选节日。"})

    def asked(self) -> dict:
        """What :func:`visits.campaigns.drafting.draft` takes."""
        occasion, _, year = self.cleaned_data["occasion"].partition("-")
        return {"organisation": self.cleaned_data["organisation"], "occasion": occasion, "year": int(year)}


class PlanForm(SaysAll):
    """The budget by source and the standard of each group: a sum, its source, a gift."""

    def __init__(self, data=None, *, campaign: Campaign, groups: Sequence[Group], **more):
        super().__init__(data, **more)
        self.groups = list(groups)
        for source, label in Source.choices:
            self.fields[f"budget_{source}"] = YuanField(
                label=label, required=False, initial=campaign.budget.get(source)
            )
        for group in self.groups:
            kept = campaign.standards.get(group.code, {})
            self.fields[f"standard_{group.code}"] = YuanField(
                label=f"{group.label}：每人（元）", required=False, initial=kept.get("fen")
            )
            self.fields[f"source_{group.code}"] = forms.ChoiceField(
                label=f"{group.label}：来源", choices=SOURCES, required=False, initial=kept.get("source", ""),
                error_messages={"invalid_choice": "请从列表里选来源。"},
            )  # fmt: skip
            self.fields[f"gift_{group.code}"] = TextField(
                label=f"{group.label}：慰问品", required=False, max_length=60, initial=kept.get("gift", "")
            )

    def budgets(self) -> list[forms.BoundField]:
        """The fields of the budget, in the order of the sources."""
        return [self[f"budget_{source}"] for source in Source.values]

    def lines(self) -> list[tuple[Group, list[forms.BoundField]]]:
        """The three fields of each group."""
        return [(group, [self[f"{name}_{group.code}"] for name in ("standard", "source", "gift")])
                for group in self.groups]  # fmt: skip

    def plan(self) -> dict:
        """What :func:`visits.campaigns.sums.set_plan` takes."""
        given = self.cleaned_data
        return {
            "budget": {source: given[f"budget_{source}"] or 0 for source in Source.values},
            "standards": {
                group.code: Standard(
                    given[f"standard_{group.code}"], given[f"source_{group.code}"], given[f"gift_{group.code}"]
                )
                for group in self.groups
            },
        }  # fmt: skip


class AskForm(SaysAll):
    due_on = day_field("确认期限")


class DecideForm(SaysAll):
    on = day_field("研究日期")
    minutes = TextField(
        label="会议纪要编号",
        max_length=60,
        required=False,
        help_text="使用党费和帮扶资金须经集体研究，纪要编号留档备查。",
    )


class CloseForm(SaysAll):
    summary = TextField(
        label="小结", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写数字以外要说的，例如走访中了解到的困难。加密保存。",
    )  # fmt: skip


class BackForm(SaysAll):
    """Why the last step is taken back, of the stage that stood on the page."""

    seen = TextField(max_length=12, required=False, widget=forms.HiddenInput)
    reason = TextField(
        label="为什么撤回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": WHY},
        help_text="理由留在审计里，不写个人情况。",
    )  # fmt: skip


class VisitorForm(SaysAll):
    visitor = forms.TypedChoiceField(label="谁去走访", coerce=int)

    def __init__(self, data=None, *, offered: Sequence[tuple[int, str]], **more):
        super().__init__(data, **more)
        self.fields["visitor"].choices = [("", "请选"), *offered]
        say(self, {"visitor": "请从列表里选走访人。"})

    def given(self) -> dict:
        return {"visitor": Person.objects.get(pk=self.cleaned_data["visitor"])}


class SumForm(SaysAll):
    fen = YuanField(label="每人多少元", required=False, help_text="空着不改金额；写 0 就是不给慰问金。")
    source = forms.ChoiceField(
        label="从哪里来", choices=SOURCES, required=False, error_messages={"invalid_choice": "请从列表里选来源。"}
    )
    gift = TextField(label="慰问品", required=False, max_length=60, help_text="空着不改慰问品。例如：米、油各一份。")

    def given(self) -> dict:
        said = self.cleaned_data
        return {"fen": said["fen"], "source": said["source"], "gift": said["gift"] or None}


class WhyForm(SaysAll):
    """Why some names are struck, or their money is returned."""

    reason = TextField(
        label="为什么", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": WHY},
        help_text="加密保存，名单旁边写给能在这里登记的人看。",
    )  # fmt: skip


class AddForm(SaysAll):
    """Why somebody is added whom no rule names."""

    member = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(
        label="为什么慰问", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": WHY},
        help_text="加密保存。",
    )  # fmt: skip


class ConfirmForm(SaysAll):
    """All names of a branch: each stays, or is struck with a reason."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, rows: Sequence[Candidate], **more):
        super().__init__(data, **more)
        self.rows = list(rows)
        for row in self.rows:
            name = row.person.name
            self.fields[f"strike_{row.pk}"] = forms.BooleanField(label=f"不列入{name}", required=False)
            self.fields[f"reason_{row.pk}"] = TextField(label=f"{name}为什么不列入", required=False, max_length=200)

    def seen(self) -> set[int]:
        """The names that stood on the page that was sent, by number."""
        return {int(pk) for pk in self.data.getlist("seen") if pk.isascii() and pk.isdigit()}

    def lines(self) -> list[tuple[Candidate, forms.BoundField, forms.BoundField]]:
        return [(row, self[f"strike_{row.pk}"], self[f"reason_{row.pk}"]) for row in self.rows]

    def struck(self) -> dict[int, str]:
        """Whoever was ticked, or has a reason written: a reason without a tick is not thrown away."""
        given = self.cleaned_data
        return {
            row.pk: given[f"reason_{row.pk}"]
            for row in self.rows if given[f"strike_{row.pk}"] or given[f"reason_{row.pk}"]
        }  # fmt: skip


class HandForm(SaysAll):
    """One tick on the doorstep: into whose hands, by what means, on which day."""

    candidate = forms.IntegerField(widget=forms.HiddenInput)
    receiver = forms.ChoiceField(choices=Candidate.Receiver.choices, label="谁领的")
    substitute = TextField(label="代领人姓名", required=False, max_length=60)
    relation = TextField(label="与本人关系", required=False, max_length=20)
    on = Day(label="哪天发的", required=False)
    means = forms.ChoiceField(label="发放方式", choices=Candidate.Means.choices, required=False)
    text = TextField(
        label="看到什么、需要什么", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data=None, *, day: date, **more):
        super().__init__(data, **more)
        self.day = day
        say(self, {
            "receiver": "请点“本人签收”或“代领”。", "on": "请填日期，例如 2026-11-20。", "means": "请选现金或转账。",
        })  # fmt: skip

    def handed(self) -> Handed:
        """The tick as the service takes it: today and in cash, unless something else was said."""
        given = self.cleaned_data
        return Handed(
            given["on"] or self.day, given["receiver"], given["means"] or Candidate.Means.CASH,
            substitute=given["substitute"], relation=given["relation"], text=given["text"],
        )  # fmt: skip

"""The forms of a yearly selection, in the order of its steps, and what is done to one nominee."""

from collections.abc import Iterable, Sequence
from datetime import date

from django import forms

from awards.models import Level, Nominee, Selection, SelectionTitle
from awards.models.nominees import LEAST_DAYS
from awards.selecting.deciding import Choice, Held, Verdict
from awards.selecting.nominating import LONGEST, Endorsed, Met
from awards.selecting.opening import Wanted
from awards.selecting.places import MOST, Share
from base.fields import TableField, TextField
from members.models import Organisation, Person
from members.office_forms import SaysAll, day_field

WHY = "请写为什么，一句话也可以。"
NUMBER = "请填整数，例如 2。"


def number_field(label: str, *, required: bool = True, most: int = 9_999, **more) -> forms.IntegerField:
    """A whole number, refused in a sentence."""
    errors = dict.fromkeys(("required", "invalid"), NUMBER)
    errors |= {"min_value": "不能小于 0。", "max_value": f"最多 {most}，请核对。"}
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=required, error_messages=errors, widget=widget, **more
    )


def choice_field(label: str, choices, said: str, **more) -> forms.ChoiceField:
    errors = dict.fromkeys(("required", "invalid_choice"), said)
    return forms.ChoiceField(label=label, choices=choices, error_messages=errors, **more)


class TitleRow(forms.Form):
    """One title of a selection."""

    name = TextField(label="称号", max_length=30, error_messages={"required": "请写称号。"})
    of = choice_field("评选谁", [("", "请选"), *SelectionTitle.Of.choices], "请选评选谁。")
    level = choice_field("层级", [("", "请选"), *Level.choices], "请选层级。")
    quota = number_field("表彰名额", most=MOST)

    def clean_quota(self):
        if not self.cleaned_data["quota"]:
            raise forms.ValidationError("至少 1 个。")
        return self.cleaned_data["quota"]


class SelectionNew(SaysAll):
    """Who selects, in which year, until when branches nominate, and the titles."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="哪个党组织评选", empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选党组织。"),
    )  # fmt: skip
    year = number_field("年度")
    title = TextField(label="评选名称", max_length=60, error_messages={"required": "请写评选名称。"})
    opened_on = day_field("启动日期", hint="支部推荐会议不早于这一天；补录以往的评选，填当时的日期。")
    nominate_by = day_field("推荐截止")
    titles = TableField(TitleRow, label="称号和表彰名额")

    def __init__(self, data=None, *, organisations, **more):
        super().__init__(data, **more)
        self.fields["organisation"].queryset = organisations

    def asked(self) -> dict:
        """What :func:`awards.selecting.opening.open_selection` takes."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "once"}
        return given | {"titles": [Wanted(**row) for row in given["titles"]]}


class PlacesForm(SaysAll):
    """The places of a page of organisations, one field for each and every title."""

    def __init__(self, data=None, *, shares: Sequence[Share], **more):
        super().__init__(data, **more)
        self.shares = list(shares)
        for share in self.shares:
            label = f"{share.organisation.label}：{share.title.name}"
            self.fields[self._name(share)] = number_field(label, most=MOST, initial=share.number)

    @staticmethod
    def _name(share: Share) -> str:
        return f"places_{share.title.pk}_{share.organisation.pk}"

    def lines(self) -> list[tuple[Organisation, list[tuple[Share, forms.BoundField]]]]:
        """Each organisation with its titles and their fields."""
        found: dict[Organisation, list] = {}
        for share in self.shares:
            found.setdefault(share.organisation, []).append((share, self[self._name(share)]))
        return list(found.items())

    def numbers(self) -> dict[tuple[int, int], int]:
        return {(s.title.pk, s.organisation.pk): self.cleaned_data[self._name(s)] for s in self.shares}


class ProposeForm(SaysAll):
    """How many places there are in all, for each title."""

    def __init__(self, data=None, *, titles: Sequence[SelectionTitle], totals: dict[int, int], **more):
        super().__init__(data, **more)
        for title in titles:
            self.fields[f"total_{title.pk}"] = number_field(
                f"{title.name}：推荐名额总数", initial=totals.get(title.pk, title.quota),
                help_text=f"表彰 {title.quota} 个。",
            )  # fmt: skip

    def totals(self) -> dict[int, int]:
        return {int(name[6:]): value for name, value in self.cleaned_data.items() if name.startswith("total_")}

    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("total_")]


class AskForm(SaysAll):
    due_on = day_field("推荐截止")


class VotesForm(SaysAll):
    """When a meeting was held and how many came."""

    on = day_field("会议日期")
    expected = number_field("应到人数")
    present = number_field("实到人数")


class NominateForm(VotesForm):
    """Whom a branch meeting nominates, with its votes and the deeds."""

    subject = forms.ModelChoiceField(
        Person.objects.none(), label="推荐谁", empty_label="请选",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选推荐谁。"),
    )  # fmt: skip
    agreed = number_field("同意票")
    minutes = TextField(label="会议记录编号", max_length=60, error_messages={"required": "请写会议记录编号。"})
    deeds = TextField(
        label="主要事迹", widget=forms.Textarea(attrs={"rows": 5}), error_messages={"required": "请写主要事迹。"},
        max_length=LONGEST, help_text="推荐审批表上印这一段，写事不写病情、家庭。",
    )  # fmt: skip
    field_order = ("once", "subject", "on", "expected", "present", "agreed", "minutes", "deeds")

    def __init__(self, data=None, *, offered, label, **more):
        super().__init__(data, **more)
        self.fields["subject"].queryset = offered
        self.fields["subject"].label_from_instance = label

    def met(self) -> Met:
        names = ("on", "expected", "present", "agreed", "minutes")
        return Met(**{name: self.cleaned_data[name] for name in names})


class EndorseForm(SaysAll):
    """What the general branch's meeting says of each who waits."""

    on = day_field("总支会议日期")
    minutes = TextField(label="会议记录编号", max_length=60, error_messages={"required": "请写会议记录编号。"})

    def __init__(self, data=None, *, rows: Iterable[Nominee], **more):
        super().__init__(data, **more)
        self.rows = list(rows)
        place: dict[int, int] = {}
        for row in self.rows:
            place[row.title_id] = place.get(row.title_id, 0) + 1
            self.fields[f"yes_{row.pk}"] = choice_field(
                f"{row.whom}：总支意见", (("yes", "推荐"), ("no", "不推荐")), "请选推荐或不推荐。", initial="yes",
                widget=forms.RadioSelect,
            )  # fmt: skip
            self.fields[f"rank_{row.pk}"] = number_field(
                f"{row.whom}：排第几", required=False, initial=place[row.title_id]
            )
            self.fields[f"why_{row.pk}"] = TextField(label=f"{row.whom}：不推荐的原因", required=False, max_length=200)

    def lines(self):
        return [(row, *(self[f"{name}_{row.pk}"] for name in ("yes", "rank", "why"))) for row in self.rows]

    def said(self) -> dict[int, Endorsed]:
        given = self.cleaned_data
        return {
            row.pk: Endorsed(given[f"yes_{row.pk}"] == "yes", given[f"rank_{row.pk}"], given[f"why_{row.pk}"])
            for row in self.rows
        }


class ReviewForm(SaysAll):
    """What the review says of each nominee; an empty verdict leaves him for later."""

    def __init__(self, data=None, *, rows: Iterable[Nominee], **more):
        super().__init__(data, **more)
        self.rows = list(rows)
        verdict = {Nominee.State.PASSED: "yes", Nominee.State.FAILED: "no"}
        for row in self.rows:
            self.fields[f"verdict_{row.pk}"] = choice_field(
                f"{row.whom}：复核意见", (("yes", "通过"), ("no", "不通过")), "请选通过或不通过。", required=False,
                initial=verdict.get(row.state), widget=forms.RadioSelect,
            )  # fmt: skip
            self.fields[f"why_{row.pk}"] = TextField(
                label=f"{row.whom}：理由", required=False, max_length=300, initial=row.review,
                widget=forms.TextInput(attrs={"placeholder": "理由"}),
            )  # fmt: skip

    def lines(self):
        return [(row, self[f"verdict_{row.pk}"], self[f"why_{row.pk}"]) for row in self.rows]

    def said(self) -> dict[int, Verdict]:
        given = self.cleaned_data
        return {
            row.pk: Verdict(given[f"verdict_{row.pk}"] == "yes", given[f"why_{row.pk}"])
            for row in self.rows if given[f"verdict_{row.pk}"]
        }  # fmt: skip


class DecideForm(VotesForm):
    """The meeting, and what it decided on each nominee."""

    body = TextField(label="什么会", max_length=60, error_messages={"required": "请写是什么会，例如：党委会。"})
    minutes = TextField(label="会议纪要编号", max_length=60, error_messages={"required": "请写会议纪要编号。"})
    field_order = ("once", "body", "on", "expected", "present", "minutes")

    def __init__(self, data=None, *, rows: Iterable[Nominee], **more):
        super().__init__(data, **more)
        self.rows = list(rows)
        for row in self.rows:
            self.fields[f"chosen_{row.pk}"] = forms.BooleanField(label=f"表彰{row.whom}", required=False)
            self.fields[f"agreed_{row.pk}"] = number_field(f"{row.whom}：同意票", required=False)
            self.fields[f"aside_{row.pk}"] = forms.BooleanField(label="本人已回避", required=False)
            for name in (f"chosen_{row.pk}", f"agreed_{row.pk}"):  # on a desk the column's heading alone is seen
                self.fields[name].widget.attrs["aria-label"] = self.fields[name].label

    def lines(self):
        return [(row, *(self[f"{name}_{row.pk}"] for name in ("chosen", "agreed", "aside"))) for row in self.rows]

    def held(self) -> Held:
        return Held(**{name: self.cleaned_data[name] for name in ("body", "on", "expected", "present", "minutes")})

    def said(self) -> dict[int, Choice]:
        given = self.cleaned_data
        return {
            row.pk: Choice(given[f"chosen_{row.pk}"], given[f"agreed_{row.pk}"], given[f"aside_{row.pk}"])
            for row in self.rows
        }


class NoticeForm(SaysAll):
    from_on = day_field("公示起")
    days = number_field("公示几个工作日", initial=LEAST_DAYS, help_text="至少 5 个，从公示第二天数起，节假日不算。")
    sure = forms.BooleanField(label="当时就公示了这几天，照实登记", required=False)
    place = TextField(label="张贴在哪里", max_length=60, error_messages={"required": "请写张贴在哪里。"})
    contact = TextField(
        label="向谁反映", max_length=100, error_messages={"required": "请写向谁反映、电话多少。"},
        help_text="例如：党委组织部，0371-60001101。",
    )  # fmt: skip


class AwardForm(SaysAll):
    on = day_field("表彰日期")
    document = TextField(label="表彰文号", max_length=60, error_messages={"required": "请写表彰文件的文号。"})
    presided = forms.ModelChoiceField(
        Person.objects.none(), label="谁主持", empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选谁主持。"),
    )  # fmt: skip

    posthumous = forms.BooleanField(required=False)

    def __init__(self, data=None, *, offered, dead: Sequence[Nominee] = (), **more):
        super().__init__(data, **more)
        self.fields["presided"].queryset = offered
        self.fields["posthumous"].label = f"追授给已去世的{'、'.join(row.whom for row in dead)}"
        if not dead:
            del self.fields["posthumous"]


class BackForm(SaysAll):
    """Why the last step is taken back, of the stage that stood on the page."""

    seen = TextField(max_length=12, required=False, widget=forms.HiddenInput)
    reason = TextField(
        label="为什么撤回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": WHY},
        help_text="理由留在审计里，不写个人情况。",
    )  # fmt: skip


class ReasonForm(SaysAll):
    """Why a nomination is taken back or a name removed."""

    reason = TextField(
        label="为什么", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": WHY},
        help_text="加密保存。",
    )  # fmt: skip


class ObjectForm(SaysAll):
    received_on = day_field("收到日期")
    said_by = TextField(
        label="谁反映的", max_length=60, error_messages={"required": "请写谁反映的，不愿留名的写“匿名”。"}
    )
    words = TextField(
        label="反映了什么", max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}), help_text="加密保存。",
        error_messages={"required": "请写反映了什么。"},
    )  # fmt: skip


class AnswerForm(SaysAll):
    upheld = choice_field(
        "核查结论", (("no", "不属实"), ("yes", "属实，取消")), "请选核查结论。", widget=forms.RadioSelect
    )
    answer = TextField(
        label="核查结果和答复", max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}), help_text="加密保存。",
        error_messages={"required": "请写核查结果和答复。"},
    )  # fmt: skip


class UpwardForm(SaysAll):
    """To which selection above somebody is recommended, or to whom on paper."""

    upper = forms.ModelChoiceField(
        Selection.objects.none(), label="上级的评选", required=False, empty_label="系统里没有，写在下面",
        error_messages={"invalid_choice": "请从列表里选上级的评选。"},
    )  # fmt: skip
    to = TextField(label="推荐到哪个党组织", required=False, max_length=60, help_text="上级的评选在系统里时不用填。")
    title = TextField(label="推荐什么称号", max_length=30, error_messages={"required": "请写推荐什么称号。"})
    on = day_field("推荐日期")

    def __init__(self, data=None, *, offered, **more):
        super().__init__(data, **more)
        self.fields["upper"].queryset = offered
        self.fields["upper"].label_from_instance = lambda each: f"{each.organisation.label}：{each.title}"


def told_apart(person: Person) -> str:
    """The name, with the month of birth where another of the list has the same name."""
    return f"{person.name}（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else person.name


def usual_titles(level: str) -> list[dict]:
    """两优一先, as most organisations give them."""
    of = SelectionTitle.Of
    return [
        {"name": "优秀共产党员", "of": of.MEMBERS, "level": level, "quota": 10},
        {"name": "优秀党务工作者", "of": of.MEMBERS, "level": level, "quota": 3},
        {"name": "先进基层党组织", "of": of.ORGANISATIONS, "level": level, "quota": 2},
    ]


def june(day: date) -> tuple[date, date]:
    """When a selection that begins on a day is to be through with nominations: before 1 July, else in two weeks."""
    return day, date(day.year, 6, 10) if day < date(day.year, 6, 1) else date.fromordinal(day.toordinal() + 14)

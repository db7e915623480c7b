"""Forms of those who keep organisations, posts, accounts and ties. They offer only what the account may choose."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import MaxValueValidator, MinValueValidator

from base.arranging import FIRST, LAST, days_of
from base.dates import PARTY_FOUNDED
from base.fields import TextField
from base.once import OnceField
from base.reading import MAX_BYTES, MEGABYTE
from members.bonds import BY_HAND
from members.enums import SYSTEM_ROLES, OrganisationKind, Role
from members.finding import Found
from members.forms import DayInput
from members.models import Organisation

NEWCOMER = "new"
"""The choice of a person for somebody who is in no list yet."""

LATEST = date(2199, 12, 31)
"""No day of ours lies later, but for the far end of what has not ended."""

NO_SUCH_PLACE = "没有这个党组织，或不在你的范围内。请从列表里选。"


def day_field(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """A civil day, refused in a sentence."""
    errors = {"required": f"请填{label}。", "invalid": f"{label}写法不对，请写成 2026-11-23 这样。"}
    odd = f"{label}的年份不对，请核对。"
    return forms.DateField(
        label=label, required=required, widget=DayInput, error_messages=errors, help_text=hint,
        validators=[MinValueValidator(PARTY_FOUNDED, odd), MaxValueValidator(LATEST, odd)],
    )  # fmt: skip


class ActForm(forms.Form):
    """One button: the key against a double click and nothing else."""

    once = OnceField()


class SaysAll(ActForm):
    """What a service refuses about something the form has no field for stands above the form."""

    def add_error(self, field, error):
        told = getattr(error, "error_dict", {})
        for name in [each for each in told if each not in self.fields and each != NON_FIELD_ERRORS]:
            told.setdefault(NON_FIELD_ERRORS, []).extend(told.pop(name))
        super().add_error(field, error)


class ReasonForm(ActForm):
    reason = TextField(
        label="为什么撤销", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="理由会留在审计里。",
        error_messages={"required": "请写为什么撤销，一句话也可以。"},
    )  # fmt: skip


class SheetUpload(forms.Form):
    """The file alone; whether it is the right sheet, the reader says."""

    file = forms.FileField(
        label="表格文件", allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages=dict.fromkeys(("required", "invalid", "missing"), "请先选文件。"),
        help_text="表头在前十行里，列的顺序不限。最大 20 MB。",
    )  # fmt: skip

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            megabytes = f"{file.size // MEGABYTE} MB，最多 {MAX_BYTES // MEGABYTE} MB"
            raise forms.ValidationError(f"文件有 {megabytes}，请分成几份上传。")
        return file


class SheetWrite(ActForm):
    """What a preview carries: which upload, and the key against a double click."""

    upload = TextField(max_length=80, widget=forms.HiddenInput)


class OrganisationForm(ActForm):
    """What an organisation says of itself."""

    name = TextField(label="党组织名称", max_length=120, error_messages={"required": "请填党组织名称。"})
    short_name = TextField(label="简称", max_length=60, required=False, help_text="页面上用简称，没有就用全称。")
    kind = forms.ChoiceField(
        label="类别", choices=OrganisationKind,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选类别。"),
    )  # fmt: skip
    unit_name = TextField(label="单位名称", max_length=120, required=False)
    founded_on = day_field("成立日期", required=False)
    term_ends_on = day_field("届满日期", required=False)
    phone = TextField(label="联系电话", max_length=40, required=False)

    def fields_given(self) -> dict:
        """The values as :data:`members.organisations.FIELDS` name them."""
        return {name: self.cleaned_data[name] for name in OrganisationForm.base_fields if name != "once"}


class OrganisationEdit(OrganisationForm):
    seen = TextField(max_length=16, required=False, widget=forms.HiddenInput)


class OrganisationNew(OrganisationForm):
    code = TextField(
        label="党组织编码", max_length=40, error_messages={"required": "请填党组织编码。"},
        help_text="以后导入名册、任职都按它认。",
    )  # fmt: skip
    field_order = ("once", "code")

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())


class OrganisationMove(ActForm):
    to = forms.ModelChoiceField(
        Organisation.objects.none(), label="划到哪个党组织之下", empty_label="请选",
        error_messages={"required": "请选划到哪里。", "invalid_choice": NO_SUCH_PLACE},
    )  # fmt: skip
    on = day_field("自哪天起", hint="以前的仍算在原来的上级之下。")

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = organisations


class OrganisationEnd(ActForm):
    on = day_field("撤销日期", hint="从这一天起不再有它。")


class PostNew(ActForm):
    """Who holds which post from when on. The person is one of those found by name."""

    name = TextField(max_length=60, required=False, widget=forms.HiddenInput)
    person = forms.ChoiceField(
        label="谁", widget=forms.RadioSelect,
        error_messages={"required": "请选是哪一位。", "invalid_choice": "这个人不在查到的名单里，请重新查姓名。"},
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="在哪个党组织", empty_label="请选",
        error_messages={"required": "请选党组织。", "invalid_choice": NO_SUCH_PLACE},
    )  # fmt: skip
    role = forms.ChoiceField(
        label="职务", error_messages={"required": "请选职务。", "invalid_choice": "这个职务不由你办理，请从列表里选。"}
    )
    since = day_field("任职日期")
    last = day_field("任到哪天", required=False, hint="含这一天。没有期限的不填。")

    def __init__(self, *args, found: Sequence[Found], newcomer: str, organisations, system: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.found = {each.person.pk: each.person for each in found}
        people = [(str(each.person.pk), each.label) for each in found]
        self.fields["person"].choices = [*people, *([(NEWCOMER, newcomer)] if newcomer else [])]
        self.fields["organisation"].queryset = organisations
        roles = [role for role in Role if (role in SYSTEM_ROLES) == system]
        self.fields["role"].choices = [("", "请选"), *((role.value, role.label) for role in roles)]


class PostEnd(ActForm):
    last = day_field("最后一天任职", hint="填昨天，下一次点击就失效；填今天，到今晚为止。")


class PostCorrect(ActForm):
    since = day_field("任职日期")
    last = day_field("最后一天任职", required=False, hint="现在还在任的不填。")


class TieNew(ActForm):
    """Who stands by the member, as what, from when on. The person is one of those found by name."""

    name = TextField(max_length=60, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="联系关系", widget=forms.RadioSelect,
        choices=[(kind.value, kind.label) for kind in BY_HAND if kind not in settings.TIE_REGISTERS],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选联系关系。"),
    )  # fmt: skip
    to = forms.ChoiceField(
        label="谁来联系", widget=forms.RadioSelect,
        error_messages={"required": "请选是哪一位。", "invalid_choice": "这个人不在查到的名单里，请重新查姓名。"},
    )  # fmt: skip
    since = day_field("自哪天起")
    last = day_field("到哪天", required=False, hint="含这一天。没有期限的不填。")

    def __init__(self, *args, found: Sequence[Found], **kwargs):
        super().__init__(*args, **kwargs)
        self.found = {each.person.pk: each.person for each in found}
        self.fields["to"].choices = [(str(each.person.pk), each.label) for each in found]


class TieEnd(ActForm):
    last = day_field("最后一天", hint="含这一天。")


class CategoryEnd(ActForm):
    last = day_field("最后一天", required=False, hint="含这一天。空着就是没有期限。")


class SetPassword(forms.Form):
    """The one-time code of a reset, and the new password."""

    code = TextField(
        label="重置码", max_length=40, help_text="十二位，字母大小写、空格和短横都不要紧。",
        error_messages={"required": "请输重置码。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )  # fmt: skip
    password = TextField(
        label="新密码", strip=False, max_length=128,
        help_text="至少十位，不能全是数字，不要带账号名、姓名、单位、出生日期、身份证号和电话。",
        error_messages={"required": "请设新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = TextField(
        label="再输一次密码", strip=False, max_length=128, error_messages={"required": "请再输一次密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self):
        given = super().clean()
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "两次输入的密码不一样，请重新输入。")
        return given


class WorkdaysForm(SaysAll):
    """What the State Council arranged for one year."""

    year = forms.IntegerField(
        label="年份", widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid"), "年份请写成 2027 这样。"),
    )  # fmt: skip
    off = TextField(
        label="放假的日子", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="例如：1-1 2-5至2-11 4-5。里面的周六、周日不用管。", error_messages={"required": "请写放假的日子。"},
    )  # fmt: skip
    worked = TextField(
        label="调休上班的周末", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：1-31 2-20。",
    )  # fmt: skip
    basis = TextField(
        label="依据", max_length=120, help_text="例如：国办发明电〔2026〕×号。",
        error_messages={"required": "请写通知的文号。"},
    )  # fmt: skip

    def clean(self):
        said = super().clean()
        for name in ("off", "worked"):
            if said.get("year") and FIRST <= said["year"] <= LAST and said.get(name):
                try:
                    days_of(said[name], said["year"])
                except forms.ValidationError as wrong:
                    self.add_error(name, wrong)
        return said

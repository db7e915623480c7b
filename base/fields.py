"""Form fields whose refusals are sentences that say what to do."""

import re
from dataclasses import astuple

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from base.cells import legible, plain, squeezed
from base.images import HEAVIEST, ImageRefused
from base.numbers import whole_number
from base.pictures import MOST, WAITS, Kept, keep, label_of


class TextField(forms.CharField):
    """Text somebody typed or pasted, without characters nobody sees; one that is not stripped is a password, and stays
    as it was typed.
    """

    default_error_messages = {
        "max_length": "写了 %(show_value)d 个字，最多 %(limit_value)d 个，请写短一些。",
        "null_characters_not_allowed": "里面夹着看不见的空字符，多半是粘贴来的，请删去后重新输入。",
    }

    def to_python(self, value):
        text = super().to_python(value)
        return legible(text).strip() if text and self.strip else text

    def widget_attrs(self, widget):
        attrs = super().widget_attrs(widget)
        if isinstance(widget, forms.Textarea):
            # A browser cuts what is pasted beyond it without a word; refused, nothing is lost.
            attrs.pop("maxlength", None)
        return attrs


class RowsField(forms.ModelMultipleChoiceField):
    """Rows ticked in a list. A number too long to be a row's is refused like any other that was not offered."""

    def clean(self, value):
        try:
            for each in value or ():
                whole_number(each)
        except ValueError as wrong:
            raise ValidationError(self.error_messages["invalid_pk_value"], code="invalid_pk_value") from wrong
        return super().clean(value)


SALT = "base.pictures"
"""What signs the pictures a form already has."""


class PicturesInput(forms.FileInput):
    """Chooses several pictures. A form that comes back refused says which it has, so they are not chosen again."""

    allow_multiple_selected = True
    kept: list[Kept] = []

    def __init__(self):
        super().__init__(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def value_from_datadict(self, data, files, name):
        return files.getlist(name), "" if f"{name}_drop" in data else data.get(f"{name}_kept", "")

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chooser = super().render(name, value, attrs, renderer)
        if not self.kept:
            return chooser
        return format_html(
            '{chooser}<input type="hidden" name="{name}_kept" value="{token}"><div class="form-text">{said}</div>'
            '<label class="form-check"><input type="checkbox" class="form-check-input" name="{name}_drop"> 不要这些'
            "</label>",
            chooser=chooser, name=name, token=signing.dumps([astuple(each) for each in self.kept], salt=SALT),
            said=f"已收到 {len(self.kept)} 张，不用再选：{'、'.join(each.name for each in self.kept)}",
        )  # fmt: skip


class PicturesField(forms.Field):
    """Photos and scans, none of them required. Cleans to a list of :class:`base.pictures.Kept`."""

    widget = PicturesInput

    def __init__(self, **more):
        hint = f"JPG、PNG、WebP，最多 {MOST} 张，每张不超过 {HEAVIEST // 2**20} MB。位置等拍摄信息不保存。"
        super().__init__(**{"label": "照片", "required": False, "help_text": hint, **more})

    def clean(self, value) -> list[Kept]:
        files, token = value
        refused = []
        kept = {each.digest: each for each in self._kept_before(token)}
        if len(files) + len(kept) > MOST:
            raise ValidationError(f"一次最多 {MOST} 张，选了 {len(files) + len(kept)} 张，请少选几张。")
        for file in files:
            try:
                new = keep(file.read(HEAVIEST + 1), file.name)
                kept[new.digest] = new
            except ImageRefused as no:
                refused.append(f"“{label_of(file.name)}”{no}")
        self.widget.kept = list(kept.values())
        if self.required and not kept and not refused:
            refused = ["请选照片。"]
        if refused:
            raise ValidationError(refused)
        return self.widget.kept

    def _kept_before(self, token: str) -> list[Kept]:
        """What came with an earlier sending of the same form."""
        if not token:
            return []
        try:
            return [Kept(*each) for each in signing.loads(token, salt=SALT, max_age=WAITS)]
        except signing.BadSignature as expired:
            raise ValidationError("选过的照片已过期，请重新选。") from expired


MOST_YUAN = 100_000_000
"""No sum of ours is larger."""


class YuanField(TextField):
    """A sum of money, typed in yuan, kept in fen. Thousands may be set off; empty is ``None``."""

    def __init__(self, **more):
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"widget": widget, "max_length": 20, **more})

    def to_python(self, value) -> int | None:
        text = squeezed(plain(super().to_python(value) or "")).removesuffix("元")
        if not text:
            return None
        if not re.fullmatch(r"(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,2})?", text, re.ASCII):
            raise ValidationError("金额请写成 1200 或 1200.50 这样，单位是元。")
        yuan, _, rest = text.replace(",", "").partition(".")
        if int(yuan) > MOST_YUAN:
            raise ValidationError("金额太大，请核对是不是多写了几位。")
        return int(yuan) * 100 + int(rest.ljust(2, "0"))

    def validate(self, value):
        super().validate("" if value is None else value)

    def run_validators(self, value):
        """A number needs none of those of a text."""

    def prepare_value(self, value):
        return in_yuan(value) if isinstance(value, int) else value


def in_yuan(fen: int) -> str:
    """``1200.50`` for 120050."""
    return f"{fen // 100}.{fen % 100:02}"


class TableInput(forms.Widget):
    """Rows of small fields, one form for each, a few empty ones at the end. Needs no JavaScript."""

    template_name = "components/_table_input.html"
    spare = 2
    most = 40

    def __init__(self, row: type[forms.Form]):
        super().__init__()
        self.row = row

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-rows" not in data

    def value_from_datadict(self, data, files, name):
        try:
            count = min(self.most, whole_number(data.get(f"{name}-rows", "0")))
        except ValueError:
            count = 0
        rows = [{each: self._typed(data, f"{name}-{n}", each) for each in self.row.base_fields} for n in range(count)]
        return [row for row in rows if any(row.values())]

    def _typed(self, data, prefix: str, name: str):
        return self.row.base_fields[name].widget.value_from_datadict(data, {}, f"{prefix}-{name}")

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        """By the pages' own templates, which the renderer of forms does not know."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name, value, attrs):
        rows = list(value or [])
        filled = rows + [{}] * max(self.spare, 3 - len(rows))
        forms_ = [self.row(initial=row, prefix=f"{name}-{n}") for n, row in enumerate(filled[: self.most])]
        more = {
            "rows": forms_,
            "labels": [field.label for field in self.row.base_fields.values()],
            "count": len(forms_),
        }
        return {**super().get_context(name, value, attrs), **more}


class TableField(forms.Field):
    """Cleans to a list of dictionaries, one for each row that is not empty, as ``row`` cleans them."""

    def __init__(self, row: type[forms.Form], **more):
        self.row = row
        super().__init__(**{"required": False, "widget": TableInput(row), **more})

    def clean(self, value) -> list[dict]:
        rows, refused = [], []
        for number, typed in enumerate(value or [], start=1):
            form = self.row(typed)
            if form.is_valid():
                rows.append(form.cleaned_data)
                continue
            for name, errors in form.errors.items():
                label = f"{form.fields[name].label}：" if name in form.fields else ""
                refused += [f"第 {number} 行{label}{error}" for error in errors]
        if refused:
            raise ValidationError(refused)
        return rows

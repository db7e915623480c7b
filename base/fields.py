"""Form fields whose refusals are sentences that say what to do."""

from dataclasses import astuple

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from base.images import HEAVIEST, ImageRefused
from base.numbers import whole_number
from base.pictures import MOST, WAITS, Kept, keep, label_of


class TextField(forms.CharField):
    """Text somebody typed or pasted."""

    default_error_messages = {
        "max_length": "写了 %(show_value)d 个字，最多 %(limit_value)d 个，请写短一些。",
        "null_characters_not_allowed": "里面夹着看不见的空字符，多半是粘贴来的，请删去后重新输入。",
    }

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

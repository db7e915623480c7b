"""Form fields whose refusals are sentences that say what to do."""

from django import forms


class TextField(forms.CharField):
    """Text somebody typed or pasted."""

    default_error_messages = {
        "max_length": "写了 %(show_value)d 个字，最多 %(limit_value)d 个，请写短一些。",
        "null_characters_not_allowed": "里面夹着看不见的空字符，多半是粘贴来的，请删去后重新输入。",
    }

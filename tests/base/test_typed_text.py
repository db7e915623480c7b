"""What somebody types or pastes, and what a sheet holds, is cleaned alike and in one place: nothing unseen is kept."""

import re
from pathlib import Path

import pytest
from django import forms

from base.cells import legible, text_of
from base.fields import TextField, YuanField
from base.reading import CellReader, Row

PLAIN = re.compile(r"forms\.CharField\([^\n]*")
UNSEEN = ("\x07", "\x1b", "\x7f", "\u202e", "\u2066", "\u200b", "\u200f", "\u00ad", "\u2060", "\ufeff", "\U000e0041")


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_nobody_sees_is_not_kept(mark):
    for typed in (f"{mark}优秀{mark}共产党员", f" 优秀{mark}{mark}共产党员 {mark} "):
        assert TextField().clean(typed) == "优秀共产党员"
        assert text_of(typed) == "优秀共产党员"
        assert CellReader(Row(2, [typed], {"t": 0}), {"t": "名称"}).text("t", longest=6) == "优秀共产党员"


def test_lines_and_ordinary_spaces_stay():
    typed = "第一行\r\n第二行\t表 A　全角\n\n末行"
    assert TextField().clean(typed) == typed
    assert legible("上\x0b下\u2028末") == "上\n下\n末"
    assert legible("𠮷野家 㐂 王·艾力") == "𠮷野家 㐂 王·艾力"


def test_nothing_but_unseen_characters_is_nothing():
    with pytest.raises(forms.ValidationError):
        TextField().clean("\u200b\u202e \ufeff")
    assert TextField(required=False).clean("\u200b") == ""


def test_a_password_is_what_was_typed():
    assert TextField(strip=False).clean(" a\u200bb ") == " a\u200bb "


def test_a_sum_is_read_through_them():
    assert YuanField().clean("\u202a1,200.50\u202c元") == 120_050


def test_a_nul_is_still_refused():
    with pytest.raises(forms.ValidationError, match="看不见的空字符"):
        TextField().clean("谈了\x00一次")


def test_whoever_types_a_text_types_it_into_such_a_field():
    """A plain field of Django's is for keys that pages send unseen."""
    apps = ("members", "duties", "care", "visits", "awards", "fund", "ledgers", "config")
    sources = [path for app in apps for path in Path(app).rglob("*.py")]
    typed = [
        f"{path}: {found[0]}" for path in sources for found in PLAIN.finditer(path.read_text())
        if "HiddenInput" not in found[0]
    ]  # fmt: skip
    assert sources
    assert typed == []

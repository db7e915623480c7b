"""The words of greetings: what is refused, that every placeholder is filled, whose text holds."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.greeting_texts import (
    PLACEHOLDERS,
    SHIPPED,
    Kind,
    Occasion,
    check_text,
    drop_text,
    rendered,
    texts_for,
    write_text,
)
from awards.models import GreetingText
from base.models import AuditRow
from members.models import Person
from tests.world import account

TODAY = date(2026, 11, 23)
DAY = {"joined_on": date(2009, 11, 6), "joined_precision": "day"}
BORN = {"birth_on": date(1980, 5, 1), "birth_precision": "day"}


def occasion(*, years=17, on=date(2026, 11, 6), name="张伟", **more):
    return Occasion(Person(name=name, **more), on, years, "河源第一党支部", "中共河源第一支部委员会")


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("political", "  ", "请写祝贺的话。"),
        ("political", "好" * 501, "写了 501 个字，最多 500 个，请写短一些。"),
        ("political", "{职务}同志", "能用的有：{姓名}{称呼}{支部}{落款}{日期}{年数}{入党日期}。"),
        ("political", "{}同志", "“{}”不是这里能用的占位。"),
        ("political", "{ 姓名 }", "“{ 姓名 }”不是这里能用的占位。"),
        ("political", "{姓名", "大括号没有成对"),
        ("political", "姓名}", "大括号没有成对"),
        ("political", "{{姓名}}", "大括号没有成对"),
        ("political", "\uff5b姓名\uff5d", "用了全角的大括号"),
        ("natural", "{年数} 岁", "“{年数}”不是这里能用的占位。"),
        ("natural", "{入党日期}", "“{入党日期}”不是这里能用的占位。"),
        ("joined", "{年数}", "“{年数}”不是这里能用的占位。"),
    ],
)  # fmt: skip
def test_a_text_that_could_not_be_filled_is_refused_when_it_is_saved(kind, text, sentence):
    with pytest.raises(ValidationError) as refused:
        check_text(kind, text)
    assert sentence in refused.value.message_dict["text"][0]


@pytest.mark.parametrize("kind", Kind)
def test_what_comes_with_the_product_can_be_saved(kind):
    assert check_text(kind, SHIPPED[kind]) == SHIPPED[kind]


PEOPLE = {
    "on probation, the day of joining": occasion(years=0, on=date(2009, 11, 6), **DAY),
    "on probation, a year later": occasion(years=1, **DAY),
    "of old": occasion(years=58, **DAY, sex="女"),
    "of 50 years": occasion(years=50, **DAY),
    "joined in some month": occasion(joined_on=date(2009, 11, 1), joined_precision="month"),
    "joined on 29 February": occasion(on=date(2026, 2, 28), years=18, joined_on=date(2008, 2, 29)),
    "without sex and birth": occasion(**DAY, sex="", birth_on=None),
    "without a date of joining": occasion(joined_on=None),
    "with braces in the name": occasion(name="{年数}{", **DAY),
    "of a foreign name": occasion(name="Ai Li", **DAY),
    "on the birthday": occasion(years=None, on=date(2026, 5, 1), **BORN),
    "born in some month": occasion(years=None, on=date(2026, 5, 1), birth_on=date(1980, 5, 1), birth_precision="month"),
}


@pytest.mark.parametrize("each", PEOPLE.values(), ids=PEOPLE)
def test_every_placeholder_is_filled_for_everybody(each):
    everything = "".join(f"[{{{name}}}]" for name in PLACEHOLDERS[each.kind])
    for text in (SHIPPED[each.kind], check_text(each.kind, everything)):
        said = rendered(text, each)
        assert not re.search(r"[{}\uff5b\uff5d]|None", said)
        assert each.signed in said
    empty = rendered(everything, each).count("[]")
    assert empty == (each.person.joined_on is None and each.years is not None)


@pytest.mark.parametrize(
    ("each", "kind", "words"),
    [
        ("on probation, the day of joining", Kind.JOINED, "2009 年 11 月 6 日，您光荣加入中国共产党"),
        ("on probation, a year later", Kind.POLITICAL, "入党 1 周年"),
        ("of 50 years", Kind.FIFTY, "入党 50 周年"),
        ("joined in some month", Kind.POLITICAL, "2026 年 11 月"),
        ("joined on 29 February", Kind.POLITICAL, "2026 年 2 月 28 日"),
        ("on the birthday", Kind.NATURAL, "2026 年 5 月 1 日"),
    ],
)
def test_the_words_follow_from_how_exactly_the_day_is_known(each, kind, words):
    assert PEOPLE[each].kind == kind
    assert words in rendered(SHIPPED[kind], PEOPLE[each])


def test_of_a_birth_no_year_is_told():
    assert "1980" not in rendered(
        "".join(f"{{{name}}}" for name in PLACEHOLDERS[Kind.NATURAL]), PEOPLE["on the birthday"]
    )


@pytest.mark.django_db
def test_the_nearest_text_upward_holds(cast):
    for place, text in ((cast.committee, "委 {姓名}"), (cast.branch, "支 {姓名}")):
        write_text(by=None, organisation=place, kind="political", text=text, today=TODAY)
    places = [each.pk for each in (cast.branch, cast.sibling, cast.other_branch)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        held = texts_for(places, TODAY)
    assert len(queries) == 2
    said = [(held[place, "political"].text, held[place, "political"].of) for place in places]
    assert said == [("支 {姓名}", cast.branch), ("委 {姓名}", cast.committee), (SHIPPED["political"], None)]
    assert held[cast.branch.pk, "natural"].of is None
    write_text(by=account(cast.secretary), organisation=cast.branch, kind="political", text="新 {姓名}", today=TODAY)
    assert GreetingText.objects.count() == 2
    drop_text(by=None, organisation=cast.branch, kind="political")
    assert texts_for(places, TODAY)[cast.branch.pk, "political"].of == cast.committee
    with pytest.raises(ValidationError, match="这里没有自己的文案"):
        drop_text(by=None, organisation=cast.branch, kind="political")
    assert AuditRow.objects.filter(subject__startswith="greeting_text:").count() == 4


@pytest.mark.django_db
def test_a_secretary_writes_the_words_of_the_branch(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    url = f"/birthdays/texts/{cast.branch.pk}/political/"
    assert "{年数}" in browser.get(url).content.decode()
    refused = browser.post(url, {"text": "{职务}同志"})
    assert refused.status_code == 422
    assert "“{职务}”不是这里能用的占位" in refused.content.decode()
    assert "{职务}同志" in refused.content.decode()
    page = browser.post(url, {"text": "{称呼}，祝贺。"}, follow=True).content.decode()
    assert "文案已保存。" in page
    assert "本组织写的" in page
    card = browser.get(f"/birthdays/{cast.commissioner.pk}/2026/").content.decode()
    assert "张伟同志，祝贺。" in card
    assert "改回上级的或通用的文案" in browser.post(url, {"drop": "1"}, follow=True).content.decode()
    assert browser.get(f"/birthdays/texts/{cast.general.pk}/political/").status_code == 404
    assert browser.get(f"/birthdays/texts/{cast.branch.pk}/nothing/").status_code == 404
    commissioner = sign_in(account(cast.commissioner))
    assert commissioner.get(url).status_code == 403

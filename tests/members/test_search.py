"""Finding people: by part of the name, by how it sounds, by the end of the identity number; only in scope."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pypinyin.constants import PINYIN_DICT

from base.models import AuditRow
from duties.board.roster import HITS, search
from members.derived import NameKey
from members.enums import Standing
from members.models import Membership, Person
from members.pinyin import COMPOUND, GIVEN, KEY_LENGTH, SURNAMES, keys_of
from members.search import after_all, asks_for_number, sound, written
from tests.world import account, member, person

DAY = date(2026, 11, 23)


# How names sound

READ = [
    ("张三", "zs zhangsan"), ("尉迟恭", "ycg yuchigong"), ("万俟无双", "mqws moqiwushuang"),
    ("长孙无忌", "zswj zhangsunwuji"), ("欧阳修", "oyx ouyangxiu"), ("任长霞", "rcx renchangxia"),
    ("华罗庚", "hlg hualuogeng"), ("宁静", "nj ningjing"), ("曾国藩", "zgf zengguofan"), ("单雄信", "sxx shanxiongxin"),
    ("解放", "xf xiefang"), ("仇英", "qy qiuying"), ("区文", "ow ouwen"), ("查良镛", "zly zhaliangyong"),
    ("盖叫天", "gjt gejiaotian"), ("朴树", "ps piaoshu"), ("乐毅", "yy yueyi"), ("翟志刚", "zzg zhaizhigang"),
    ("缪斌", "mb miaobin"), ("员丽", "yl yunli"), ("繁钦", "pq poqin"), ("秘书", "bs bishu"),
    ("种师道", "csd chongshidao"),
    ("折可适", "sks shekeshi"), ("召平", "sp shaoping"), ("黑伟", "hw hewei"), ("么红", "yh yaohong"),
    ("洗星海", "xxh xianxinghai"), ("句践", "gj goujian"), ("吕布", "lb lvbu"), ("澹台灭明", "ttmm tantaimieming"),
    ("单于明", "cym chanyuming"), ("于娜", "yn yuna"), ("于娜", "yn yunuo"), ("李晟", "ls lisheng"),
    ("买买提·吐尔逊", "mmttex maimaitituerxun"), ("王伟（女）", "ww wangwei"),
    ("李𠮷", "l li"), ("John Smith", "js johnsmith"),
    ("JOHN SMITH", "js smith"), ("李John", "lj john"), ("章略", "zl zhanglue"), ("Müller", "m mvller"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "keys"), READ)
def test_a_name_sounds_as_people_say_it(name, keys):
    assert set(keys.split()) <= keys_of(name)


@pytest.mark.parametrize("surname", "曾单解仇区查盖朴乐翟缪员繁秘种折召黑么洗句")
def test_a_surname_is_found_by_its_own_reading_and_by_the_plain_one(surname):
    readings = {key.removesuffix("ming") for key in keys_of(f"{surname}明") if key.endswith("ming")}
    assert SURNAMES[surname] in readings
    assert len(readings) == 2


def test_the_tables_hold_nothing_that_plain_reading_knows():
    plain = {each: keys_of(f"王{each}") for table in (SURNAMES, GIVEN) for each in table}
    idle = [each for each, sounds in SURNAMES.items() if keys_of(f"{each}明") == {f"{s}ming" for s in sounds.split()}]
    assert idle == []
    assert all(len(keys) >= 2 for keys in plain.values())
    assert all(len(each) == 2 for each in COMPOUND)


def test_every_character_sounds_in_small_letters_only():
    for code in PINYIN_DICT:
        assert all(key.isascii() and key.isalpha() and key.islower() for key in keys_of(chr(code))), chr(code)


@pytest.mark.parametrize("name", ["", " ", "·", "（女）", "𠮷", "1234", "١٢"])
def test_what_has_no_sound_has_no_key(name):
    assert keys_of(name) == set()


def test_a_long_name_is_cut_and_many_readings_are_few_keys():
    assert max(map(len, keys_of("乐" * 60))) == KEY_LENGTH
    assert len(keys_of("乐" * 60)) <= 16


# What was typed

TYPED = [
    ("wjg", "wjg"), ("WJG", "wjg"), ("ＷＪＧ", "wjg"), (" w j g ", "wjg"), ("wang jian-guo", "wangjianguo"),
    ("wáng jiànguó", "wangjianguo"), ("Lǚ Bù", "lvbu"), ("lü", "lv"), ("xi'an", "xian"), ("王jg", ""),
    ("建国", ""), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("q", "letters"), TYPED)
def test_letters_are_typed_in_many_ways(q, letters):
    assert sound(q) == letters


@pytest.mark.parametrize("q", ["1234", "123X", "１２３４", "12 34", "王1234", "11010119900307123x", "201X"])
def test_a_number_is_known_for_one(q):
    assert asks_for_number(q)


@pytest.mark.parametrize("q", ["", "12", "x", "XXXX", "王", "wjg", "一二三四"])
def test_a_name_is_no_number(q):
    assert not asks_for_number(q)


def test_characters_are_sought_without_spaces_and_foreign_names_with_single_ones():
    assert written(" 王 建\u3000国\0 ") == "王建国"
    assert written(" John   Smith") == "John Smith"
    assert written("王\u200b建\u202e国\ufeff") == "王建国"


@given(st.text("abyz", min_size=1, max_size=5), st.text("abyz", max_size=5))
def test_a_range_of_keys_is_what_begins_so(word, key):
    end = after_all(word)
    assert (key >= word and (end is None or key < end)) == key.startswith(word)


# Whom it finds

CHARACTERS = "王李张曾单解区乐吕欧阳万俟建国伟娜晟略𠮷㛃"
NAMES = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=4),
    st.sampled_from(["John Smith", "买买提·吐尔逊", "李John", "100%_王\\"]),
)


class Property(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(NAMES, min_size=1, max_size=6), st.data())
    def test_a_name_is_found_by_each_of_its_parts_and_sounds_and_by_nothing_else(self, names, data):
        people = Person.objects.bulk_create([Person(name=name) for name in names])
        NameKey.objects.keep(people, new=True)
        name = data.draw(st.sampled_from(names))
        start = data.draw(st.integers(0, len(name) - 1))
        part = name[start : data.draw(st.integers(start + 1, len(name)))]
        if not sound(part) and part.strip() == part:
            found = set(Person.objects.matching(part).values_list("name", flat=True))
            assert found == {each for each in names if part in each}
        for key in keys_of(name):
            word = key[: data.draw(st.integers(1, len(key)))]
            found = set(Person.objects.matching(word).values_list("name", flat=True))
            assert found == {each for each in names if any(other.startswith(word) for other in keys_of(each))}


def names(people) -> list[str]:
    return [hit.person.name for hit in people]


def test_the_whole_name_comes_first_then_what_begins_so_then_the_rest(cast):
    for name in ("陈建国", "建国", "建国强", "周建国"):
        member(name, cast.sibling)
    everyone = Membership.objects.on(DAY)
    assert names(search(everyone, "建国")) == ["建国", "建国强", "李建国", "陈建国", "周建国"]
    assert names(search(everyone, "jg")) == ["建国", "建国强"]
    assert names(search(everyone, "LJG")) == ["李建国"]


def test_a_picker_shows_eight_at_most_each_once_and_only_the_living(cast):
    for number in range(HITS + 3):
        member(f"李建{'一二三四五六七八九十百'[number]}", cast.branch)
    member("李建", cast.other_branch, standing=Standing.DEAD)
    for q in ("李建", "lj", "建"):
        hits = search(Membership.objects.on(DAY), q)
        assert len({hit.pk for hit in hits}) == HITS
        assert Standing.DEAD not in {hit.standing for hit in hits}


def test_nothing_and_a_number_find_nobody(cast):
    for q in ("", "  ", "\0", "·", "1234", "%", "_"):
        assert list(Person.objects.matching(q)) == [], q


def test_a_new_name_is_found_and_the_old_one_no_more(cast):
    cast.li.name = "曾强"
    cast.li.save(update_fields=["name"])
    assert [list(Person.objects.matching(q)) for q in ("zengq", "cengq", "ljg")] == [[cast.li], [cast.li], []]


def test_a_hundred_names_are_kept_in_few_statements(db, django_assert_max_num_queries):
    people = Person.objects.bulk_create([Person(name=f"王{each}") for each in CHARACTERS * 5])
    with django_assert_max_num_queries(3):
        NameKey.objects.keep(people)
    assert NameKey.objects.values("person").distinct().count() == len(people)


# Pages


def page(client, name, **query) -> str:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("q", ["沈岳", "沈", "sy", "shenyue"])
@pytest.mark.parametrize("name", ["members", "member_search", "talks", "visits"])
def test_who_lies_outside_the_scope_is_found_by_no_way_of_typing(cast, sign_in, name, q):
    said = page(sign_in(account(cast.clerk)), name, q=q)
    assert "沈岳</b>" not in said
    assert cast.other_branch.name not in said
    assert "沈岳</b>" in page(sign_in(account(cast.outsider)), "members", q=q)


@pytest.mark.parametrize("name", ["members", "talks", "visits"])
def test_a_number_typed_where_a_name_belongs_is_refused_and_comes_back_nowhere(cast, sign_in, name):
    client = sign_in(account(cast.clerk))
    before = AuditRow.objects.filter(act=AuditRow.Act.SEARCH).count()
    said = page(client, name, q="110101199003071233")
    assert "号码不在这里查" in said
    assert "19900307" not in said
    assert reverse("member_by_number") in said
    assert AuditRow.objects.filter(act=AuditRow.Act.SEARCH).count() == before


def test_the_picker_refuses_a_number_too(cast, sign_in):
    said = page(sign_in(account(cast.secretary)), "member_search", q="1233")
    assert "号码不在这里查" in said
    assert "1233" not in said.replace("data-", "").split("<main")[1].split('name="q"')[0]


# By the end of the number

NUMBER = "11010119900307123X"


@pytest.fixture
def numbered(cast):
    cast.li.id_number = NUMBER
    cast.li.save()
    for other, number in ((cast.sun, "22010119900307123X"), (cast.outsider, "33010119900307123X")):
        other.id_number = number
        other.save()
    return cast


@pytest.mark.parametrize(
    ("ending", "found"),
    [
        ("123X", {"李建国", "孙德福"}), ("123x", {"李建国", "孙德福"}), ("１２３Ｘ", {"李建国", "孙德福"}),
        ("07 123X", {"李建国", "孙德福"}), (NUMBER, {"李建国"}), ("1233", set()), ("08123X", set()),
    ],
)  # fmt: skip
def test_members_are_found_by_the_end_of_the_number(numbered, sign_in, ending, found):
    client = sign_in(account(numbered.clerk))
    answer = client.post(reverse("member_by_number"), {"number": ending})
    assert answer.status_code == 200
    assert {stay.person.name for stay in answer.context["found"]} == found
    assert answer.headers["Cache-Control"] == "no-store"
    row = AuditRow.objects.filter(act=AuditRow.Act.SEARCH).latest("pk")
    assert (row.subject, row.detail["found"]) == ("members", len(found))
    for kept in (answer.content.decode(), str(row.detail), row.reason):
        assert ending not in kept
        assert "123X" not in kept


@pytest.mark.parametrize("ending", ["", "123", "12X4", "abcd", "1" * 19, "王1234"])
def test_what_ends_no_number_is_refused_without_repeating_it(numbered, sign_in, ending):
    answer = sign_in(account(numbered.clerk)).post(reverse("member_by_number"), {"number": ending})
    assert answer.status_code == 422
    assert answer.context["found"] is None


def test_the_address_finds_nobody_by_a_number(numbered, sign_in):
    answer = sign_in(account(numbered.clerk)).get(reverse("member_by_number"), {"number": "123X"})
    assert answer.context["found"] is None


def test_only_numbers_that_end_alike_are_opened(numbered, sign_in, django_assert_max_num_queries):
    client = sign_in(account(numbered.clerk))
    client.get(reverse("member_by_number"))
    with django_assert_max_num_queries(14):
        client.post(reverse("member_by_number"), {"number": "123X"})


# The index


@pytest.mark.postgresql
def test_two_characters_among_a_hundred_thousand_names_are_found_by_the_index(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_person (name, sex, ethnicity, birth_precision, education, job, joined_precision,"
            " full_precision, seniority_months, floating, floating_to, id_number, phone, landline, address)"
            " SELECT chr(19968 + n % 97) || chr(20500 + n % 211) || chr(21000 + n % 389), '', '', 'day', '', '', 'day',"
            " 'day', 0, false, '', '', '', '', '' FROM generate_series(1, 100000) AS n"
        )
        cursor.execute("ANALYZE members_person")
    person("建国")
    q = chr(20500 + 7) + chr(21000 + 7)
    rows = Person.objects.matching(q)
    plan = rows.explain()
    assert "person_name_parts" in plan
    assert "Seq Scan" not in plan
    assert set(rows.values_list("pk")) == set(Person.objects.filter(name__contains=q).values_list("pk"))
    assert rows.exists()

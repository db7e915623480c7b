"""The regulations that come with the product say what the seeds say; a wrong file is refused with its place."""

import json
import tomllib
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from base.money import Source
from duties.policy.packs import pack_codes, read_pack
from fund.management.commands.check_regulation import Command
from fund.regulation.files import (
    FOLDER,
    RegulationRefused,
    parse_regulation,
    read_file,
    read_regulation,
    regulation_codes,
)  # fmt: skip
from fund.regulation.schema import Basis, Part, Regulation, Standard
from fund.regulation.words import Body, DayCount, Fraction, StepKind
from members.enums import CategoryKind, OrganisationKind

COMMITTEE, GENERAL, BRANCH = OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, OrganisationKind.BRANCH
TEXT = (FOLDER / "default.toml").read_text(encoding="utf-8")


def parts_of(model):
    """Every part of a regulation, at any depth."""
    for _name, value in model:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Part):
                yield each
                yield from parts_of(each)


@pytest.mark.parametrize("code", regulation_codes())
def test_every_part_says_where_it_stands_and_who_set_its_numbers(code):
    found = read_regulation(code)
    parts = list(parts_of(found))
    assert len(parts) > 15
    for part in parts:
        assert all(isinstance(each, Basis) and each.number and each.article and each.gist for each in part.basis)
        unsettled = part.basis[0].number == "本单位资金管理办法"
        assert not unsettled or set(part.set_by.values()) <= {"organisation"}, part
    assert {each.of for each in found.standards} == {each.code for each in found.classes}


def test_the_default_walks_the_steps_of_the_card():
    found = read_regulation("default")
    assert [step.title for step in found.steps] == [
        "支部审核", "总支审核", "组织部复核", "集体研究", "公示", "发放", "签收", "回访",
    ]  # fmt: skip
    notice = next(step.notice for step in found.steps if step.kind == StepKind.NOTICE)
    assert (notice.days, notice.count, notice.level, notice.own_numbers) == (5, DayCount.WORKING, COMMITTEE, ["days"])


def test_what_is_cited_is_a_document_of_the_packs():
    packs = [read_pack(code).policy for code in pack_codes()]
    known = {pack.number or pack.title for pack in packs} | {"本单位资金管理办法", "中组发〔2008〕3号"}
    cited = {
        each.number for code in regulation_codes() for part in parts_of(read_regulation(code)) for each in part.basis
    }
    assert cited - known == set()


SOURCES = {
    "henan-water-2020": {Source.DUES, Source.MEMBERS, Source.ORGANISATIONS},
    "xinxiang-college-2020": {Source.DUES, Source.SPECIAL, Source.FISCAL, Source.MEMBERS, Source.ORGANISATIONS},
    "sichuan-arts-science-2020": {Source.SPECIAL, Source.FISCAL},
    "seven-articles": {Source.FISCAL, Source.ABOVE, Source.MEMBERS},
    "school-three": {Source.FISCAL, Source.DUES, Source.ORGANISATIONS},
    "county-proposals": {Source.DUES, Source.FISCAL, Source.ORGANISATIONS, Source.MEMBERS},
    "urban-management": {Source.DUES, Source.FISCAL, Source.ORGANISATIONS, Source.MEMBERS},
}


@pytest.mark.parametrize(("code", "sources"), SOURCES.items())
def test_institutions_differ_in_sources(code, sources):
    assert set(read_regulation(code).fund.sources) == sources


@pytest.mark.parametrize(
    ("code", "levels", "classes", "body"),
    [
        ("henan-water-2020", [COMMITTEE], 4, Body.COMMITTEE),
        ("xinxiang-college-2020", [COMMITTEE], 3, Body.DEPARTMENT),
        ("sichuan-arts-science-2020", [COMMITTEE, GENERAL, BRANCH], 2, Body.COMMITTEE),
        ("seven-articles", [COMMITTEE], 1, Body.COMMITTEE),
        ("hospital", [COMMITTEE], 4, Body.COMMITTEE),
        ("school-three", [COMMITTEE], 2, Body.COMMITTEE),
        ("county-proposals", [COMMITTEE], 2, Body.DEPARTMENT),
        ("urban-management", [COMMITTEE, GENERAL], 6, Body.COMMITTEE),
    ],
)
def test_institutions_differ_in_level_beneficiaries_and_deciding_body(code, levels, classes, body):
    found = read_regulation(code)
    assert (found.fund.established_at, len(found.classes), found.bands[-1].body) == (levels, classes, body)


def test_institutions_differ_in_what_else():
    assert read_regulation("sichuan-arts-science-2020").fund.is_budget
    assert "incentive" in read_regulation("school-three").fund.purposes
    gifts = {code: [each.force for each in read_regulation(code).gifts] for code in regulation_codes()}
    assert gifts["sichuan-arts-science-2020"] == ["一般应"]
    assert gifts["henan-water-2020"] == gifts["xinxiang-college-2020"] == ["可以"]
    assert [each.percent for each in read_regulation("urban-management").shares.portions] == [30, 70]
    veteran = read_regulation("county-proposals").classes[1]
    assert (veteran.party_years, veteran.set_by) == (30, {"party_years": "clause"})
    assert all(each.fen is None and each.lowest is None for each in read_regulation("hospital").standards)
    school = read_regulation("seven-articles")
    assert [step.code for step in school.steps if step.kind == StepKind.NOTICE] == ["branch-notice", "notice"]
    assert [each.quorum for each in school.votings if each.body == Body.COMMITTEE] == [Fraction.TWO_THIRDS]
    assert CategoryKind.DISCIPLINED not in {kind for each in school.classes for kind in each.kinds}


def test_the_guide_names_every_file_and_every_section():
    guide = (settings.BASE_DIR / "docs/regulations.md").read_text(encoding="utf-8")
    assert [code for code in regulation_codes() if f"| `{code}` |" not in guide] == []
    for name, each in Regulation.model_fields.items():
        assert f"| `[{name}]` |" in guide or f"| `[[{each.alias}]]` |" in guide, name
    example = tomllib.loads(guide.split("```toml")[1].split("```")[0])
    Standard.model_validate(example["standard"][0] | {"basis": example["common"]["rule"]})


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def cut(begins: str) -> str:
    """The text without one table, from ``begins`` to the next."""
    start = TEXT.index(begins)
    return TEXT[:start] + TEXT[TEXT.index("\n[", start + 1) + 1 :]


WRONG = {
    "not TOML": ("[regulation", "不是合格的 TOML"),
    "a word too much": (changed("months = 12", "months = 12\nmonth = 1"), "look_back / month：没有这一项"),
    "a sum of nothing": (changed("lowest = 100000", "lowest = 0"), "标准 bereaved / lowest：不能小于 1"),
    "part of a fen": (changed("lowest = 100000", "lowest = 100000.5"), "标准 bereaved / lowest：要写整数"),
    "upside down": (changed("lowest = 100000", "lowest = 900000"), "lowest 不能大于 highest"),
    "nobody said who set it": (changed('set_by = { lowest = "organisation", ', "set_by = { "), "出自条文还是本单位"),
    "no basis": (changed('basis = "@own"\n', ""), "basis：缺这一项"),
    "an unknown name": (changed('basis = "@own"', 'basis = "@none"'), "用到了 @none"),
    "a standard of nobody": (changed('of = "bereaved"', 'of = "nobody"'), "标准 nobody 没有对应的帮扶类别"),
    "two standards at once": (changed('of = "injured"', 'of = "bereaved"'), "标准 bereaved 的起止时间重叠"),
    "no decision": (cut('[[step]]\ncode = "decision"'), "“集体研究”步骤要有一个"),
    "no notice": (cut('[[step]]\ncode = "notice"'), "公示要有"),
    "pay twice": (changed('kind = "return_visit"', 'kind = "payment"'), "“发放”步骤要有一个，也只能有一个"),
    "apart from what comes later": (
        changed('apart_from = ["branch-review"]', 'apart_from = ["payment"]'), "apart_from 里不是它前面的步骤：payment",
    ),
    "an unknown step": (changed('by = ["cashier"]', 'by = ["teller"]'), "步骤 payment / by / 0：只能是"),
    "no day at all": (changed("notice = { days = 5", "notice = { days = 0"), "notice / days：不能小于 1"),
    "half is no majority": (changed('majority = "over_half"', 'majority = "half"'), "赞成刚好一半不算通过"),
    "a body that cannot vote": (changed('body = "committee"\nbasis', 'body = "leading_group"\nbasis'), "leading_group"),
    "bands without end": (cut('[[band]]\nbody = "committee"'), "最后一个不写 up_to"),
    "urgent money undecided": (
        changed('"decision", "payment", "receipt", "notice"', '"payment", "decision", "receipt", "notice"'),
        "紧急情况也要先集体研究",
    ),
    "urgent and never shown": (changed('"receipt", "notice", "return-visit"', '"receipt"'), "紧急情况也要公示"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_with_its_place(text, said):
    with pytest.raises(RegulationRefused) as refused:
        parse_regulation(text, "我们的.toml")
    assert str(refused.value).startswith("资金管理办法 我们的.toml 不")
    assert said in str(refused.value)


def test_shares_add_up_to_the_whole():
    text = (FOLDER / "urban-management.toml").read_text(encoding="utf-8")
    with pytest.raises(RegulationRefused, match="合计要等于 100"):
        parse_regulation(text.replace("percent = 30", "percent = 31"), "分担.toml")
    with pytest.raises(RegulationRefused, match="从下到上写"):
        parse_regulation(text.replace('level = "committee"', 'level = "branch"'), "分担.toml")


def test_files_are_checked_from_the_command_line(tmp_path):
    good, bad, taken = tmp_path / "好.toml", tmp_path / "坏.toml", tmp_path / "同名.toml"
    good.write_text(TEXT.replace('code = "default"', 'code = "ours"', 1), encoding="utf-8")
    bad.write_text("[regulation]\n", encoding="utf-8")
    taken.write_text(TEXT, encoding="utf-8")
    out = StringIO()
    call_command(Command(), str(good), as_json=True, stdout=out)
    assert json.loads(out.getvalue())[0]["usable"] is True
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(Command(), str(good), str(bad), str(taken), stdout=out)
    assert ended.value.code == 2
    assert "好.toml 可以用：党内关怀帮扶资金管理办法（通用），5 个类别" in out.getvalue()
    assert "坏.toml 不能用" in out.getvalue()
    assert "编号 default 是系统自带资金管理办法的" in out.getvalue()
    with pytest.raises(RegulationRefused, match="没有名为 nothing"):
        read_regulation("nothing")
    (tmp_path / "gbk.toml").write_bytes("办法".encode("gbk"))
    with pytest.raises(RegulationRefused, match="UTF-8"):
        read_file(tmp_path / "gbk.toml")

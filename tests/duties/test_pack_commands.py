"""Packs on the command line: checked without a trace, loaded without a second effect, refused with a sentence."""

import json

import pytest
from django.core.management import call_command
from django.db import OperationalError

from duties.management.commands import check_pack
from duties.policy import packs
from duties.policy.models import Clause, Policy, Rule
from duties.policy.packs import FOLDER, load_pack, parse_pack
from tests.duties.test_coverage import TEXT

pytestmark = pytest.mark.django_db
NEARER = TEXT.replace('force = "应当"', 'force = "应当"\nreplaces = "henan-water-2020/yearly-talk"').replace(
    'standings = ["full"]', 'standings = ["full", "probationary"]'
)
SEMESTERS = 'per = "semester", semesters = [["03-01", "07-15"], ["09-01", "01-20"]], counted_per'


@pytest.fixture
def write(tmp_path):
    """A pack of an office in a file."""

    def written(text=TEXT, *changes, name="office.toml"):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return written


@pytest.fixture
def shipped(tmp_path_factory, monkeypatch):
    """The product with one small pack only."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "town-2020.toml").write_text(TEXT.replace("office-2026", "town-2020"), encoding="utf-8")
    monkeypatch.setattr(packs.SHELF, "folder", folder)
    return folder


@pytest.fixture
def said(capsys):
    def run(*arguments):
        """Run a command with ``--json``: its exit code and its document."""
        code = 0
        try:
            call_command(*arguments, "--json")
        except SystemExit as stopped:
            code = stopped.code
        return code, json.loads(capsys.readouterr().out)

    return run


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Policy, Clause, Rule)]


# check_pack


def test_a_pack_that_fits_is_usable_and_nothing_is_written(write, said):
    code, [document] = said("check_pack", write())
    assert (code, document["pack"], document["usable"], document["rules"]) == (0, "office-2026", True, 1)
    assert document["faults"] == document["warnings"] == []
    assert everything() == [[], [], []]


def test_mechanisms_without_an_answer_are_only_warned_of(write, said):
    code, [document] = said("check_pack", write(TEXT, ('["psychology"]', "[]")))
    assert (code, document["usable"]) == (0, True)
    assert document["warnings"] == ["条款 1 的机制 M25（心理疏导与干预）没有规则，也没有写由什么落实"]


def test_several_files_are_checked_each_by_itself(write, said):
    good, bad = write(), write(TEXT, ("office-2026", "other-2026"), ("times = 1", "times = 0"), name="bad.toml")
    code, documents = said("check_pack", good, bad)
    assert code == 2
    assert [(each["file"], each["usable"]) for each in documents] == [(good, True), (bad, False)]
    assert "bad.toml" in documents[1]["faults"][0]
    assert "规则 yearly-talk / trigger / quota / times：不能小于 1" in documents[1]["faults"][0]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "quota", times = 1, per = "year", counted_per = "member"',
         'kind = "event", events = ["wedding"], within_days = 3', "规则 yearly-talk / trigger / event / events / 0"),
        ('clause = "1"', 'clause = "9"', "规则 yearly-talk 引用的条款 9 不在本制度中"),
        ('per = "year", counted_per', SEMESTERS.replace("07-15", "09-01"), "学期重叠：09-01 至 01-20"),
        ('per = "year", counted_per', SEMESTERS.replace("01-20", "03-01"), "学期重叠"),
        ('per = "year", counted_per', SEMESTERS.replace("03-01", "02-30"), "没有 02-30 这一天"),
        ('kind = "quota", times = 1, per = "year", counted_per = "member"',
         'kind = "occasion", occasion = "spring", opens_days_before = 3, due_days_before = 5', "到期日在开始日之前"),
        ('mechanism = "M15"', 'mechanism = "M14"', "机制 M14 不在条款 1 的 mechanisms 里"),
        ("M25 = [", "M26 = [", "条款 1：answers 里有 mechanisms 没有列出的机制：M26"),
        ('force = "应当"', 'force = "应当"\nreplaces = "nobody-2020/nothing"',
         "规则 office-2026/yearly-talk 要代替 nobody-2020/nothing，但没有这条规则"),
        ('title = "年度谈心谈话"', f'title = "{"谈" * 61}"', "规则 yearly-talk / title：最多 60 字"),
        ('issuer = "试验党委"', 'issuer = "试验党委"\nissued_on = "去年"', "要写成日期"),
        ("[[rule]]", "[rule]", "rule：要写成一列"),
        ('mechanisms = ["M15", "M25"]', 'mechanisms = "M15"', "条款 1 / mechanisms：要写成一列"),
        ('responsible = { role = "secretary" }', 'responsible = "书记"', "规则 yearly-talk / responsible：要写成一组"),
        ("[policy]", "common = 3\n[policy]", "[common] 要写成一节"),
        ("\n[policy]", 'rule = [3]\n[policy]', "规则 0：要写成一组"),
    ],
)  # fmt: skip
def test_a_bad_pack_is_refused_with_file_rule_and_sentence(write, said, old, new, sentence):
    code, [document] = said("check_pack", write(TEXT.partition("[[rule]]")[0] if "[3]" in new else TEXT, (old, new)))
    assert code == 2
    assert any(sentence in fault for fault in document["faults"]), document["faults"]


def test_semesters_that_only_touch_are_fine():
    text = TEXT.replace('per = "year", counted_per', SEMESTERS.replace("07-15", "08-31").replace("01-20", "02-28"))
    assert len(parse_pack(text, "x").rules[0].trigger.semesters) == 2


def test_what_is_no_text_is_refused(tmp_path, said):
    (tmp_path / "x.toml").write_bytes("[policy]\ntitle = '试验'".encode("gb18030"))
    code, [document] = said("check_pack", str(tmp_path / "x.toml"))
    assert code == 2
    assert "不是 UTF-8 文字文件" in document["faults"][0]


def test_a_file_that_is_not_there_fails(tmp_path, said):
    code, document = said("check_pack", str(tmp_path / "nowhere.toml"))
    assert code == 1
    assert "没有这个文件" in document["error"]


def test_an_office_does_not_take_the_code_of_a_pack_of_the_product(write, said):
    code, [document] = said("check_pack", write(TEXT, ("office-2026", "henan-water-2020")))
    assert code == 2
    assert "henan-water-2020 是系统自带制度包的" in document["faults"][0]
    code, _ = said("check_pack", str(FOLDER / "henan-water-2020.toml"))
    assert code == 0


def test_a_rule_that_asks_less_than_the_one_it_replaces_is_refused_before_anything_is_loaded(write, said):
    code, [document] = said("check_pack", write(NEARER))
    assert (code, document["faults"]) == (0, [])
    code, [document] = said("check_pack", write(NEARER, ('force = "应当"', 'force = "可以"')))
    assert code == 2
    assert "约束力更弱" in document["faults"][0]


def test_a_rule_asked_less_of_than_one_that_is_loaded_names_it_is_refused_too(write, said):
    farther = TEXT.replace("office-2026", "farther-2026").replace("times = 1", "times = 2")
    nearer = NEARER.replace("henan-water-2020/", "farther-2026/").replace("times = 1", "times = 2")
    said("load_packs", write(farther, name="far.toml"), write(nearer))
    code, [document] = said("check_pack", write(farther.replace("times = 2", "times = 3"), name="far.toml"))
    assert code == 2
    assert "次数或数量更少" in document["faults"][0]


def test_a_pack_may_name_a_rule_of_a_file_beside_it(write, said):
    beside = write(TEXT.replace("office-2026", "farther-2026"), name="far.toml")
    nearer = write(NEARER.replace("henan-water-2020/", "farther-2026/"))
    assert said("check_pack", nearer)[0] == 2
    assert said("check_pack", nearer, beside)[0] == 0
    code, document = said("load_packs", nearer, beside)
    assert (code, [each["pack"] for each in document["packs"]]) == (0, ["office-2026", "farther-2026"])


def test_without_a_database_a_pack_is_checked_against_those_of_the_product(write, capsys, monkeypatch):
    def nothing_there():
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(check_pack, "loaded_rules", nothing_there)
    call_command("check_pack", write(NEARER))
    text = capsys.readouterr().out
    assert "没有可用的数据库，只与系统自带的制度包比对。" in text
    assert "可以用：试验关怀办法，2 条条款，1 条规则。" in text


# load_packs


def test_all_packs_of_the_product_are_loaded_and_twice_changes_nothing(shipped, said):
    code, first = said("load_packs")
    assert (code, first["refused"]) == (0, [])
    [loaded] = first["packs"]
    assert (loaded["pack"], loaded["fresh"], len(loaded["added"])) == ("town-2020", True, 1)
    before = everything()
    code, second = said("load_packs")
    [loaded] = second["packs"]
    assert code == 0
    assert [loaded[name] for name in ("fresh", "reworded", "added", "changed", "left")] == [False, False, [], [], []]
    assert everything() == before


def test_loading_says_what_changed(write, said, capsys):
    said("load_packs", write())
    changed = (
        ("times = 1", "times = 2"), ("关心身心健康", "关心健康"),
        ('[[rule]]\ncode = "yearly-talk"', '[[rule]]\ncode = "talk"'),
    )  # fmt: skip
    code, document = said("load_packs", write(TEXT, *changed[:2]))
    [loaded] = document["packs"]
    assert (code, loaded["changed"], loaded["reworded"]) == (0, ["yearly-talk"], True)
    assert Rule.objects.get(code="yearly-talk").version == 2
    call_command("load_packs", write(TEXT, *changed))
    said_so = capsys.readouterr().out
    assert "office-2026 试验关怀办法：新增规则 talk；文件里已没有规则 yearly-talk，库里原样保留" in said_so
    assert set(Rule.objects.values_list("code", flat=True)) == {"talk", "yearly-talk"}
    call_command("load_packs", write())
    assert "文件里已没有规则 talk" in capsys.readouterr().out


def test_people_read_that_nothing_changed(write, capsys):
    call_command("load_packs", write())
    assert "office-2026 试验关怀办法：新装入，1 条规则。" in capsys.readouterr().out
    call_command("load_packs", write())
    assert "office-2026 试验关怀办法：没有变化。" in capsys.readouterr().out


def test_of_several_files_the_bad_one_is_refused_and_nothing_of_it_is_left(write, said):
    weaker = NEARER.replace("office-2026", "weaker-2026").replace('"应当"', '"一般应"')
    load_pack("henan-water-2020")
    code, document = said("load_packs", write(), write(weaker, name="weaker.toml"))
    assert code == 2
    assert [each["pack"] for each in document["packs"]] == ["office-2026"]
    [refused] = document["refused"]
    assert refused["file"].endswith("weaker.toml")
    assert "规则 weaker-2026/yearly-talk 要代替 henan-water-2020/yearly-talk" in refused["sentence"]
    assert not Policy.objects.filter(code="weaker-2026").exists()


def test_a_faulty_pack_of_the_product_does_not_keep_the_others_out(shipped, said):
    (shipped / "faulty-2026.toml").write_text("[policy", encoding="utf-8")
    code, document = said("load_packs")
    assert code == 2
    assert [each["pack"] for each in document["packs"]] == ["town-2020"]
    assert document["refused"][0]["file"] == "faulty-2026"


def test_two_files_of_one_code_fail(write, said):
    code, document = said("load_packs", write(), write(name="again.toml"))
    assert code == 1
    assert "两个文件的编号都是 office-2026" in document["error"]
    assert everything() == [[], [], []]


def test_a_rule_that_replaces_one_nobody_has_is_refused_on_loading(write, said):
    code, document = said("load_packs", write(NEARER, ("henan-water-2020/yearly-talk", "henan-water-2020/weekly")))
    assert code == 2
    assert "但没有这条规则" in document["refused"][0]["sentence"]
    assert everything() == [[], [], []]


def test_an_office_adopts_its_own_pack_by_its_code(cast, write, said):
    code, document = said("adopt_policy", "01", "office-2026")
    assert code == 1
    assert "没有名为 office-2026 的制度包" in document["error"]
    said("load_packs", write())
    code, document = said("adopt_policy", "01", "office-2026")
    assert (code, document["rules"]) == (0, 1)


def test_a_pack_of_the_product_that_names_a_rule_not_loaded_yet_is_taken(shipped):
    nearer = NEARER.replace("henan-water-2020/", "town-2020/")
    (shipped / "office-2026.toml").write_text(nearer, encoding="utf-8")
    assert load_pack("office-2026").rules.count() == 1


# coverage_reference


def test_the_reference_is_written_and_then_no_longer_stale(shipped, said, settings, tmp_path):
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path
    code, document = said("coverage_reference", "--check")
    assert code == 1
    assert "docs/coverage.md is stale: run manage.py coverage_reference" in document["faults"]
    assert not (tmp_path / "docs" / "coverage.md").exists()
    code, document = said("coverage_reference")
    assert (code, document["packs"], document["rules"]) == (0, 1, 1)
    code, document = said("coverage_reference", "--check")
    assert not [fault for fault in document["faults"] if "stale" in fault]
    assert any("town-2020: named by no scenario test: yearly-talk" in each for each in document["faults"])
    assert "answer talks: its test tests/visits/test_talks.py is not there" in document["faults"]
    assert not [fault for fault in document["faults"] if "page talks " in fault]

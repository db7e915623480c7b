"""``verify_bundle``: a bundle that was touched in any way is found out, and each file of it named."""

import json
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.utils import timezone

from base import audit
from ledgers.bundle.archive import LONGEST, MANIFEST, Archive, safe_name
from ledgers.bundle.verifying import subject_of

pytestmark = pytest.mark.django_db
NUMBER = 123456789012
FILES = {"00 目录.xlsx": b"contents", "03 台账/01 谈心谈话台账.xlsx": b"talks", "99 缺项清单.xlsx": b"gaps"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"


@pytest.fixture
def bundle(tmp_path):
    """A small bundle on the disk that the audit knows."""
    path = tmp_path / "迎检包.zip"
    with path.open("wb") as file, Archive(file, timezone.localtime()) as archive:
        for name, data in FILES.items():
            folder, _, bare = name.rpartition("/")
            archive.add(folder, bare.removesuffix(".xlsx"), ".xlsx", lambda part, data=data: part.write(data))
        digest = archive.close(number=NUMBER)
    audit.write(audit.Act.EXPORT, subject_of(NUMBER), organisation=1)
    audit.write(audit.Act.EXPORT, subject_of(NUMBER), manifest=digest, files=3)
    return path


def run(path, capsys) -> tuple[int, dict | str]:
    """The exit code, and what was said: the document, or the sentences where there is none."""
    try:
        call_command("verify_bundle", str(path), as_json=True)
        code = 0
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(capsys.readouterr().out)


def rewritten(path, *, change=(), drop=(), add=(), manifest=lambda said: said) -> None:
    """Write the zip anew, as somebody would who touches it."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name not in drop}
    parts |= {name: b"forged" for name in (*change, *add)}
    text = parts.pop(MANIFEST, None)
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        if text is not None:
            archive.writestr(MANIFEST, json.dumps(manifest(json.loads(text)), ensure_ascii=False, indent=1))


def test_what_was_not_touched_holds(bundle, capsys):
    code, said = run(bundle, capsys)
    assert (code, said["holds"], said["origin"], said["files"]) == (0, True, "known", 3)
    rewritten(bundle)  # unpacked and packed again
    assert run(bundle, capsys)[0] == 0
    call_command("verify_bundle", str(bundle))
    assert "核验通过：3 个文件与清单一致，清单与系统留存的一致。" in capsys.readouterr().out


TALKS = "03 台账/01 谈心谈话台账.xlsx"


@pytest.mark.parametrize(
    ("touched", "found"),
    [
        ({"change": [TALKS]}, {"changed": [TALKS]}),
        ({"drop": [TALKS]}, {"missing": [TALKS]}),
        ({"add": ["04 资金申请/x.xlsx"]}, {"extra": ["04 资金申请/x.xlsx"]}),
        (
            {"change": [TALKS], "drop": ["99 缺项清单.xlsx"], "add": ["y.txt"]},
            {"changed": [TALKS], "missing": ["99 缺项清单.xlsx"], "extra": ["y.txt"]},
        ),
    ],
)
def test_each_file_that_differs_is_missing_or_too_many_is_named(bundle, capsys, touched, found):
    rewritten(bundle, **touched)
    code, said = run(bundle, capsys)
    assert (code, said["holds"]) == (1, False)
    assert {name: said[name] for name in ("changed", "missing", "extra") if said[name]} == found
    with pytest.raises(SystemExit):
        call_command("verify_bundle", str(bundle))
    text = capsys.readouterr().out
    assert all(name in text for names in found.values() for name in names)


def test_who_changes_a_file_and_its_digest_in_the_list_is_found_out_by_the_audit(bundle, capsys):
    def consistent(said):
        for each in said["files"]:
            if each["name"] == TALKS:
                each["sha256"] = "5a5b0f9b7d3f8fc84c3cef8fd8efaaa6c70d75ab0a1f1d3a4d5b5f2c2a2e9b3e"
        return said

    rewritten(bundle, manifest=consistent)
    code, said = run(bundle, capsys)
    assert (code, said["origin"], said["changed"]) == (1, "changed", [TALKS])
    rewritten(bundle, manifest=lambda said: {**said, "as_of": "2026-01-01"})
    assert run(bundle, capsys)[1]["origin"] == "changed"


def test_a_bundle_that_this_system_did_not_make_is_not_said_to_be_proved(bundle, capsys):
    rewritten(bundle, manifest=lambda said: {**said, "number": NUMBER + 1})
    code, said = run(bundle, capsys)
    assert (code, said["holds"], said["origin"]) == (2, False, "unknown")
    with pytest.raises(SystemExit):
        call_command("verify_bundle", str(bundle))
    assert "无法证明清单没有改过" in capsys.readouterr().out


def test_a_name_that_lies_there_twice_is_too_many(bundle, capsys):
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(bundle, "a") as archive:
        archive.writestr(TALKS, b"another")
    code, said = run(bundle, capsys)
    assert (code, said["extra"]) == (1, [TALKS])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "不是 zip 文件"),
        (lambda path: path.write_bytes(b""), "不是 zip 文件"),
        (lambda path: path.unlink(), "没有这个文件"),
        (lambda path: rewritten(path, drop=[MANIFEST]), "没有“校验清单.json”"),
        (lambda path: rewritten(path, manifest=lambda said: [said]), "读不懂"),
        (lambda path: rewritten(path, manifest=lambda said: {**said, "files": [{"name": 1}]}), "读不懂"),
        (lambda path: rewritten(path, manifest=lambda said: {**said, "number": "1; DROP"}), "读不懂"),
    ],
)
def test_what_is_no_bundle_is_said_in_one_sentence(bundle, capsys, spoil, said):
    spoil(bundle)
    code, answer = run(bundle, capsys)
    assert code == 1
    assert said in answer["error"]


def test_a_byte_turned_in_the_zip_is_found(bundle, capsys):
    data = bytearray(bundle.read_bytes())
    data[data.index(b"talks")] ^= 1
    bundle.write_bytes(data)
    code, said = run(bundle, capsys)
    assert (code, said["changed"]) == (1, [TALKS])


# Names


def test_names_unzip_everywhere_and_are_never_the_same():
    file = BytesIO()
    odd = '../a\\b:c*?"<>|\x07 终. '
    with Archive(file, datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) as archive:
        names = [
            archive.add("04 资金/申请", each, ".xlsx", lambda part: part.write(b"x"))
            for each in (odd, odd, "A" * 300, "a" * 300, "", "...")
        ]
        archive.close(number=1)
    assert names[:2] == ["04 资金_申请/_a_b_c_ 终.xlsx", "04 资金_申请/_a_b_c_ 终（2）.xlsx"]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) < LONGEST + 20
    assert names[4:] == ["04 资金_申请/未命名.xlsx", "04 资金_申请/未命名（2）.xlsx"]
    assert safe_name("CON/") == "CON_"
    assert ZipFile(file).testzip() is None
    assert ZipFile(file).infolist()[0].date_time == (2026, 11, 23, 2, 0, 0), "the time on the clock here"

"""Files that a stranger, a bad program or a bad day makes of a roster: families of them, each in many mutations.

``python -m tests.base.hostile_sheets`` (from the top of the repository) reads every one of them, each in processes of
its own, and prints what came of it, the processor seconds it took, and the most memory of the process that asked and
of the one behind the wall. The suite (``test_hostile_sheets``) reads some of each family.
"""

import io
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from base import unpacking
from base.limits import MAX_BYTES, MAX_COLUMNS, MAX_ENTRIES, MAX_ROWS, MEGABYTE, SheetRefused
from base.reading import read_sheet
from members.roster.columns import COLUMNS
from tests.members.sheets import HEADINGS, id_number, roster_row

FILE, ROWS, READ, ANY, UNKNOWN = "file", "rows", "read", "any", "unknown"
"""What must come of it: the file is refused; every row is; rows are taken; one of the first two; any of the three."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
Mutation = tuple[str, bytes, str]


@dataclass(frozen=True)
class Hostile:
    """One file: its family, which mutation it is, its bytes, what must come of it."""

    family: str
    mutation: str
    data: bytes
    expected: str

    def __str__(self):
        return f"{self.family}: {self.mutation}"


FAMILIES: dict[str, Callable[[], Iterator[Mutation]]] = {}
LARGE: set[str] = set()
"""Families whose files take seconds, or much memory, to make or to read."""


def family(make: Callable[[], Iterator[Mutation]]):
    FAMILIES[make.__name__] = make
    return make


def large_family(make: Callable[[], Iterator[Mutation]]):
    LARGE.add(make.__name__)
    return family(make)


def hostile_files(*names: str) -> Iterator[Hostile]:
    """Every file of the families named, of all without names."""
    for name in names or FAMILIES:
        for mutation, data, expected in FAMILIES[name]():
            yield Hostile(name, mutation, data, expected)


# Building


def cell(value, style: int = 0) -> str:
    if isinstance(value, int | float):
        return f'<c s="{style}"><v>{value}</v></c>'
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value or ""))}</t></is></c>'


def line(values, number: int | None = None) -> str:
    at = f' r="{number}"' if number else ""
    return f"<row{at}>{''.join(cell(value) for value in values)}</row>"


def table(*rows, headings=HEADINGS) -> str:
    return "".join(line(row) for row in (headings, *rows))


def sheet(rows: str, before: str = "", after: str = "") -> bytes:
    text = f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    return text.encode()


def strings(inside: str, more: str = "") -> bytes:
    return f'<sst xmlns="{MAIN}"{more}>{inside}</sst>'.encode()


SHEET, SHARED, STYLED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
BOOK, LINKED = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr/><sheets>'
    '<sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>'
).encode()
LINKS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="rId3" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
).encode()
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
).encode()
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>'.encode(),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ).encode(),
    BOOK: WORKBOOK,
    LINKED: LINKS,
    SHEET: sheet(table(roster_row())),
    SHARED: strings(""),
    STYLED: STYLES,
}


def packed(changed: dict[str, bytes | None] | None = None, *, method=zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of the parts, some of them changed or (``None``) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in {**PARTS, **(changed or {})}.items():
            if data is not None:
                archive.writestr(name, data)
    return out.getvalue()


def with_rows(rows: str, before: str = "", after: str = "") -> bytes:
    return packed({SHEET: sheet(rows, before, after)})


def with_cell(heading: str, value) -> bytes:
    return with_rows(table(roster_row(**{heading: value})))


def with_raw(heading: str, xml: str, **more) -> bytes:
    """A clean row in which one cell is the XML given."""
    return with_rows(table(roster_row(**{heading: "HERE"}, **more)).replace(cell("HERE"), xml))


def noise(megabytes: int, seed: int = 2) -> dict[str, bytes]:
    """A part that cannot be packed: it dilutes a bomb until the file as a whole looks harmless."""
    return {"xl/media/noise": random.Random(seed).randbytes(megabytes * MEGABYTE)}


GOOD = packed()


# Archives


@family
def nothing_inside() -> Iterator[Mutation]:
    for name, data in {
        "zero bytes": b"",
        "a blank": b" ",
        "lines": b"\r\n" * 1000,
        "nuls": b"\0" * 100,
        "mark alone": b"\xef\xbb\xbf",
        "empty archive": b"PK\x05\x06" + b"\0" * 18,
        "utf-16 mark alone": b"\xff\xfe",
        "letters PK": b"PK",
    }.items():
        yield name, data, FILE


@large_family
def past_the_limit() -> Iterator[Mutation]:
    yield "20 MB of text", "王".encode() * (MAX_BYTES // 3 + 1), FILE
    yield "a workbook and 20 MB", GOOD + b"\0" * MAX_BYTES, FILE
    yield "20 MB of noise", random.Random(1).randbytes(MAX_BYTES + 1), FILE


@large_family
def bombs() -> Iterator[Mutation]:
    yield "many parts", packed({f"xl/media/{n}": b"" for n in range(MAX_ENTRIES)}), FILE
    for part in (SHEET, SHARED, STYLED, "xl/theme/theme1.xml", "xl/media/image1.png", "docProps/app.xml"):
        yield part, packed({part: b" " * (60 * MEGABYTE)}), FILE
    yield "nested", packed({"xl/media/1.zip": packed({"a": b"\0" * (50 * MEGABYTE)})}), READ
    yield "diluted past 200 MB", packed({SHEET: b" " * (201 * MEGABYTE), **noise(3)}), FILE
    yield "diluted under 200 MB", packed({SHEET: b" " * (190 * MEGABYTE), **noise(3)}), FILE
    yield "diluted, beside a roster", packed({"xl/theme/theme1.xml": b" " * (190 * MEGABYTE), **noise(3)}), READ


def _patched(data: bytes, name: str, **changed: int) -> bytes:
    """The archive with what it declares of a part changed, in its directory and before the part itself."""
    out = bytearray(data)
    places = {
        b"PK\x01\x02": {"flags": (8, "<H"), "crc": (16, "<I"), "size": (24, "<I"), "name": (46, "")},
        b"PK\x03\x04": {"flags": (6, "<H"), "crc": (14, "<I"), "size": (22, "<I"), "name": (30, "")},
    }
    for signature, fields in places.items():
        at = data.find(signature)
        while at >= 0:
            if data[at + fields["name"][0] :].startswith(name.encode()):
                for field, value in changed.items():
                    struct.pack_into(fields[field][1], out, at + fields[field][0], value)
            at = data.find(signature, at + 4)
    return bytes(out)


@family
def lies_about_sizes() -> Iterator[Mutation]:
    for size in (0, 1, 10, 2**20, 2**31, 2**32 - 2):
        for part in (SHEET, BOOK):
            yield f"{size} {part}", _patched(GOOD, part, size=size), FILE if size != 2**20 else UNKNOWN
    yield "wrong sum", _patched(GOOD, SHEET, crc=12345), FILE
    yield "bomb that says it is small", _patched(packed({SHEET: b" " * (8 * MEGABYTE)}), SHEET, size=100), FILE
    yield "locked", _patched(GOOD, SHEET, flags=1), FILE


@family
def odd_archives() -> Iterator[Mutation]:
    yield "stored", packed(method=zipfile.ZIP_STORED), READ
    yield "bzip2", packed(method=zipfile.ZIP_BZIP2), UNKNOWN
    yield "lzma", packed(method=zipfile.ZIP_LZMA), UNKNOWN
    yield "junk before", b"MZ" + b"\0" * 200 + GOOD, FILE
    yield "junk behind", GOOD + b"\0" * 200, UNKNOWN
    yield "paths upwards", packed({"../../etc/passwd": b"x", "/etc/cron.d/x": b"x"}), READ
    yield "names of control characters", packed({"xl/\x01\u202ex": b"x"}), READ
    yield "directories", packed({"xl/media/": b"", "a/b/c/": b""}), READ
    yield "macros", packed({"xl/vbaProject.bin": b"x"}), FILE
    for part in (BOOK, LINKED, SHEET):
        yield f"without {part}", packed({part: None}), FILE
    signed = io.BytesIO(GOOD)
    with zipfile.ZipFile(signed, "a") as archive:
        archive.comment = b"PK\x05\x06" * 50
    yield "comment of signatures", signed.getvalue(), UNKNOWN


@family
def renamed() -> Iterator[Mutation]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    for name, data in {
        "xls": ole,
        "encrypted": ole + "EncryptedPackage".encode("utf-16-le"),
        "html": b"<html><table></table></html>",
        "html with a mark": b"\xef\xbb\xbf  \r\n<!DOCTYPE html><html></html>",
        "xml 2003": b"<?xml version='1.0'?><Workbook/>",
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 90,
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
        "gzip": b"\x1f\x8b\x08" + b"\0" * 90,
        "7z": b"7z\xbc\xaf\x27\x1c",
        "rar": b"Rar!\x1a\x07",
        "exe": b"MZ\x90\0" * 30,
        "rtf": b"{\\rtf1 abc}",
        "json": b'{"a": [1, 2]}',
        "script": b"#!/bin/sh\nrm -rf x\n",
        "elf": b"\x7fELF\x02\x01\x01",
        "word": packed({BOOK: None, "word/document.xml": b"<w/>"}),
        "open document": packed({BOOK: None, "mimetype": b"application/vnd.oasis", "content.xml": b"<o/>"}),
        "binary workbook": packed({BOOK: None, "xl/workbook.bin": b"\0" * 50}),
    }.items():
        yield name, data, FILE


@family
def cut_off() -> Iterator[Mutation]:
    for part in range(1, 20):
        yield f"{part} twentieths", GOOD[: len(GOOD) * part // 20], FILE


@family
def flipped_bits() -> Iterator[Mutation]:
    dice = random.Random(3)
    for number in range(40):
        data = bytearray(GOOD)
        for _ in range(1 + number % 4):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        yield str(number), bytes(data), UNKNOWN


@family
def odd_links() -> Iterator[Mutation]:
    elsewhere = ("", "/", "../../../etc/passwd", "worksheets/none.xml", "worksheets/", "\\\\host\\x", "sheet1.xml#a")
    for target in (*elsewhere, "x" * 9000):
        links = LINKS.replace(b"worksheets/sheet1.xml", target.encode())
        yield f"to {target[:30]}", packed({LINKED: links}), FILE
    yield "absolute", packed({LINKED: LINKS.replace(b"worksheets/", b"/xl/worksheets/")}), READ
    yield "no id", packed({BOOK: WORKBOOK.replace(b'r:id="rId1"', b"")}), FILE
    yield "unknown id", packed({BOOK: WORKBOOK.replace(b"rId1", b"rId9")}), FILE
    yield "no sheets", packed({BOOK: f'<workbook xmlns="{MAIN}"><sheets/></workbook>'.encode()}), FILE


# XML


@family
def entities() -> Iterator[Mutation]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for name, doctype in {
        "one": '<!DOCTYPE x [<!ENTITY a "王强">]>',
        "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}<!ENTITY a "&l9;">]>',
        "a file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "the net": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>',
        "parameters": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;<!ENTITY a "x">]>',
    }.items():
        named = table(roster_row("HERE"))
        yield f"{name} in the book", packed({BOOK: doctype.encode() + WORKBOOK.replace("名册".encode(), b"&a;")}), FILE
        yield f"{name} in the links", packed({LINKED: doctype.encode() + LINKS.replace(b"rId3", b"&a;")}), FILE
        yield f"{name} in the sheet", packed({SHEET: doctype.encode() + sheet(named.replace("HERE", "&a;"))}), ANY
        shared = doctype.encode() + strings("<si><t>&a;</t></si>")
        rows = named.replace(cell("HERE"), '<c t="s"><v>0</v></c>')
        yield f"{name} in the strings", packed({SHARED: shared, SHEET: sheet(rows)}), ANY


@family
def broken_xml() -> Iterator[Mutation]:
    rows = table(roster_row())
    good, name = sheet(rows), "王强".encode()
    many = b" ".join(b'a%d="1"' % number for number in range(9999))
    for mutation, data in {
        "unclosed": good[:-30],
        "crossed": good.replace(b"</row></sheetData>", b"</sheetData></row>"),
        "empty": b"",
        "no XML": b"hello",
        "bad utf-8": good.replace(name, b"\xff\xfe\xfa"),
        "utf-16": good.decode().encode("utf-16"),
        "gbk": good.decode().encode("gbk"),
        "declared gbk": b'<?xml version="1.0" encoding="GBK"?>' + good.decode().encode("gbk"),
        "nuls": good.replace(name, b"\0\0"),
        "half a tag": good + b"<row",
        "control character": good.replace(name, b"\x01\x02"),
        "two roots": good + good,
        "many attributes": good.replace(b"<sheetData>", b"<sheetData " + many + b">"),
        "comment unclosed": good.replace(b"<sheetData>", b"<sheetData><!-- "),
        "lone surrogate": good.replace(name, b"&#xD800;"),
        "nul reference": good.replace(name, b"&#0;"),
        "deep": sheet(rows + "<x>" * 50_000 + "</x>" * 50_000),
        "cells in a comment": sheet('<!-- <row r="9"><c r="XFD9"><v>1</v></c></row> -->' + rows),
        "cells in characters": sheet(rows + '<![CDATA[<row r="9999999">]]>'),
        "greater-than in an attribute": sheet(rows + '<row r="3"><c x=">" r="XFD1048576"><v>1</v></c></row>'),
        "blank before equals": sheet(rows + '<row r="3"><c r = "XFD1048576"><v>1</v></c></row>'),
    }.items():
        yield mutation, packed({SHEET: data}), UNKNOWN


@family
def odd_references() -> Iterator[Mutation]:
    far = ("XFD1", "A1048576", "XFD1048576", "A200001", f"GR{MAX_ROWS}", "ZZZZZZZZ99999999999999", "XFE1", "A1048577")
    wrong = ("A0", "A-1", "a1", "1A", "", "Ａ１", "$A$1", "A1:B2", "A99999999999999999999", "ZZZZZZZZZZZZZZZZ1")
    for place in (*far, *wrong):
        row = f'<row><c r="{place}"><v>1</v></c></row>'
        yield place or "empty", with_rows(table(roster_row()) + row), FILE if place in far else UNKNOWN
    for number in ("0", "-1", "1048577", "99999999999999999999", "x", "1.5"):
        yield f"row {number}", with_rows(table(roster_row()) + f'<row r="{number}"><c><v>1</v></c></row>'), UNKNOWN


@family
def lies_about_dimensions() -> Iterator[Mutation]:
    for ref in ("A1:XFD1048576", "XFD1048576", "A1:A1", "A0:B0", "", "x", "A1:ZZZZZZZZ999999999", "B2:A1"):
        true = ref.startswith("A1:XFD") or ref == "A1:A1"
        yield ref or "empty", with_rows(table(roster_row()), f'<dimension ref="{ref}"/>'), READ if true else UNKNOWN


@family
def odd_cells() -> Iterator[Mutation]:
    for name, xml in {
        "error": '<c t="e"><v>#REF!</v></c>',
        "unknown type": '<c t="zzz"><v>王强</v></c>',
        "true": '<c t="b"><v>1</v></c>',
        "bad day": '<c t="d"><v>1985-99-99</v></c>',
        "string 999": '<c t="s"><v>999</v></c>',
        "string -1": '<c t="s"><v>-1</v></c>',
        "string past all": '<c t="s"><v>99999999999999999999</v></c>',
        "no number": "<c><v>abc</v></c>",
        "nan": "<c><v>NaN</v></c>",
        "infinite": "<c><v>1e999</v></c>",
        "style 99999": '<c s="99999"><v>1</v></c>',
        "style -1": '<c s="-1"><v>1</v></c>',
        "two values": "<c><v>1</v><v>2</v></c>",
        "empty string": '<c t="inlineStr"><is/></c>',
        "cell in a cell": "<c><c><v>1</v></c></c>",
    }.items():
        for heading in ("姓名", "公民身份证号", "加入党组织日期"):
            yield f"{name}, {heading}", with_raw(heading, xml), UNKNOWN


@family
def odd_styles() -> Iterator[Mutation]:
    formats = b'<numFmts><numFmt numFmtId="200" formatCode="' + b"y" * 99_999 + b'"/></numFmts><cellXfs'
    for name, styles in {
        "empty": b"",
        "no XML": b"x",
        "count of billions": STYLES.replace(b'count="2"', b'count="4294967295"'),
        "negative count": STYLES.replace(b'count="2"', b'count="-1"'),
        "long format": STYLES.replace(b"<cellXfs", formats),
        "deep": STYLES.replace(b"<cellXfs", b"<a>" * 9999 + b"</a>" * 9999 + b"<cellXfs"),
        "format -1": STYLES.replace(b'numFmtId="14"', b'numFmtId="-1"'),
        "format past all": STYLES.replace(b'numFmtId="14"', b'numFmtId="99999999999"'),
    }.items():
        yield name, packed({STYLED: styles}), UNKNOWN


@family
def odd_strings() -> Iterator[Mutation]:
    for name, data in {
        "counts of billions": strings("", ' count="4294967295" uniqueCount="4294967295"'),
        "counts past all": strings("", ' count="99999999999999999999" uniqueCount="99999999999999999999"'),
        "negative counts": strings("", ' count="-1" uniqueCount="-1"'),
        "unclosed": strings("")[:-6] + b"<si><t>x",
        "rich": strings("<si>" + "<r><t>x</t></r>" * 9999 + "</si>"),
        "deep": strings("<si>" * 9999 + "</si>" * 9999),
        "no XML": b"x",
        "empty": b"",
    }.items():
        yield name, packed({SHARED: data}), UNKNOWN


@large_family
def many_strings() -> Iterator[Mutation]:
    yield "one of 60 MB", packed({SHARED: strings(f"<si><t>{'王' * 20_000_000}</t></si>"), **noise(2)}), READ
    echo = ("<row>" + '<c t="s"><v>0</v></c>' * 20 + "</row>") * 50_000
    for letters in (200, 30_000, MEGABYTE):
        shared = strings(f"<si><t>{'x' * letters}</t></si>")
        data = packed({SHARED: shared, SHEET: sheet(table(roster_row()) + echo), **noise(2)})
        yield f"{letters} letters in a million cells", data, FILE
    yield "eight million", packed({SHARED: strings("<si><t/></si>" * 8_000_000), **noise(2)}), READ


@large_family
def crowded() -> Iterator[Mutation]:
    for name, row, times, expected in (
        ("past two million", "<c><v>1</v></c>" * 199, 12_000, FILE),
        ("two million formulas", "<c><f>A1</f></c>" * 20, 90_000, UNKNOWN),
        ("two million numbers", "<c><v>1</v></c>" * 20, 99_000, ANY),
        ("thirty million empty cells", "<c/>" * 30_000_000, 1, READ),
        ("seventeen million empty rows", "</row><row>" * 17_000_000, 1, UNKNOWN),
    ):
        rows = table(roster_row()) + f"<row>{row}</row>" * times
        yield name, packed({SHEET: sheet(rows), **noise(2)}), expected


@large_family
def empty_rows() -> Iterator[Mutation]:
    first = table(roster_row())
    blank = "".join(f'<row r="{n}"/>' for n in range(3, 1_048_577))
    yield "a million", with_rows(first + blank), READ
    styled = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="H{n}" s="1"/></row>' for n in range(3, 1_048_577))
    yield "a million with borders", packed({SHEET: sheet(first + styled), **noise(1)}), READ
    yield "and a last cell", with_rows(first + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), FILE
    for gap in (999, 1001, 90_000):
        yield f"a gap of {gap}", with_rows(first + line(roster_row("李丽", 2), 3 + gap)), READ


# What a sheet says


@family
def formulas() -> Iterator[Mutation]:
    for heading in ("姓名", "公民身份证号", "所在党支部", "人员类别", "加入党组织日期", "联系电话", "性别"):
        yield f"without a value, {heading}", with_raw(heading, "<c><f>A1</f></c>"), ROWS
    for text in ('HYPERLINK("http://x","王强")', "cmd|'/c calc'!A0", "WEBSERVICE(A1)", "1+1", "A1:A9"):
        yield f"with a value, {text[:10]}", with_raw("姓名", f'<c t="str"><f>{escape(text)}</f><v>王强</v></c>'), ROWS
    for kind in ('t="array" ref="A2:A9"', 't="shared" si="0"', 't="dataTable" ref="A1"'):
        yield kind[:9], with_raw("姓名", f"<c><f {kind}>A1</f></c>"), ROWS


@family
def headings() -> Iterator[Mutation]:
    row, needed = roster_row(), ("姓名", "公民身份证号", "所在党支部", "人员类别")
    yield "none", with_rows(line(row)), FILE
    yield "unknown", with_rows(table(row, headings=[f"列{n}" for n in HEADINGS])), FILE
    yield "in the eleventh row", with_rows(line(["说明"]) * 10 + table(row)), FILE
    yield "in the tenth row", with_rows(line(["说明"]) * 9 + table(row)), READ
    for lacking in needed:
        yield f"without {lacking}", with_rows(table(["x"] * 3, headings=[h for h in needed if h != lacking])), FILE
    yield "twice", with_rows(table([*row, "x"], headings=(*HEADINGS, "姓名"))), FILE
    yield "backwards", with_rows(table(row[::-1], headings=HEADINGS[::-1])), READ
    yield "with blanks", with_rows(table(row, headings=[f" {'　'.join(h)}\n" for h in HEADINGS])), READ
    yield "full width", with_rows(table([*row, "6"], headings=(*HEADINGS, "党龄校正值（月）"))), READ
    yield "no rows", with_rows(table()), FILE
    yield "totals alone", with_rows(table(["合计", "0 人"])), FILE
    upper = ["姓名", "公民身份证号", "性别", "所在党支部", "人员类别", "党籍", "", "联系方式"]
    lower = ["", "", "", "", "", "加入党组织日期", "转为正式党员日期", "联系电话"]
    yield "in two rows", with_rows(line(upper) + line(lower) + line(row)), READ
    merged = '<mergeCells count="1"><mergeCell ref="A1:H1"/></mergeCells>'
    yield "under a merged title", with_rows(line(["党员名册"]) + table(row), after=merged), READ
    down = merged.replace("A1:H1", "D2:D3")
    yield "a branch merged over two rows", with_rows(table(roster_row(所在党支部=None)), after=down), ROWS
    yield "two hundred and more", with_rows(table(row, headings=(*HEADINGS, *map(str, range(MAX_COLUMNS))))), FILE


@family
def hidden_sheets() -> Iterator[Mutation]:
    two = WORKBOOK.replace(b"</sheets>", '<sheet name="别的" sheetId="2" r:id="rId4"/></sheets>'.encode())
    link = f'<Relationship Id="rId4" Type="{RELATIONS}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>'
    other = {
        LINKED: LINKS.replace(b"</Relationships>", link.encode()),
        "xl/worksheets/sheet2.xml": sheet(table(roster_row("李丽", 2))),
    }
    for state in ("hidden", "veryHidden"):
        hide = f'sheetId="1" state="{state}"'.encode()
        yield f"{state} first", packed({BOOK: two.replace(b'sheetId="1"', hide), **other}), READ
        yield f"{state} alone", packed({BOOK: WORKBOOK.replace(b'sheetId="1"', hide)}), FILE
    yield "a chart alone", packed({LINKED: LINKS.replace(b'/worksheet"', b'/chartsheet"')}), FILE
    odd = two.replace(b'sheetId="1"', b'sheetId="1" state="odd"')
    yield "an unknown state", packed({BOOK: odd, **other}), UNKNOWN
    yield "names alike", packed({BOOK: two.replace("别的".encode(), "名册".encode()), **other}), UNKNOWN
    yield "a name of 9,999", packed({BOOK: WORKBOOK.replace("名册".encode(), b"x" * 9999)}), READ


@family
def days() -> Iterator[Mutation]:
    for serial in ("-1", "0.5", "60", "2958466", "1e300", "NaN", "99999999", "-700000"):
        for style in (0, 1):
            xml = f'<c s="{style}"><v>{serial}</v></c>'
            yield f"serial {serial} style {style}", with_raw("加入党组织日期", xml), ROWS
    unclear = (
        "65-3-15",
        "09/14/12",
        "1965.2.30",
        "20230229",
        "五十年代",
        "١٩٦٥-٠٣-١٥",
        "2005-06-10 08:30",
        "0000-00-00",
    )
    for text in (*unclear, "2005061", "198507", "1920", "2099", "2031年7月", "1921.06", "2031-07-01"):
        yield text, with_cell("加入党组织日期", text), ROWS
    old = WORKBOOK.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')
    rows = table(roster_row(加入党组织日期="HERE")).replace(cell("HERE"), "<c><v>37000</v></c>")
    yield "1904, a bare number", packed({BOOK: old, SHEET: sheet(rows)}), ROWS


@family
def numbers_of_people() -> Iterator[Mutation]:
    good = id_number(1)
    cut = (good[:17], good + "0", good[:16] + "9" + good[17], good[:17] + "*", good[:6] + "18890501" + good[14:])
    numbers = (4.10000198e17, "4.10000198005010E+17", -4.1e17, 0, 1.5)
    odd = (
        "0" * 18,
        "9" * 18,
        "x" * 18,
        "٤١٠٠٠٠١٩٨٠٠٥٠١٠٠١٠",
        "410000800230001",
        "410000 19800501",
        "身份证",
        "￥",
        "＝1+1",
    )
    for text in (*cut, *numbers, *odd):
        yield str(text)[:24], with_cell("公民身份证号", text), ROWS


@family
def repeated() -> Iterator[Mutation]:
    yield "a thousand times", with_rows(table(*[roster_row()] * 1000)), READ
    yield "in two branches", with_rows(table(roster_row(), roster_row(所在党支部="河源第二党支部"))), READ
    for apart in ("", "'", " ", "\u200b", "\u00a0", "　"):
        yield f"apart by {apart!r}", with_rows(table(roster_row(), roster_row(公民身份证号=apart + id_number(1)))), READ


@family
def damaged_texts() -> Iterator[Mutation]:
    for heading in ("姓名", "公民身份证号", "所在党支部", "人员类别", "联系电话"):
        for name, text in {
            "escaped nul": "王_x0000_强",
            "replaced": "王\ufffd强",
            "noncharacter": "王\uffff强",
            "c1": "王\x85\x9f强",
        }.items():
            yield f"{name}, {heading}", with_cell(heading, text), ANY
    for number in (1, 7, 8, 27, 31):
        yield f"escaped {number}", with_cell("姓名", f"王_x{number:04X}_强"), READ


@family
def unseen_characters() -> Iterator[Mutation]:
    unseen = "\u202e\u2067\u200f\u200b\u200d\ufeff\u00ad\u00a0\u3000\u2060"
    for mark in unseen:
        yield f"{ord(mark):04X}", with_cell("姓名", f"王{mark}强{mark}"), READ
    for text in ("䶮㛃𬱖", "买买提·艾力", "葛\U000e0100强", "王" + "\u0301" * 50):
        yield ascii(text)[:30], with_cell("姓名", text), READ


@family
def long_texts() -> Iterator[Mutation]:
    for length in (61, 300, 32_767, 40_000, 300_000, 1_000_000):
        yield f"a name of {length}", with_cell("姓名", "王" * length), ANY
    for length in (300, 40_000):
        for heading in ("公民身份证号", "所在党支部", "人员类别", "联系电话", "加入党组织日期", "性别"):
            yield f"{heading} of {length}", with_cell(heading, "长" * length), ROWS
    yield "a heading of 40,000", with_rows(table([*roster_row(), "x"], headings=(*HEADINGS, "头" * 40_000))), READ


@family
def injected() -> Iterator[Mutation]:
    formulas = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "＝1+1")
    for text in (*formulas, "<script>alert(1)</script>", "'; DROP TABLE x; --", "%s%n{0}", "{{7*7}}"):
        yield text[:12], with_cell("所在党支部", text), ROWS


# Text files


def csv_text(*rows, headings=HEADINGS) -> str:
    return "".join(",".join(str(v or "") for v in row) + "\r\n" for row in (headings, *rows))


@family
def texts_well_written() -> Iterator[Mutation]:
    text = csv_text(roster_row("䶮㛃"))
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        for separator in ",;\t":
            yield f"{encoding} {separator!r}", text.replace(",", separator).encode(encoding), READ
    yield "gbk", csv_text(roster_row()).encode("gbk"), READ
    yield "utf-16 big", b"\xfe\xff" + text.encode("utf-16-be"), READ
    yield "sep=", ("sep=;\r\n" + text.replace(",", ";")).encode("utf-8-sig"), READ
    yield "unix lines", text.replace("\r\n", "\n").encode(), READ
    yield "old lines", text.replace("\r\n", "\r").encode(), READ
    yield "quoted", csv_text([f'"{v}"' for v in roster_row()]).encode(), READ
    yield "kept as text", csv_text([f'="{v}"' for v in roster_row()]).encode(), READ
    yield "rare beyond the plane", csv_text(roster_row("𬱖")).encode("gb18030"), READ


@family
def texts_badly_written() -> Iterator[Mutation]:
    text, name = csv_text(roster_row()), "王强"
    for mutation, data in {
        "binary": random.Random(7).randbytes(5000),
        "nuls": text.replace(name, "\0").encode(),
        "utf-7": text.encode("utf-7"),
        "utf-32": text.encode("utf-32"),
        "utf-16 without mark": text.encode("utf-16-le"),
        "utf-16 cut": text.encode("utf-16")[:-1],
        "big5": "姓名,身份證號碼\r\n".encode("big5"),
        "shift-jis": "氏名,番号\r\n".encode("shift-jis"),
        "mixed": text.encode("gbk") + "王强\r\n".encode() + b"\xff\xff",
        "latin": b"caf\xe9,na\xefve\r\n" * 5,
        "surrogates": text.encode().replace(name.encode(), b"\xed\xa0\x80"),
        "gbk cut": text.encode("gbk") + b"\x81",
        "unclosed quote": text.replace(name, f'"{name}').encode(),
        "words after a quote": text.replace(name, '"王"强').encode(),
        "separators": b",;\t" * 9999,
        "one column": "姓名\r\n王强\r\n".encode(),
        "prose": "同志们好。\r\n".encode() * 50,
    }.items():
        yield mutation, data, FILE
    yield "escape characters", text.replace(name, "王\x1b[2J强").encode(), ROWS
    yield "replacement characters", text.replace(name, "\ufffd\ufffd").encode(), ROWS
    yield "formula", text.replace(name, '"=HYPERLINK(""http://x"",""王强"")"').encode(), ROWS


@large_family
def texts_too_large() -> Iterator[Mutation]:
    text = csv_text(roster_row())
    yield "a quoted line of 1 MB", (text + '"' + "王" * (MEGABYTE // 3) + '"').encode(), FILE
    yield "a line of 1 MB", (text + "王" * (MEGABYTE // 3)).encode(), FILE
    yield "200,000 columns", (text + "," * 200_000).encode(), FILE
    yield "200,000 headings", ("姓名," * 200_000).encode(), FILE
    yield "300,000 rows", (text + "王强,,,,,,,\r\n" * 300_000).encode(), FILE
    yield "a million empty lines", (text + "\n" * 1_000_000).encode(), UNKNOWN
    yield "19 MB of quotes", b'"' * (19 * MEGABYTE), FILE
    yield "19 MB of commas", b"," * (19 * MEGABYTE), FILE
    yield "19 MB of short lines", (text + "王强\r\n" * 2_400_000).encode(), FILE


# Reading them all


def main(*names: str) -> None:
    """Read every file, or those of the families named, each in processes of its own; one line for each."""
    tell(f"{'s':>6} {'asks MB':>8} {'wall MB':>8}  file: what came of it")
    worst, count = (0.0, 0, 0), 0
    for each in hostile_files(*names):
        asked, behind = _run("--ask", each.data), _run("--wall", each.data)
        seconds, asks, result = (asked.stdout.decode() or f"0 0 !!! {asked.stderr.decode()[-300:]}").split(" ", 2)
        wall = behind.stderr.decode().strip() if behind.returncode == 0 else "0"
        worst = tuple(max(pair) for pair in zip(worst, (float(seconds), int(asks), int(wall)), strict=True))
        count += 1
        said = f"{each} ({len(each.data) / 1024:.0f} KB): {result.strip()}"
        tell(f"{float(seconds):6.2f} {asks:>8} {wall if behind.returncode == 0 else 'ended':>8}  {said}")
    tell(f"{count} files; worst {worst[0]:.2f} s, {worst[1]} MB where it was asked, {worst[2]} MB behind the wall")


def _run(how: str, data: bytes) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", __spec__.name, how], input=data, capture_output=True, check=False)


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def ask() -> None:
    """Read the file on standard input as a roster: processor seconds (with those behind the wall), memory, result."""
    data = sys.stdin.buffer.read()
    try:
        result = f"read, {len(read_sheet(data, COLUMNS).rows)} rows"
    except SheetRefused as refusal:
        result = str(refusal)
    spent = os.times()
    tell(f"{spent.user + spent.system + spent.children_user + spent.children_system:.2f} {peak()} {result}")


def behind_the_wall() -> None:
    """Do what the process behind the wall does; the memory that took goes to standard error."""
    unpacking.main()
    sys.stderr.write(str(peak()))


def peak() -> int:
    """The most memory this program has held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    {"--ask": ask, "--wall": behind_the_wall}.get([*sys.argv, ""][1], lambda: main(*sys.argv[1:]))()

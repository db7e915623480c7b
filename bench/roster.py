"""A roster of many rows: the product's import beside openpyxl and bulk_create, and the same roster once more."""

import io
from datetime import date, timedelta

import openpyxl
from django.db import transaction

from base import reading
from base.limits import MAX_ROWS
from base.writing import Heading, Sheet, write_workbook
from bench.database import drop, make
from bench.measure import Promise, median, paired, seconds, shown
from bench.world import GIVEN_NAMES, build
from config.demo.names import SURNAMES
from members.derived import NameKey
from members.identity import check_digit
from members.models import Membership, Person
from members.organisations import organisations_by_any_name
from members.pinyin import keys_of
from members.roster.apply import import_roster, read_roster
from members.roster.columns import COLUMNS
from members.roster.parse import parse_rows

HEADINGS = (
    "姓名", "公民身份证号", "所在党支部", "人员类别", "性别", "民族", "出生日期", "学历", "加入党组织日期",
    "转为正式党员日期", "党龄校正值(月)", "工作岗位", "手机号", "固定电话", "家庭住址", "党籍状态", "是否为失联党员",
    "是否为流动党员", "外出流向", "备注",
)  # fmt: skip
BRANCHES = 1000
AROUND = 5
"""Rows of a sheet that are no data: its title, two more above the data, two below."""


def sheet(number: int, *, phones: str) -> bytes:
    """A clean roster of twenty columns; ``phones`` are the first digits of everybody's phone."""

    def row(n: int) -> tuple:
        born = date(1940, 1, 1) + timedelta(days=n // 900)
        first = f"410000{born:%Y%m%d}{n % 900 + 1:03d}"
        return (
            SURNAMES[n % len(SURNAMES)] + GIVEN_NAMES[n % len(GIVEN_NAMES)], first + check_digit(first),
            f"第{n % BRANCHES + 1}党支部", "正式党员",
            "女" if n % 2 else "男", "汉族", born, "大学", date(2005, 6, 10), date(2006, 6, 10), "", "管理岗位",
            f"{phones}{n:08d}", "", f"郑州市金水区第{n % 5000}号", "正常", "否", "否", "", "",
        )  # fmt: skip

    paper = Sheet("党员名册", "示范省委", "", "", [Heading(text) for text in HEADINGS], map(row, range(number)))
    file = write_workbook(paper)
    file.seek(0)
    return file.read()


def product(data: bytes, day: date) -> None:
    plan = import_roster(by=None, sheet=read_roster(data), as_of=day, today=day)
    if plan.report().refused:
        raise SystemExit(plan.report().lines())


def plain(data: bytes, day: date) -> None:
    """The same rows, judged by the same checks, into the same tables: openpyxl reads, the ORM writes in batches."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    lines = enumerate(book.worksheets[0].iter_rows(values_only=True), 1)
    filled = ((number, list(cells), []) for number, cells in lines if any(cells))
    with transaction.atomic():
        parsed = parse_rows(reading._with_header(filled, COLUMNS), today=day)
        branches = organisations_by_any_name(None, day)
        rows = [row for row in parsed if not row.cells.refused]
        people = [Person(id_number=row.identity.number, **row.fields) for row in rows]
        named = [each.name for each in Person._meta.concrete_fields if each.name not in ("id", "id_index")]
        in_batches(Person, people, ["id_index"], named)
        stays = [
            Membership(person=person, organisation=at, standing=row.standing, since=person.joined_on, path=at.path)
            for person, row in zip(people, rows, strict=True) for at in branches[row.branch][:1]
        ]  # fmt: skip
        in_batches(Membership, stays, ["person", "until"], ["organisation", "standing", "path"])
        keys = [NameKey(person_id=person.pk, key=key) for person in people for key in sorted(keys_of(person.name))]
        NameKey.objects.bulk_create(keys, batch_size=5000, ignore_conflicts=True)


def in_batches(model, rows: list, unique: list[str], named: list[str]) -> None:
    model.objects.bulk_create(
        rows, batch_size=5000, update_conflicts=True, unique_fields=unique, update_fields=named
    )  # fmt: skip


def measure(day: date, *, number: int, rounds: int):
    """Yield the promises of rosters, in a database of organisations without a policy, so that no duty is settled."""
    number = min(number, MAX_ROWS - AROUND)
    first, changed = sheet(number, phones="138"), sheet(number, phones="139")
    taken: dict[str, list[float]] = {name: [] for name in ("product", "changed", "unchanged", "plain")}
    make("bench_empty")
    build(0, day, branches=BRANCHES)
    for _round in range(rounds):
        make("bench_roster", like="bench_empty")
        taken["product"].append(seconds(lambda: product(first, day)))
        taken["changed"].append(seconds(lambda: product(changed, day)))
        taken["unchanged"].append(seconds(lambda: product(changed, day)))
        make("bench_roster", like="bench_empty")
        taken["plain"].append(seconds(lambda: plain(first, day)))
    for name in ("bench_roster", "bench_empty"):
        drop(name)
    said = {name: shown(median(times)) for name, times in taken.items()}
    yield Promise(f"openpyxl and bulk_create ÷ roster of {number} rows, all new",
                  paired(taken["plain"], taken["product"]), at_least=4, n=rounds,
                  detail=f"{said['plain']} ÷ {said['product']}")  # fmt: skip
    yield Promise("the same roster again ÷ a changed one", paired(taken["unchanged"], taken["changed"]), at_most=0.7,
                  n=rounds, detail=f"{said['unchanged']} ÷ {said['changed']}")  # fmt: skip

"""Whom a sign-in sheet names: one member for each line, or a word on why not. Nothing is guessed."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from base.cells import plain, squeezed, text_of
from base.reading import Column, read_sheet
from base.sealed import blind_index
from members.enums import LIVING, Capability
from members.models import Membership, Organisation, Person
from members.scope import path_end, sealed_at

MOST = 2_000
"""Names on one sheet."""

_NUMBER = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15})(?![\dXx])")
_BETWEEN = re.compile(r"[\n\r\t、，,；;]+")

COLUMNS = (
    Column("name", ("姓名", "党员", "签到", "签到人", "参加人员", "参学人员", "参会人员", "学员"), required=True),
    Column("number", ("公民身份证号", "公民身份证号码", "公民身份号码", "身份证号", "身份证号码")),
    Column("serial", ("序号", "编号", "工号")),
    Column("place", ("单位", "部门", "党支部", "所在党支部", "工作单位", "所在单位", "党组织")),
    Column("signed", ("签名", "签字", "签到时间", "备注")),
    Column("post", ("职务", "岗位", "电话", "联系电话", "手机号")),
)  # fmt: skip
"""What is looked for in a sheet that is handed in; of names and numbers alone something is read."""


class Found(StrEnum):
    """How a line stands; the value is what a page says."""

    SURE = "对上了"
    SEVERAL = "有重名，请选是哪一位"
    NOBODY = "没有对上：那天不在这里的名册里，或不在你的范围内"
    OTHER_NAME = "身份证号是另一个人的，请核对"
    TWICE = "前面已有这个人，只记一次"
    ONESELF = "你本人的学时由别的委员或上级登记"


@dataclass
class Line:
    """One line of a sheet. ``choices``: who it may be, each by number with the words that tell them apart."""

    text: str
    found: Found
    person: Person | None = None
    where: str = ""
    choices: list[tuple[int, str]] = field(default_factory=list)

    @property
    def sure(self) -> bool:
        return self.found == Found.SURE

    @property
    def open(self) -> bool:
        """Whether somebody was meant who is not found."""
        return self.found in (Found.SEVERAL, Found.NOBODY, Found.OTHER_NAME)


def pieces(text: str) -> list[tuple[str, str]]:
    """The names of a pasted text, each with the identity number beside it, empty where there is none."""
    found = []
    for piece in _BETWEEN.split(text):
        number = _NUMBER.search(plain(piece))
        rest = _NUMBER.sub(" ", plain(piece))
        words = rest.split()
        if number is None and len(words) > 1 and all(len(word) > 1 for word in words):
            found += [(word, "") for word in words]
        elif number or words:
            found.append((squeezed(rest), number[0].upper() if number else ""))
    return found


def from_sheet(data: bytes) -> str:
    """The names of a sheet as somebody would paste them, one line each.

    :raises base.limits.SheetRefused: if it cannot be read, or has no column of names.
    """
    rows = [row.several(("name", "number")) for row in read_sheet(data, COLUMNS).rows]
    lines = [" ".join(filter(None, (text_of(cell) for cell in cells))) for cells in rows]
    return "\n".join(line for line in lines if line)


def read_roll(account, here: Organisation, on: date, text: str, *, picked: set[int]) -> list[Line]:
    """Each line with whom it names, of the members of ``here`` and below on the day that the account records for.

    :param picked: which of several of one name are meant, by number.
    """
    named = pieces(text)
    names, numbers = {name for name, _ in named}, {number for _, number in named if number}
    stays = Membership.objects.on(on).visible_to(account, Capability.RECORD).filter(standing__in=LIVING)
    stays = stays.filter(path__gte=here.path, path__lt=path_end(here.path)).select_related("person", "organisation")
    stays = stays.defer(*sealed_at("person")).order_by("path", "pk")
    holders = dict(
        Person.objects.filter(id_index__in=[blind_index(number) for number in numbers])
        .order_by("pk").values_list("id_index", "pk")
    ) if numbers else {}  # fmt: skip
    by_name: dict[str, list[Membership]] = {}
    by_person = {}
    for stay in stays.filter(person__name__in=names):
        by_name.setdefault(stay.person.name, []).append(stay)
    for stay in stays.filter(person__in=holders.values()) if holders else ():
        by_person[stay.person_id] = stay
    lines, seen = [], set()
    for name, number in named:
        line = _line(name, number, by_name, by_person.get(holders.get(blind_index(number))) if number else None, picked)
        if line.sure and line.person.pk == account.person_id:
            line.found = Found.ONESELF
        elif line.sure and line.person.pk in seen:
            line.found = Found.TWICE
        elif line.sure:
            seen.add(line.person.pk)
        lines.append(line)
    return lines


def _line(name: str, number: str, by_name: dict, holder: Membership | None, picked: set[int]) -> Line:
    text = name or f"{number[:6]}…{number[-4:]}"
    if number:
        if holder is None:
            return Line(text, Found.NOBODY)
        if name and name != holder.person.name:
            return Line(text, Found.OTHER_NAME)
        return Line(text, Found.SURE, holder.person, holder.organisation.label)
    stays = by_name.get(name, [])
    chosen = [stay for stay in stays if stay.person_id in picked] if len(stays) > 1 else stays
    if len(chosen) == 1:
        choices = [(stay.person_id, _told_apart(stay)) for stay in stays] if len(stays) > 1 else []
        return Line(text, Found.SURE, chosen[0].person, chosen[0].organisation.label, choices)
    if not stays:
        return Line(text, Found.NOBODY)
    return Line(text, Found.SEVERAL, choices=[(stay.person_id, _told_apart(stay)) for stay in stays])


def _told_apart(stay: Membership) -> str:
    born = f"{stay.person.birth_on:%Y-%m} 生，" if stay.person.birth_on else ""
    return f"{stay.person.name}（{born}{stay.organisation.label}）"

"""One row of a roster judged by itself: what it says of a person, and what is wrong with it. No database."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from base.cells import LANDLINE, MOBILE, ReadDay, day_text, key_of, plain, squeezed, telephone_of, text_of
from base.dates import completed_years
from base.reading import CellReader, Level, Sheet
from members.enums import Precision, Standing
from members.identity import Identity, IdentityRefused, identity_of_cell
from members.roster.columns import CATEGORY_WORDS, PRECISIONS, SEX_WORDS, STATUS_WORDS, YES_WORDS
from members.standing import EARLIEST_JOINING, no_probation

_LONGEST = {"ethnicity": 20, "education": 20, "job": 40, "floating_to": 80}
_ALIKE = ("category", "status", "lost", "sex", *_LONGEST, "seniority_months", "floating")
"""Columns in which thousands of rows say the same."""
_HAN_NAME = re.compile(r"[^\x00-\x7f]+")
_no_probation = lru_cache(maxsize=10_000)(no_probation)
_EXACTLY = {str(precision): precision for precision in Precision}
YOUNGEST_AT_JOINING = 18


@dataclass(slots=True)
class RosterRow:
    """What one row says. ``fields`` holds only what was given: an empty cell never empties what is known."""

    cells: CellReader
    name: str = ""
    identity: Identity | None = None
    branch: str = ""
    standing: Standing | None = None
    fields: dict = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.cells.row.number


def parse_rows(sheet: Sheet, *, today: date) -> list[RosterRow]:
    """Judge every row by itself, and refuse the later ones of a repeated identity number."""
    alike: dict[tuple, Alike] = {}
    rows = [_parse_row(CellReader(row, sheet.labels), alike, today) for row in sheet.rows]
    first_at: dict[str, int] = {}
    for row in rows:
        if row.identity is None:
            continue
        first = first_at.setdefault(row.identity.number, row.number)
        if first != row.number:
            row.cells.wrong("id_number", "duplicate_id", f"与第 {first} 行是同一人，以先出现的一行为准，请删去一行。")
    return rows


@dataclass(frozen=True)
class Alike:
    """What a row says in the columns of few words."""

    standing: Standing | None
    sex: str
    fields: dict


def _parse_row(cells: CellReader, alike: dict[tuple, Alike], today: date) -> RosterRow:
    row = RosterRow(cells)
    row.name = _name(cells)
    row.identity = _identity(cells, today)
    row.branch = _branch(cells)
    words = _alike(cells, alike)
    row.standing = words.standing
    given = {
        "address": cells.text("address", longest=200), "name": row.name, "phone": _phone(cells),
        "landline": telephone_of(cells.raw("landline"))[0][:40], "sex": _sex(cells, words.sex, row.identity),
    }  # fmt: skip
    born = _birth(cells, row.identity, today)
    joined, full = _party_days(cells, row.standing, born, today)
    row.fields = words.fields | {name: value for name, value in given.items() if value}
    for name, read in (("birth_on", born), ("joined_on", joined), ("full_on", full)):
        if read.day:
            row.fields[name], row.fields[PRECISIONS[name]] = read.day, _EXACTLY[read.precision]
    return row


def _alike(cells: CellReader, known: dict[tuple, Alike]) -> Alike:
    """Judged once for all rows that say the same in these columns, unless there is something to be said about it."""
    said = cells.row.several(_ALIKE)
    key = (*said, *map(type, said))  # 1 and True are equal, and say different things
    if not cells.row.computed and key in known:
        return known[key]
    before = len(cells.findings)
    words = Alike(_standing(cells), _word(cells, "sex", SEX_WORDS, "bad_sex", "男或女") or "", _words(cells))
    if len(cells.findings) == before:
        known[key] = words
    return words


def _words(cells: CellReader) -> dict:
    given = {name: cells.text(name, longest=longest) for name, longest in _LONGEST.items()}
    fields = {name: text for name, text in given.items() if text}
    _months(cells, fields)
    _floating(cells, fields)
    return fields


def _name(cells: CellReader) -> str:
    """The name whole, rare characters and interpuncts kept; only white space and what nobody sees goes."""
    text = cells.text("name", longest=60)
    if cells.refused:
        return ""
    if cells.row.computed and "name" in cells.row.formulas:
        cells.wrong("name", "formula_name", "姓名是公式算出来的，请改成写死的姓名。")
        return ""
    if not text:
        cells.wrong("name", "blank_name", "没有姓名，请补上。")
    whole = squeezed(text)
    name = whole if _HAN_NAME.fullmatch(whole) else " ".join(text.split())
    if name and name != cells.row.value("name"):
        cells.say("name", "spaces_in_name", Level.REPAIRED, f"去掉了空格或看不见的字符，按“{name}”读入。")
    return name


def _identity(cells: CellReader, today: date) -> Identity | None:
    value = cells.raw("id_number")
    try:
        identity = identity_of_cell(value, today=today)
    except IdentityRefused as refusal:
        cells.wrong("id_number", refusal.code, str(refusal))
        return None
    if identity.how == "id_15":
        cells.say("id_number", "id_15", Level.REPAIRED, "15 位旧号已按 18 位读入，请核对。")
    elif identity.how:
        cells.say("id_number", identity.how, Level.REPAIRED, "去掉了空格、撇号或全角字符，末位 x 改为大写。")
    return identity


def _branch(cells: CellReader) -> str:
    """The branch as a key for looking up: plain, without any space."""
    value = cells.raw("branch")
    text, key = str(value or ""), key_of(text_of(value))
    if not key:
        cells.wrong("branch", "missing_branch", "没有写所在党支部，请补上；合并的单元格要拆开，每行都写。")
    elif text != text.strip():
        cells.say("branch", "trailing_space_branch", Level.REPAIRED, "去掉了首尾的空格。")
    return key


def _word(cells: CellReader, name: str, words: dict, code: str, choices: str):
    """A word of a closed list; anything else is an error that names the choices."""
    value = cells.raw(name)
    word = value if isinstance(value, str) and value in words else key_of(text_of(value))
    if word not in words:
        said = f"“{word[:20]}”认不出" if word else "是空的"
        cells.wrong(name, code, f"{said}，请写成{choices}。")
        return None
    return words[word]


def _standing(cells: CellReader) -> Standing | None:
    category = _word(cells, "category", CATEGORY_WORDS, "bad_category", "正式党员或预备党员")
    stopped = _word(cells, "status", STATUS_WORDS, "bad_status", "正常或停止党籍")
    lost = _word(cells, "lost", YES_WORDS, "bad_yes_no", "是或否")
    if stopped:
        return Standing.SUSPENDED
    return Standing.LOST if lost else category


def _sex(cells: CellReader, sex: str, identity: Identity | None) -> str:
    if sex and identity and sex != identity.sex:
        cells.wrong("sex", "gender_conflict", f"写的是{sex}，身份证号表示{identity.sex}，请核对其中哪个错了。")
    return sex or (identity.sex if identity else "")


def _birth(cells: CellReader, identity: Identity | None, today: date) -> ReadDay:
    """The day of the personnel file; where the sheet gives none, or the month of it, that of the identity number."""
    written = identity.born_on if identity else None
    birth = cells.partial_day("birth_on", elsewhere=written)
    if not birth.day:
        return ReadDay(written)
    if birth.day > today:
        cells.wrong("birth_on", "future_birth", f"{_shown(birth)} 晚于今天，请改正。")
        return ReadDay(None)
    if written and birth.day != written:
        cells.say(
            "birth_on", "birth_conflict", Level.WARNING,
            f"{_shown(birth)} 与身份证号里的 {written} 不同，以名册为准；请对照人事档案。",
        )  # fmt: skip
    return birth


def _shown(read: ReadDay) -> str:
    return day_text(read.day, read.precision)


def _party_days(cells: CellReader, standing: Standing | None, birth: ReadDay, today: date) -> tuple[ReadDay, ReadDay]:
    """入党日期 and 转正日期, each judged once: a day already doubted is not blamed again for the other.

    Of a month or a year, only what holds for every day of it is held against it.
    """
    joined, full = cells.partial_day("joined_on"), cells.partial_day("full_on")
    before = len(cells.findings)
    if joined.day:
        _judge_joining(cells, joined, birth, today)
    if len(cells.findings) == before and full.day:
        _judge_full(cells, standing, joined, full, today)
    if standing == Standing.FULL and joined.day and not full.day and not _no_probation(joined.day):
        cells.say("full_on", "missing_full_date", Level.WARNING, "正式党员没有转正日期，党龄算不出来，请补上。")
    return joined, full


def _judge_joining(cells: CellReader, joined: ReadDay, birth: ReadDay, today: date) -> None:
    if joined.day > today:
        cells.wrong("joined_on", "future_join", f"{_shown(joined)} 晚于今天，请改正。")
    elif joined.last < EARLIEST_JOINING:
        cells.wrong("joined_on", "early_join", f"{_shown(joined)} 早于建党（{EARLIEST_JOINING}），请改正。")
    elif birth.day and joined.last <= birth.day:
        sentence = f"{_shown(joined)} 不晚于出生日期 {_shown(birth)}，两个日期可能填反了。"
        cells.wrong("joined_on", "join_before_birth", sentence)
    elif birth.day and (age := completed_years(birth.day, joined.last)) < YOUNGEST_AT_JOINING:
        cells.say(
            "joined_on", "minor_join", Level.WARNING,
            f"{_shown(joined)} 入党时只有 {age} 岁，以名册为准；请核对入党日期和出生日期。",
        )  # fmt: skip


def _judge_full(cells: CellReader, standing: Standing | None, joined: ReadDay, full: ReadDay, today: date) -> None:
    if full.day > today:
        cells.wrong("full_on", "future_full", f"{_shown(full)} 晚于今天，转正以后再填。")
    elif joined.day and full.last < joined.day:
        sentence = f"转正日期 {_shown(full)} 早于入党日期 {_shown(joined)}，两个日期可能填反了。"
        cells.wrong("full_on", "full_before_join", sentence)
    elif standing == Standing.PROBATIONARY:
        sentence = f"人员类别是预备党员，却有转正日期 {_shown(full)}，请改正其中一个。"
        cells.wrong("full_on", "probation_with_full_date", sentence)
    elif joined.day and joined.precision == full.precision == Precision.DAY:
        _judge_probation(cells, joined.day, full.day)


def _judge_probation(cells: CellReader, joined: date, full: date) -> None:
    if not _usual_probation(joined, full):
        cells.say(
            "full_on", "unusual_probation", Level.WARNING,
            f"与入党日期 {joined} 相隔 {_months_between(joined, full)} 个月，一般为 12 个月，"
            "延长预备期的为 18 至 24 个月；以名册为准，请对照入党志愿书。",
        )  # fmt: skip


@lru_cache(maxsize=10_000)
def _usual_probation(joined: date, full: date) -> bool:
    """Probation of a year, or prolonged by half a year to a year (细则 Art 32); none where the charter knew none.

    Before the charter of 1956 terms differed by class; those dates are taken as they are.
    """
    if joined < date(1956, 9, 15):
        return True
    if _no_probation(joined) and full == joined:
        return True
    months = _months_between(joined, full)
    return months == 12 or 18 <= months <= 24


def _months_between(start: date, end: date) -> int:
    """Completed months; the last day of a month completes it, as 28 February does for the 29th."""
    months = (end.year - start.year) * 12 + end.month - start.month
    is_last_day = (end + timedelta(days=1)).month != end.month
    return months - (end.day < start.day and not is_last_day)


def _phone(cells: CellReader) -> str:
    value = cells.raw("phone")
    if isinstance(value, str) and MOBILE.fullmatch(value):
        return value
    number, repaired = telephone_of(value)
    if len(number) > 40:
        cells.wrong("phone", "too_long", "联系电话超过 40 个字，请缩短。")
        return ""
    if number and not MOBILE.fullmatch(number) and not LANDLINE.fullmatch(number):
        digits = sum(character.isdigit() for character in number)
        cells.say(
            "phone", "short_phone" if digits < 11 else "bad_phone", Level.WARNING,
            f"有 {digits} 位数字，不像手机号（11 位）或带区号的固定电话，以名册为准，请核对。",
        )  # fmt: skip
    elif repaired:
        cells.say("phone", "full_width_phone", Level.REPAIRED, "去掉了空格，全角数字改成了半角。")
    return number


def _months(cells: CellReader, fields: dict) -> None:
    text = plain(text_of(cells.raw("seniority_months")))
    if not text:
        return
    if re.fullmatch(r"[+-]?[0-9]{1,3}", text):
        fields["seniority_months"] = int(text)
    else:
        cells.wrong("seniority_months", "bad_months", f"“{text[:20]}”不是月数，请写成 6 或 -6 这样的整数。")


def _floating(cells: CellReader, fields: dict) -> None:
    """A member who no longer floats has no 外出流向."""
    if "floating" not in cells.row.places:
        return
    floating = _word(cells, "floating", YES_WORDS, "bad_yes_no", "是或否")
    if text_of(cells.raw("floating")):
        fields["floating"] = floating
        if not floating:
            fields["floating_to"] = ""

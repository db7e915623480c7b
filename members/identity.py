"""公民身份证号: reading it, its check digit, and what it says about birth and sex (GB 11643-1999). Pure.

Only the first two digits (the province) are checked of the region: county codes were abolished and merged,
and the numbers of older people carry codes no present table knows. They are never refused for that.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Any

from base.cells import plain, squeezed, text_of

_REGIONS = {1: "12345", 2: "123", 3: "1234567", 4: "123456", 5: "01234", 6: "12345", 7: "1", 8: "123", 9: "1"}
PROVINCES = frozenset(f"{region}{province}" for region, provinces in _REGIONS.items() for province in provinces)
"""First two digits in use, with 71 and 83 (Taiwan), 81, 82 (Hong Kong, Macao) and 91 (permanent residents)."""

EARLIEST_BIRTH = date(1890, 1, 1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


class IdentityRefused(ValueError):
    """The number cannot be right; ``code`` names why, the text is the sentence the reader sees."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Identity:
    """A number that holds together: always 18 characters, with what it says about its holder."""

    number: str
    born_on: date
    sex: str
    how: str = ""
    """``""`` as written, ``lower_x`` tidied (apostrophe, lower-case x, spaces, full width), ``id_15`` lengthened."""


def check_digit(first_17: str) -> str:
    """The 18th character for the first seventeen digits."""
    return _CHECK[sum(map(mul, map(int, first_17), _WEIGHTS)) % 11]


def tidied(text: str) -> str:
    """Without spaces and the apostrophe that keeps Excel from counting, plain digits, upper-case X."""
    return squeezed(plain(text)).strip("'’‘`\"“”").upper()


def read_identity(text: str, *, today: date) -> Identity:
    """Read an identity number of 18 or (before 2000) 15 characters.

    :param text: as somebody wrote it; an empty text is refused with code ``id_missing``.
    :raises IdentityRefused: ``id_missing``, ``id_as_number``, ``bad_id``, ``bad_check_digit``.
    """
    number = tidied(text)
    if not number:
        raise IdentityRefused("id_missing", "没有公民身份证号，分不清是不是同一个人，请补上。")
    if re.fullmatch(r"[0-9]\.?[0-9]*E\+?[0-9]+", number):
        raise _as_number()
    if re.fullmatch(r"[0-9]{15}", number):
        return _identity(_lengthened(number), "id_15", today)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdentityRefused(
            "bad_id", f"公民身份证号应为 18 位，这里是 {len(number)} 位或含有别的字符，请对照身份证改正。"
        )
    if number[17] != check_digit(number[:17]):
        raise IdentityRefused("bad_check_digit", "末位校验码不对，多半有一位写错了，请对照身份证改正。")
    return _identity(number, "" if number == text else "lower_x", today)


def identity_of_cell(value: Any, *, today: date) -> Identity:
    """Read the number from a sheet's cell; one of more than 15 digits that came as a number has lost its end.

    :raises IdentityRefused: as :func:`read_identity`.
    """
    if isinstance(value, int | float) and abs(value) >= 1e15:
        raise _as_number()
    return read_identity(text_of(value), today=today)


def _as_number() -> IdentityRefused:
    return IdentityRefused("id_as_number", "被 Excel 存成了数字，后三位已丢失。把该列设成“文本”后，从原系统重新粘贴。")


def _lengthened(number: str) -> str:
    longer = f"{number[:6]}19{number[6:]}"
    return longer + check_digit(longer)


def _identity(number: str, how: str, today: date) -> Identity:
    if number[:2] not in PROVINCES:
        raise IdentityRefused("bad_id", f"开头两位 {number[:2]} 不是任何省份的代码，请对照身份证改正。")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise IdentityRefused(
            "bad_id", f"其中的出生日期 {number[6:10]}-{number[10:12]}-{number[12:14]} 不存在，请对照身份证改正。"
        ) from error
    if not EARLIEST_BIRTH <= born <= today:
        raise IdentityRefused("bad_id", f"其中的出生日期 {born} 不可能，请对照身份证改正。")
    return Identity(number, born, "男" if int(number[16]) % 2 else "女", how)

"""Reading typed TOML files that offices write themselves: validated whole, each fault a Chinese sentence."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Document = TypeVar("Document", bound=BaseModel)

FAULTS = {
    "missing": "缺这一项",
    "extra_forbidden": "没有这一项，可能是写错了名字",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "int_type": "要写整数",
    "int_parsing": "要写整数",
    "int_from_float": "要写整数",
    "string_type": "要写文字",
    "bool_type": "只能是 true 或 false",
    "bool_parsing": "只能是 true 或 false",
    "date_type": "要写成日期，如 2026-11-23",
    "date_parsing": "要写成日期，如 2026-11-23",
    "date_from_datetime_parsing": "要写成日期，如 2026-11-23",
    "date_from_datetime_inexact": "要写成日期，不带时刻，如 2026-11-23",
    "list_type": "要写成一列，用方括号 [ ]",
    "tuple_type": "要写成一列，用方括号 [ ]",
    "dict_type": "要写成一组，用花括号 {{ }}",
    "model_type": "要写成一组，用花括号 {{ }}",
    "model_attributes_type": "要写成一组，用花括号 {{ }}",
    "string_too_long": "最多 {max_length} 字",
    "too_long": "最多 {max_length} 项",
    "union_tag_invalid": "不认识的种类 {tag}，只能是 {expected_tags}",
    "union_tag_not_found": "没有说明种类",
    "string_pattern_mismatch": "写法不对，应符合 {pattern}",
    "too_short": "至少要有 {min_length} 项",
    "value_error": "{msg}",
}

NAMES = ("code", "of", "body", "ground", "per", "occasion")
"""By which of its values a row of a list is named in a sentence: the first it has."""


class Unfit(Exception):
    """A text that does not fit; the text of the error names place and fault, without the file."""


def parse_toml(text: str, model: type[BaseModel], places: Mapping[str, str]) -> BaseModel:
    """The text as a ``model``, each ``@name`` in it replaced by what its section ``[common]`` says.

    :param places: what the lists of tables are called in sentences; rows are named by the first of :data:`NAMES`.
    :raises Unfit: naming place and fault.
    """
    raw: dict = {}
    try:
        raw = tomllib.loads(text)
        common = raw.pop("common", {})
        if not isinstance(common, dict):
            raise Unfit("不合格：[common] 要写成一节，下面一行一个名字。")
        raw = _filled_in(raw, common)
        return model.model_validate(raw)
    except tomllib.TOMLDecodeError as error:
        raise Unfit(f"不是合格的 TOML 文件：{error}。") from error
    except ValidationError as error:
        raise Unfit("不合格：" + "；".join(_sentence(fault, raw, places) for fault in error.errors())) from error


def _filled_in(part, common: dict):
    """The text with each ``@name`` replaced, so that what many rows share is written once."""
    match part:
        case str() if part.startswith("@"):
            if part[1:] not in common:
                raise Unfit(f"不合格：用到了 {part}，[common] 里没有 {part[1:]}。")
            return common[part[1:]]
        case list():
            return [_filled_in(each, common) for each in part]
        case dict():
            return {name: _filled_in(each, common) for name, each in part.items()}
    return part


def _sentence(fault, raw, places: Mapping[str, str]) -> str:
    where = [str(part) for part in fault["loc"]]
    if len(where) > 1 and where[0] in places and where[1].isdigit():
        listed = raw[where[0]][int(where[1])]
        names = listed if isinstance(listed, dict) else {}
        code = next((names[name] for name in NAMES if name in names), where[1])
        where[:2] = [f"{places[where[0]]} {code}"]
    said = FAULTS.get(fault["type"], "{msg}").format(
        msg=fault["msg"].removeprefix("Value error, "), **fault.get("ctx", {})
    )
    return f"{' / '.join(where) or '全文'}：{said}"


class Shelf(Generic[Document]):
    """The documents of one kind: those that come with the product, each a file named by its code, and offices' own.

    :param head: the section of a document that holds its ``code``.
    :param noun: what a document is called in sentences.
    :param refused: what is raised for one that cannot be used; its text names file, place and fault.
    """

    def __init__(
        self, folder: Path, model: type[Document], *, head: str, noun: str, places: Mapping[str, str],
        refused: type[Exception],
    ):  # fmt: skip
        self.folder, self.model, self.head, self.noun = folder, model, head, noun
        self.places, self.refused = places, refused
        self.parsed = lru_cache(maxsize=64)(self.parse)
        """As :meth:`parse`, for texts that are read again and again; what it gives is never written to."""

    def codes(self) -> list[str]:
        """The codes of all that come with the product."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    def parse(self, text: str, name: str) -> Document:
        """Validate a text of TOML, called ``name`` in the sentence of a refusal."""
        try:
            return parse_toml(text, self.model, self.places)
        except Unfit as error:
            raise self.refused(f"{self.noun} {name} {error}") from error

    def read(self, code: str) -> Document:
        """The document of the product named ``code``; refused when there is none or it is faulty."""
        if code not in self.codes():
            raise self.refused(f"没有名为 {code} 的{self.noun}。现有：{'、'.join(self.codes())}。")
        path = self.folder / f"{code}.toml"
        found = self.parsed(path.read_text(encoding="utf-8"), path.name)
        if self._code(found) != code:
            raise self.refused(f"{self.noun} {path.name} 里的编号 {self._code(found)} 与文件名不一致。")
        return found

    def read_file(self, path: Path) -> Document:
        """An office's own document; refused when it is faulty or bears the code of one of the product.

        :raises OSError: when the file cannot be read.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise self.refused(f"{self.noun} {path.name} 不是 UTF-8 文字文件，请用 UTF-8 另存。") from error
        found = self.parse(text, path.name)
        if self._code(found) in self.codes() and path.resolve().parent != self.folder.resolve():
            said = f"{self.noun} {path.name} 的编号 {self._code(found)} 是系统自带{self.noun}的，请换一个编号。"
            raise self.refused(said)
        return found

    def _code(self, found: Document) -> str:
        return getattr(found, self.head).code

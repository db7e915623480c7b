"""Reading regulations: one TOML file each, validated whole. Those of the product lie in ``regulations/``, by code."""

from functools import lru_cache
from pathlib import Path

from base.tomlfiles import Unfit, parse_toml
from fund.regulation.schema import Regulation

FOLDER = Path(__file__).parent / "regulations"
DEFAULT = "default"
"""What an organisation follows that wrote none of its own."""

_PLACES = {
    "class": "类别",
    "step": "步骤",
    "standard": "标准",
    "band": "额度",
    "voting": "表决",
    "exclusion": "不予帮扶",
}


class RegulationRefused(Exception):
    """A regulation that cannot be used; the text is a sentence with file, place and fault."""


def regulation_codes() -> list[str]:
    """The codes of all regulations that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def parse_regulation(text: str, name: str) -> Regulation:
    """Validate the text of a regulation.

    :param text: TOML.
    :param name: the file's name, for the sentence.
    :raises RegulationRefused: naming file, place and fault.
    """
    try:
        return parse_toml(text, Regulation, _PLACES)
    except Unfit as error:
        raise RegulationRefused(f"资金管理办法 {name} {error}") from error


_parsed = lru_cache(maxsize=32)(parse_regulation)


def read_regulation(code: str) -> Regulation:
    """The regulation of the product named ``code``.

    :raises RegulationRefused: when there is none, or it is faulty.
    """
    if code not in regulation_codes():
        raise RegulationRefused(f"没有名为 {code} 的资金管理办法。现有：{'、'.join(regulation_codes())}。")
    path = FOLDER / f"{code}.toml"
    found = _parsed(path.read_text(encoding="utf-8"), path.name)
    if found.regulation.code != code:
        raise RegulationRefused(f"资金管理办法 {path.name} 里的编号 {found.regulation.code} 与文件名不一致。")
    return found


def read_file(path: Path) -> Regulation:
    """The regulation of an office, from its own file.

    :raises RegulationRefused: when it is faulty, or bears the code of one of the product.
    :raises OSError: when the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RegulationRefused(f"资金管理办法 {path.name} 不是 UTF-8 文字文件，请用 UTF-8 另存。") from error
    found = parse_regulation(text, path.name)
    if found.regulation.code in regulation_codes() and path.resolve().parent != FOLDER.resolve():
        raise RegulationRefused(f"资金管理办法 {path.name} 的编号 {found.regulation.code} 是系统自带的，请换一个编号。")
    return found

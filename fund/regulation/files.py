"""Reading regulations: one TOML file each, validated whole. Those of the product lie in ``regulations/``, by code."""

from pathlib import Path

from base.tomlfiles import Shelf
from fund.regulation.schema import Regulation

FOLDER = Path(__file__).parent / "regulations"


class RegulationRefused(Exception):
    """A regulation that cannot be used; the text is a sentence with file, place and fault."""


PLACES = {
    "class": "类别", "step": "步骤", "standard": "标准", "band": "额度", "voting": "表决", "exclusion": "不予帮扶",
}  # fmt: skip
SHELF = Shelf(
    FOLDER, Regulation, head="regulation", noun="资金管理办法", places=PLACES, refused=RegulationRefused
)  # fmt: skip
regulation_codes, parse_regulation, read_regulation, read_file = SHELF.codes, SHELF.parse, SHELF.read, SHELF.read_file

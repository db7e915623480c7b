"""How large a sheet may be, and how a whole file is refused. Read on both sides of the wall (``base.unpacking``)."""

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED = 200 * MEGABYTE
MAX_RATIO = 100
RATIO_FROM = 5 * MEGABYTE
"""Below this unpacked size a high ratio is only a very regular small sheet."""
MAX_ENTRIES = 2_000
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 2_000_000
"""Cells, and the rectangle that those with content span."""
MAX_TEXT = 20_000_000
"""Characters of all cells together: one shared text may stand in every cell."""
BLANK_ROWS_END = 1_000
HEADER_WITHIN = 10

MEMORY = 768 * MEGABYTE
"""Address space of the process that opens the file; what it does not get ends that process and no other."""
SECONDS = 25
"""Processor seconds that it has."""
CLOCK_SECONDS = 2 * SECONDS
"""Seconds on the clock: other work may be waiting for the same processor."""

TOO_LARGE = (
    f"表太大：最多 {MAX_ROWS // 10_000} 万行、{MAX_COLUMNS} 列、{MAX_CELLS // 10_000} 万格。"
    "请删去多余的行列（包括看起来是空的），或把数据复制到新工作簿再上传。"
)


class SheetRefused(Exception):
    """The whole file is refused; the text is the sentence the reader sees."""

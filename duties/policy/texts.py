"""Setting the text of a document beside the clauses of its policy: by how its paragraphs begin. Pure, no database.

Pasted texts come with line breaks in mid sentence, with digits and brackets of either width, with marks of other
programs. None of that keeps a paragraph from its clause.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADING = re.compile(r"^(#+\s|第[一二三四五六七八九十百]+[章节编](\s|$))")
"""Headings of chapters: they belong to no clause, and end the one before."""

NUMBERED = re.compile(
    r"^([-*#]\s*)*(第?[一二三四五六七八九十百\d]{1,4}\s*[、.．条章节项)）]|[(（][一二三四五六七八九十\d]{1,3}[)）])"
)
"""What begins a paragraph of its own, whatever stands before it."""

PAGE_NUMBER = re.compile(r"^[-—–\s]*\d{1,3}[-—–\s]*$")
BROKEN_OFF = 16
"""A line of at least so many characters that ends in mid sentence goes on in the next."""

_ENDS = "。\uff01？；：.!?;:》）)"
_QUOTES = str.maketrans("", "", "“”‘’\"'「」『』")
_ALIKE = str.maketrans("、．。〔﹝【[〕﹞】]", "...(((())))")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a text; ``clause`` is the code of the clause it belongs to, ``starts`` whether it begins it."""

    text: str
    clause: str | None = None
    starts: bool = False
    heading: bool = False


def plain(text: str) -> str:
    """The text as beginnings are compared: one width, no spaces, no quotation marks, one kind of separator."""
    bare = re.sub(r"^([-*#>•·]+\s*)+", "", text.strip())
    flat = unicodedata.normalize("NFKC", bare.translate(_ALIKE)).translate(_ALIKE).translate(_QUOTES)
    return re.sub(r"\s+", "", flat).casefold()


def beside(text: str, clauses: Sequence[tuple[str, Iterable[str]]]) -> list[Paragraph]:
    """The paragraphs of ``text``, each with the clause it belongs to, or with none before the first.

    :param clauses: code and beginnings of each clause, in the order of the document. Of several that match, the one
        whose beginning is longest; of equally long ones the next in order.
    """
    begins = [
        (plain(begin), place, code)
        for place, (code, several) in enumerate(clauses)
        for begin in several
        if plain(begin)
    ]  # fmt: skip
    found: list[Paragraph] = []
    code, place = None, -1
    for paragraph in _paragraphs(text, [begin for begin, _place, _code in begins]):
        hit = _hit(plain(paragraph), begins, place)
        heading = bool(HEADING.match(paragraph)) and hit is None
        if hit:
            place, code = hit
        elif heading:
            code = None
        found.append(Paragraph(re.sub(r"^([-*#]+\s+)+", "", paragraph), code, starts=hit is not None, heading=heading))
    return found


def _hit(said: str, begins: list[tuple[str, int, str]], last: int) -> tuple[int, str] | None:
    matching = [each for each in begins if said.startswith(each[0])]
    if not matching:
        return None
    _begin, place, code = min(matching, key=lambda each: (-len(each[0]), each[1] < last, each[1]))
    return place, code


def _paragraphs(text: str, begins: list[str]) -> list[str]:
    """Lines put together where a line was broken off in mid sentence."""
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    found: list[str] = []
    for line in lines:
        if not line or PAGE_NUMBER.match(line):
            continue
        own = HEADING.match(line) or NUMBERED.match(line) or any(plain(line).startswith(each) for each in begins)
        if found and not own and _goes_on(found[-1]):
            found[-1] += line
        else:
            found.append(line)
    return found


def _goes_on(before: str) -> bool:
    last = before.rstrip("”’\"'")[-1:]
    return len(before) >= BROKEN_OFF and last not in _ENDS and not HEADING.match(before)

"""Setting the text of a document beside the clauses of its policy: by how its paragraphs begin. Pure, no database.

Pasted texts come with line breaks in mid sentence, with digits and brackets of either width, with marks of other
programs. None of that keeps a paragraph from its clause.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

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
    """One paragraph of a text; ``clause`` is the code of the clause it belongs to, ``starts`` whether it begins it.

    ``key`` names it by its words, so that it is the same wherever in the text it stands; ``by_hand`` says that somebody
    assigned it.
    """

    text: str
    clause: str | None = None
    starts: bool = False
    heading: bool = False
    key: str = ""
    by_hand: bool = False


def plain(text: str) -> str:
    """The text as beginnings are compared: one width, no spaces, no quotation marks, one kind of separator."""
    bare = re.sub(r"^([-*#>•·]+\s*)+", "", text.strip())
    flat = unicodedata.normalize("NFKC", bare.translate(_ALIKE)).translate(_ALIKE).translate(_QUOTES)
    return re.sub(r"\s+", "", flat).casefold()


def beside(
    text: str, clauses: Sequence[tuple[str, Iterable[str]]], by_hand: Mapping[str, str] | None = None
) -> list[Paragraph]:
    """The paragraphs of ``text``, each with the clause it belongs to, or with none before the first.

    :param clauses: code and beginnings of each clause, in the order of the document. Of several that match, the one
        whose beginning is longest; of equally long ones the next in order.
    :param by_hand: for keys of paragraphs the code of a clause, or nothing for no clause at all: it goes before what
        the beginning says, and what follows goes on under it.
    """
    begins = [
        (plain(begin), place, code)
        for place, (code, several) in enumerate(clauses)
        for begin in several
        if plain(begin)
    ]  # fmt: skip
    places = {code: place for place, (code, _several) in enumerate(clauses)}
    given = {key: code for key, code in (by_hand or {}).items() if not code or code in places}
    found: list[Paragraph] = []
    code, place, seen = None, -1, Counter()
    for paragraph in _paragraphs(text, [begin for begin, _place, _code in begins]):
        said = plain(paragraph)
        seen[said] += 1
        key = f"{sha256(said.encode()).hexdigest()[:16]}-{seen[said]}"
        hit = (places.get(given[key], place), given[key] or None) if key in given else _hit(said, begins, place)
        heading = bool(HEADING.match(paragraph)) and hit is None
        if hit:
            place, code = hit
        elif heading:
            code = None
        starts = hit is not None and code is not None
        bare = re.sub(r"^([-*#]+\s+)+", "", paragraph)
        found.append(Paragraph(bare, code, starts=starts, heading=heading, key=key, by_hand=key in given))
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

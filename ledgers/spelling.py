"""What people write for the choices of a closed list, one or several in a cell. Pure: no database here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from base.cells import key_of
from care.codes import LISTS, spellings

_BETWEEN = r"[、,;/|]"
_NONE = frozenset({"", "无", "没有", "未享受", "-", "—"})


@dataclass(frozen=True)
class Spelling:
    """Reads the words of a closed list: its labels, and what else sheets write where it is one of the official lists.

    ``words`` leads from each spelling to the value, ``labels`` from the value to its label.
    """

    words: dict[str, str]
    labels: dict[str, str]

    @classmethod
    def of(cls, choices: Iterable[tuple[str, str]]) -> "Spelling":
        """Of pairs as a form field has them; its empty choice is left out."""
        return _spelling(tuple((str(value), str(label)) for value, label in choices if value != ""))

    @cached_property
    def _known(self) -> re.Pattern:
        longest = sorted(self.words, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, longest))})(?={_BETWEEN}|$)")

    def one(self, text: str) -> str | None:
        """The value that a text means; empty for none, ``None`` for a word that is unknown."""
        key = key_of(text)
        return "" if not key else self.words.get(key)

    def several(self, text: str) -> tuple[list[str], list[str]]:
        """The values that a text means, in the order of the list and each once, and the words that mean none."""
        key = key_of(re.sub(r"[\r\n]+", "、", text.strip()))  # a cell may hold a line for each
        if key in _NONE and key not in self.words:
            return [], []
        found, unknown, place = set(), [], 0
        while place < len(key):
            hit = self._known.match(key, place)
            end = hit.end() if hit else _end_of_word(key, place)
            if hit:
                found.add(self.words[hit[1]])
            elif word := key[place:end]:
                unknown.append(word)
            place = end + 1
        return [value for value in self.labels if value in found], unknown

    def label_of(self, text: str) -> str:
        """The label of what a text means; a text that means nothing as it stands."""
        value = self.one(text)
        return self.labels[value] if value else text

    def labels_of(self, text: str) -> str:
        """The labels of what a text means, in the order of the list; a text with an unknown word as it stands."""
        values, unknown = self.several(text)
        return text if unknown else "、".join(self.labels[value] for value in values)


@cache
def _spelling(pairs: tuple[tuple[str, str], ...]) -> Spelling:
    """Forms have few lists, sheets many cells."""
    labels = dict(pairs)
    words = {key_of(label): value for value, label in labels.items()}
    by_label = {label: value for value, label in labels.items()}
    official = next((each for each in LISTS if len(labels) > 1 and set(by_label) <= {m.label for m in each}), ())
    for member in official:
        if member.label in by_label:
            words |= {key_of(each): by_label[member.label] for each in spellings(member)}
    return Spelling(words, labels)


def _end_of_word(text: str, place: int) -> int:
    found = re.compile(_BETWEEN).search(text, place)
    return found.start() if found else len(text)


YES = frozenset(map(key_of, ("是", "有", "√", "✓", "对", "Y", "y", "1")))
NO = frozenset(map(key_of, ("", "否", "无", "没有", "×", "N", "n", "0", "-", "—")))


def yes_or_no(text: str) -> bool | None:
    """Whether a text says so; ``None`` for a word that is neither."""
    key = key_of(text)
    return True if key in YES else False if key in NO else None


def yes_word(text: str) -> str:
    """是 or 否 for what a text says; nothing for nothing, another word as it stands."""
    said = yes_or_no(text) if text else None
    return text if said is None else "是" if said else "否"

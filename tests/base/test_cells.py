"""What one cell says, where speed took a shorter way: it must lead to the same place."""

import re
import sys

from base.cells import BROKEN, INVISIBLE, is_clean, squeezed, text_of


def test_a_clean_text_holds_nothing_broken_and_nothing_invisible():
    """Of every character there is."""
    for character in map(chr, range(sys.maxunicode + 1)):
        if is_clean(character):
            assert not BROKEN.search(character)
            assert ord(character) not in INVISIBLE


def test_text_is_what_it_was_without_the_short_way():
    for character in map(chr, range(sys.maxunicode + 1)):
        text = f" 王{character}强 "
        assert text_of(text) == text.translate(INVISIBLE).strip()


def test_squeezed_takes_every_white_space_there_is():
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    assert squeezed(everything) == re.sub(r"\s+", "", everything)

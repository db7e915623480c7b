"""Whole numbers as they are typed into addresses: keys and places in a list."""

LONGEST = 18
"""Digits of the longest number that every database holds as a key."""


def whole_number(text: object) -> int:
    """The number in plain digits that ``text`` is.

    :raises ValueError: for anything else, and for more digits than a key may have.
    """
    digits = str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST):
        raise ValueError(f"not a whole number: {digits[:40]!r}")
    return int(digits)

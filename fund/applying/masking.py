"""Names as a public notice shows them, and account numbers as a page does."""

import re

LONG = 3
"""Characters of a name from which its last one is shown too."""

SHORT = 12
"""Digits of an account below which its beginning is not shown."""


def masked_name(name: str) -> str:
    """陈*, 孙*福, 欧阳*兰, 迪**·买**: the first and last character of a name of three, the first of one of two.

    Of a dotted name each part keeps its first alone.
    """
    parts = re.split(r"([·•・])", name.strip())
    if len(parts) > 1:
        return "".join(part if part in "·•・" else _first(part) for part in parts)
    if len(name) < LONG:
        return _first(name.strip())
    kept = name.strip()
    hidden = len(kept) - 2 if len(kept) == LONG else len(kept) - 3
    head = 1 if len(kept) == LONG else 2
    return kept[:head] + "*" * hidden + kept[-1]


def _first(part: str) -> str:
    return part[:1] + "*" * (len(part) - 1)


def masked_account(number: str) -> str:
    """6217 **** **** 3321: the first and last four digits of a bank account; of a short one the last two."""
    digits = "".join(each for each in number if each.isalnum())
    if len(digits) < SHORT:
        return f"****{digits[-2:]}" if digits else ""
    return f"{digits[:4]} **** **** {digits[-4:]}"

"""Sums of money in the capital characters of receipts (大写), as 会计基础工作规范 article 52 asks."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def in_capitals(fen: int) -> str:
    """``壹仟贰佰元整`` for 120000, ``叁拾元零伍分`` for 3005.

    :param fen: not negative. A sum that ends with yuan or jiao ends with 整; zeros in a row are said once.
    """
    yuan, jiao, last = fen // 100, fen // 10 % 10, fen % 10
    if not fen:
        return "零元整"
    said = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif yuan and last:
        said += DIGITS[0]
    return f"{said}{DIGITS[last]}分" if last else f"{said}整"


def _whole(number: int) -> str:
    """Groups of four digits from the left, each with its word; a zero between two digits is said, once."""
    said, gap = "", False
    digits = str(number)
    for at, digit in enumerate(digits):
        place = len(digits) - 1 - at
        if digit == "0":
            gap = True
        else:
            said += (DIGITS[0] if gap else "") + DIGITS[int(digit)] + PLACES[place % 4]
            gap = False
        if place % 4 == 0 and (place == 0 or int(digits[max(0, at - 3) : at + 1])):
            said += GROUPS[place // 4]
    return said

"""How names sound: the keys under which a person is found by initials or by full pinyin. No database.

A surname is often read otherwise than the same character elsewhere (曾 zeng, not ceng), and pypinyin knows characters
only; so surnames have a table of their own, two-character ones first. What stands in a table is added to the plain
reading, never put in its place: whoever types either finds the person.
"""

import os
import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

KEY_LENGTH = 60
"""Longer keys are cut: nobody types more."""

MOST = 8
"""Combinations of readings kept of one name, the likely ones first."""

COMPOUND = {
    "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun", "澹台": "tan tai", "乐正": "yue zheng", "单于": "chan yu",
    "子车": "zi ju", "纥奚": "he xi",
}  # fmt: skip
"""Surnames of two characters that are not read as their characters are."""

SURNAMES = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge", "朴": "piao",
    "乐": "yue", "翟": "zhai", "缪": "miao", "员": "yun", "繁": "po", "秘": "bi", "种": "chong", "折": "she",
    "召": "shao", "黑": "he", "么": "yao", "洗": "xian", "句": "gou", "尉": "yu", "覃": "qin", "隗": "wei",
    "柏": "bo", "薄": "bo", "那": "nuo", "谌": "shen", "牟": "mu", "莘": "xin", "郇": "huan", "宓": "fu",
    "祭": "zhai", "炅": "gui", "费": "bi", "角": "jue", "藏": "zang", "适": "kuo", "郗": "chi", "乜": "nie",
    "阚": "kan", "都": "du", "会": "gui", "能": "nai", "粘": "nian", "邪": "ya", "佴": "nai", "卜": "bu",
}  # fmt: skip
"""How a surname of one character is read besides its plain reading."""

GIVEN = {
    "乐": "yue", "茜": "xi", "晟": "sheng", "盛": "cheng", "长": "chang", "重": "chong", "朝": "zhao", "行": "hang",
    "曾": "zeng", "娜": "nuo", "柏": "bo", "炅": "gui", "隽": "jun", "筠": "jun", "莘": "xin", "阿": "e",
    "屏": "bing", "劲": "jing", "靓": "jing", "率": "lv", "荨": "qian", "什": "shen", "宿": "xiu", "传": "zhuan",
    "颉": "xie", "单": "shan", "参": "shen", "藏": "zang", "觉": "jiao", "角": "jue", "降": "xiang", "都": "dou",
    "校": "jiao", "车": "ju", "尉": "yu", "度": "duo", "解": "xie", "露": "lou", "种": "chong", "拓": "ta",
    "洗": "xian", "还": "hai", "省": "xing", "弹": "dan", "仔": "zai", "朴": "piao",
}  # fmt: skip
"""How a character is read in a given name besides its plain reading."""

_ASIDE = re.compile(r"[（(].*?[）)]")
_HAN = re.compile("[\u4e00-\u9fff]+")
_PIECES = re.compile(r"[a-z]+|[^\x00-\x7f]")


def keys_of(name: str) -> set[str]:
    """Initials and full pinyin of a name, once for each combination of readings; of foreign words each beginning.

    Characters that no dictionary knows, interpuncts and remarks in brackets are passed over.
    """
    pieces = list(name) if _HAN.fullmatch(name) else _PIECES.findall(folded(_ASIDE.sub("", name)))
    readings = [each for each in _readings(pieces) if each]
    keys = set()
    for spoken in islice(product(*readings), MOST):
        keys |= {"".join(spoken), "".join(sound[0] for sound in spoken)}
    for place, sounds in enumerate(readings):
        if place and sounds[0] in pieces:
            keys.add("".join(each[0] for each in readings[place:]))
    return {key[:KEY_LENGTH] for key in keys if key}


def _readings(pieces: list[str]) -> list[tuple[str, ...]]:
    """The readings of each piece: a surname by its tables, what follows as a given name."""
    read = [_both(GIVEN, piece) for piece in pieces]
    if pieces:
        read[0] = _both(SURNAMES, pieces[0])
    for place, sound in enumerate(COMPOUND.get("".join(pieces[:2]), "").split()):
        read[place] = tuple(dict.fromkeys((sound, *read[place])))
    return read


def _both(table: dict[str, str], piece: str) -> tuple[str, ...]:
    return (table[piece], *_plain(piece)) if piece in table else _plain(piece)


@lru_cache(maxsize=1 << 15)
def _plain(piece: str) -> tuple[str, ...]:
    """A word of letters as it is, a character as pypinyin reads it; 略 is typed lve and lue."""
    if piece.isascii():
        return (piece,)
    # Its dictionaries take memory in every process that loads them: 11 MB, and 40 MB of phrases, which no name is.
    os.environ["PYPINYIN_NO_PHRASES"] = "true"
    from pypinyin import lazy_pinyin

    sounds = [folded(sound) for sound in lazy_pinyin(piece, errors="ignore")]
    return tuple(dict.fromkeys(way for sound in sounds for way in (sound, sound.replace("ve", "ue")) if way))


def folded(text: str) -> str:
    """Small plain letters: full-width ones, accents and tones gone, ü as v. Characters stay as they are."""
    letters = [unicodedata.normalize("NFKC", each) if each < "\u0370" or each > "\uff00" else each for each in text]
    plain = unicodedata.normalize("NFD", "".join(letters).lower()).replace("u\u0308", "v")
    return "".join(each for each in plain if not unicodedata.combining(each))

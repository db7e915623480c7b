"""Days that everybody shares: solar ones by rule, lunar ones from a frozen table.

The table holds 春节 (first day of the first lunar month) and 重阳 (ninth of the ninth) of 1990–2060. It was made with
lunar-python 1.4.8 and compared day by day with lunardate 0.3 and with ICU's Chinese calendar (Node 20): at least two
of the three agree on every day. They part in three places: ICU puts 春节 of 2027 a day later and of 2030 a day earlier
(the others and every published calendar say 2027-02-06 and 2030-02-03), lunardate puts 重阳 of 2057 a day earlier.
"""

from datetime import date
from enum import StrEnum


class Occasion(StrEnum):
    """A festival or memorial day around which care is due. The value names its periods (``spring-2027``)."""

    NEW_YEAR = "newyear"
    SPRING_FESTIVAL = "spring"
    WOMENS_DAY = "women"
    LABOUR_DAY = "labour"
    PARTY_DAY = "july"
    ARMY_DAY = "army"
    TEACHERS_DAY = "teachers"
    DOUBLE_NINTH = "ninth"
    NATIONAL_DAY = "national"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Occasion.NEW_YEAR: "元旦", Occasion.SPRING_FESTIVAL: "春节", Occasion.WOMENS_DAY: "妇女节",
    Occasion.LABOUR_DAY: "劳动节", Occasion.PARTY_DAY: "七一", Occasion.ARMY_DAY: "八一",
    Occasion.TEACHERS_DAY: "教师节", Occasion.DOUBLE_NINTH: "重阳节", Occasion.NATIONAL_DAY: "国庆节",
}  # fmt: skip
_SOLAR = {
    Occasion.NEW_YEAR: (1, 1), Occasion.WOMENS_DAY: (3, 8), Occasion.LABOUR_DAY: (5, 1), Occasion.PARTY_DAY: (7, 1),
    Occasion.ARMY_DAY: (8, 1), Occasion.TEACHERS_DAY: (9, 10), Occasion.NATIONAL_DAY: (10, 1),
}  # fmt: skip
_TABLE = """
    1990 0127 1026  1991 0215 1016  1992 0204 1004  1993 0123 1023  1994 0210 1013
    1995 0131 1101  1996 0219 1020  1997 0207 1010  1998 0128 1028  1999 0216 1017
    2000 0205 1006  2001 0124 1025  2002 0212 1014  2003 0201 1004  2004 0122 1022
    2005 0209 1011  2006 0129 1030  2007 0218 1019  2008 0207 1007  2009 0126 1026
    2010 0214 1016  2011 0203 1005  2012 0123 1023  2013 0210 1013  2014 0131 1002
    2015 0219 1021  2016 0208 1009  2017 0128 1028  2018 0216 1017  2019 0205 1007
    2020 0125 1025  2021 0212 1014  2022 0201 1004  2023 0122 1023  2024 0210 1011
    2025 0129 1029  2026 0217 1018  2027 0206 1008  2028 0126 1026  2029 0213 1016
    2030 0203 1005  2031 0123 1024  2032 0211 1012  2033 0131 1001  2034 0219 1020
    2035 0208 1009  2036 0128 1027  2037 0215 1017  2038 0204 1007  2039 0124 1026
    2040 0212 1014  2041 0201 1003  2042 0122 1022  2043 0210 1011  2044 0130 1029
    2045 0217 1018  2046 0206 1008  2047 0126 1027  2048 0214 1016  2049 0202 1005
    2050 0123 1024  2051 0211 1013  2052 0201 1030  2053 0219 1020  2054 0208 1009
    2055 0128 1028  2056 0215 1017  2057 0204 1007  2058 0124 1025  2059 0212 1014
    2060 0202 1002
"""
_WORDS = _TABLE.split()
_LUNAR = {
    int(year): {Occasion.SPRING_FESTIVAL: spring, Occasion.DOUBLE_NINTH: ninth}
    for year, spring, ninth in zip(_WORDS[::3], _WORDS[1::3], _WORDS[2::3], strict=True)
}
FIRST_YEAR, LAST_YEAR = min(_LUNAR), max(_LUNAR)


class YearUnknown(LookupError):
    """A day was asked for beyond a table, of lunar days or of working days; the text says what to do."""


def day_of(occasion: Occasion, year: int) -> date:
    """The day of ``occasion`` in the solar year ``year``.

    :raises YearUnknown: for a lunar occasion outside 1990–2060; no day is ever guessed.
    """
    if occasion in _SOLAR:
        return date(year, *_SOLAR[occasion])
    if year not in _LUNAR:
        raise YearUnknown(f"农历表只到 {LAST_YEAR} 年，{year} 年的{occasion.label}查不到。请升级程序。")
    month_day = _LUNAR[year][occasion]
    return date(year, int(month_day[:2]), int(month_day[2:]))

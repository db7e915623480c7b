"""Who is who in the demo: sheets of organisations, members and posts, as an organisation department would bring them.

Identity numbers carry province codes that no person is issued, telephone numbers begin with 100.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from base.dates import anniversary
from config.demo.names import ELSEWHERE, full_name
from members.enums import OrganisationKind, Role
from members.identity import check_digit
from members.standing import no_probation

SEED = 19210701
COMMITTEE = "YH"
HOME = "YH0102"
"""The branch of the demo's secretary."""

K = OrganisationKind
ORGANISATIONS = (
    ("YH", "中国共产党云河水文局委员会", "云河水文局党委", K.COMMITTEE, ""),
    ("YH01", "中共云河水文局机关总支部委员会", "机关党总支", K.GENERAL_BRANCH, "YH"),
    ("YH02", "中共河源水文勘测局总支部委员会", "河源勘测局党总支", K.GENERAL_BRANCH, "YH"),
    ("YH03", "中共平川水文勘测局总支部委员会", "平川勘测局党总支", K.GENERAL_BRANCH, "YH"),
    ("YH04", "中共云河水文测验中心总支部委员会", "测验中心党总支", K.GENERAL_BRANCH, "YH"),
    ("YH0101", "中共云河水文局机关第一支部委员会", "机关第一党支部", K.BRANCH, "YH01"),
    ("YH0102", "中共云河水文局机关第二支部委员会", "机关第二党支部", K.BRANCH, "YH01"),
    ("YH0103", "中共云河水文局机关第三支部委员会", "机关第三党支部", K.BRANCH, "YH01"),
    ("YH0201", "中共河源水文勘测局第一支部委员会", "河源勘测局第一党支部", K.BRANCH, "YH02"),
    ("YH0202", "中共河源水文勘测局第二支部委员会", "河源勘测局第二党支部", K.BRANCH, "YH02"),
    ("YH0203", "中共河源水文勘测局第三支部委员会", "河源勘测局第三党支部", K.BRANCH, "YH02"),
    ("YH0204", "中共河源水文勘测局测站支部委员会", "河源勘测局测站党支部", K.BRANCH, "YH02"),
    ("YH0301", "中共平川水文勘测局第一支部委员会", "平川勘测局第一党支部", K.BRANCH, "YH03"),
    ("YH0302", "中共平川水文勘测局第二支部委员会", "平川勘测局第二党支部", K.BRANCH, "YH03"),
    ("YH0303", "中共平川水文勘测局上游巡测队支部委员会", "上游巡测队党支部", K.BRANCH, "YH03"),
    ("YH0401", "中共云河水文测验中心水质科支部委员会", "测验中心水质科党支部", K.BRANCH, "YH04"),
    ("YH0402", "中共云河水文测验中心信息科支部委员会", "测验中心信息科党支部", K.BRANCH, "YH04"),
    ("YH91", "中共云河水文局离退休第一支部委员会", "离退休第一党支部", K.BRANCH, "YH"),
    ("YH92", "中共云河水文局离退休第二支部委员会", "离退休第二党支部", K.BRANCH, "YH"),
)
"""Code, name, short name, kind, code above."""

SIZES = {
    "YH0101": 30, "YH0102": 38, "YH0103": 24, "YH0201": 26, "YH0202": 22, "YH0203": 21, "YH0204": 25,
    "YH0301": 23, "YH0302": 19, "YH0303": 24, "YH0401": 20, "YH0402": 26, "YH91": 34, "YH92": 31,
}  # fmt: skip
RETIRED = ("YH91", "YH92")


@dataclass
class Member:
    """One invented member, as the roster prints them. ``code`` is their branch's."""

    name: str
    sex: str
    born: date
    joined: date
    code: str
    full: date | None = None
    probationary: bool = False
    ethnicity: str = "汉族"
    education: str = "大学"
    job: str = "事业单位专业技术人员"
    lost: bool = False
    suspended: bool = False
    floating_to: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    dies_on: date | None = None
    moves_on: date | None = None
    moves_to: str = ""
    named: bool = False
    """Whether one of the demo's stories or higher posts is theirs."""


@dataclass
class Cast:
    """Everybody of the demo. ``posts`` are (member, organisation's code, role, first day, last day or none)."""

    today: date
    begin: date
    members: list[Member] = field(default_factory=list)
    posts: list[tuple[Member, str, Role, date, date | None]] = field(default_factory=list)

    def named(self, name: str) -> Member:
        """The first member of that name; the named ones come first."""
        return next(member for member in self.members if member.name == name)

    def of(self, code: str) -> list[Member]:
        return [member for member in self.members if member.code == code]


def begin_of(today: date) -> date:
    """New Year's day of the demo's year: this year's, or in January and February last year's, so there is a past."""
    return (today - timedelta(days=60)).replace(month=1, day=1)


def invent(today: date) -> Cast:
    """The cast as of ``today``; the same day always gives the same."""
    dice = Random(SEED)
    cast = Cast(today, begin_of(today))
    _named(cast)
    for code, size in SIZES.items():
        while len(cast.of(code)) < size:
            someone = _anybody(dice, cast, code)
            names = {member.name for member in cast.members if member.named or member.code == code}
            if someone.name not in names:
                cast.members.append(someone)
    _rarities(dice, cast)
    _papers(dice, cast)
    _posts(dice, cast)
    return cast


def _years_ago(today: date, days: int, years: int) -> date:
    """The day whose ``years``-th anniversary lies ``days`` from ``today``."""
    on = today + timedelta(days=days)
    return anniversary(on, on.year - years)


def _named(cast: Cast) -> None:
    """The people the demo's stories are about, and those who hold the posts above the branches."""
    today = cast.today

    def someone(code, name, sex, year, joined, **more):
        """Born on a day of the year that follows from the name, a full member after a year, unless said otherwise."""
        born = more.pop("born_on", date(year, 1, 1) + timedelta(days=sum(map(ord, name + code)) % 365))
        full = joined if no_probation(joined) else anniversary(joined, joined.year + 1)
        cast.members.append(Member(name, sex, born, joined, code, **{"full": full, "named": True, **more}))

    someone(HOME, "王海燕", "女", 1979, date(2004, 6, 18))
    someone(HOME, "张伟", "男", 1984, _years_ago(today, -17, 17))
    someone(HOME, "李建国", "男", 1968, date(1998, 7, 1))
    someone(HOME, "赵秀兰", "女", 1948, date(1970, 6, 18), job="离退休人员", education="中专")
    someone(HOME, "孙德福", "男", 1961, date(1987, 3, 12), job="离退休人员")
    someone(HOME, "马玉珍", "女", 1946, _years_ago(today, 4, 50), job="离退休人员", education="中专")
    someone(HOME, "王志远", "男", 1990, _years_ago(today, 7, 12))
    someone(HOME, "何静", "女", 1999, _years_ago(today, -9, 1), probationary=True, full=None)
    someone(HOME, "陈晓明", "男", 1986, date(2011, 12, 2))
    someone(HOME, "周敏", "女", 1988, date(2013, 5, 20))
    someone(HOME, "刘志强", "男", 1972, date(1999, 9, 9))
    someone(HOME, "吴桐", "女", 1998, today - timedelta(days=12), probationary=True, full=None)
    someone(HOME, "徐磊", "男", 1992, date(2016, 6, 24))
    someone(HOME, "郭凤英", "女", 1958, date(1985, 12, 25), job="离退休人员", full=None)
    someone(HOME, "邓海波", "男", 1975, date(2001, 12, 7), full=None)
    someone("YH0101", "高远", "男", 1970, date(1995, 6, 30))
    someone("YH0101", "沈岳", "男", 1973, date(1998, 11, 18))
    someone("YH0101", "程立新", "男", 1971, date(1996, 12, 12))
    someone("YH0103", "许诺", "女", 1977, date(2003, 7, 1))
    someone("YH0103", "何琳", "女", 1976, date(2000, 6, 16))
    someone("YH0103", "林清", "女", 1991, date(2015, 6, 26))
    someone("YH0103", "顾盼", "女", 1989, date(2014, 12, 5))
    someone("YH0103", "尹书恒", "男", 1983, date(2009, 6, 19))
    someone("YH0201", "周启明", "男", 1969, date(1994, 12, 23))
    someone("YH0201", "李建国", "男", 1959, date(1986, 7, 11), job="离退休人员")
    someone("YH0301", "马骁", "男", 1974, date(2002, 6, 21))
    someone("YH0401", "白露", "女", 1978, date(2005, 10, 28))
    someone("YH0202", "蒋文", "男", 1967, date(1993, 6, 25))
    someone("YH0202", "罗成", "男", 1985, date(2010, 12, 10))
    someone("YH0303", "秦闰生", "男", 1988, date(2012, 2, 29), born_on=date(1988, 2, 29))
    elder = {"job": "离退休人员", "education": "中专"}
    someone("YH91", "冯国安", "男", 1937, date(1960, 2, 29), **elder)
    someone("YH91", "钟秀英", "女", 1941, date(1969, 4, 8), full=None, **elder)
    someone("YH92", "邹祥云", "男", 1939, date(1966, 1, 15), full=None, **elder)
    someone("YH92", "彭长林", "男", 1944, date(1973, 10, 1), **elder)


def _anybody(dice: Random, cast: Cast, code: str) -> Member:
    """An ordinary member of a branch, with an age its members have and a joining day that goes with it."""
    age = dice.randint(60, 90) if code in RETIRED else dice.choice((*range(24, 60), *range(28, 50)))
    born = date(cast.today.year - age, 1, 1) + timedelta(days=dice.randrange(365))
    sex = dice.choices("男女", (62, 38))[0]
    latest = cast.begin - timedelta(days=500)
    joined = date(born.year + dice.randint(20, 36), 1, 1) + timedelta(days=dice.randrange(365))
    if joined > latest:
        joined = latest - timedelta(days=dice.randrange(700))
    if (joined - born).days < 19 * 366:
        joined = anniversary(born, born.year + 20)
    full = joined if no_probation(joined) else anniversary(joined, joined.year + 1)
    retired = age >= 60 or code in RETIRED
    return Member(
        full_name(dice, sex, born.year), sex, born, joined, code, full,
        education=dice.choice(("高中", "中专", "大专") if retired else ("大专", "大学", "大学", "大学", "研究生")),
        job="离退休人员" if retired else dice.choice(("事业单位专业技术人员", "事业单位管理人员", "工勤技能人员")),
        ethnicity=dice.choices(("汉族", "回族", "满族", "土家族"), (94, 3, 2, 1))[0],
    )  # fmt: skip


def _rarities(dice: Random, cast: Cast) -> None:
    """What every roster has a little of: other names, newcomers on probation, the lost, the floating, missing dates."""
    plain = [member for member in cast.members if member.full and not member.named]
    dice.shuffle(plain)
    working = [member for member in plain if member.code not in RETIRED]
    retired = [member for member in plain if member.code in RETIRED]
    for member, (name, sex, ethnicity) in zip(working[:8], ELSEWHERE, strict=True):
        member.name, member.sex, member.ethnicity = name, sex, ethnicity
    for member in working[8:15]:
        member.joined = cast.today - timedelta(days=dice.randint(40, 330))
        member.born = anniversary(member.born, cast.today.year - dice.randint(23, 31))
        member.probationary, member.full = True, None
    for member, place in zip(working[15:26], _PLACES, strict=True):
        member.floating_to = place
    for member in working[26:29]:
        member.lost = True
    for member in working[29:31]:
        member.suspended = True
    for member in (*working[31:33], *retired[:2]):
        member.full = member.joined if no_probation(member.joined) else None
    for member in retired[2:10]:
        member.joined = date(1969, 4, 14) + timedelta(days=dice.randrange(3000))
        member.born = date(member.joined.year - dice.randint(20, 28), 1, 1) + timedelta(days=dice.randrange(365))
        member.full = member.joined
    span = (cast.today - cast.begin).days
    for place, member in enumerate(retired[10:13], 1):
        member.dies_on = cast.begin + timedelta(days=span * place // 4)
    first = retired[10]  # dies in spring, on the list for the medal of fifty years
    first.joined = first.full = date(1974, 3, 12)
    first.born = anniversary(first.born, 1951)
    mover = next(member for member in working[33:] if member.code == "YH0103")
    mover.moves_on, mover.moves_to = cast.begin + timedelta(days=span // 3), "YH0201"


_PLACES = (
    "示例省江北市务工", "示例省临海市务工", "随子女居住示例市", "示例省南屏市务工", "示例省江北市经商",
    "借调示例省水文局", "示例市随子女居住", "示例省临海市经商", "示例省南屏市务工", "示例省江北市务工", "示例市求学",
)  # fmt: skip


def _papers(dice: Random, cast: Cast) -> None:
    """Identity numbers, telephones, addresses: each a different one, none of them anybody's."""
    taken = set()
    for place, member in enumerate(cast.members, 1):
        while not member.id_number or member.id_number in taken:
            order = dice.randrange(100, 999)
            order += (order % 2 == 1) != (member.sex == "男")
            first_17 = f"410000{member.born:%Y%m%d}{order}"
            member.id_number = first_17 + check_digit(first_17)
        taken.add(member.id_number)
        member.phone = f"1000000{place:04d}"
        member.address = f"示例省云河市示范区安澜路{dice.randint(1, 90)}号院{dice.randint(1, 30)}号楼"


def _posts(dice: Random, cast: Cast) -> None:
    first = cast.begin - timedelta(days=720)

    def post(name, code, role, since=first, until=None):
        cast.posts.append((cast.named(name), code, role, since, until))

    for name, code, role in (
        ("高远", "YH", Role.SECRETARY), ("沈岳", "YH", Role.DEPUTY_SECRETARY),
        ("许诺", "YH", Role.ORGANISATION_COMMISSIONER), ("何琳", "YH", Role.DEPARTMENT_HEAD),
        ("林清", "YH", Role.DEPARTMENT_CLERK), ("顾盼", "YH", Role.CASHIER), ("尹书恒", "YH", Role.ACCOUNTANT),
        ("程立新", "YH", Role.COMMISSIONER), ("周启明", "YH", Role.COMMISSIONER), ("马骁", "YH", Role.COMMISSIONER),
        ("白露", "YH", Role.COMMISSIONER),
        ("程立新", "YH01", Role.SECRETARY), ("周启明", "YH02", Role.SECRETARY), ("马骁", "YH03", Role.SECRETARY),
        ("白露", "YH04", Role.SECRETARY), ("王海燕", HOME, Role.SECRETARY),
        ("张伟", HOME, Role.ORGANISATION_COMMISSIONER), ("刘志强", HOME, Role.DISCIPLINE_COMMISSIONER),
    ):  # fmt: skip
        post(name, code, role)
    middle = cast.begin + (cast.today - cast.begin) / 2
    handed_over = cast.begin.replace(month=7) if cast.today >= cast.begin.replace(month=8) else middle
    post("蒋文", "YH0202", Role.SECRETARY, until=handed_over - timedelta(days=1))
    post("罗成", "YH0202", Role.SECRETARY, since=handed_over)
    busy = {id(member) for member, *_ in cast.posts}
    for code, size in SIZES.items():
        free = [m for m in cast.of(code) if id(m) not in busy and _may_serve(m, cast)]
        dice.shuffle(free)
        held = {role for _, organisation, role, *_ in cast.posts if organisation == code}
        wanted = [Role.SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER]
        wanted += [Role.DEPUTY_SECRETARY, Role.DISCIPLINE_COMMISSIONER] if size > 24 else []
        for role in wanted:
            if role not in held:
                cast.posts.append((free.pop(), code, role, first + timedelta(days=dice.randrange(300)), None))


def _may_serve(member: Member, cast: Cast) -> bool:
    """Somebody who can hold a post: a full member of some years, at home, not too old."""
    away = member.lost or member.suspended or member.floating_to or member.dies_on or member.moves_on
    return bool(member.full) and not away and member.joined < cast.begin - timedelta(days=1200) and (
        cast.today.year - member.born.year <= (72 if member.code in RETIRED else 57)
    )  # fmt: skip


# The sheets, row by row

ORGANISATION_HEADINGS = (
    "党组织编码", "党组织名称", "党组织简称", "组织类别", "上级党组织编码", "单位名称", "成立日期", "届满日期",
    "联系电话",
)  # fmt: skip
ROSTER_HEADINGS = (
    "姓名", "性别", "公民身份证号", "民族", "出生日期", "学历", "人员类别", "所在党支部", "入党日期", "转正日期",
    "工作岗位", "联系电话", "家庭住址", "党籍状态", "是否为失联党员", "是否为流动党员", "外出流向",
)  # fmt: skip
POST_HEADINGS = ("党组织编码", "党组织名称", "姓名", "公民身份证号", "职务", "任职日期", "免职日期")


def organisation_rows(cast: Cast) -> list[list]:
    founded = date(2009, 7, 1)
    ends = anniversary(founded, cast.today.year + 1)
    return [
        [code, name, short, kind.label, above, "云河水文局", founded, ends, f"0371-6000{1100 + place}"]
        for place, (code, name, short, kind, above) in enumerate(ORGANISATIONS)
    ]


def roster_rows(cast: Cast) -> list[list]:
    return [
        [
            m.name, m.sex, m.id_number, m.ethnicity, m.born, m.education,
            "预备党员" if m.probationary else "正式党员", m.code, m.joined, m.full, m.job, m.phone, m.address,
            "停止党籍" if m.suspended else "正常", "是" if m.lost else "否", "是" if m.floating_to else "否",
            m.floating_to,
        ]
        for m in cast.members
    ]  # fmt: skip


def post_rows(cast: Cast) -> list[list]:
    names = {code: name for code, name, *_ in ORGANISATIONS}
    return [
        [code, names[code], member.name, member.id_number, role.label, since, until]
        for member, code, role, since, until in cast.posts
    ]

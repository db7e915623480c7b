"""无职党员设岗定责: which post of work a member without office took on, and how he filled it (M13)."""

from datetime import date

from django import forms

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, count, day, one_of, table, words
from members.enums import SYSTEM_ROLES, Standing
from members.models import Membership, Person

HOW = ("自愿申报", "民主推荐", "自愿申报和民主推荐")
RESULTS = ("完成好", "完成", "没有完成")


class Training(forms.Form):
    """Being prepared for the post, or taught while in it."""

    on = day("日期", required=True)
    kind = one_of("种类", ("岗前培训", "岗后培训"), required=True)
    what = words("内容", most=200)


class YearEnd(forms.Form):
    """How a year in the post is judged, in words."""

    year = count("年度", most=2199, required=True)
    result = one_of("履岗情况", RESULTS, required=True)
    said = words("评议意见", most=300)
    reward = words("奖励", most=100)


class AssignmentForm(EntryForm):
    """The post, how it was given, training before and after, what came of each year."""

    post = words("岗位名称", most=40, required=True, hint="例如：政策宣传岗、环境卫生监督岗、邻里调解岗。")
    work = words("岗位职责", most=500, required=True, lines=2)
    how = one_of("怎样定岗", HOW, required=True, radio=True)
    meeting = words("定岗的会议", most=60, hint="例如：9 月 12 日党员大会。")
    although = words("有职务仍设岗的理由", most=100, hint="没有职务的空着。")
    turn = words("轮岗安排", most=100, hint="例如：一年一轮。换岗时把这一条退出，写“轮岗”，再按新岗位登记一条。")
    trainings = table("培训", Training)
    results = table("年终评议", YearEnd, hint="一年一行，只写情况，不打分、不排名。")

    sections = (
        Section("岗位", ("post", "work", "how", "meeting", "turn", "although")),
        Section("培训", ("trainings",)),
        Section("年终评议", ("results",)),
    )


def _check(entry: Entry, today: date) -> dict[str, str]:
    years = [row["year"] for row in entry.facts.get("results") or ()]
    refused = {}
    if any(row["on"] > today.isoformat() for row in entry.facts.get("trainings") or ()):
        refused["trainings"] = "培训日期晚于今天，办了再记。"
    if any(not entry.since.year <= year <= today.year for year in years):
        refused["results"] = f"评议的年度要在 {entry.since.year} 到 {today.year} 之间。"
    elif len(set(years)) < len(years):
        refused["results"] = "同一年度写了两行，请合成一行。"
    if not entry.facts.get("although") and (held := _held(entry.person, entry.since)):
        refused["although"] = (
            f"{entry.person.name} {entry.since} 任{held}，不是无职党员，请核对。确要设岗的，写明理由。"
        )
    return refused


def _held(person: Person, day: date) -> str:
    """The office that somebody holds on a day; empty if none."""
    posts = sorted(person.posts.all(), key=lambda post: (post.since, post.pk))
    held = [post for post in posts if post.since <= day < post.until and post.role not in SYSTEM_ROLES]
    return f"{held[0].organisation.label}{held[0].get_role_display()}" if held else ""


def _notice(entry: Entry, stay: Membership, day: date) -> str:
    """Who holds an office is none of those for whom posts are made; nor is who may not act as a member."""
    if stay.standing == Standing.SUSPENDED:
        return "停止党籍期间不参加设岗，请按“其他”退出。"
    if not entry.facts.get("although") and (held := _held(entry.person, day)):
        return f"现任{held}，不是无职党员，请核对；任职了的按“已经任职”退出。"
    return ""


ASSIGNMENT = Register(
    code=RegisterCode.ASSIGNMENT,
    title="无职党员设岗定责台账",
    noun="设岗定责",
    lead="没有职务的党员认领一个岗位：自愿申报、民主推荐，岗前岗后有培训，轮岗，年终评议。",
    form=AssignmentForm,
    closings=("轮岗", "已经任职", "本人不再担任", "年老体弱", "党员调离", "其他"),
    columns=("post", "how"),
    notice=_notice,
    check=_check,
    reads_posts=True,
    close_hint="换岗的选“轮岗”，再登记新的岗位。",
)

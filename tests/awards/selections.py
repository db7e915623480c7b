"""A yearly selection in few words, at each of its stages. Opened on 1 June, chosen before 1 July 2026."""

from datetime import date

from awards.models import Level, Nominee, Selection, SelectionTitle
from awards.selecting.awarding import award
from awards.selecting.deciding import Choice, Held, Verdict, decide, electable, nominees_of, review
from awards.selecting.nominating import Endorsed, Met, endorse, nominate
from awards.selecting.noticing import post_notice
from awards.selecting.opening import Wanted, close_nominations, open_selection
from awards.selecting.places import set_places

TODAY = date(2026, 11, 23)
OPENED, MET, ENDORSED, DECIDED, POSTED, AWARDED = (
    date(2026, 6, 1), date(2026, 6, 5), date(2026, 6, 8), date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 30),
)  # fmt: skip
MEMBER, WORKER, BRANCH = "优秀共产党员", "优秀党务工作者", "先进基层党组织"
Of = SelectionTitle.Of
WANTED = (
    Wanted(MEMBER, Of.MEMBERS, Level.UNIT, 2), Wanted(WORKER, Of.MEMBERS, Level.UNIT, 1),
    Wanted(BRANCH, Of.ORGANISATIONS, Level.UNIT, 1),
)  # fmt: skip


def opened(cast, by=None, **more) -> Selection:
    """The committee's own; each branch has one place for every title."""
    said = {
        "organisation": cast.committee, "year": 2026, "title": "2026 年“两优一先”评选", "opened_on": OPENED,
        "nominate_by": date(2026, 12, 10), "titles": WANTED, "today": TODAY,
    }  # fmt: skip
    selection = open_selection(by=by, **said | more)
    if not more:
        give(selection, {each: 1 for each in (cast.branch, cast.sibling, cast.direct)})
    return selection


def give(selection, places: dict, *, titles=None, today=TODAY) -> None:
    """So many places for each organisation, of every title or of those named."""
    rows = selection.titles.order_by("position")
    numbers = {
        (title.pk, place.pk): number
        for title in rows if titles is None or title.name in titles
        for place, number in places.items()
    }  # fmt: skip
    set_places(by=None, selection=selection, numbers=numbers, today=today)


def title(selection, name=MEMBER) -> SelectionTitle:
    return SelectionTitle.objects.select_related("selection").get(selection=selection, name=name)


def met(**more) -> Met:
    return Met(**{"on": MET, "expected": 12, "present": 11, "agreed": 10, "minutes": "支部〔2026〕6 号"} | more)


def put(selection, subject, nominator, name=MEMBER, by=None, **more) -> Nominee:
    """Nominate somebody; the meeting as ``more`` says it."""
    deeds = more.pop("deeds", "带头下沉一线，完成测报改造。")
    today = more.pop("today", TODAY)
    return nominate(
        by=by, title=title(selection, name), nominator=nominator, subject=subject, met=met(**more), deeds=deeds,
        today=today,
    )  # fmt: skip


def nominated(cast, by=None) -> Selection:
    """李建国 and 王海燕 of the branch, 孙德福 of its sibling, 马玉珍 and her branch; the general branch said yes."""
    selection = opened(cast, by)
    put(selection, cast.li, cast.branch)
    put(selection, cast.secretary, cast.branch, WORKER)
    put(selection, cast.sun, cast.sibling)
    put(selection, cast.direct_secretary, cast.direct)
    put(selection, cast.direct, cast.direct, BRANCH)
    recommend(selection, cast.general)
    return selection


def recommend(selection, place, *, no=(), today=TODAY) -> None:
    """The general branch says yes to all who wait, but to those in ``no``."""
    rows = Nominee.objects.waiting().filter(title__selection=selection, endorser=place).order_by("pk")
    said = {
        row.pk: Endorsed(False, why="民主测评靠后") if row.person in no else Endorsed(True, place_)
        for place_, row in enumerate(rows, start=1)
    }
    endorse(by=None, selection=selection, place=place, on=ENDORSED, minutes="总支〔2026〕3 号", said=said, today=today)


def reviewed(cast, by=None) -> Selection:
    """All pass."""
    selection = close_nominations(by=by, selection=nominated(cast, by), today=TODAY)
    rows = nominees_of(selection, Nominee.State.NOMINATED)
    review(by=by, selection=selection, said={row.pk: Verdict(True, "已核实") for row in rows}, today=TODAY)
    return selection


def held(**more) -> Held:
    return Held(
        **{"body": "党委会", "on": DECIDED, "expected": 7, "present": 6, "minutes": "党委会〔2026〕9 号"} | more
    )


def choose(selection, *chosen, by=None, aside=(), meeting=None, **more):
    """The meeting chooses these people and organisations, by the agreement of all unless ``more`` says otherwise."""
    said = {
        row.pk: Choice((row.person or row.organisation) in chosen, aside=row.person in aside, **more)
        for row in electable(selection)
    }
    return decide(by=by, selection=selection, held=meeting or held(), said=said, today=TODAY)


def decided(cast, by=None) -> Selection:
    """李建国 and 马玉珍, the branch's secretary, and 机关党支部; 孙德福 is left out."""
    selection = reviewed(cast, by)
    choose(selection, cast.li, cast.direct_secretary, cast.secretary, cast.direct, by=by)
    selection.refresh_from_db()
    return selection


def post(selection, by=None, **more):
    said = {"from_on": POSTED, "days": 5, "place": "机关一楼公示栏", "contact": "组织部 0371-60001101", "today": TODAY}
    return post_notice(by=by, selection=selection, **said | more)


def posted(cast, by=None) -> Selection:
    selection = decided(cast, by)
    post(selection, by)
    selection.refresh_from_db()
    return selection


def commend(selection, presided, by=None, **more) -> Selection:
    return award(by=by, selection=selection, **{
        "on": AWARDED, "document": "云水党〔2026〕21 号", "presided": presided, "today": TODAY,
    } | more)  # fmt: skip


def awarded(cast, by=None) -> Selection:
    return commend(posted(cast, by), cast.committee_secretary, by)


def nominee(selection, subject) -> Nominee:
    rows = Nominee.objects.select_related("title__selection__organisation", "person", "organisation", "meeting")
    about = {"person": subject} if hasattr(subject, "birth_on") else {"person": None, "organisation": subject}
    return rows.filter(title__selection=selection, **about).latest("pk")

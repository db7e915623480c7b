"""The demo's selections: that before 1 July, awarded, and one of the year's end, which the branches are nominating for.

Everybody is invented; whom a branch nominates follows from its roster, so every load names the same.
"""

from collections import defaultdict
from datetime import date, timedelta

from awards.models import Level, Nominee, Selection, SelectionTitle
from awards.selecting.awarding import award, recommend_upward
from awards.selecting.deciding import Choice, Held, Verdict, decide, electable, left_of, nominees_of, review
from awards.selecting.nominating import Endorsed, Met, endorse, nominate
from awards.selecting.noticing import answer, object_to, post_notice
from awards.selecting.opening import Wanted, ask_branches, close_nominations, open_selection
from awards.selecting.places import propose_places, shares
from awards.selecting.reading import places_for
from base.dates import last_day
from config.demo.people import COMMITTEE, HOME
from members.accounts import DEMO_PREFIX
from members.enums import CategoryKind, Role, Standing
from members.models import Account, Category, Membership, Organisation, Person, Post

Of, State = SelectionTitle.Of, Nominee.State

DEEDS = (
    "汛期连续值守测报一线，主动承担夜班，带出两名新手，经手的数据没有一处返工。",
    "牵头整理二十年水位资料，方便了兄弟单位查用；结对帮扶一户困难群众，坚持每月上门。",
    "党支部建设扎实，三会一课记录完整，谈心谈话覆盖全体党员，群众评价好。",
)
OPENED, MET, ENDORSED, CLOSED, DECIDED = (5, 12), (5, 20), (5, 26), (6, 2), (6, 9)
AWARDED = (6, 28)


def enter_selections(*, since: date, today: date) -> None:
    """Enter both by the account of the committee's clerk; that of the summer only once it would be over."""
    by = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    committee = Organisation.objects.get(code=COMMITTEE)
    if date(since.year, *AWARDED) <= today:
        _awarded(by, committee, since.year)
    _running(by, committee, today)


def _awarded(by: Account, committee: Organisation, year: int) -> None:
    """Nominated by every branch with a place, one objection answered, one recommended to the city's committee."""
    opened, met, endorsed, closed, decided = (date(year, *day) for day in (OPENED, MET, ENDORSED, CLOSED, DECIDED))
    selection = open_selection(
        by=by, organisation=committee, year=year, title=f"{year} 年“两优一先”评选", opened_on=opened,
        nominate_by=closed, today=opened, titles=(
            Wanted("优秀共产党员", Of.MEMBERS, Level.UNIT, 6), Wanted("优秀党务工作者", Of.MEMBERS, Level.UNIT, 2),
            Wanted("先进基层党组织", Of.ORGANISATIONS, Level.UNIT, 2),
        ),
    )  # fmt: skip
    totals = {title.pk: title.quota + 3 for title in selection.titles.order_by("position")}
    propose_places(by=by, selection=selection, totals=totals, today=opened)
    ask_branches(by=by, selection=selection, due_on=closed, today=opened)
    for share in shares(selection, places_for(by, selection, met)):
        for place in range(share.left):
            _put(by, share, place, met)
    _endorse(by, selection, endorsed)
    selection = close_nominations(by=by, selection=selection, today=closed)
    rows = nominees_of(selection, State.NOMINATED)
    review(by=by, selection=selection, today=closed, said={
        row.pk: Verdict(True, "已与支部核实") for row in rows if row.person_id != by.person_id
    })  # fmt: skip
    table = _at_table(committee, decided)
    left, said = left_of(selection), {}
    for row in electable(selection):
        yes = left[row.title_id] > 0 and row.person_id != by.person_id
        left[row.title_id] -= yes
        said[row.pk] = Choice(yes, aside=yes and row.person_id in table)
    held = Held("党委会", decided, 7, 7, f"党委会纪要〔{year}〕10 号")
    decide(by=by, selection=selection, held=held, said=said, today=decided)
    selection.refresh_from_db()
    notice = post_notice(
        by=by, selection=selection, from_on=decided + timedelta(days=1), days=5, place="机关一楼公示栏",
        contact="党委组织部，0371-60001101", today=decided + timedelta(days=1),
    )  # fmt: skip
    first = notice.nominees.filter(person__isnull=False).order_by("pk").first()
    heard = decided + timedelta(days=3)
    objection = object_to(
        by=by, nominee=first, received_on=heard, said_by="匿名", words="反映考勤有出入。", today=heard
    )
    answer(by=by, objection=objection, upheld=False, words="查了考勤和值班表，当天在外业测流，反映不实。",
           today=heard + timedelta(days=2))  # fmt: skip
    on = date(year, *AWARDED)
    selection.refresh_from_db()
    head = Post.objects.on(on).select_related("person").get(organisation=committee, role=Role.SECRETARY).person
    award(by=by, selection=selection, on=on, document=f"云水党〔{year}〕21 号", presided=head, today=on)
    chosen = nominees_of(selection, State.AWARDED).filter(person__isnull=False).last()
    recommend_upward(by=by, nominee=chosen, upper=None, to="市直机关工委", on=on, title=chosen.title.name, today=on)


def _running(by: Account, committee: Organisation, today: date) -> None:
    """The first branches have nominated; the demo secretary's own has places left and a task."""
    opened, year = today - timedelta(days=10), today.year
    selection = open_selection(
        by=by, organisation=committee, year=year, title=f"{year} 年度先进评选", opened_on=opened,
        nominate_by=today + timedelta(days=12), today=today, titles=(
            Wanted("年度优秀共产党员", Of.MEMBERS, Level.UNIT, 12),
            Wanted("年度先进党支部", Of.ORGANISATIONS, Level.UNIT, 4),
        ),
    )  # fmt: skip
    ask_branches(by=by, selection=selection, due_on=selection.nominate_by, today=today)
    home = Organisation.objects.get(code=HOME)
    others = [share for share in shares(selection, places_for(by, selection, today)) if share.organisation != home]
    for share in others[:7]:
        for place in range(share.left):
            _put(by, share, place + 4, today - timedelta(days=2), today)


def _put(by: Account, share, place: int, met: date, today: date | None = None) -> None:
    """The next of the roster whom nothing speaks against, by the votes of all but one."""
    branch, title = share.organisation, share.title
    today = today or met
    subject = branch
    if title.of_members:
        subject = _free(branch, title, place, today, by)
        if subject is None:
            return
    expected = max(5, Membership.objects.on(met).filter(organisation=branch, standing=Standing.FULL).count())
    nominate(
        by=by, title=title, nominator=branch, subject=subject, today=today,
        met=Met(met, expected, expected - 1, expected - 1, f"支部会议记录〔{met.year}〕{met.month} 号"),
        deeds=DEEDS[-1] if not title.of_members else DEEDS[(branch.pk + place) % 2],
    )  # fmt: skip


def _free(branch: Organisation, title, place: int, today: date, by: Account) -> Person | None:
    """Somebody of the branch who is nominated for nothing in this selection, and under no sanction."""
    stays = Membership.objects.on(today).filter(organisation=branch, standing=Standing.FULL)
    there = Nominee.objects.standing().filter(title__selection=title.selection, person__isnull=False)
    barred = Category.objects.on(last_day(today)).filter(kind=CategoryKind.DISCIPLINED).values("person")
    dead = Membership.objects.filter(standing=Standing.DEAD).values("person")
    people = Person.objects.filter(pk__in=stays.values("person")).exclude(pk__in=there.values("person"))
    people = people.exclude(pk__in=barred).exclude(pk__in=dead).exclude(pk=by.person_id)
    found = list(people.order_by("-joined_on", "pk"))
    return found[(len(found) // 3 + place * 3) % len(found)] if found else None


def _endorse(by: Account, selection: Selection, on: date) -> None:
    waiting = Nominee.objects.waiting().filter(title__selection=selection)
    for place in Organisation.objects.filter(pk__in=waiting.values("endorser")).order_by("path"):
        ranks, said = defaultdict(int), {}
        for row in waiting.filter(endorser=place).order_by("title__position", "pk"):
            ranks[row.title_id] += 1
            if row.person_id != by.person_id:
                said[row.pk] = Endorsed(True, ranks[row.title_id])
        endorse(by=by, selection=selection, place=place, on=on, minutes=f"总支会议记录〔{on.year}〕5 号", said=said,
                today=on)  # fmt: skip


def _at_table(committee: Organisation, on: date) -> set[int]:
    return set(Post.objects.on(on).filter(organisation=committee).order_by("pk").values_list("person", flat=True))

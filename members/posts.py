"""Importing posts (任职) from a sheet: the plan that the preview shows, carrying it out, and inviting the holders.

A post gives access, so a person is never guessed: without an identity number the name must be one person's alone.
An account writes party posts only, and none of its own; a command writes all, and invites.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from base import audit
from base.cells import plain, squeezed, text_of
from base.dates import FAR, last_day
from base.facts import Fact, facts_changed, facts_will_change
from base.reading import CellReader, Column, Level, Sheet, read_sheet
from base.sealed import blind_index
from members.appointments import OWN_POST, clash, may_keep, overlap, titled
from members.enums import LIVING, Capability, Role
from members.identity import IdentityRefused, identity_of_cell
from members.imports import ImportReport, raced
from members.invitations import Issued, invite
from members.models import Membership, Organisation, Person, Post
from members.organisations import organisations_by_any_name
from members.sheets import Change, Line, Outcome, SheetPlan

COLUMNS = (
    Column("code", ("党组织编码", "党组织代码", "组织编码")),
    Column("organisation", ("党组织名称", "所在党支部", "所在党组织", "党组织", "组织名称"), required=True),
    Column("name", ("姓名",), required=True),
    Column("id_number", ("公民身份证号", "公民身份证号码", "公民身份号码", "身份证号", "身份证号码")),
    Column("role", ("职务", "党内职务", "担任职务"), required=True),
    Column("since", ("任职日期", "任职时间", "任职起始日期"), required=True),
    Column("until", ("免职日期", "免职时间", "离任日期", "任职结束日期")),
)

ROLE_WORDS = {
    **{role.label: role for role in Role},
    **dict.fromkeys(("支部书记", "党支部书记", "总支书记", "党总支书记", "党委书记"), Role.SECRETARY),
    **dict.fromkeys(("支部副书记", "党支部副书记", "总支副书记", "党总支副书记", "党委副书记"), Role.DEPUTY_SECRETARY),
    **dict.fromkeys(("支委", "支部委员", "总支委员", "党委委员", "支委会委员"), Role.COMMISSIONER),
    **dict.fromkeys(("纪律检查委员", "纪律委员"), Role.DISCIPLINE_COMMISSIONER),
    **dict.fromkeys(("组织部长", "组织部部长", "组织部主任"), Role.DEPARTMENT_HEAD),
    **dict.fromkeys(("组织干事", "党务干事"), Role.DEPARTMENT_CLERK),
    "小组长": Role.GROUP_LEADER, "检查组成员": Role.INSPECTOR,
}  # fmt: skip


@dataclass
class PostRow:
    """What one row says, as far as it could be made out."""

    cells: CellReader
    code: str
    organisation: str
    name: str
    id_index: str | None
    role: Role | None
    since: date | None
    until: date

    @property
    def key(self) -> tuple:
        return (self.id_index or self.name, self.code or self.organisation, self.role, self.since)


@dataclass
class PostsPlan(SheetPlan):
    """What a sheet of posts would do: whom and where its rows mean, by row number, and the posts to write."""

    found: dict[int, tuple[Person, Organisation]] = field(default_factory=dict)
    posts: list[tuple[Post, date]] = field(default_factory=list)
    """Each with the first day on which it now looks different."""


@dataclass
class PostsImport:
    """What an import of posts did, with the invitations it brought: the only time their codes can be read."""

    report: ImportReport = field(default_factory=ImportReport)
    invitations: list[tuple[Issued, Organisation]] = field(default_factory=list)

    def as_dict(self) -> dict:
        invitations = [
            {"name": issued.person.name, "organisation": organisation.label, "code": issued.code}
            for issued, organisation in self.invitations
        ]
        return {**self.report.as_dict(), "invitations": invitations}


def read_posts(data: bytes) -> Sheet:
    """:raises SheetRefused: if the file is no sheet of posts."""
    return read_sheet(data, COLUMNS)


def plan_posts(*, by, sheet: Sheet, today: date) -> PostsPlan:
    """Compare a sheet with the posts that are known.

    免职日期 is read as the last day the post was held, so the stored interval ends the day after: in practice a
    successor is appointed for the day after it, and no day is left without a secretary.

    :param by: the account that imports (only where it may import), or ``None`` for a command.
    """
    plan = PostsPlan(sheet, [CellReader(row, sheet.headings) for row in sheet.rows])
    rows = [_read_row(cells, today) for cells in plan.readers]
    plan.found = _resolve(rows, by, today)
    _plan(rows, plan, by)
    return plan


def import_posts(*, by, sheet: Sheet, today: date, now: datetime) -> PostsImport:
    """Plan anew, enter posts and end those that ended. A command then invites the holders of today without an account.

    The same sheet again changes nothing and invites nobody whose code can still be used. Accounts are opened by the
    system administrator, so an account that imports invites nobody.

    :param by: the account that imports, or ``None`` for a command.
    :param now: the moment from which the seven days of an invitation run.
    """
    done = PostsImport()
    with raced(), transaction.atomic():
        facts_will_change(alone=True)
        plan = plan_posts(by=by, sheet=sheet, today=today)
        done.report = plan.report()
        _write(plan)
        if by is None:
            holders = _holders(plan.found, today)
            issued = invite(by=by, people=[person for person, _ in holders.values()], now=now)
            done.invitations = [(each, holders[each.person.pk][1]) for each in issued]
        audit.write(audit.Act.IMPORT, "posts", invitations=len(done.invitations), **done.report.counts())
    return done


def _read_row(cells: CellReader, today: date) -> PostRow:
    word = squeezed(plain(cells.text("role", longest=40)))
    role = ROLE_WORDS.get(word)
    if role is None:
        said = f"“{word}”不在名单里" if word else "是空的"
        cells.wrong("role", "unknown_role", f"职务{said}，请写成：{'、'.join(Role.labels)}。")
    since, last = cells.day("since"), cells.day("until")
    if last is None and not cells.refused and text_of(cells.raw("until")):
        cells.wrong("until", "inexact_until", "免职日期要写到日：不知道哪天免职，就不知道到哪天还有权限。")
    if since is None and not cells.refused:
        cells.wrong("since", "missing_since", "没有任职日期（要到日），请补上。")
    elif since and since > today:
        cells.wrong("since", "future_since", f"任职日期 {since} 晚于今天，到任以后再导入。")
    elif since and last and last < since:
        cells.wrong("until", "until_before_since", f"免职日期 {last} 早于任职日期 {since}，两个日期可能填反了。")
    return PostRow(
        cells, squeezed(plain(cells.text("code", longest=40))),
        squeezed(plain(cells.text("organisation", longest=120))), _name(cells), _id_index(cells, today),
        role, since, last + timedelta(days=1) if last else FAR,
    )  # fmt: skip


def _name(cells: CellReader) -> str:
    name = squeezed(cells.text("name", longest=60))
    if not name and not cells.refused:
        cells.wrong("name", "blank_name", "没有姓名，请补上。")
    return name


def _id_index(cells: CellReader, today: date) -> str | None:
    value = cells.raw("id_number")
    if value in (None, ""):
        return None
    try:
        return blind_index(identity_of_cell(value, today=today).number)
    except IdentityRefused as refusal:
        cells.wrong("id_number", refusal.code, str(refusal))
        return None


def _resolve(rows: list[PostRow], by, today: date) -> dict[int, tuple[Person, Organisation]]:
    """The person and the organisation of each acceptable row, by row number; the others get a finding."""
    by_key = organisations_by_any_name(by, today)
    people = _People(rows, today, reach=None if by is None else by.scope)
    first_at: dict[tuple, int] = {}
    found = {}
    for row in rows:
        organisation = _organisation(row, by_key)
        if organisation is None or row.cells.refused:
            continue
        if row.key in first_at:
            row.cells.wrong("name", "duplicate_post", f"与第 {first_at[row.key]} 行是同一任职，请删去一行。")
            continue
        first_at[row.key] = row.cells.row.number
        if person := people.find(row, organisation):
            found[row.cells.row.number] = (person, organisation)
    return found


def _organisation(row: PostRow, by_key: dict[str, list[Organisation]]) -> Organisation | None:
    """By code where there is one, else by name or short name."""
    column, key = ("code", row.code) if row.code else ("organisation", row.organisation)
    found = by_key.get(key, [])
    if len(found) != 1:
        sentence = (
            f"有 {len(found)} 个党组织都叫“{key}”，请填党组织编码。" if found
            else f"没有“{key}”这个党组织，请先导入党组织，或改正编码。" if key
            else "没有写党组织，请补上编码或名称。"
        )  # fmt: skip
        row.cells.wrong(column, "unknown_organisation" if not found else "ambiguous_organisation", sentence)
        return None
    if row.code and row.organisation and row.organisation not in map(squeezed, (found[0].name, found[0].short_name)):
        sentence = f"编码 {row.code} 的党组织叫“{found[0].name}”，已按编码写入，请核对名称。"
        row.cells.say("organisation", "organisation_differs", Level.WARNING, sentence)
    return found[0]


class _People:
    """Those a sheet of posts may mean: by identity number, else by a name that only one living person has."""

    def __init__(self, rows: list[PostRow], today: date, *, reach):
        numbers = {row.id_index for row in rows if row.id_index}
        names = {row.name for row in rows if row.id_index is None}
        self.by_number = {person.id_index: person for person in Person.objects.filter(id_index__in=numbers)}
        self.by_name: dict[str, list[Person]] = {}
        for person in Person.objects.filter(name__in=names).order_by("pk"):
            self.by_name.setdefault(person.name, []).append(person)
        pks = [person.pk for group in [self.by_number.values(), *self.by_name.values()] for person in group]
        stays = Membership.objects.on(today).filter(person__in=pks)
        self.stay = {stay.person_id: stay for stay in stays.order_by("pk")}
        self.reach = reach

    def find(self, row: PostRow, organisation: Organisation) -> Person | None:
        candidates = [self.by_number[row.id_index]] if row.id_index in self.by_number else []
        if row.id_index is None:
            candidates = [p for p in self.by_name.get(row.name, []) if self._stands(p, organisation)]
        candidates = [p for p in candidates if self._reached(p)]
        if len(candidates) > 1:
            sentence = f"有 {len(candidates)} 个人叫“{row.name}”，分不清是哪一个，请填公民身份证号。"
            row.cells.wrong("name", "ambiguous_name", sentence)
        elif not candidates:
            sentence = "名册里没有这个人，请先导入名册，或改正姓名、公民身份证号。"
            row.cells.wrong("id_number" if row.id_index else "name", "unknown_person", sentence)
        elif squeezed(candidates[0].name) != row.name:
            sentence = f"公民身份证号登记的不是“{row.name}”，请核对姓名和号码。"
            row.cells.wrong("name", "name_differs", sentence)
        elif (stay := self.stay.get(candidates[0].pk)) and stay.standing not in LIVING:
            row.cells.wrong("name", "dead_person", "此人已登记去世，不能任职。")
        else:
            return candidates[0]
        return None

    def _stands(self, person: Person, organisation: Organisation) -> bool:
        """Without a number, somebody in the same tree: a namesake elsewhere in the product is not asked about."""
        stay = self.stay.get(person.pk)
        return stay is not None and stay.standing in LIVING and stay.path[:5] == organisation.path[:5]

    def _reached(self, person: Person) -> bool:
        stay = self.stay.get(person.pk)
        return self.reach is None or stay is None or self.reach.may(Capability.IMPORT, stay.path)


def _plan(rows: list[PostRow], plan: PostsPlan, by) -> None:
    """Which posts begin, end or stay as they are; a row that may not be written gets a finding."""
    held: dict[int, list[Post]] = {}
    people = {person.pk for person, _ in plan.found.values()}
    posts = Post.objects.filter(person__in=people).select_related("organisation")
    for post in posts.order_by("since", "pk"):
        held.setdefault(post.person_id, []).append(post)
    for row in rows:
        if row.cells.row.number in plan.found:
            person, organisation = plan.found[row.cells.row.number]
            post = Post(person=person, organisation=organisation, role=row.role, since=row.since, until=row.until)
            _plan_row(row, post, held.setdefault(person.pk, []), plan, by)


def _plan_row(row: PostRow, post: Post, held: list[Post], plan: PostsPlan, by) -> None:
    """Note what one row, which says ``post``, would do: in the plan, and among the posts its person holds."""
    same = next((each for each in held if _key(each) == _key(post)), None)
    line = Line(row.cells, post.person.name, Outcome.UNCHANGED, titled(post))
    if same is None or _ends_otherwise(row, same):
        others = [each for each in held if each is not same]
        _check_post(row, post, others, by)
        if row.cells.refused:
            return
        held[:] = [*others, post]
        plan.posts.append((post, row.since if same is None else min(same.until, row.until)))
        line.outcome = Outcome.CREATED
        if same is not None:
            post.pk = same.pk
            line.outcome, line.changes = Outcome.UPDATED, [Change("免职日期", _last(same), _last(post))]
    plan.lines.append(line)


def _key(post: Post) -> tuple:
    return (post.organisation_id, post.role, post.since)


def _last(post: Post) -> str:
    return "" if post.until == FAR else str(last_day(post.until))


def _check_post(row: PostRow, post: Post, others: list[Post], by) -> None:
    """What this account may not write, and what cannot be held beside what the person holds already."""
    if by is not None and not may_keep(by, row.role, post.organisation.path):
        sentence = f"“{row.role.label}”是系统岗位，由安全保密管理员授予和收回，不从表里写入。"
        row.cells.wrong("role", "system_role", sentence)
    elif by is not None and post.person_id == by.person_id:
        row.cells.wrong("name", "own_post", OWN_POST)
    elif trouble := overlap(post, others):
        row.cells.wrong("since", "overlapping_post", trouble)
    elif trouble := clash(post, others):
        row.cells.wrong("role", "clashing_post", trouble)


def _ends_otherwise(row: PostRow, post: Post) -> bool:
    """Whether the row ends the post on another day. An empty 免职日期 never revives an ended post: a post is access."""
    if row.until == FAR and post.until != FAR:
        sentence = f"系统里已于 {last_day(post.until)} 免职，没有改回在任；如仍在任，请另起任职日期。"
        row.cells.say("until", "post_already_ended", Level.WARNING, sentence)
        return False
    return row.until != post.until


def _write(plan: PostsPlan) -> None:
    """Create and end posts; one fact for all of them."""
    posts = [post for post, _ in plan.posts]
    Post.objects.bulk_update([post for post in posts if post.pk], ["until"], batch_size=500)
    Post.objects.bulk_create([post for post in posts if not post.pk], batch_size=500)
    if posts:
        facts_changed(
            Fact.POST, since=min(day for _, day in plan.posts), people=sorted({post.person_id for post in posts}),
            organisations=sorted({post.organisation_id for post in posts}),
        )  # fmt: skip


def _holders(found: dict[int, tuple[Person, Organisation]], today: date) -> dict[int, tuple[Person, Organisation]]:
    """Those of the sheet who hold a post today, each with the organisation of their first one."""
    people = {person.pk: person for person, _ in found.values()}
    holders: dict[int, tuple[Person, Organisation]] = {}
    posts = Post.objects.on(today).filter(person__in=people).select_related("organisation")
    for post in posts.order_by("organisation__path", "since", "pk"):
        holders.setdefault(post.person_id, (people[post.person_id], post.organisation))
    return holders

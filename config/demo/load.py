"""Putting the demo into an empty database, through the doors real data comes in by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from awards.study import record_study
from base.writing import Heading, Sheet, write_workbook
from config.demo import people
from config.demo.activities import enter_activities, enter_contact_points
from config.demo.answers import enter_answers, enter_tasks
from config.demo.campaigns import enter_campaigns
from config.demo.care import Asking, Belonging, Correcting, Helping, Punishing, Studying, Tying, plan_care
from config.demo.ceremonies import enter_ceremonies
from config.demo.decisions import enter_decisions
from config.demo.deeds import enter_deeds, enter_files, enter_organisation_event
from config.demo.difficulty import enter_difficulty
from config.demo.doorsteps import enter_doorsteps
from config.demo.encouragement import enter_encouragement
from config.demo.families import enter_assignments, enter_psychology, enter_standards
from config.demo.fifty import enter_fifty
from config.demo.fund import enter_fund
from config.demo.honours import enter_honours, enter_old_honours
from config.demo.openness import enter_openness
from config.demo.people import COMMITTEE, Cast, Member, invent
from config.demo.registers import OF_KIND, enter_belonging, enter_punishment
from config.demo.relief import enter_relief
from config.demo.reports import enter_reports
from config.demo.selection import enter_selections
from config.demo.supervision import enter_supervision
from config.demo.talks import enter_talks, themes_of
from config.demo.ties import OF_TIE, enter_away, enter_results, enter_tie
from config.demo.units import enter_units
from config.demo.year import Happening, Talking, Visiting, plan_year
from duties.asking import ask_correction, ask_help
from duties.engine.models import Duty, Record
from duties.engine.sweep import sweep
from duties.notices import outbox
from duties.notices.models import Kind
from duties.policy.deciding import adopt_policy
from duties.policy.packs import load_pack, load_packs
from members.accounts import DEMO_PREFIX
from members.bonds import begin_category, begin_tie
from members.enums import EventKind, Role
from members.models import Account, Event, Membership, Organisation, Person, Post
from members.organisations import import_organisations, read_organisations
from members.posts import import_posts, read_posts
from members.roster.apply import import_roster, read_roster
from members.services import receive_member, register_event
from visits.services import record_talk
from visits.visiting import Seen, record_visit

PACK = "henan-water-2020"
INSPECTOR = "郑督查"
ADMINISTRATORS = {
    "石严": Role.SYSTEM_ADMINISTRATOR, "关慎": Role.SECURITY_ADMINISTRATOR, "计明": Role.AUDITOR,
}  # fmt: skip
ACCOUNTS = (
    ("secretary", "王海燕"), ("general", "程立新"), ("clerk", "林清"), ("head", "何琳"), ("commissioner", "张伟"),
    ("cashier", "顾盼"), ("accountant", "尹书恒"), ("member", "周敏"), ("inspector", INSPECTOR),
    ("system", "石严"), ("security", "关慎"), ("auditor", "计明"),
)  # fmt: skip
"""Names of the demo's accounts (after ``demo-``), in the order of the sign-in page, and whose they are.

They have no password: the one-click buttons of demo mode are the only way in, so a demo database that is later
served as a real one has no door with a known key.
"""

WRITERS = (Role.SECRETARY, Role.ORGANISATION_COMMISSIONER)
"""Who enters talks and events; of the others only some have an account yet."""


class DemoRefused(Exception):
    """The demo was not loaded; the text is the sentence the user reads."""


@dataclass(frozen=True)
class Loaded:
    """What stands in the database after loading, and whether it was put there just now."""

    fresh: bool
    organisations: int
    members: int
    events: int
    records: int
    duties: int
    accounts: list[str]


@transaction.atomic
def load(*, today: date, now: datetime) -> Loaded:
    """Load the demo unless it is there; then bring its duties and messages to ``today``. Twice changes nothing.

    :raises DemoRefused: when the database holds other organisations, whose people are real; or when something of the
        demo cannot be entered, which would be a fault of ours.
    """
    load_packs()
    fresh = not Organisation.objects.filter(code=COMMITTEE).exists()
    if fresh:
        _check_empty()
        cast = invent(today)
        _bring_sheets(cast, today=today, now=now)
        committee = Organisation.objects.get(code=COMMITTEE)
        _open_accounts(cast, _outsiders(cast, committee, today))
        adopt_policy(by=None, organisation=committee, policy=load_pack(PACK), since=cast.begin, today=cast.begin)
        enter_standards(committee, since=cast.begin)
        enter_old_honours(cast)
        _Year(cast).enter()
        enter_honours(cast)
        enter_psychology(since=cast.begin)
        enter_assignments(since=cast.begin)
        _away(committee, cast.begin, today)
        enter_results(today)
        enter_deeds(cast)
        enter_activities(cast)
        enter_contact_points(cast)
        enter_files(cast)
        enter_ceremonies(cast)
        enter_organisation_event(cast)
        sweep(on=today, today=today)
        enter_answers(today=today)
        enter_decisions(today=today, now=now)
        enter_units(policy=PACK, today=today)
        enter_tasks(today=today)
        enter_encouragement(cast)
        enter_doorsteps(today=today)
        enter_talks(today=today)
        enter_difficulty(since=cast.begin, today=today)
        enter_campaigns(since=cast.begin, today=today)
        enter_fund(since=cast.begin, today=today)
        enter_relief(today=today)
        enter_openness(cast)
        enter_selections(since=cast.begin, today=today)
        enter_fifty(since=cast.begin, today=today)
        enter_supervision(today=today)
        enter_reports(today=today)
    sweep(on=today, today=today)
    outbox.enqueue(Kind.DIGEST, day=today, now=now)
    outbox.send_waiting(today=today)
    return _counted(fresh)


def _away(committee: Organisation, since: date, today: date) -> None:
    stays = Membership.objects.on(today).filter(path__startswith=committee.path).select_related("person")
    enter_away(list(stays.order_by("path", "pk")), by=None, since=since, today=today)


def _check_empty() -> None:
    """Invented people never come to stand among real ones."""
    found = Organisation.objects.order_by("path").first()
    if found:
        count = Organisation.objects.count()
        raise DemoRefused(
            f"数据库里已有别的党组织（{found.label}等 {count} 个），演示数据没有装入，免得与真实的人混在一起。"
            "请用 DATABASE_URL 指定一个空的数据库再装。"
        )


def _bring_sheets(cast: Cast, *, today: date, now: datetime) -> None:
    """Organisations, members and posts come as workbooks."""
    organisations = _file("党组织", people.ORGANISATION_HEADINGS, people.organisation_rows(cast))
    _whole(import_organisations(by=None, sheet=read_organisations(organisations), today=today))
    roster = _file("党员名册", people.ROSTER_HEADINGS, people.roster_rows(cast))
    _whole(import_roster(by=None, sheet=read_roster(roster), as_of=today, today=today).report())
    posts = _file("任职", people.POST_HEADINGS, people.post_rows(cast))
    _whole(import_posts(by=None, sheet=read_posts(posts), today=today, now=now).report)


def _file(title: str, headings: Sequence[str], rows: list[list]) -> bytes:
    """A workbook as somebody would bring it."""
    sheet = Sheet(title, "云河水文局党委", "", "", [Heading(text) for text in headings], rows)
    return write_workbook(sheet).getvalue()


def _whole(report) -> None:
    if report.refused:
        raise DemoRefused("演示数据没有整份写入：\n" + "\n".join(report.lines()))


def _outsiders(cast: Cast, committee: Organisation, today: date) -> dict[str, Person]:
    """Those who are nobody's member here: somebody from above who may read for a month, and the administrators."""
    people = {name: Person.objects.create(name=name) for name in (INSPECTOR, *ADMINISTRATORS)}
    since, until = today - timedelta(days=7), today + timedelta(days=30)
    inspects = Post(person=people[INSPECTOR], organisation=committee, role=Role.INSPECTOR, since=since, until=until)
    Post.objects.bulk_create(
        [
            inspects,
            *(
                Post(person=people[name], organisation=committee, role=role, since=cast.begin)
                for name, role in ADMINISTRATORS.items()
            ),
        ]
    )
    return people


def _open_accounts(cast: Cast, outsiders: dict[str, Person]) -> None:
    """The demo's accounts, and those of the others who enter the year's talks and events. None has a password."""
    for account, name in ACCOUNTS:
        person = outsiders.get(name) or Person.objects.holding(cast.named(name).id_number).get()
        _open_account(f"{DEMO_PREFIX}{account}", person)
    writers = Post.objects.on(cast.today).filter(role__in=WRITERS, person__account=None).select_related("person")
    for post in writers.filter(organisation__code__startswith=COMMITTEE).order_by("organisation__path", "role", "pk"):
        role = post.role.removeprefix("organisation_")
        _open_account(f"{post.organisation.code.lower()}-{role}", post.person)


def _open_account(username: str, person: Person) -> None:
    account = Account(username=username, person=person)
    account.set_unusable_password()
    account.save()


class _Year:
    """Enters the planned acts, each by the account of whoever would have, on the day they would have."""

    def __init__(self, cast: Cast):
        self.plan = plan_year(cast)
        plan_care(self.plan)
        self.people = {person.id_number: person for person in self._members()}
        accounts = Account.objects.select_related("person").exclude(person=None)
        self.accounts = {account.person_id: account for account in accounts}
        self.organisations = {each.code: each for each in Organisation.objects.all()}
        self.events: dict[Happening, Event] = {}

    @staticmethod
    def _members():
        committee = Organisation.objects.get(code=COMMITTEE)
        return Person.objects.filter(memberships__path__startswith=committee.path)

    def enter(self) -> None:
        doors = {
            Talking: self._talk, Visiting: self._visit, Happening: self._happen, Belonging: self._belong,
            Punishing: self._punish, Tying: self._tie, Studying: self._study, Asking: self._ask, Helping: self._help,
            Correcting: self._correct,
        }  # fmt: skip
        for act in self.plan.in_order():
            doors[type(act)](act)

    def _person(self, member: Member) -> Person:
        return self.people[member.id_number]

    def _by(self, actor: Member, act: Talking | Visiting | Happening) -> Account | None:
        """The account that entered the act: the actor's own, or that of the branch's organisation commissioner."""
        commissioner = self.plan.holder(act.member.code, Role.ORGANISATION_COMMISSIONER, act.on)
        found = (self.accounts.get(self._person(each).pk) for each in (actor, commissioner) if each)
        return next(filter(None, found), None)

    def _talk(self, act: Talking) -> None:
        record_talk(
            by=self._by(act.talker, act), members=[self._person(each) for each in (act.member, *act.others)],
            on=act.on, means=act.means, subject=act.subject, text=act.text, talkers=[self._person(act.talker)],
            today=act.entered, place=act.place, wish=act.wish, event=self.events.get(act.happening),
            themes=themes_of(act.text),
        )  # fmt: skip

    def _visit(self, act: Visiting) -> None:
        seen = Seen(
            how=act.how, occasion=act.occasion, met=act.met, met_name=act.met_name, gift=act.gift, money=act.money,
            source=act.source, text=act.text,
        )  # fmt: skip
        record_visit(
            by=self._by(act.visitor, act), action=act.action, member=self._person(act.member), on=act.on,
            people=[self._person(act.visitor)], seen=seen, today=act.entered, event=self.events.get(act.happening),
        )  # fmt: skip

    def _belong(self, act: Belonging) -> None:
        if act.kind in OF_KIND:
            by = self.accounts.get(self._person(self.plan.responsible(act.member, act.since)).pk)
            enter_belonging(
                by, self._person(act.member), act.kind, since=act.since, basis="云河水文局党委", today=act.entered
            )
            return
        begin_category(
            person=self._person(act.member), kind=act.kind, grade=act.grade, since=act.since, basis=act.basis,
            today=act.entered,
        )  # fmt: skip

    def _punish(self, act: Punishing) -> None:
        by = self.accounts.get(self._person(self.plan.responsible(act.member, act.entered)).pk)
        enter_punishment(by, self._person(act.member), act.which, since=act.since, today=act.entered)

    def _tie(self, act: Tying) -> None:
        ends = {"person": self._person(act.member), "to": self._person(act.to)}
        if act.kind in OF_TIE:
            by = self.accounts.get(self._person(self.plan.responsible(act.member, act.since)).pk)
            enter_tie(by, ends["person"], act.kind, to=ends["to"], since=act.since, today=act.entered)
            return
        begin_tie(**ends, kind=act.kind, since=act.since, today=act.entered)

    def _study(self, act: Studying) -> None:
        organiser = self._person(act.organiser)
        record_study(
            by=self.accounts.get(organiser.pk), organisation=self.organisations[act.code],
            members=[self._person(member) for member in act.members], on=act.on, title=act.title, hours=act.hours,
            organiser=organiser, today=act.entered,
        )  # fmt: skip

    def _ask(self, act: Asking) -> None:
        member, leader = self._person(act.member), self._person(act.leader)
        register_event(
            by=self.accounts.get(member.pk), person=member, kind=EventKind.REQUEST, occurred_on=act.on,
            addressee=leader, today=act.entered,
        )  # fmt: skip

    def _help(self, act: Helping) -> None:
        by = self.accounts[self._person(act.member).pk]
        ask_help(by=by, what=act.what, words=act.words, today=act.entered)

    def _correct(self, act: Correcting) -> None:
        by = self.accounts[self._person(act.member).pk]
        ask_correction(by=by, typed=act.typed, today=act.entered)

    def _happen(self, act: Happening) -> None:
        by = self._by(self.plan.responsible(act.member, act.on), act)
        facts = {"by": by, "person": self._person(act.member), "today": act.entered}
        if act.kind == EventKind.TRANSFER_IN:
            event = receive_member(**facts, to=self.organisations[act.member.moves_to], on=act.on)
        else:
            event = register_event(**facts, kind=act.kind, occurred_on=act.on)
        self.events[act] = event


def _counted(fresh: bool) -> Loaded:
    committee = Organisation.objects.get(code=COMMITTEE)
    within = {"path__startswith": committee.path}
    accounts = Account.objects.filter(username__startswith=DEMO_PREFIX).select_related("person").order_by("pk")
    return Loaded(
        fresh=fresh,
        organisations=Organisation.objects.within(committee).count(),
        members=Membership.objects.filter(**within).values("person").distinct().count(),
        events=Event.objects.filter(person__memberships__path__startswith=committee.path).distinct().count(),
        records=Record.objects.filter(**within).count(),
        duties=Duty.objects.filter(**within).count(),
        accounts=[f"{account.username}（{account.person.name}）" for account in accounts],
    )

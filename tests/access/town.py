"""The town of the access tests: two trees, a plot of everything in each place, one person for each way of reading it.

Whatever a page could print of somebody carries a token of its own (``QZ0001X``), and :class:`Secret` says of whom it
is. Who may read it, :mod:`tests.access.policy` says, without asking the product. All invented.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from awards.models import (
    Allowance,
    Assessment,
    Attendance,
    CarePlan,
    Ceremony,
    CeremonyRecord,
    GreetingText,
    Honour,
    Medal,
    MedalStep,
    Naming,
    Nominee,
    Selection,
    SelectionNotice,
    SelectionTitle,
    Stage,
    Story,
    StudySession,
    TitleQuota,
)
from base import drafts, job_files, jobs
from base.facts import Fact, facts_changed, facts_will_change
from base.models import Job, Picture
from base.pictures import subject_of
from base.sealed import seal_bytes
from care.models import DifficultyReport, Entry, RegisterCode
from duties.engine.models import Deed, Duty, Record, RecordPerson, Waiver
from duties.notices.models import Message
from duties.policy.adoption import adopt
from duties.policy.models import Clause, Document, Rule
from duties.policy.packs import load_pack
from fund.journal import Desk
from fund.models import (
    AllowanceRun,
    Application,
    Attendee,
    Batch,
    Decision,
    DuesRelief,
    Fund,
    Grant,
    Meeting,
    NoticeLine,
    Objection,
    Payment,
    PublicNotice,
    RecordSpending,
    Taken,
)  # fmt: skip
from fund.regulating import follow, text_of
from fund.services import compare_with_bank, open_fund, receive, reserve, spend
from ledgers.models import Answer, Disclosure, Layout, Report, SentBack, Supervision
from members.enums import CategoryKind, EventKind, OrganisationKind, Role, Standing, TieKind
from members.models import Account, Category, Correction, Event, Membership, Organisation, Person, Tie
from tests.duties.acts import adopt_pack, sweep_on
from tests.world import join, member, organisation, person, post
from visits.models import Activity, Addendum, Campaign, Candidate, ContactPoint, Participant, Talk, Visit

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
K = OrganisationKind

PARENTS = {
    "committee": "", "general": "committee", "branch": "general", "group": "branch", "sibling": "general",
    "direct": "committee", "other": "", "other_branch": "other",
}  # fmt: skip
"""The tree: each place and the one above it. ``branch`` is at the middle of everything."""

KINDS = {
    "committee": K.COMMITTEE, "general": K.GENERAL_BRANCH, "branch": K.BRANCH, "group": K.GROUP, "sibling": K.BRANCH,
    "direct": K.BRANCH, "other": K.COMMITTEE, "other_branch": K.BRANCH,
}  # fmt: skip

PLOTS = ("branch", "group", "sibling", "general", "other_branch")
"""Places in which there is one of everything."""

NEAR = ("branch", "sibling")
"""Plots in which there also is what only a few may know of."""

MISSING = 987_654

PAYEE = {"holder": "户名", "bank": "银行", "number": "6217000012345678901", "relation": "本人"}


def upward(place: str) -> list[str]:
    """The place and those above it, nearest first."""
    return [place, *upward(PARENTS[place])] if place else []


@dataclass(frozen=True)
class Secret:
    """What one token stands for: a kind of :data:`tests.access.policy.READS`, where it lies, and who is in it."""

    kind: str
    place: str
    about: str = ""
    acted: frozenset[str] = frozenset()
    writer: str = ""
    sensitive: bool = False


@dataclass(frozen=True)
class Thing:
    """One object an address can be about, and what the policy has to know of it.

    ``about``, ``writer``, ``acted``, ``asked``, ``owner`` name people of :attr:`Town.people` by their keys.
    """

    kind: str
    label: str
    path: dict = field(default_factory=dict)
    number: object = ""
    place: str = ""
    about: str = ""
    writer: str = ""
    acted: frozenset[str] = frozenset()
    asked: str = ""
    owner: str = ""
    sensitive: bool = False
    system: bool = False
    request: bool = False
    bound: frozenset[str] = frozenset()
    query: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One way of coming in: which posts, where a member, and what besides."""

    posts: tuple[tuple[str, str], ...] = ()
    home: str = ""
    signed_in: bool = True


C = Column
COLUMNS = {
    "anonymous": C(signed_in=False),
    "disabled": C((("secretary", "branch"),), "branch", signed_in=False),
    "member": C(home="branch"),
    "secretary": C((("secretary", "branch"),), "branch"),
    "deputy_secretary": C((("deputy_secretary", "branch"),), "branch"),
    "organisation_commissioner": C((("organisation_commissioner", "branch"),), "branch"),
    "publicity_commissioner": C((("publicity_commissioner", "branch"),), "branch"),
    "discipline_commissioner": C((("discipline_commissioner", "branch"),), "branch"),
    "commissioner": C((("commissioner", "branch"),), "branch"),
    "group_leader": C((("group_leader", "group"),), "group"),
    "organiser": C((("organiser", "general"),), "direct"),
    "general_secretary": C((("secretary", "general"),), "direct"),
    "department_head": C((("department_head", "committee"),), "direct"),
    "department_clerk": C((("department_clerk", "committee"),), "direct"),
    "inspector": C((("inspector", "committee"),)),
    "cashier": C((("cashier", "committee"),)),
    "accountant": C((("accountant", "committee"),)),
    "system_administrator": C((("system_administrator", "committee"),)),
    "security_administrator": C((("security_administrator", "committee"),)),
    "auditor": C((("auditor", "committee"),)),
    "ended": C(home="branch"),
    "upcoming": C(home="branch"),
    "outsider": C((("secretary", "other_branch"),), "other_branch"),
    "other_clerk": C((("department_clerk", "other"),), "other_branch"),
    "contact": C(home="direct"),
    "addressee": C((("commissioner", "general"),), "direct"),
}
"""Each way of coming in, as the policy sees it today. ``ended`` and ``upcoming`` hold a post, but not today."""

TWINS = {
    "publicity_commissioner": "commissioner", "discipline_commissioner": "commissioner", "ended": "member",
    "upcoming": "member", "department_head": "department_clerk",
}  # fmt: skip
"""Columns that may what another one may, which is asked everything."""


class Town:
    """Everything, in rows. ``people`` are by key: the columns', and of each plot ``branch.plain``, ``branch.scribe`` …

    :ivar tokens: every token with its :class:`Secret`.
    :ivar suffixes: the last four digits of a masked number, with the key of whose it is.
    """

    def __init__(self):
        self.tokens: dict[str, Secret] = {}
        self.suffixes: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        self.homes: dict[str, str] = {key: column.home for key, column in COLUMNS.items()}
        self.posts: dict[str, list[tuple[str, str]]] = {key: list(column.posts) for key, column in COLUMNS.items()}
        self.accounts: dict[str, Account] = {}
        self.things: list[Thing] = []
        self.places: dict[str, Organisation] = {}
        for place, above in PARENTS.items():
            self.places[place] = self._organisation(place, self.places.get(above))
        for name in COLUMNS:
            if name != "anonymous":
                self._column(name)
        for place in PLOTS:
            _Plot(self, place).fill()
        self._about_columns()
        for top in ("committee", "other"):
            self._fund_of(top)
        for top in ("committee", "other"):
            adoption = adopt_pack(self.places[top], whole=True)
            working = {"policy": load_pack("working-rules"), "since": date(2026, 1, 1), "today": TODAY}
            adopt(by=None, organisation=self.places[top], **working)
            self.add("adoption", top, path={"pk": adoption.pk}, place=top)
        self._decisions(adoption.policy)
        sweep_on(TODAY)
        self._duties()
        self._campaigns()
        self._selections()
        self._payments()
        self._meetings()
        self._own()
        self._messages()
        self._layouts()
        self._jobs()

    def token(self, kind: str, place: str, about: str = "", **more) -> str:
        """A word nobody else's data holds."""
        word = f"QZ{len(self.tokens):04d}X"
        self.tokens[word] = Secret(kind, place, about, **more)
        return word

    def add(self, kind: str, label: str, **more) -> Thing:
        thing = Thing(kind, label, **more)
        self.things.append(thing)
        return thing

    def of(self, kind: str, *labels: str) -> list[Thing]:
        """The things of a kind, or those among them of these labels."""
        return [thing for thing in self.things if thing.kind == kind and (not labels or thing.label in labels)]

    def _organisation(self, place: str, above: Organisation | None) -> Organisation:
        code = f"{self.places[PARENTS[place]].code if above else ''}{len(self.places) + 1:02d}"
        here = organisation(code, KINDS[place], above, name=f"组织{self.token('organisation', place)}")
        here.unit_name = f"单位{self.token('of organisation', place)}"
        here.phone = self.token("phone of organisation", place)
        here.save()
        self.add("organisation", place, path={"pk": here.pk}, number=here.pk, place=place)
        return here

    def person(self, key: str, place: str, *, since: date | None = None, standing=Standing.FULL) -> Person:
        """Somebody whose every field tells whose it is; without a place, no member of anything."""
        serial = len(self.people) + 1000
        made = member if place else person
        where = (self.places[place],) if place else ()
        days = {"since": since, "standing": standing} if place else {}
        someone = made(
            f"人{self.token('name', place, key)}", *where, **days,
            job=self.token("of person", place, key), id_number=f"41010219800501{serial:04d}",
            phone=f"1390000{serial:04d}", landline=self.token("sealed", place, key),
            address=f"云河市河东区{self.token('sealed', place, key)}",
        )  # fmt: skip
        self.suffixes[f"{serial:04d}"] = key
        self.people[key], self.homes[key] = someone, place
        return someone

    def open_account(self, key: str) -> Account:
        someone = self.people[key]
        account = Account(username=f"u{self.token('username', self.homes[key], key)}", person=someone)
        account.set_unusable_password()
        account.save()
        self.accounts[key] = account
        return account

    def _column(self, name: str) -> None:
        column = COLUMNS[name]
        someone = self.person(name, column.home)
        for role, place in column.posts:
            post(someone, self.places[place], Role(role))
        if name == "ended":
            post(someone, self.places["branch"], until=TODAY)
        if name == "upcoming":
            post(someone, self.places["branch"], since=TODAY + timedelta(days=1))
        account = self.open_account(name)
        if name == "disabled":
            account.is_active = False
            account.save()

    def _about_columns(self) -> None:
        """Of the branch: what is about the readers themselves, what they wrote, whom they stand by, who asks them."""
        plot = _Plot(self, "branch")
        plot.talk("withdrawn", event=None, withdrawn=True)
        for name in ("member", "secretary"):
            plot.talk(f"about the {name}", about=name, event=None)
            plot.visit(f"about the {name}", about=name)
            plot.study(f"with the {name}", about=name)
            plot.medal(f"of the {name}", about=name)
            plot.ceremony(f"with the {name}", about=name)
            plot.deed(f"about the {name}", about=name)
            plot.event(EventKind.HONOUR, f"about the {name}", about=name)
            plot.event(EventKind.TENDENCY, f"tendency of the {name}", about=name, sensitive=True)
            plot.request(f"of the {name}", about=name, asked="addressee")
            plot.task(f"about the {name}", about=name, asked="addressee")
            plot.help(f"of the {name}", about=name, writer=name)
            plot.correction(f"of the {name}", about=name)
            plot.honours(f"of the {name}", about=name)
        plot.activity("with the member", about="member")
        plot.contact_point("of the addressee", leader="addressee")
        plot.allowance("of the member", about="member")
        plot.allowance("of the secretary", about="secretary")
        plot.assessed("secretary", "committee", "department_clerk")
        _Plot(self, "other_branch").assessed("outsider", "other", "other_clerk")
        name = "deputy_secretary"
        plot.talk(f"written by the {name}", writer=name, event=None)
        plot.visit(f"written by the {name}", writer=name)
        plot.deed(f"written by the {name}", writer=name)
        plot.event(EventKind.TENDENCY, f"tendency, written by the {name}", writer=name, sensitive=True)
        plot.request("asking the addressee", about="branch.plain", asked="addressee")
        plot.task("given to the addressee by the deputy", writer="deputy_secretary", asked="addressee")
        Tie.objects.create(
            person=self.people["branch.plain"], kind=TieKind.LEADER_CONTACT, to=self.people["contact"],
            since=date(2026, 1, 5),
        )  # fmt: skip

    def _duties(self) -> None:
        """One duty everybody's knows of, one whose basis is sensitive, and one that binds the contact by name."""
        for place in PLOTS:
            about = self.people[f"{place}.plain"]
            for rule, label, more in (
                ("yearly-talk", place, {}),
                ("talk-on-tendency", f"{place}, sensitive", {"sensitive": True}),
                ("linked-july", f"{place}, bound", {"bound": frozenset({"contact"})}),
            ):
                duty = Duty.objects.filter(rule__code=rule, member=about).order_by("pk").first()
                if duty is None:  # no such event, no such tie there
                    continue
                where = {"place": place, "about": f"{place}.plain", **more}
                self.add("duty", label, number=f"{duty.rule_id}:{duty.key}", **where)
        for leader in ("general_secretary", "addressee"):
            duty = Duty.objects.get(rule__code="leader-contacts", actor=self.people[leader])
            label = f"{duty.rule_id}:{duty.key}"
            self.add("tie_duty", leader, number=label, place="general", owner=leader)
        self._policy()
        clause = Clause.objects.order_by("pk").first()
        self.clauses = list(Clause.objects.order_by("pk").values_list("gist", flat=True))
        self.add("clause", "any", path={"pk": clause.pk})
        for code in ("duties", "talks"):
            self.add("ledger", code, path={"code": code})

    def _policy(self) -> None:
        """The policy, its rules asked about people, and texts that organisations of all levels attached to it."""
        open_rule, hidden = (Rule.objects.get(code=code) for code in ("yearly-talk", "talk-on-tendency"))
        policy = open_rule.policy_id
        self.add("policy", "any", path={"pk": policy})
        for rule, sensitive in ((open_rule, False), (hidden, True)):
            self.add("rule", rule.code, path={"pk": rule.pk})
            people = [(f"{place}.plain", place) for place in PLOTS] + [("secretary", "branch"), ("member", "branch")]
            for key, place in people:
                where = {"path": {"pk": rule.pk}, "query": {"member": self.people[key].pk}, "place": place}
                self.add("rule_person", f"{rule.code} of {key}", about=key, sensitive=sensitive, **where)
        self.add("figure", "of what everybody may know", path={"rule": open_rule.pk, "figure": "gap"})
        for place, here in self.places.items():
            self.add("policy_place", place, path={"pk": policy}, query={"organisation": here.pk}, place=place)
        for place in ("committee", "branch", "sibling", "other_branch"):
            made = Document.objects.create(
                policy_id=policy, organisation=self.places[place], title=self.token("document", place),
                number=self.token("document", place), text=self.token("document", place), attached_on=TODAY,
            )  # fmt: skip
            self.add("document", place, path={"pk": policy, "document": made.pk}, place=place)
            self.add("paragraph", place, path={"pk": policy, "document": made.pk, "place": 1}, place=place)

    def _decisions(self, policy) -> None:
        """An adoption in the middle of the tree, and one rule as each place may set it."""
        between = adopt(by=None, organisation=self.places["branch"], policy=policy, since=TODAY, today=TODAY)
        self.add("adoption", "branch", path={"pk": between.pk}, place="branch")
        rule = policy.rules.order_by("pk").first()
        for place, here in self.places.items():
            self.add("rule_place", place, path={"pk": rule.pk}, place=place, query={"organisation": here.pk})

    def _fund_of(self, top: str) -> None:
        """The fund of a tree under the regulation that ships with us, and in each plot what was asked of it."""
        fund = fund_of(self.places[top])
        follow(by=None, fund=fund, text=text_of("default"), since=date(2026, 1, 1), now=NOW)
        for place in (each for each in PLOTS if top in upward(each)):
            _Plot(self, place).applications(fund)
            _Plot(self, place).reliefs()
        if top == "committee":
            _Plot(self, "branch").applications(fund, about="member", writer="member")
            _Plot(self, "branch").reliefs(about="member", writer="member")

    def _campaigns(self) -> None:
        """A campaign of each tree with one name in each plot, the one to be confirmed, the other decided; the branch's
        name is to be visited by the addressee.
        """
        stages = {"committee": Campaign.Stage.CONFIRMING, "other": Campaign.Stage.DECIDED}
        for top, stage in stages.items():
            made = Campaign.objects.create(
                organisation=self.places[top], occasion="spring", year=2027, day=date(2027, 2, 6),
                deliver_by=date(2027, 2, 5), stage=stage, entered_on=TODAY, decided_on=TODAY,
                summary=self.token("deed", top),
            )  # fmt: skip
            bound = frozenset({"addressee"} if top == "committee" else ())
            self.add("campaign", top, path={"pk": made.pk}, place=top, bound=bound)
            for place in (each for each in PLOTS if top in upward(each)):
                about, visited = f"{place}.plain", place == "branch"
                row = Candidate.objects.create(
                    campaign=made, person=self.people[about], organisation=self.places[place],
                    path=self.places[place].path, added=self.token("deed", place, about), by_hand=True, fen=80000,
                    source="dues", gift=self.token("of person", place, about) if not visited else "",
                    visitor=self.people["addressee"] if visited else None,
                )  # fmt: skip
                where = {"path": {"pk": made.pk, "name": row.pk}, "place": place, "about": about}
                self.add("candidate", place, bound=frozenset({"addressee"} if visited else ()), **where)

    def _selections(self) -> None:
        """A selection of each tree with one nominee of each plot, the one under review, the other under notice."""
        for top, stage in (("committee", "review"), ("other", "notice")):
            made = Selection.objects.create(
                organisation=self.places[top], year=2026, title="评选", opened_on=TODAY, nominate_by=TODAY, stage=stage,
                entered_on=TODAY,
            )  # fmt: skip
            title = SelectionTitle.objects.create(
                selection=made, name="优秀共产党员", of="members", level="unit", quota=9, position=0
            )
            self.add("selection", top, path={"pk": made.pk}, place=top)
            for place in (each for each in PLOTS if top in upward(each)):
                about, here = f"{place}.plain", self.places[place]
                if KINDS[place] == K.BRANCH:
                    TitleQuota.objects.create(title=title, organisation=here, number=1)
                row = Nominee.objects.create(
                    title=title, person=self.people[about], organisation=here, path=here.path, nominator=here,
                    deeds=self.token("shared", place, about), met_on=TODAY, expected=5, present=5, agreed=5,
                    minutes="1 号", entered_on=TODAY, review=self.token("review", top, about),
                    state="passed" if top == "committee" else "chosen", reviewed_on=TODAY,
                )  # fmt: skip
                self.add("nominee", place, path={"pk": row.pk}, place=place, about=about)
        days = {"from_on": TODAY, "until_on": TODAY + timedelta(days=7), "days": 5, "entered_on": TODAY}
        notice = SelectionNotice.objects.create(selection=made, place="一楼", contact="组织部", **days)
        made.titles.get().nominees.update(notice=notice)
        self.add("selection_notice", top, path={"pk": notice.pk}, place=top)

    def _payments(self) -> None:
        """A fund of each tree, and three grants to each plot's member: to be paid, listed for the bank, paid. They lie
        where the fund stands.
        """
        for top in ("committee", "other"):
            fund = fund_of(self.places[top])
            receive(fund, Desk(date(2026, 1, 5), NOW), source="dues", amount=10_000_000)
            for place in (each for each in PLOTS if top in upward(each)):
                for state in ("due", "listed", "paid"):
                    self._payment(fund, top, f"{place}.plain", state)

            made = AllowanceRun.objects.create(fund=fund, kind="elderly", year=2026, month=11, source="dues",
                                               prepared_on=TODAY)  # fmt: skip
            self.add("run", top, path={"pk": made.pk}, place=top)
            self._spending(fund, top, "branch.plain" if top == "committee" else "other_branch.plain")

    def _spending(self, fund: Fund, top: str, about: str) -> None:
        """What a visit gave, booked; the visit was withdrawn."""
        here = self.places[self.homes[about]]
        record = Record.objects.create(
            organisation=here, path=here.path, member=self.people[about], action="visit", on=TODAY, entered_on=TODAY,
            withdrawn_on=TODAY,
        )  # fmt: skip
        kept = reserve(fund, Desk(TODAY, NOW), source="dues", use="visit", amount=100, subject=f"record:{record.pk}")
        voucher = spend(kept, Desk(TODAY, NOW), amount=100)
        row = RecordSpending.objects.create(record=record, fund=fund, reservation=kept, voucher=voucher, minutes="3")
        self.add("spending", top, path={"pk": row.pk}, place=top, about=about)

    def _payment(self, fund: Fund, top: str, about: str, state: str) -> None:
        kept = reserve(
            fund, Desk(TODAY, NOW), source="dues", use="hardship", amount=100, subject=f"test:{about}:{state}"
        )
        grant = Grant.objects.create(fund=fund, person=self.people[about], reservation=kept, fen=100, payee=PAYEE)
        where = {"place": top, "about": about}
        self.add("grant", f"{about}, {state}", path={"pk": grant.pk}, number=grant.pk, **where)
        if state == "due":
            return
        done = {}
        if state == "paid":
            done = {"on": TODAY, "voucher": spend(kept, Desk(TODAY, NOW), amount=100)}
        payer = "cashier" if top == "committee" else "other_branch.teller"
        batch = Batch.objects.create(fund=fund, on=TODAY, state="done" if done else "listed", slip="H1" if done else "")
        row = Payment.objects.create(
            grant=grant,
            batch=batch,
            way="bank",
            state=state,
            payee=PAYEE,
            paid_by=self.people[payer],
            **done,
        )
        self.add("batch", f"{about}, {state}", path={"pk": batch.pk}, **where)
        self.add("payment", f"{about}, {state}", path={"pk": row.pk}, **where)

    def _meetings(self) -> None:
        """A fund of each tree: applications of its plots that wait for a meeting, and such as one decided and a notice
        shows, objected to.
        """
        for top in ("committee", "other"):
            here = self.places[top]
            fund = fund_of(here)
            rule = fund.regulations.get()
            plots = [each for each in PLOTS if top in upward(each)]
            meeting = Meeting.objects.create(
                fund=fund, organisation=here, body="committee", title=self.token("books", top), on=TODAY,
                minutes=self.token("books", top), at=NOW, entered_by=self.people["department_clerk"],
            )  # fmt: skip
            Attendee.objects.create(meeting=meeting, person=self.people[f"{plots[0]}.poster"], post="委员")
            notice = PublicNotice.objects.create(
                fund=fund, organisation=here, step="notice", token=f"notice-of-{top}", title="公示", words="程序",
                phone="110", office="组织部", posted_on=TODAY, posted_at=NOW, days=5, count="working",
                ends_on=date(2026, 11, 30), posted_by=self.people["department_clerk"],
            )  # fmt: skip
            for number, place in enumerate(plots, start=1):
                self._asked_of(fund, rule, place, "decision", number)
                row = self._asked_of(fund, rule, place, "notice", 50 + number)
                Decision.objects.create(
                    meeting=meeting, application=row, round=1, outcome="agreed", fen=100, entitled=1, present=1,
                    agree=1, reason=self.token("reason", place), digest="x$", snapshot={
                        "organisation": self.places[place].label, "kind_words": "困难", "asked": 100,
                    },
                )  # fmt: skip
                line = NoticeLine.objects.create(
                    notice=notice, application=row, round=1, number=number, name="人*", branch="某支部",
                    category="困难", fen=100,
                )  # fmt: skip
                made = Objection.objects.create(
                    line=line, received_on=TODAY, entered_on=TODAY, by=self.token("reason", place),
                    text=self.token("reason", place), contact=self.token("reason", place),
                )  # fmt: skip
                self.add("objection", place, path={"pk": notice.pk, "objection": made.pk}, place=top)
                self.add("notice_line", place, path={"pk": notice.pk, "line": line.pk}, place=top)
            acted = frozenset({f"{plots[0]}.poster", "department_clerk", *(f"{place}.plain" for place in plots)})
            self.add("meeting", top, path={"pk": meeting.pk}, place=top, acted=acted)
            self.add("notice", top, path={"pk": notice.pk}, place=top, acted=acted)
            self.add("public_notice", top, path={"token": notice.token}, place=top)

    def _asked_of(self, fund, rule, place: str, state: str, number: int) -> Application:
        about = f"{place}.plain"
        row = Application.objects.create(
            fund=fund, person=self.people[about], organisation=self.places[place], path=self.places[place].path,
            regulation=rule, year=2026, number=number + 500, kind="injured" if state == "decision" else "frail",
            asked=100_000, granted=100 if state == "notice" else None, state=state, round=1, serial=1, filer="self",
            content={"reason": self.token("application", place, about)}, drafted_on=TODAY,
        )  # fmt: skip
        Taken.objects.create(
            application=row, serial=1, round=1, step="department-review", title="组织部复核", move="pass",
            before="department-review", after=state, on=TODAY, at=NOW, fen=100_000,
        )  # fmt: skip
        return row

    def _messages(self) -> None:
        """One message for each column and for the poster of each plot; it holds what only its recipient may read."""
        readers = [key for key in COLUMNS if key != "anonymous"] + [f"{place}.poster" for place in PLOTS]
        for key in readers:
            place = self.homes[key] or "committee"
            told = {"n": 1, "items": [{"what": self.token("message", place, key), "n": 1, "rule": 1, "sort": ""}]}
            made = Message.objects.create(
                recipient=self.people[key], kind="digest", day=TODAY, sent_at=NOW,
                content={"groups": {"late": told}, "fresh": 0, "gone": 89, "birthdays": [], "below": []},
            )  # fmt: skip
            self.add("message", key, path={"pk": made.pk}, number=made.pk, place=place, owner=key)

    def _own(self) -> None:
        """Each column's own person, account and post, as others and as he himself may come upon them."""
        for key, column in COLUMNS.items():
            if key == "anonymous":
                continue
            place, pk = self.homes[key], self.people[key].pk
            self.add("person", f"self {key}", path={"pk": pk}, number=pk, place=place, about=key, owner=key)
            account = self.accounts[key]
            where = column.posts[0][1] if column.posts else place
            self.add("account", f"self {key}", path={"pk": account.pk}, place=where, owner=key)

    def _layouts(self) -> None:
        """A layout of the branch, which is its own, and one of a superior, which those below may only choose."""
        for place in ("committee", "branch"):
            here = self.places[place]
            row = Layout.objects.create(
                organisation=here,
                ledger="talks",
                name=f"{here.pk} 号格式",
                columns=[["谈话对象", "姓名"]],
                entered_on=TODAY,
            )
            self.add("layout", place, path={"pk": row.pk}, place=place)

    def _jobs(self) -> None:
        """A finished export of the branch's secretary, and one of somebody who reads the whole committee."""
        for owner in ("secretary", "department_clerk"):
            here = self.places["branch"].pk
            asked = {"ledger": "talks", "organisation": here, "first": "2026-01-01", "last": "2026-11-23"}
            job = jobs.ask(
                account=self.accounts[owner].pk, kind="ledger_export", title=self.token("job", "", owner),
                parameters=asked, now=NOW,
            )  # fmt: skip
            job.state, job.claim, job.file_name = Job.State.DONE, "0" * 32, f"{self.token('job', '', owner)}.xlsx"
            job.expires_at = NOW + jobs.KEPT_FOR
            with job_files.plain_file() as file:
                file.write(self.token("job", "", owner).encode())
                job.size = job_files.keep(job, file)
            job.save()
            self.add("job", f"of {owner}", path={"pk": job.pk}, owner=owner)


class _Plot:
    """One place's people and papers."""

    def __init__(self, town: Town, place: str):
        self.town, self.place = town, place
        self.here = town.places[place]
        self.plain, self.scribe = f"{place}.plain", f"{place}.scribe"

    def who(self, key: str) -> Person:
        return self.town.people[key]

    def token(self, kind: str, about: str, **more) -> str:
        return self.town.token(kind, self.place, about, **more)

    def fill(self) -> None:
        town, place = self.town, self.place
        for key in (self.plain, self.scribe, f"{place}.poster", f"{place}.helper"):
            town.person(key, place)
        dead = town.person(f"{place}.dead", place)
        self._die(dead)
        self._people()
        self._offices()
        self.event(EventKind.HONOUR, place)
        self.happened()
        self.request(place, asked=f"{place}.poster")
        self.task(place, asked=f"{place}.poster")
        self.help(place)
        self.correction(place)
        near = place in NEAR
        self.talk(place, event=self.event(EventKind.TENDENCY, f"{place}, sensitive", sensitive=True) if near else None)
        self.upward()
        self.visit(place)
        self.study(place)
        self.ceremony(place)
        self.birthday()
        self.honours(place)
        self.medal(place)
        self.deed(place)
        self.deed(f"{place}, of itself", about=None)
        self.activity(place)
        self.contact_point(place, leader=f"{place}.poster")
        self.supervision()
        self.report()
        self.allowance(place)
        self.care_plan()
        self.disclosure()
        self.fund()
        self._bonds()

    def _die(self, dead: Person) -> None:
        alive = Membership.objects.get(person=dead)
        alive.until = date(2026, 10, 5)
        alive.save()
        join(dead, self.here, since=date(2026, 10, 5), standing=Standing.DEAD)

    def _people(self) -> None:
        for key, kind in ((self.plain, "person"), (f"{self.place}.dead", "dead")):
            pk = self.who(key).pk
            self.town.add(kind, self.place, path={"pk": pk}, number=pk, place=self.place, about=key)

    def _offices(self) -> None:
        """A party post with an account, and a system post of somebody who is no member."""
        town, poster, teller = self.town, f"{self.place}.poster", f"{self.place}.teller"
        town.person(teller, "")
        for key, role, system in ((poster, Role.COMMISSIONER, False), (teller, Role.CASHIER, True)):
            held = post(self.who(key), self.here, role)
            town.posts.setdefault(key, []).append((role.value, self.place))
            label = f"{self.place}, {role.value}"
            town.add("post", label, path={"pk": held.pk}, place=self.place, system=system, owner=key)
        account = town.open_account(poster)
        town.add("account", self.place, path={"pk": account.pk}, place=self.place, owner=poster)
        drafts.save(
            account=account.pk, key=f"talk:m{self.who(self.plain).pk}", sent=_Sent(text=self.token("draft", poster)),
            now=NOW,
        )  # fmt: skip

    def _keyed(self, about: str, writer: str, sensitive: bool = False) -> dict:
        return {"about": about or self.plain, "writer": writer or self.scribe, "sensitive": sensitive}

    def event(self, kind, label, *, about="", writer="", sensitive=False) -> Event:
        keyed = self._keyed(about, writer, sensitive)
        made = Event.objects.create(
            person=self.who(keyed["about"]), kind=kind, occurred_on=date(2026, 11, 20), entered_on=TODAY,
            entered_by=self.who(keyed["writer"]), note=self.token("note", keyed["about"]),
        )  # fmt: skip
        pk, town = made.pk, self.town
        town.add("event", label, path={"pk": pk}, number=f"event:{pk}", place=self.place, **keyed)
        note = {"path": {"pk": made.person_id}, "query": {"field": f"note-{pk}"}}
        town.add("note", label, place=self.place, **note, **keyed)
        return made

    def upward(self) -> None:
        """The place's member, honoured once, is dying: that is reported upward."""
        someone = self.who(self.plain)
        Category.objects.create(person=someone, kind=CategoryKind.HONOUREE, since=date(2026, 1, 5))
        made = Event.objects.create(
            person=someone, kind=EventKind.CRITICAL, occurred_on=date(2026, 11, 20), entered_on=TODAY
        )
        where = {"path": {"pk": made.pk}, "place": self.place, "about": self.plain}
        self.town.add("upward", self.place, sensitive=True, **where)

    def happened(self) -> None:
        """Two events of the place itself, one of them of a sensitive kind."""
        for kind, sensitive in ((EventKind.DISASTER, False), (EventKind.COMPLAINT, True)):
            made = Event.objects.create(
                organisation=self.here, kind=kind, occurred_on=date(2026, 11, 20), entered_on=TODAY,
                entered_by=self.who(self.scribe), source=self.token("basis", "", sensitive=sensitive),
            )  # fmt: skip
            label = f"{self.place}, of itself{', sensitive' if sensitive else ''}"
            where = {"path": {"pk": made.pk}, "number": f"event:{made.pk}", "place": self.place}
            self.town.add("event", label, writer=self.scribe, sensitive=sensitive, **where)

    def request(self, label, *, about="", asked) -> None:
        keyed = self._keyed(about, "")
        parties = {"acted": frozenset({asked})}
        note = self.token("request", keyed["about"], writer=keyed["writer"], **parties)
        made = Event.objects.create(
            person=self.who(keyed["about"]), kind=EventKind.REQUEST, occurred_on=date(2026, 11, 20), entered_on=TODAY,
            entered_by=self.who(keyed["writer"]), addressee=self.who(asked), note=note,
        )  # fmt: skip
        for kind in ("request", "event"):
            where = {"path": {"pk": made.pk}, "place": self.place, "asked": asked, "request": True}
            self.town.add(kind, f"request {label}" if kind == "event" else label, **where, **keyed)

    def task(self, label, *, about="", writer="", asked) -> None:
        keyed = self._keyed(about, writer)
        note = self.token("task", keyed["about"], writer=keyed["writer"], acted=frozenset({asked}))
        made = Event.objects.create(
            person=self.who(keyed["about"]), kind=EventKind.TASK, occurred_on=date(2026, 11, 20), entered_on=TODAY,
            due_on=date(2026, 12, 5), entered_by=self.who(keyed["writer"]), addressee=self.who(asked), note=note,
        )  # fmt: skip
        for kind in ("task", "event"):
            where = {"path": {"pk": made.pk}, "place": self.place, "asked": asked, "request": True}
            self.town.add(kind, f"task {label}" if kind == "event" else label, **where, **keyed)

    def help(self, label, *, about="", writer="") -> None:
        """Asked for by himself, or entered by the scribe."""
        keyed = self._keyed(about, writer)
        note = self.token("ask", keyed["about"], writer=keyed["writer"])
        made = self._asked(EventKind.HELP, f"help {label}", keyed, note=note)
        note = {"path": {"pk": made.person_id}, "query": {"field": f"note-{made.pk}"}}
        self.town.add("note", f"help {label}", place=self.place, **note, **keyed)

    def correction(self, label, *, about="") -> None:
        keyed = self._keyed(about, about or self.plain)
        made = self._asked(EventKind.CORRECTION, f"correction {label}", keyed)
        address = f"云河市河东区{self.token('ask', keyed['about'])}"
        Correction.objects.create(event=made, address=address)
        self.town.add("correction", label, path={"pk": made.pk}, place=self.place, **keyed)

    def _asked(self, kind, label, keyed: dict, **more) -> Event:
        made = Event.objects.create(
            person=self.who(keyed["about"]), kind=kind, occurred_on=date(2026, 11, 20), entered_on=TODAY,
            entered_by=self.who(keyed["writer"]), **more,
        )  # fmt: skip
        for thing in ("ask", "event"):
            number = f"event:{made.pk}"
            self.town.add(thing, label, path={"pk": made.pk}, number=number, place=self.place, **keyed)
        return made

    def _record(self, action, about, writer, *, event=None, withdrawn=False) -> Record:
        gone = {"withdrawn_on": TODAY, "withdrawn_reason": self.token("shared", about)} if withdrawn else {}
        record = Record.objects.create(
            organisation=self.here, path=self.here.path, member=self.who(about) if about else None, action=action,
            on=date(2026, 11, 21), event=event, entered_on=TODAY, entered_by=self.who(writer), **gone,
        )  # fmt: skip
        RecordPerson.objects.create(record=record, person=self.who(writer))
        return record

    def talk(self, label, *, about="", writer="", event, withdrawn=False) -> None:
        keyed = self._keyed(about, writer)
        about, writer = keyed["about"], keyed["writer"]
        acted = {"acted": frozenset({writer}), "writer": writer}
        made = Talk.objects.create(
            record=self._record("talk", about, writer, event=event, withdrawn=withdrawn), subject=Talk.Subject.OTHER,
            place=self.token("told", about, **acted), text=self.token("told", about, **acted),
            wish=self.token("told", about, **acted),
        )  # fmt: skip
        where = {"place": self.place, "about": about, **acted}
        for kind in ("talk", "retold", *([] if withdrawn else ["unwithdrawn"])):
            self.town.add(kind, label, path={"pk": made.pk}, number=made.pk, **where)
        self._added(made, label, "told", where)

    def visit(self, label, *, about="", writer="") -> None:
        keyed = self._keyed(about, writer)
        about, writer = keyed["about"], keyed["writer"]
        acted = {"acted": frozenset({writer}), "writer": writer}
        sealed = {name: self.token("talk", about, **acted) for name in ("text", "wish", "promised", "met_name")}
        shared = {"gift": self.token("shared", about)}
        made = Visit.objects.create(
            record=self._record("visit", about, writer), how="home", met="both", **sealed, **shared
        )  # fmt: skip
        where = {"place": self.place, "about": about, **acted}
        for kind in ("visit", "revisited"):
            self.town.add(kind, label, path={"pk": made.pk}, number=made.pk, **where)
        self._added(made, label, "talk", where)
        self._picture("picture", label, made, self.token("talk", about, **acted), where)

    def _picture(self, kind, label, made, token, where) -> None:
        shown = Picture.objects.create(
            subject=subject_of(getattr(made, "record", made)), organisation=self.here.pk,
            digest=sha256(token.encode()).hexdigest(), size=9, width=9, height=9, name=f"{token}.jpg", at=NOW,
        )  # fmt: skip
        self.town.add(kind, label, path={"pk": made.pk, "picture": shown.pk}, **where)
        folder = Path(settings.PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        sealed = seal_bytes(token.encode(), f"picture:{shown.digest}")
        (folder / shown.digest).write_bytes(sealed)

    def _added(self, act, label, kind, where: dict) -> None:
        """Words added to a talk or a visit."""
        record, token = act.record, self.token(kind, where["about"], acted=where["acted"], writer=where["writer"])
        Addendum.objects.create(record=record, text=token, written_on=TODAY, by=self.who(where["writer"]))
        if record.withdrawn_on is None:
            self.town.add("addendum", f"{act._meta.model_name} {label}", path={"pk": record.pk}, **where)

    def study(self, label, *, about="") -> None:
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        session = StudySession.objects.create(
            organisation=self.here, path=self.here.path, on=date(2026, 11, 21), hours=2,
            title=self.token("shared", about), organiser=self.who(writer),
        )  # fmt: skip
        there = Attendance.objects.create(session=session, record=self._record("study", about, writer))
        where = {"place": self.place, "about": about, "writer": writer}
        self.town.add("study", label, path={"pk": session.pk}, **where)
        self.town.add("attendance", label, path={"pk": session.pk, "attendance": there.pk}, **where)

    def ceremony(self, label, *, about="") -> None:
        """An oath that one member took."""
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        held = Ceremony.objects.create(
            organisation=self.here, path=self.here.path, kind="renewal", on=date(2026, 11, 21), present=1,
            place=self.token("shared", about), leader=self.token("shared", about),
        )  # fmt: skip
        CeremonyRecord.objects.create(ceremony=held, record=self._record("oath", about, writer))
        where = {"place": self.place, "about": about, "writer": writer}
        self.town.add("ceremony", label, path={"pk": held.pk}, **where)
        self.town.add("absent", label, path={"pk": held.pk, "person": self.who(about).pk}, **where)

    def birthday(self) -> None:
        """That of one member, and the organisation's own words for it."""
        where = {"place": self.place}
        path = {"pk": self.who(self.plain).pk, "year": 2026}
        self.town.add("birthday", self.place, path=path, about=self.plain, **where)
        GreetingText.objects.create(organisation=self.here, kind="political", text="{称呼}", written_on=TODAY)
        path = {"pk": self.here.pk, "kind": "political"}
        self.town.add("greeting_text", self.place, path=path, **where)

    def honours(self, label, *, about="") -> None:
        """An honour of somebody, what is named after him, a story told of him."""
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        here = {"person": self.who(about), "organisation": self.here, "path": self.here.path, "entered_on": TODAY,
                "entered_by": self.who(writer)}  # fmt: skip
        title = self.token("shared", about)
        honour = Honour.objects.create(
            kind="party", title=title, level="province", granted_by="省委", granted_on=TODAY, **here
        )
        naming = Naming.objects.create(
            what="studio", name=self.token("shared", about), after="某某", rank="base", decided_on=TODAY, **here
        )
        story = Story.objects.create(title=self.token("shared", about), outlet="网", on=TODAY, **here)
        for kind, row in (("honour", honour), ("naming", naming), ("story", story)):
            self.town.add(kind, label, path={"pk": row.pk}, place=self.place, about=about, writer=writer)

    def medal(self, label, *, about="") -> None:
        """One that was handed over after a word of the review that only a few read."""
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        row = Medal.objects.create(
            person=self.who(about), organisation=self.here, year=2024, stage=Stage.HANDED, since=date(1970, 6, 1),
            handed_on=date(2024, 6, 28), note=self.token("shared", about), entered_on=TODAY,
        )  # fmt: skip
        for stage in (Stage.APPROVED, Stage.HANDED):
            MedalStep.objects.create(medal=row, stage=stage, on=date(2024, 6, 28), words=self.token("care", about))
        self.town.add("medal", label, path={"pk": row.pk}, place=self.place, about=about, writer=writer)

    def activity(self, label, *, about="") -> None:
        """One that names somebody of the place."""
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        acted = {"acted": frozenset({writer}), "writer": writer}
        made = Activity.objects.create(
            record=self._record("service", "", writer), kind="culture", title=self.token("shared", about), present=1,
            text=self.token("deed", about, **acted),
        )  # fmt: skip
        Participant.objects.create(activity=made, person=self.who(about), organisation=self.here)
        where = {"place": self.place, "about": about, **acted}
        self.town.add("activity", label, path={"pk": made.pk}, **where)
        self._picture("activity_picture", label, made, self.token("deed", about, **acted), where)

    def applications(self, fund, *, about="", writer="") -> None:
        """A draft, and one that was handed in, each with a paper."""
        label, keyed = f"of the {about}" if about else self.place, self._keyed(about, writer)
        about, writer = keyed["about"], keyed["writer"]
        where = {"place": self.place, "about": about, "writer": writer}
        for kind, of, state in (("draft", "sudden", "@draft"), ("application", "hardship", "branch-review")):
            words = {
                name: self.token("application", about, writer=writer) for name in ("reason", "helped", "filer_why")
            }
            number = None if kind == "draft" else Application.objects.filter(fund=fund, number__gt=0).count() + 1
            account = {"holder": self.token("application", about, writer=writer), "bank": "建设银行", "relation": "",
                       "number": self.token("sealed", about)}  # fmt: skip
            made = Application.objects.create(
                fund=fund, person=self.who(about), organisation=self.here, path=self.here.path, kind=of, asked=200_000,
                regulation=fund.regulations.get(), state=state, content={**words, "account": account}, filer="relative",
                filed_by=self.who(writer), drafted_on=TODAY, number=number, year=number and 2026,
                submitted_on=number and TODAY, round=1 if number else 0,
            )  # fmt: skip
            if number:
                made.taken.create(
                    serial=0, round=1, title="申请", move="pass", before="", after=state, on=TODAY, at=NOW,
                    opinion=self.token("weighed", about, writer=writer),
                )  # fmt: skip
            self.town.add(kind, label, path={"pk": made.pk}, **where)
            paper = self.token("application", about, writer=writer)
            self._picture(f"{kind}_picture", label, made, paper, where)

    def reliefs(self, *, about="", writer="") -> None:
        """One application for less dues that waits for the branch, one in force; of their writer one that came back."""
        label, keyed = f"of the {about}" if about else self.place, self._keyed(about, writer)
        about, writer = keyed["about"], keyed["writer"]
        granted = {
            "granted_kind": "none", "granted_since": TODAY, "granted_until": date(2027, 11, 1), "decided_on": TODAY,
            "decided_by": self.town.people["department_clerk"],
        }  # fmt: skip
        self._relief("relief", label, about, writer, state="branch")
        self._relief("relief_granted", label, about, writer, state="approved", **granted)
        if about != writer:
            self._relief("relief_back", label, writer, about, state="returned")

    def _relief(self, kind: str, label: str, about: str, writer: str, **more) -> None:
        made = DuesRelief.objects.create(
            person=self.who(about), organisation=self.here, path=self.here.path, kind="none", since=date(2026, 11, 1),
            until=date(2027, 11, 1), reason=self.token("application", about, writer=writer), filer="relative",
            relative=self.token("application", about, writer=writer), filed_by=self.who(writer), applied_on=TODAY,
            filed_on=TODAY, serial=1, **more,
        )  # fmt: skip
        weighed = self.token("weighed", about, writer=writer)
        made.steps.create(serial=1, move="file", on=TODAY, entered_on=TODAY, opinion=weighed)
        self.town.add(kind, label, path={"pk": made.pk}, place=self.place, about=about, writer=writer)

    def contact_point(self, label, *, leader) -> None:
        made = ContactPoint.objects.create(leader=self.who(leader), organisation=self.here, since=date(2026, 3, 1))
        bound = frozenset({leader})
        self.town.add("contact_point", label, path={"pk": made.pk}, place=self.place, bound=bound)

    def supervision(self) -> None:
        """One from above, and one answer that was sent back."""
        above = self.town.places.get(PARENTS[self.place])
        if above is None:
            return
        event = Event.objects.create(
            organisation=self.here, kind=EventKind.TASK, occurred_on=TODAY, entered_on=TODAY, due_on=TODAY,
            addressee=self.who(f"{self.place}.poster"), note=self.token("task", "", acted=frozenset()),
        )  # fmt: skip
        made = Supervision.objects.create(
            organisation=self.here, path=self.here.path, sender=above, subject="必谈没有按期谈", issued_on=TODAY,
            text=self.token("supervised", ""), event=event,
        )  # fmt: skip
        said = Answer.objects.create(
            supervision=made, text=self.token("supervised", ""), on=TODAY, by=self.who(f"{self.place}.poster"),
            due_on=TODAY, record=self._record("handling", None, f"{self.place}.poster"), returned_on=TODAY,
            reason=self.token("supervised", ""),
        )  # fmt: skip
        self.town.add("supervision", self.place, path={"pk": made.pk}, place=self.place)
        writer = f"{self.place}.poster"
        self.town.add("supervision_answer", self.place, path={"pk": said.pk}, place=self.place, writer=writer)

    def report(self) -> None:
        """One to the organisation above, sent back once, answered, and handed on by nobody."""
        above = self.town.places.get(PARENTS[self.place])
        if above is None:
            return
        made = Report.objects.create(
            organisation=self.here, path=self.here.path, superior=above, kind="matter", title="测站供暖改造推迟",
            text=self.token("reported", ""), happened_on=TODAY, sent_on=TODAY,
            sent_by=self.who(f"{self.place}.poster"), answer=self.token("reported", ""),
        )  # fmt: skip
        SentBack.objects.create(
            report=made, text=self.token("reported", ""), reason=self.token("reported", ""), returned_on=TODAY,
            due_on=TODAY, resent_on=TODAY,
        )  # fmt: skip
        self.town.add("report", self.place, path={"pk": made.pk}, place=self.place)

    def allowance(self, label, *, about="") -> None:
        keyed = self._keyed(about, "")
        about, writer = keyed["about"], keyed["writer"]
        words = {name: self.token("shared", about) for name in ("words", "gift", "approval", "paper")}
        made = Allowance.objects.create(
            kind="reward", person=self.who(about), organisation=self.here, path=self.here.path, entered_on=TODAY,
            on=date(2026, 11, 21), entered_by=self.who(writer), **words,
        )  # fmt: skip
        self.town.add("allowance", label, path={"pk": made.pk}, place=self.place, about=about, writer=writer)

    def assessed(self, about: str, place: str, writer: str) -> None:
        """How the secretary was assessed by ``place``: for him and for who looks over that."""
        town, above = self.town, self.town.places[place]
        record = Record.objects.create(
            organisation=above, path=above.path, action="assessment", on=date(2026, 11, 20), entered_on=TODAY,
            entered_by=self.who(writer),
        )  # fmt: skip
        RecordPerson.objects.create(record=record, person=self.who(writer))
        acted = {"acted": frozenset({writer}), "writer": writer}
        Deed.objects.create(record=record, note=town.token("deed", place, "", **acted))
        words = {name: town.token("shared", place, about) for name in ("meeting", "remarks")}
        made = Assessment.objects.create(
            organisation=self.here, assessor=above, path=above.path, secretary=self.who(about), year=2026,
            grade="good", on=record.on, record=record, entered_on=TODAY, entered_by=self.who(writer), **words,
        )  # fmt: skip
        town.add("assessment", self.place, path={"pk": made.pk}, place=place, about=about, **acted)

    def care_plan(self) -> None:
        made = CarePlan.objects.create(
            organisation=self.here, path=self.here.path, year=2026, entered_on=TODAY, entered_by=self.who(self.scribe)
        )
        made.items.create(position=1, what=self.token("of organisation", ""), who=self.token("of organisation", ""))
        self.town.add("care_plan", self.place, path={"pk": made.pk}, place=self.place)

    def disclosure(self) -> None:
        """Open to all who belong here or below."""
        deed = Deed.objects.create(
            record=self._record("disclosure", "", self.scribe),
            note=self.token("deed", "", acted=frozenset({self.scribe})),
        )  # fmt: skip
        words = {name: self.token("document", "") for name in ("title", "text", "place")}
        made = Disclosure.objects.create(deed=deed, topic="dues", until_on=date(2026, 12, 31), **words)
        self.town.add("disclosure", self.place, path={"pk": made.pk}, place=self.place)

    def deed(self, label, *, about="", writer="") -> None:
        """What was done for a member; of the organisation itself where ``about`` is ``None``."""
        keyed = self._keyed(about, writer)
        about, writer = "" if about is None else keyed["about"], keyed["writer"]
        acted = {"acted": frozenset({writer}), "writer": writer}
        made = Deed.objects.create(
            record=self._record("service", about, writer), note=self.token("deed", about, **acted),
            paper=self.token("shared", about),
        )  # fmt: skip
        self.town.add("deed", label, path={"pk": made.pk}, number=made.pk, place=self.place, about=about, **acted)

    def _bonds(self) -> None:
        plain = self.who(self.plain)
        tie = Tie.objects.create(
            person=plain, kind=TieKind.CONTACT, to=self.who(f"{self.place}.helper"), since=date(2026, 1, 5)
        )
        where = {"place": self.place, "about": self.plain}
        self.town.add("tie", self.place, path={"pk": plain.pk, "tie": tie.pk}, **where)
        self._entries(where)
        kinds = {CategoryKind.ELDERLY: False} | ({CategoryKind.DISCIPLINED: True} if self.place in NEAR else {})
        for kind, sensitive in kinds.items():
            row = Category.objects.create(
                person=plain, kind=kind, since=date(2026, 1, 5),
                grade=self.token("basis", self.plain, sensitive=sensitive),
                basis=self.token("basis", self.plain, sensitive=sensitive),
            )  # fmt: skip
            label = f"{self.place}, sensitive" if sensitive else self.place
            path = {"pk": plain.pk, "category": row.pk}
            self.town.add("category", label, path=path, sensitive=sensitive, **where)

    def fund(self) -> None:
        """Books with dues and a donation, and what was compared with the bank."""
        made = fund_of(self.here)
        desk, words = Desk(on=TODAY, now=NOW), self.token("books", "")
        dues = receive(made, desk, source="dues", amount=5_000, words=words)
        donated = receive(
            made, desk, source="members", amount=700, donor=self.token("books", ""), receipt=self.token("books", "")
        )
        compare_with_bank(made, desk, bank=1, words=self.token("books", ""))
        self.town.add("fund", self.place, path={"pk": made.pk}, number=made.pk, place=self.place)
        for kind, voucher in (("voucher", dues), ("donation", donated)):
            self.town.add(kind, self.place, path={"pk": voucher.pk}, place=self.place)

    def _entries(self, where: dict) -> None:
        """One entry that everybody in scope sees but for its private facts, one that only those who care see at all."""
        for register, sensitive in ((RegisterCode.DIFFICULTY, False), (RegisterCode.ILLNESS, True)):
            if sensitive and self.place not in NEAR:
                continue
            row = Entry.objects.create(
                register=register, person=self.who(self.plain), since=date(2026, 1, 5), entered_on=TODAY,
                facts={"measures" if not sensitive else "state": self.token("basis", self.plain, sensitive=sensitive)},
                private={"needs": self.token("care", self.plain)},
            )  # fmt: skip
            label = f"{self.place}, sensitive" if sensitive else self.place
            self.town.add("entry", label, path={"pk": row.pk}, sensitive=sensitive, **where)
        place = self.who(self.plain).memberships.get().organisation
        report = DifficultyReport.objects.create(
            organisation=place, half="2026-H1", as_of=date(2026, 6, 30), figures={"total": 1}, prepared_on=TODAY
        )
        self.town.add("report", self.place, path={"pk": report.pk}, place=self.place)


def fund_of(organisation: Organisation) -> Fund:
    """The fund of an organisation, opened if it has none yet."""
    return Fund.objects.filter(organisation=organisation).first() or open_fund(organisation, on=date(2026, 1, 1))


class _Sent(dict):
    """What a browser sends, as :func:`base.drafts.save` reads it."""

    def lists(self):
        return [(name, [value]) for name, value in self.items()]


@transaction.atomic
def waived(town: Town, about: str) -> None:
    """Have the sensitive duty about somebody waived, for a reason that is as sensitive."""
    facts_will_change()
    duty = Duty.objects.get(rule__code="talk-on-tendency", member=town.people[about])
    place = town.homes[about]
    Waiver.objects.create(
        rule=duty.rule, key=duty.key, given_on=TODAY, given_by=town.people[f"{place}.scribe"],
        reason=town.token("basis", place, about, sensitive=True),
    )  # fmt: skip
    people, here = [town.people[about].pk], [duty.organisation_id]
    facts_changed(Fact.WAIVER, since=date(2026, 1, 1), people=people, organisations=here)

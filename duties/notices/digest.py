"""The morning digest: one message a person a day with what is theirs to do. Numbers by kind of matter, never a name.

Whatever is sensitive is called 关怀事项 here, whoever reads it: a message may be read over a shoulder.
"""

from calendar import isleap
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from base.dates import anniversary
from duties.engine import counts
from duties.engine.counts import late
from duties.engine.models import Action, Duty
from duties.notices.owing import Group, owing
from duties.policy.models import Rule
from members.enums import OrganisationKind, Precision, Role, Standing
from members.models import PATH_SEGMENT, Account, Membership, Organisation, Post, Tie

CARE = "关怀事项"
"""What a sensitive matter is called, as on the board."""


@dataclass(frozen=True)
class Step:
    """Of what is overdue for more than ``days`` days, the nearest holders of ``roles`` above the branch are told."""

    days: int
    roles: tuple[Role, ...]


ESCALATION = (Step(7, (Role.SECRETARY,)), Step(15, (Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK)))
"""Numbers of the product's own, no clause gives them; an organisation's working rules will be able to set them."""


def recipients(day: date) -> QuerySet[Account]:
    """Accounts in use whose person may owe something: by a post, by a tie that leads to them, as an actor."""
    person = OuterRef("person")
    post, tie = Post.objects.on(day).filter(person=person), Tie.objects.on(day).filter(to=person)
    actor = Duty.objects.open().filter(actor=person)
    return reachable(day).filter(Exists(post) | Exists(tie) | Exists(actor))


def reachable(day: date) -> QuerySet[Account]:
    """Accounts in use, of people who live. People without an account are told nothing."""
    dead = Membership.objects.on(day).filter(person=OuterRef("person"), standing=Standing.DEAD)
    return Account.objects.filter(is_active=True, person__isnull=False).exclude(Exists(dead))


def contents(day: date, people: Collection[int] | None = None) -> dict[int, dict]:
    """What each person is told on the morning of ``day``; nobody is in it who is to be told nothing.

    :param people: only these, by primary key; ``None`` means everybody. As many queries for all as for one.
    """
    rules = {rule.pk: rule for rule in Rule.objects.adopted().order_by("position", "pk")}
    owed, born, above = owing(day, people), birthdays(day, people), escalations(day, people)
    told = {}
    for person in owed.keys() | born.keys() | above.keys():
        groups = _groups(owed[person].by_rule, rules) if person in owed else {}
        if groups or person in above or any(each["today"] for each in born[person]):
            told[person] = {
                "groups": groups, "fresh": owed[person].fresh if groups else 0, "gone": gone(day),
                "birthdays": born.get(person, []), "below": above.get(person, []),
            }  # fmt: skip
    return told


def gone(day: date) -> int:
    """The share of the year that is over, in percent."""
    return 100 * day.timetuple().tm_yday // (366 if isleap(day.year) else 365)


def sort_of(rule: Rule) -> str:
    """What sort of matter a rule is to its reader; empty where it is none that is named apart."""
    trigger = rule.spec["trigger"]
    if trigger["kind"] == "occasion":
        return "节日走访"
    if trigger["kind"] == "event" and rule.action in (Action.TALK, Action.VISIT):
        asked = trigger.get("answers", False)  # somebody asked for it himself
        return ("约谈" if asked else "必谈") if rule.action == Action.TALK else "必访"
    return "年度谈话" if is_yearly_talk(rule) else ""


def is_yearly_talk(rule: Rule) -> bool:
    """Whether the rule is the yearly talk with each member."""
    trigger = rule.spec["trigger"]
    yearly = trigger.get("per") == "year" and trigger.get("counted_per") == "member"
    return yearly and rule.action == Action.TALK


def _groups(by_rule: dict[tuple[int, Group], int], rules: dict[int, Rule]) -> dict[str, dict]:
    """The numbers of one person under their headings. What is far off is named only if it is of a named sort."""
    groups: dict[str, dict] = {}
    for group in Group:
        items, hidden = [], 0
        for rule in rules.values():
            n, sort = by_rule.get((rule.pk, group), 0), sort_of(rule)
            if not n or (group == Group.LATER and not sort):
                continue
            if rule.sensitive:
                hidden += n
            else:
                items.append({"what": rule.title, "n": n, "rule": rule.pk, "sort": sort})
        items += [{"what": CARE, "n": hidden}] if hidden else []
        if items:
            groups[group.name.lower()] = {"n": sum(item["n"] for item in items), "items": items}
    return groups


def birthdays(day: date, people: Collection[int] | None) -> dict[int, list[dict]]:
    """For each secretary of a branch: how many political birthdays its month has, and how many of them are today."""
    posts = _posts(day, people).filter(role=Role.SECRETARY, organisation__kind=OrganisationKind.BRANCH)
    posts = list(posts.select_related("organisation").order_by("organisation__path", "pk"))
    born = _born(day) if posts else Counter()
    found = defaultdict(list)
    for post in posts:
        here = post.organisation
        month, today = born[here.path, "month"], born[here.path, "today"]
        if month:
            each = {"organisation": here.pk, "place": here.label, "month": day.month, "n": month, "today": today}
            found[post.person_id].append(each)
    return found


def _born(day: date) -> Counter:
    """Political birthdays of the month, and of the day, at and below each path."""
    of_day = [day.day, 29] if day == anniversary(date(2000, 2, 29), day.year) else [day.day]
    rows = (
        Membership.objects.on(day)
        .filter(standing__in=(Standing.FULL, Standing.PROBATIONARY))
        .filter(person__joined_on__month=day.month, person__joined_on__year__lt=day.year)
        .exclude(person__joined_precision=Precision.YEAR)
        .values_list("path")
        .annotate(
            month=Count("pk"),
            today=Count("pk", filter=Q(person__joined_on__day__in=of_day, person__joined_precision=Precision.DAY)),
        )
        .order_by("path")
    )
    born = Counter()
    for path, month, today in rows:
        for upper in upward(path):
            born[upper, "month"] += month
            born[upper, "today"] += today
    return born


def upward(path: str) -> list[str]:
    """The path and those above it, nearest first."""
    return [path[:length] for length in range(len(path), 0, -PATH_SEGMENT)]


def escalations(day: date, people: Collection[int] | None) -> dict[int, list[dict]]:
    """Who above is told of which branches, and how much there is overdue for longer than stated."""
    holders = {step: _by_path(day, step) for step in ESCALATION}
    wanted = set(people) if people is not None else None
    if not any(wanted is None or wanted & set(each) for paths in holders.values() for each in paths.values()):
        return {}
    branches = Organisation.objects.on(day).filter(kind=OrganisationKind.BRANCH).order_by("path")
    branches = list(branches.only("pk", "path", "name", "short_name"))
    found = defaultdict(list)
    for step in ESCALATION:
        numbers = counts.each(branches, late(day - timedelta(days=step.days)) & Q(closes_on__gte=day))
        for branch in branches:
            if n := numbers[branch.pk]:
                told = {"organisation": branch.pk, "place": branch.label, "n": n, "days": step.days}
                for person in _nearest(branch.path, holders[step]):
                    if wanted is None or person in wanted:
                        found[person].append(told)
    return found


def _by_path(day: date, step: Step) -> dict[str, list[int]]:
    held = defaultdict(list)
    posts = Post.objects.on(day).filter(role__in=step.roles)
    for path, person in posts.values_list("organisation__path", "person").distinct().order_by("organisation__path"):
        held[path].append(person)
    return held


def _nearest(path: str, held: dict[str, list[int]]) -> list[int]:
    """Those at the nearest place above, never at the branch itself."""
    return next((held[upper] for upper in upward(path)[1:] if upper in held), [])


def _posts(day: date, people: Collection[int] | None) -> QuerySet[Post]:
    posts = Post.objects.on(day)
    return posts if people is None else posts.filter(person__in=people)

"""不漏、不重、不错: what is wrong with the list, each as a count and the rows behind it. Querysets, nothing stored.

:func:`missed` asks the rules again and costs as much as a draft; the others read the list alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from care.models import Entry, RegisterCode
from members.enums import Standing
from members.models import Membership, Person, Post
from visits.campaigns.drafting import elsewhere
from visits.campaigns.naming import Group, unnamed_people
from visits.campaigns.sums import groups_for, standards_of
from visits.models import Campaign, Candidate, Visit

NEAR = timedelta(days=90)
"""A visit that names the festival is of this one so many days before it or after."""


@dataclass(frozen=True)
class Finding:
    """One thing that can be wrong. ``rows``: candidates, of :func:`missed` people. ``words``: 没有走访人."""

    code: str
    words: str
    rows: QuerySet
    count: int

    @property
    def ok(self) -> bool:
        return self.count == 0


@dataclass(frozen=True)
class Check:
    """不漏, 不重 or 不错."""

    code: str
    label: str
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        return sum(each.count for each in self.findings)

    @property
    def ok(self) -> bool:
        return self.count == 0

    @property
    def words(self) -> str:
        """规则提名的都在名单里或写明了原因, or what is wrong: 2 人没有走访人；1 人已去世."""
        wrong = [f"{each.count} 人{each.words}" for each in self.findings if each.count]
        return "；".join(wrong) or _FINE[self.code]


_FINE = {
    "missed": "规则提名的人都列入了，或写明了为什么不列入",
    "doubled": "没有人重复慰问",
    "wrong": "人、金额、走访人都对得上",
}


def checks(campaign: Campaign, today: date) -> list[Check]:
    """The three checks of a campaign as it stands."""
    groups = groups_for(campaign)
    return [
        Check("missed", "不漏", (_finding("missed", "被规则提名却不在名单里，请重新摸底", missed(campaign)),
                               _finding("silent", "未列入却没有写原因", silent(campaign)))),
        Check("doubled", "不重", (_finding("elsewhere", "同时列入别的党组织的名单", doubled(campaign)),
                                _finding("aided", "这个节日已经给过慰问金", aided(campaign)))),
        Check("wrong", "不错", tuple(_finding(*each) for each in _wrong(campaign, groups, today))),
    ]  # fmt: skip


def _finding(code: str, words: str, rows: QuerySet) -> Finding:
    return Finding(code, words, rows, rows.count())


def missed(campaign: Campaign) -> QuerySet[Person]:
    """不漏: those whom a rule names and who are neither listed nor left out with a reason."""
    return unnamed_people(campaign)


def silent(campaign: Campaign) -> QuerySet[Candidate]:
    """不漏: those whom somebody left out without a word. Words are sealed, so emptiness is what can be asked."""
    by_somebody = campaign.candidates.filter(out__in=(Candidate.Out.BRANCH, Candidate.Out.STRUCK))
    return by_somebody.filter(out_words="")


def doubled(campaign: Campaign) -> QuerySet[Candidate]:
    """不重: those whom another organisation's campaign of the same festival lists too."""
    return campaign.candidates.listed().filter(Exists(elsewhere(campaign)))


def aided(campaign: Campaign) -> QuerySet[Candidate]:
    """不重: those to whom money was given for the same festival by a visit outside this campaign."""
    given = Visit.objects.filter(
        record__member=OuterRef("person"), occasion=campaign.occasion, money__gt=0, record__withdrawn_on__isnull=True,
        record__on__gte=campaign.day - NEAR, record__on__lte=campaign.day + NEAR,
    )  # fmt: skip
    return campaign.candidates.listed().filter(Exists(given.exclude(candidacy__campaign=campaign.pk)))


def _wrong(campaign: Campaign, groups: list[Group], today: date) -> list[tuple[str, str, QuerySet[Candidate]]]:
    """不错: what of a name does not fit, of those that are listed."""
    return [
        ("dead", "已去世，改走家属慰问", dead(campaign, today)),
        ("moved", "的组织关系已经变动", moved(campaign, today)),
        ("unrecognised", "的困难没有组织认定", unrecognised(campaign, today)),
        ("unnamed", "规则已不再提名", unnamed(campaign)),
        ("sum", "的金额与标准不一致", off_standard(campaign, groups)),
        ("nothing", "既没有慰问金也没有慰问品", nothing(campaign)),
        ("visitor", "没有走访人", campaign.candidates.outstanding().filter(visitor__isnull=True)),
        ("post", "的走访人现在没有任职", without_post(campaign, today)),
    ]


def _now(day: date) -> QuerySet[Membership]:
    return Membership.objects.on(day).filter(person=OuterRef("person"))


def dead(campaign: Campaign, today: date) -> QuerySet[Candidate]:
    """Those who died, of whom not the family is meant, and to whom nothing was handed before."""
    return campaign.candidates.outstanding().filter(Exists(_now(today).filter(standing=Standing.DEAD)), family=False)


def moved(campaign: Campaign, today: date) -> QuerySet[Candidate]:
    """Those who do not stand any more where the list has them."""
    return campaign.candidates.outstanding().exclude(Exists(_now(today).filter(organisation=OuterRef("organisation"))))


def unrecognised(campaign: Campaign, today: date) -> QuerySet[Candidate]:
    """Those added by hand whose difficulty nobody recognised."""
    waiting = Entry.objects.running(today).filter(
        register=RegisterCode.DIFFICULTY, recognised_on__isnull=True, person=OuterRef("person")
    )
    return campaign.candidates.listed().filter(Exists(waiting), reasons="")


def unnamed(campaign: Campaign) -> QuerySet[Candidate]:
    """Those whom the rules named once and did not name when last asked; whoever was added by hand has his reason."""
    return campaign.candidates.listed().filter(drafted__gt=0, drafted__lt=campaign.drafts, by_hand=False)


def off_standard(campaign: Campaign, groups: Iterable[Group]) -> QuerySet[Candidate]:
    """Those whose sum is not the highest standard of their groups; whoever is in no group with a standard is none."""
    standards = standards_of(campaign)
    found = [(standards[group.code], group) for group in groups if group.code in standards]
    highest_first = sorted(found, key=lambda pair: -(pair[0].fen or 0))
    if not highest_first:
        return campaign.candidates.none()
    due = Case(
        *(When(_in_group(group), then=Value(standard.fen or 0)) for standard, group in highest_first),
        default=None, output_field=IntegerField(),
    )  # fmt: skip
    rows = campaign.candidates.listed().annotate(due=due).filter(due__isnull=False)
    return rows.exclude(Q(fen__isnull=True, due=0) | Q(fen__isnull=False, fen=F("due")))


def _in_group(group: Group) -> Q:
    whole = Q(pk__in=[])
    for pk in group.rules:
        whole |= Q(reasons__contains=f",{pk},")
    return whole if group.rules else Q(reasons="")


def nothing(campaign: Campaign) -> QuerySet[Candidate]:
    return campaign.candidates.listed().filter(Q(fen__isnull=True) | Q(fen=0), gift="")


def without_post(campaign: Campaign, today: date) -> QuerySet[Candidate]:
    """Those whose visitor holds no party post today: his visit would close no duty."""
    posts = Post.objects.on(today).filter(person=OuterRef("visitor"))
    return campaign.candidates.outstanding().filter(visitor__isnull=False).exclude(Exists(posts))

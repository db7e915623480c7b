"""Whom the rows of a sheet mean: members by name, branch and day or by identity number, those who acted by name.

Asks the database as often for one row as for many; what the importer may not see is not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q

from base.cells import plain, squeezed
from base.sealed import blind_index
from members.enums import LIVING, Capability
from members.models import Lineage, Membership, Organisation, Person, Post
from members.scope import path_end, sealed_at

_CHUNK = 5_000


@dataclass(frozen=True)
class Importer:
    """Who imports, and where: an account within its scope, or a command within one organisation."""

    account: object | None
    place: Organisation | None = None

    def within(self, field: str, capability: Capability) -> Q:
        """Rows whose ``field`` (a path) lies where the importer may act so."""
        if self.account is not None:
            return self.account.scope.q(field, capability)
        return Q(**{f"{field}__gte": self.place.path, f"{field}__lt": path_end(self.place.path)})

    def may_record(self, path: str) -> bool:
        if self.account is not None:
            return self.account.scope.may(Capability.RECORD, path)
        return path.startswith(self.place.path)

    @property
    def places(self) -> list[Organisation]:
        """The topmost organisations in which known rows are looked for."""
        if self.account is None:
            return [self.place]
        paths = self.account.scope.paths(Capability.VIEW)
        return list(Organisation.objects.filter(path__in=paths).order_by("path"))

    @property
    def person(self) -> Person | None:
        return self.account.person if self.account is not None else None


class Unclear(ValueError):
    """Nobody, or more than one, is meant; ``code`` names why, the text is the sentence for the cell."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Acting:
    """Somebody who acted: the post that answered for the branch on the day, if any, and who else has the name."""

    person: Person
    post: Post | None = None
    twins: bool = False


class People:
    """The people of a sheet, looked up once.

    :param names: of members and of those who acted, as the sheet writes them.
    :param numbers: identity numbers that hold together.
    """

    def __init__(self, names: Iterable[str], numbers: Iterable[str], importer: Importer):
        self.importer = importer
        names = sorted({name for name in names if name})
        self.stays: dict[str, list[Membership]] = {}
        self.posts: dict[str, list[Post]] = {}
        seen = importer.within("path", Capability.VIEW) | importer.within("path", Capability.RECORD)
        for some in _chunks(names):
            stays = Membership.objects.filter(seen, person__name__in=some).select_related("person", "organisation")
            for stay in stays.defer(*sealed_at("person")).order_by("since", "pk"):
                self.stays.setdefault(stay.person.name, []).append(stay)
            posts = Post.objects.filter(person__name__in=some).select_related("person", "organisation")
            for post in posts.defer(*sealed_at("person")).order_by("organisation__path", "since", "pk"):
                self.posts.setdefault(post.person.name, []).append(post)
        self.holders: dict[str, int] = {}
        for some in _chunks(sorted({blind_index(number) for number in numbers})):
            self.holders |= dict(Person.objects.filter(id_index__in=some).values_list("id_index", "pk"))
        self.labels = {
            key: stay.organisation.label
            for stays in self.stays.values()
            for stay in stays
            for key in called(stay.organisation)
        }
        self.above = _above({stay.organisation_id for stays in self.stays.values() for stay in stays})

    def holder(self, number: str) -> int | None:
        """Whose number it is; nobody's if no member in view has the name beside it, which the caller compares."""
        return self.holders.get(blind_index(number)) if number else None

    def member(self, name: str, number: str, branch: str, day: date) -> tuple[Person, Membership | None]:
        """The member of that name, and where the membership was on the day.

        :param number: the identity number, empty if the sheet gives none.
        :param branch: what the sheet calls the branch of that day; may be empty.
        :raises Unclear: if the name means nobody in the importer's scope on that day, or several.
        """
        stays = [stay for stay in self.stays.get(name, []) if self.importer.may_record(stay.path)]
        if number:
            stays = [stay for stay in stays if stay.person_id == self.holder(number)]
        here = [stay for stay in stays if not branch or branch in called(stay.organisation)]
        then = [stay for stay in here if stay.since <= day < stay.until]
        if not then and (elsewhere := [stay for stay in stays if stay.since <= day < stay.until]):
            labels = "、".join(dict.fromkeys(stay.organisation.label for stay in elsewhere))
            raise Unclear("other_branch", f"{name}在 {day} 的组织关系在{labels}，请改正所在党支部或日期。")
        found = {stay.person_id: stay for stay in then or here}
        if len(found) > 1:
            raise Unclear("ambiguous_name", f"有 {len(found)} 名党员叫“{name}”，分不清是哪一个，请填公民身份证号。")
        if not found:
            where = f"{branch}里" if branch else "你的范围内"
            raise Unclear("unknown_member", f"{where}没有叫“{name}”的党员，请核对姓名、党支部和日期，或先导入名册。")
        [stay] = found.values()
        return stay.person, stay if then else None

    @cached_property
    def recorded(self) -> list[Organisation]:
        """Where the importer may record; asked only for a sheet with rows about organisations."""
        here = Organisation.objects.filter(self.importer.within("path", Capability.RECORD))
        found = list(here.order_by("path"))
        self.above |= _above({each.pk for each in found} - set(self.above))
        return found

    def organisation(self, branch: str) -> Organisation:
        """The organisation that a row about nobody calls so.

        :raises Unclear: if it means none where the importer may record, or several.
        """
        found = [each for each in self.recorded if branch and branch in called(each)]
        if len(found) != 1:
            say = (
                f"有 {len(found)} 个党组织叫“{branch}”，请写代码。"
                if found
                else "没有这个党组织，或不在你的范围内，请核对。"
            )
            raise Unclear("ambiguous_branch" if found else "unknown_branch", say)
        return found[0]

    def acting(self, name: str, organisation: int, day: date) -> Acting:
        """Who of that name acted for the organisation, by number: a holder of a post there or above comes first.

        :raises Unclear: for a name of nobody there, or of several equally near.
        """
        above = {ancestor for ancestor, since, until in self.above[organisation] if since <= day < until}
        posts = [post for post in self.posts.get(name, []) if post.organisation_id in above]
        held = {post.person_id: post for post in posts if post.since <= day < post.until}
        stays = [each for each in self.stays.get(name, []) if each.since <= day < each.until]
        stays = [each for each in stays if each.standing in LIVING]
        own = {each.person_id: each.person for each in stays if each.organisation_id == organisation}
        once = {post.person_id: post.person for post in posts}
        seen = {each.person_id: each.person for each in stays} | self._importer(name)
        holders = {pk: post.person for pk, post in held.items()}
        nearest = holders or own or once or seen
        if not nearest:
            raise Unclear("unknown_actor", f"“{name}”在 {day} 不是本支部的党员，也没有在本支部或上级任职，请核对姓名。")
        if len(nearest) > 1:
            raise Unclear("ambiguous_actor", f"有 {len(nearest)} 人叫“{name}”，分不清是谁办的，这一条请在页面上登记。")
        [(pk, person)] = nearest.items()
        return Acting(person, held.get(pk), twins=bool(set(own) - {pk}))

    def _importer(self, name: str) -> dict[int, Person]:
        me = self.importer.person
        return {me.pk: me} if me and me.name == name else {}


def called(organisation: Organisation) -> set[str]:
    """Everything a sheet may call an organisation, without spaces."""
    return {organisation.code, _key(organisation.name), _key(organisation.short_name)} - {""}


def _key(text: str) -> str:
    return squeezed(plain(text))


def _chunks(values: list) -> Iterable[list]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _above(organisations: set[int]) -> dict[int, list[tuple[int, date, date]]]:
    """Each organisation's own and those above it, with the days on which they were above it."""
    found: dict[int, list] = {pk: [] for pk in organisations}
    for some in _chunks(sorted(organisations)):
        lineage = Lineage.objects.filter(organisation__in=some).order_by("organisation", "distance", "pk")
        for pk, *rest in lineage.values_list("organisation", "ancestor", "since", "until"):
            found[pk].append(tuple(rest))
    return found

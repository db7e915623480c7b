"""党员名册: who is a member where and how he stands, on one day, under the headings of the national system.

Nothing is brought in by it: members come in with the roster (导入名册), which reads the same headings.
"""

from collections import defaultdict
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from base.cells import day_text
from base.dates import FAR, last_day
from base.writing import Format
from ledgers.ledger import AsOf, Column, Ledger, Part, Reader
from members.bonds import category_words
from members.enums import LIVING, SANCTIONS, Standing
from members.models import Category, Membership, Organisation, Person
from members.scope import path_end


def _members(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The living who stood here on some day of the period, each time they stood otherwise a row of its own."""
    stays = Membership.objects.all() if reader.account is None else Membership.objects.visible_to(reader.account)
    return (
        stays.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .filter(since__lte=last, until__gt=first, standing__in=LIVING)
        .select_related("person", "organisation")
        .defer("person__landline")
        .order_by("path", "person__name", "pk")
    )


def _with_what_may_be_known(batch: list[Membership], reader: Reader) -> list[Membership]:
    """With the kinds of care of the day, and whether the member is still in view: of who moved on, no more is told than
    that he was here. Sanctions, which are forgotten one day, are none of these kinds.
    """
    people = {stay.person_id for stay in batch}
    known = people
    if reader.account is not None:
        seen = Person.objects.visible_to(reader.account).filter(pk__in=people)
        known = set(seen.values_list("pk", flat=True))
    kinds = defaultdict(list)
    rows = Category.objects.on(reader.day).filter(person__in=known).exclude(kind__in=SANCTIONS)
    for each in rows.order_by("kind", "pk"):
        kinds[each.person_id].append(each)
    for stay in batch:
        stay.known = stay.person_id in known
        sensitive = reader.sees(True, stay.path, stay.person_id)
        stay.kinds = "、".join(category_words(kinds[stay.person_id], sensitive=sensitive))
    return batch


def _of(name: str):
    """A fact of the member, for whoever has him in view."""

    def value(stay: Membership, reader: Reader) -> str:
        return getattr(stay.person, name) if stay.known else ""

    return value


def _dated(name: str):
    """A day of the member, as far as it is known."""

    def value(stay: Membership, reader: Reader) -> str:
        return day_text(getattr(stay.person, f"{name}_on"), getattr(stay.person, f"{name}_precision"))

    return value


def _seniority(stay: Membership, reader: Reader) -> int | None:
    """None while on probation (党章 Art 7), nor where the days are not known."""
    return None if stay.standing == Standing.PROBATIONARY else stay.person.seniority(reader.day).years


def _last(stay: Membership, reader: Reader) -> date | None:
    """The last day; not asked for where one day is shown."""
    return None if reader.as_of or stay.until == FAR else last_day(stay.until)


def _counted(**which) -> Count:
    return Count("person", filter=Q(**which), distinct=True)


MEMBERS = Ledger(
    code="members",
    title="党员名册",
    period="截至那天组织关系在这里的党员，含停止党籍和失联的，不含去世的；按期间列时，组织关系或人员类别每变一次另起一行。"
    "党组织按现在的隶属关系归。已经转到你范围以外的，只写当时的组织关系，不写电话、住址等。",
    as_of=AsOf.FIRST,
    rows=_members,
    columns=(
        Column("姓名", "person.name", 10, leads=True, part=Part.KEY, name="name"),
        Column("身份证号", _of("masked_id"), 20, part=Part.COMPUTED, sealed=True, bare="person.id_number"),
        Column("所在党支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("人员类别", "get_standing_display", 10, part=Part.KEY, name="standing"),
        Column("性别", "person.sex", 6, part=Part.VALUE, name="sex"),
        Column("民族", "person.ethnicity", 8, part=Part.VALUE, name="ethnicity"),
        Column("出生日期", _dated("birth"), 12, part=Part.VALUE, name="birth"),
        Column("学历", _of("education"), 10, part=Part.VALUE, name="education"),
        Column("加入党组织日期", _dated("joined"), 14, part=Part.VALUE, name="joined"),
        Column("转为正式党员日期", _dated("full"), 14, part=Part.VALUE, name="full"),
        Column("党龄", _seniority, 8, Format.NUMBER, part=Part.COMPUTED),
        Column("工作岗位", _of("job"), 22, part=Part.VALUE, name="job"),
        Column("关怀类别", "kinds", 16, part=Part.COMPUTED),
        Column("联系电话", _of("masked_phone"), 14, part=Part.COMPUTED, sealed=True, bare="person.phone"),
        Column("家庭住址", _of("masked_address"), 24, part=Part.COMPUTED, sealed=True, bare="person.address"),
        Column("自", "since", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("至", _last, 12, Format.DATE, part=Part.COMPUTED),
    ),
    tally=(
        ("{} 条", Count("pk")),
        ("党员 {} 人", _counted()),
        ("正式党员 {} 人", _counted(standing=Standing.FULL)),
        ("预备党员 {} 人", _counted(standing=Standing.PROBATIONARY)),
        ("女党员 {} 人", _counted(person__sex="女")),
    ),
    subject="person",
    prepare=_with_what_may_be_known,
    link=lambda stay, _: reverse("member", args=[stay.person_id]),
)

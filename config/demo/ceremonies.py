"""Oaths and political birthdays kept together in the demo, and the words one branch greets its members with."""

from datetime import date, timedelta

from awards.ceremonies import TAKE_PART, Held, record_ceremony
from awards.greeting_texts import write_text
from awards.models import Ceremony, GreetingText
from config.demo.people import COMMITTEE, HOME, Cast
from members.accounts import DEMO_PREFIX
from members.enums import EventKind, Role
from members.models import Account, Event, Membership, Organisation, Person, Post

Kind, Way = Ceremony.Kind, Ceremony.Way

SWORN_AFTER = timedelta(days=40)
"""Whoever was admitted takes the oath so long after; those of late still have it before them."""

TOGETHER = (
    (HOME, Kind.BIRTHDAY, (7, 1), (Way.OATH, Way.FORUM, Way.ADVICE), "支部活动室"),
    (f"{COMMITTEE}0202", Kind.RENEWAL, (7, 1), (), "河东测站"),
)
"""What branches held around 1 July. Of their members every sixth was away."""

WORDS = (
    "{称呼}：\n{入党日期}，您在党旗下举起右手，到今天已经 {年数} 年。感谢您守着测站、守着大家。祝您政治生日快乐。\n"
    "{落款}\n{日期}"
)


def enter_ceremonies(cast: Cast) -> None:
    """Enter what does not lie ahead, each by the account of the secretary of the day or by the clerk's."""
    _enter_oaths(cast)
    for code, kind, (month, day), ways, where in TOGETHER:
        on = date(cast.begin.year, month, day)
        place = Organisation.objects.filter(code=code).first()
        if place is None or on >= cast.today:
            continue
        head = _head(place, on)
        stays = Membership.objects.on(on).filter(organisation=place, standing__in=TAKE_PART).select_related("person")
        stays = stays.exclude(person=head).order_by("person__birth_on", "pk")
        members = [stay.person for number, stay in enumerate(stays) if number % 6 != 5]
        _hold(place, on, head, members, Held(kind, where, head.name, ways))
    home = Organisation.objects.get(code=HOME)
    secretary = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}secretary")
    write_text(by=secretary, organisation=home, kind=GreetingText.Kind.POLITICAL, text=WORDS, today=cast.today)


def _enter_oaths(cast: Cast) -> None:
    """The oaths of those admitted this year, heard by the secretary of the branch or of one above."""
    admitted = Event.objects.standing().filter(kind=EventKind.ADMISSION).select_related("person").order_by("pk")
    for each in admitted:
        on = each.occurred_on + SWORN_AFTER
        stood = Membership.objects.on(on).filter(person=each.person).select_related("organisation").first()
        if stood is None or on >= cast.today:
            continue
        head = _head(stood.organisation, on, but=each.person)
        _hold(stood.organisation, on, head, [each.person], Held(Kind.ADMISSION, "支部活动室", head.name))


def _hold(place: Organisation, on: date, head: Person, members: list[Person], held: Held) -> None:
    account = Account.objects.select_related("person").filter(person=head).first()
    account = account or Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    record_ceremony(by=account, organisation=place, on=on, people=[head], members=members, held=held, today=on)


def _head(place: Organisation, on: date, *, but: Person | None = None) -> Person:
    chain = Organisation.objects.filter(descent__organisation=place)
    heads = Post.objects.on(on).filter(role=Role.SECRETARY, organisation__in=chain).exclude(person=but)
    return heads.select_related("person").order_by("-organisation__path", "pk").first().person

"""The demo's visits of late: a trip to two households, a promise kept and one that runs, an honoured member in extremis
who was reported to the committee.
"""

from datetime import date, timedelta

from base.money import Source
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.tasks import tasks_of
from members.accounts import DEMO_PREFIX
from members.enums import EventKind, Role
from members.models import Account, Membership, Person, Post
from members.services import membership_on, register_event
from visits.models import Visit
from visits.promises import Promise, promise, source_of
from visits.upward import report_up, way_of
from visits.visiting import Household, Seen, record_visits

BRANCH = "YH0203"
HONOURED = "冯国安"
HOME_CARE = Seen(
    Visit.How.HOME, met=Visit.Met.BOTH, text="老两口独住，腿脚不便，换季衣服还没有晒。", wish="想装一个扶手",
    money=50_000, source=Source.DUES, gift="米、油各一份", gift_value=12_650,
)  # fmt: skip
RECOVERING = Seen(
    Visit.How.HOME, met=Visit.Met.MEMBER, text="出院半个月，能下楼走动，按时服药。", gift="营养品", gift_value=8_800
)
ILL = "住进重症监护室，家属望从简，想见一见老同事。"


def enter_doorsteps(*, today: date) -> None:
    """Enter them, each by the account of who acted, else by the clerk's."""
    _trip(today - timedelta(days=6))
    _reported(today - timedelta(days=1), today)


def _trip(on: date) -> None:
    secretary = _holder(BRANCH, Role.SECRETARY, on)
    stays = Membership.objects.on(on).filter(organisation__code=BRANCH, standing="full").exclude(person=secretary)
    old, ill = [stay.person for stay in stays.select_related("person").order_by("person__birth_on", "pk")[:2]]
    visits = record_visits(
        by=_account(secretary), seen=[Household(old, HOME_CARE), Household(ill, RECOVERING)], on=on,
        people=[secretary], today=on, field=lambda _member, name: name,
    )  # fmt: skip
    told = [
        Promise("联系社区给卫生间装扶手", secretary, on + timedelta(days=14)),
        Promise("请年轻党员来晒换季衣服", secretary, on + timedelta(days=3)),
    ]
    promise(by=_account(secretary), act=visits[0], promises=told, today=on)
    kept = next(task for task in tasks_of(source_of(visits[0]), today=on) if task.event.due_on == told[1].due_on)
    record_deed(
        by=_account(secretary), action=Action.HANDLING, on=on + timedelta(days=2), people=[secretary],
        note="两名青年党员上门晒好。", today=on + timedelta(days=2), member=old, event=kept.event,
    )  # fmt: skip


def _reported(on: date, today: date) -> None:
    """Reported by his branch; the department has yet to arrange the visit."""
    member = Person.objects.get(name=HONOURED)
    stay = membership_on(member, today)
    secretary = _holder(stay.organisation.code, Role.SECRETARY, on)
    by = _account(secretary)
    event = register_event(by=by, person=member, kind=EventKind.CRITICAL, occurred_on=on, today=on)
    way = way_of(event, stay, on)
    to = next(iter(way.then.holders))
    report_up(by=by, way=way, on=on, people=[secretary], note=ILL, to=to, today=on, paper="支报 1 号")


def _holder(code: str, role: Role, on: date) -> Person:
    posts = Post.objects.on(on).filter(organisation__code=code, role=role).select_related("person")
    return posts.order_by("since", "pk").first().person


def _account(person: Person) -> Account:
    """The person's account, else that of the department's clerk."""
    accounts = Account.objects.select_related("person").order_by("pk")
    return accounts.filter(person=person).first() or accounts.get(username=f"{DEMO_PREFIX}clerk")

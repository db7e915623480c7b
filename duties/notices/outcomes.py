"""Telling somebody what became of what he sent: once for each step, and only while he may still see it.

Floors above know what it was: each says it in :data:`TELLERS` when the notice is sent, under the word with which
``about`` begins.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date

from django.utils import timezone

from duties.notices.digest import reachable
from duties.notices.models import Kind, Notice
from members.models import Account, Person

Asked = Collection[tuple[Account, str]]
"""Whom something is to be told of what: ``report:5:answered:0``."""

TELLERS: dict[str, Callable[[Asked], dict[tuple[int, str], dict]]] = {}
"""What is said of the things of a word, by person and thing: ``said``, a sentence without names or words of the thing;
``page``, ``number`` and ``link``, where it leads and what that is called. Who may not see it is not among them.
"""


def tell(*, by, person: Person | None, about: str, today: date) -> None:
    """Put somebody into the outbox, in the transaction of the act; not who did it himself.

    :param person: ``None`` where nobody is known to have sent it.
    """
    if person is None or (by is not None and by.person_id == person.pk):
        return
    now = timezone.now()
    notice = Notice(
        recipient=person, kind=Kind.OUTCOME, about=about, day=today, not_before=now, enqueued_at=now,
    )  # fmt: skip
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def contents(day: date, people: Collection[int] | None = None) -> dict[int, dict[str, dict]]:
    """What each person is told, by thing.

    :param people: only these, by primary key; ``None`` means everybody who waits.
    """
    waiting = Notice.objects.unsent().filter(kind=Kind.OUTCOME)
    waiting = waiting if people is None else waiting.filter(recipient__in=people)
    pairs = list(waiting.order_by("pk").values_list("recipient", "about"))
    accounts = reachable(day).filter(person__in={person for person, _about in pairs}).order_by("pk")
    of = {account.person_id: account for account in accounts}
    asked = defaultdict(list)
    for person, about in pairs:
        if person in of:
            asked[about.partition(":")[0]].append((of[person], about))
    told: dict[int, dict[str, dict]] = defaultdict(dict)
    for word, each in asked.items():
        for (person, about), content in TELLERS[word](each).items():
            told[person][about] = content
    return told

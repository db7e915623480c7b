"""``rebuild_search [--json]``: keys of names, ends of identity numbers, numbers of members.

All three follow every change by themselves; this is for rows that came in past the product.
"""

from django.db import transaction

from base.commands import Answer, AnsweringCommand
from base.dates import today
from base.facts import facts_will_change
from members.counting import rebuild_counts
from members.derived import NameKey
from members.models import Person

BATCH = 10_000


class Command(AnsweringCommand):
    help = "重建姓名拼音、身份证号末位索引和党员数"

    def answer(self, **options) -> Answer:
        people, last = 0, 0
        while some := list(Person.objects.filter(pk__gt=last).only("name", "id_number").order_by("pk")[:BATCH]):
            with transaction.atomic():
                NameKey.objects.keep(some)
                tails = Person._meta.get_field("id_tail")
                for person in some:
                    tails.pre_save(person, False)
                Person.objects.bulk_update(some, ["id_tail"], batch_size=500)
            people, last = people + len(some), some[-1].pk
        with transaction.atomic():
            facts_will_change(alone=True)
            rebuild_counts(today())
        return Answer({"people": people}, [f"已为 {people} 人重建。"])

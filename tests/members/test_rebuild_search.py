"""What came in past the product is found and counted after ``rebuild_search``."""

import json

from django.core.management import call_command

from base.sealed import blind_index
from members.counting import counts_under
from members.derived import MemberCount, NameKey
from members.models import Person


def test_everything_derived_comes_back(cast, capsys):
    Person.objects.filter(pk=cast.li.pk).update(id_number="11010119900307123X")
    NameKey.objects.all().delete()
    MemberCount.objects.all().delete()
    NameKey.objects.create(person_id=cast.zhao.pk, key="wrong")
    for _twice in range(2):
        call_command("rebuild_search", "--json")
        assert json.loads(capsys.readouterr().out) == {"people": Person.objects.count()}
        assert list(Person.objects.matching("ljg")) == [cast.li]
        assert not Person.objects.matching("wrong").exists()
        assert counts_under([cast.committee.path]).living == 10
        assert list(Person.objects.filter(id_tail=blind_index("123X"))) == [cast.li]

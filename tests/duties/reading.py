"""Short words for reading pages in tests."""

import re

from django.db import transaction

from base.dates import DAWN
from base.facts import Fact, facts_changed, facts_will_change
from tests.world import member


def body(response) -> str:
    return response.content.decode()


def plain(page: str) -> str:
    """The page's text with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@transaction.atomic
def enrol(names, organisation, **more):
    """Members of these names, told to the engine as an import would."""
    facts_will_change()
    people = [member(name, organisation, **more) for name in names]
    facts_changed(Fact.MEMBERSHIP, since=DAWN, people=[each.pk for each in people])
    return people

"""督办 between the two sides: what only the sender's side may do, what follows whoever holds the post, bad years."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from duties.engine.models import Duty, State
from ledgers.supervision.acts import Stage
from ledgers.supervision.models import Answer, Supervision
from members.enums import Role
from members.models import Post
from tests.duties.reading import body
from tests.ledgers.test_supervision import DUE, TODAY, known, lived, now, once, owed, reply, sent
from tests.world import member, post

__all__ = ["lived"]
pytestmark = pytest.mark.django_db


def test_the_supervised_neither_moves_nor_withdraws_it_but_those_above_do(lived, sign_in):
    notice = sent(lived)
    for who, status in ((lived.secretary, 403), (lived.commissioner, 403), (lived.general_secretary, 200)):
        client = sign_in(known(who))
        shown = body(client.get(f"/tasks/{notice.event_id}/"))
        assert ("改期" in shown) == (status == 200)
        for page in ("move", "withdraw"):
            assert client.get(f"/tasks/{notice.event_id}/{page}/").status_code == status

"""The audit: one row for each act, with its origin, in the transaction of the act."""

import pytest
from django.db import transaction

from base import audit
from base.audit import Act, Origin, origin
from base.models import AuditRow
from members.middleware import OriginMiddleware
from tests.world import account

pytestmark = pytest.mark.django_db


def test_an_act_in_a_command_is_the_commands():
    audit.write(Act.IMPORT, "organisation:1", created=3)
    row = AuditRow.objects.get()
    assert (row.account, row.actor, row.address) == (None, "命令", "")
    assert (row.act, row.subject, row.reason, row.allowed, row.detail) == (
        Act.IMPORT,
        "organisation:1",
        "",
        True,
        {"created": 3},
    )


def test_an_act_in_a_request_names_account_person_and_address():
    token = origin.set(Origin(account=7, actor="王海燕", address="192.0.2.7"))
    try:
        audit.write(Act.REVEAL, "person:5", reason="走访慰问需要住址", field="address")
    finally:
        origin.reset(token)
    row = AuditRow.objects.get()
    assert (row.account, row.actor, row.address) == (7, "王海燕", "192.0.2.7")
    assert row.reason == "走访慰问需要住址"


def test_a_refusal_is_written_as_refused():
    audit.write(Act.DENY, "member:5", allowed=False)
    assert AuditRow.objects.get().allowed is False


def test_a_long_reason_is_cut_to_what_the_column_holds():
    audit.write(Act.REVEAL, "person:5", reason="查" * 500)
    assert AuditRow.objects.get().reason == "查" * 200


def test_an_act_that_is_rolled_back_leaves_no_row():
    def fail():
        with transaction.atomic():
            audit.write(Act.WRITE, "record:8")
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        fail()
    assert not AuditRow.objects.exists()


def test_a_request_sets_the_origin_and_leaves_none_behind(cast, rf):
    seen = []
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")
    request.user = account(cast.secretary)
    OriginMiddleware(lambda _request: seen.append(origin.get()))(request)
    assert seen == [Origin(account=request.user.pk, actor="王海燕", address="192.0.2.7")]
    assert origin.get() == Origin()

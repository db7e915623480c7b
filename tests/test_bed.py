"""The strict test bed does what tests/conftest.py promises."""

import socket
import warnings
from datetime import date

import pytest
from django.template import engines
from django.utils import timezone

from base.dates import today
from members.models import Account


def render(text, **context):
    return engines["django"].from_string(text).render(context)


def test_today_is_frozen():
    assert today() == date(2026, 11, 23)
    assert timezone.localtime().strftime("%H:%M:%S.%f %Z") == "10:00:00.000000 CST"


def test_a_warning_is_an_error():
    with pytest.raises(UserWarning):
        warnings.warn("careless", stacklevel=1)


def test_no_socket_leaves_this_machine():
    with socket.socket() as out, pytest.raises(RuntimeError, match="reached out"):
        out.connect(("192.0.2.1", 80))
    with socket.socket() as named, pytest.raises(RuntimeError, match="reached out"):
        named.connect(("example.org", 80))


def test_the_loopback_stays_open():
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize("text", ["{{ nobody }}", "{{ nobody.name }}", "{{ somebody.nmae }}", "{{ nobody|upper }}"])
def test_an_undefined_template_variable_fails(text):
    with pytest.raises(pytest.fail.Exception, match="Undefined template variable"):
        render(text, somebody={"name": "王海燕"})


def test_asking_whether_something_is_there_does_not_fail():
    assert render("{% if nobody %}有{% else %}无{% endif %}{{ nobody|default:'—' }}") == "无—"


def test_unordered_rows_come_shuffled_and_ordered_rows_do_not(db):
    Account.objects.bulk_create(Account(username=f"user{i:02}") for i in range(40))
    names = [f"user{i:02}" for i in range(40)]
    assert [account.username for account in Account.objects.all()] != names
    assert [account.username for account in Account.objects.order_by("pk")] == names


def test_signing_in_gives_a_signed_in_browser(cast, sign_in):
    account = Account.objects.create(username="wang", person=cast.secretary)
    assert sign_in(account).session["_auth_user_id"] == str(account.pk)

"""The cashier's everyday task: one decided grant is paid with two clicks and one field."""

import pytest

from fund.applying import noticing
from fund.models import Payment
from tests.browser.reader import DESK, PHONE
from tests.fund.money import NOW
from tests.fund.office import Office, later

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OLD = later(-10)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_one_decided_grant_is_paid(world, reader, size):
    office = Office(world)
    (row,) = office.decided(office.ready(now=OLD), now=OLD)
    notice = office.posted(row, now=OLD)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=NOW)
    me = reader(office.cashier, size)
    me.open()
    me.click("link", "发放 李建国 2,000.00 元")
    me.type("银行回单号", "JH20261123")
    me.click("button", "发放")
    me.sees("李建国 2,000.00 元已发放，等签收")
    assert Payment.objects.get().batch.slip == "JH20261123"
    assert (me.clicks, me.typed) == (2, 1)

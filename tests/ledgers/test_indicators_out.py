"""督查指标 as a workbook, and what was recorded and entered late: the page's figures, who may, what each opens."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from base.models import AuditRow
from duties.engine.records import enter_record
from ledgers.entered_late import entered
from ledgers.indicators import KINDS, Asked, Span
from members.models import Account
from tests.ledgers.rows import a_year
from tests.world import account

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def known(person):
    return Account.objects.filter(person=person).first() or account(person)


@pytest.fixture
def lived(cast):
    return a_year(cast)


def refer(member, place, by) -> None:
    enter_record(by=None, organisation=place, member=member, action="referral", on=TODAY, people=[by], today=TODAY)


def counts(person, *places, year=2026) -> list[tuple[int, int, int]]:
    found = entered(Asked(known(person), Span(year, TODAY)), places)
    return [(each.records, each.late, each.people) for each in found]


def test_what_was_entered_late_is_counted_beside_all_that_was_recorded(lived):
    above = lived.committee_secretary
    assert counts(above, lived.general, lived.branch, lived.sibling) == [(2, 1, 2), (2, 1, 2), (0, 0, 0)]
    assert counts(above, lived.branch, year=2025) == [(1, 0, 1)]


def test_what_one_may_not_know_of_is_in_no_count(lived):
    refer(lived.zhao, lived.branch, lived.secretary)
    assert counts(lived.committee_secretary, lived.branch) == [(3, 1, 3)]
    assert counts(lived.commissioner, lived.branch) == [(2, 1, 2)]
    refer(lived.secretary, lived.branch, lived.committee_secretary)
    assert counts(lived.secretary, lived.branch) == [(3, 1, 3)]


def test_the_page_fetches_the_counts_beside_itself_and_each_opens_its_records(lived, sign_in):
    client = sign_in(known(lived.committee_secretary))
    page = client.get("/indicators/").content.decode()
    assert 'hx-get="/indicators/entered/?organisation=' in page
    assert "涉及党员" not in page
    asked = {"organisation": lived.general.pk, "year": 2026}
    part = client.get("/indicators/entered/", asked, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    link = f"/indicators/entered/late/?organisation={lived.branch.pk}&amp;year=2026"
    assert f'<a class="num" href="{link}">1</a>' in part
    assert "其中补录" in client.get("/indicators/entered/", asked).content.decode()
    rows = client.get(link.replace("&amp;", "&")).content.decode()
    assert "2026-09-01" in rows
    assert "2026-09-30" in rows
    assert "29</td>" in rows


def test_the_counts_ask_as_much_for_a_committee_as_for_a_branch(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(known(lived.committee_secretary))
    for place in (lived.branch, lived.committee):
        client.get("/indicators/entered/", {"organisation": place.pk})
        with django_assert_max_num_queries(28):
            client.get("/indicators/entered/", {"organisation": place.pk})


def exported(client, **asked):
    answer = client.post("/indicators/export/", asked)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_the_workbook_says_what_the_page_says(lived, sign_in):
    reader = known(lived.committee_secretary)
    rows = exported(sign_in(reader), organisation=lived.general.pk, year=2026, beside="below")
    heads, *body = rows[2:]
    found = Asked(reader, Span(2026, TODAY)).figures([lived.general, lived.branch, lived.sibling])
    assert [row[0] for row in body[:3]] == [each.organisation.label for each in found]
    for row, figures in zip(body, found, strict=False):
        told = dict(zip(heads, row, strict=True))
        assert told["过期没办"] == figures.whole["late"]
        for kind, (title, _what) in KINDS.items():
            if f"{title} 应办" in told:
                assert (told[f"{title} 已办结"], told[f"{title} 应办"]) == (figures.of(kind)["done"],
                                                                    figures.of(kind)["due"])  # fmt: skip
    assert {f"{title} 应办" for title, _ in (KINDS["talks"], KINDS["occasions"])} <= set(heads)
    (row,) = AuditRow.objects.filter(act="export", subject=f"organisation:{lived.general.pk}")
    assert row.detail["ledger"] == "indicators"


def test_who_exports_nowhere_takes_no_workbook(lived, sign_in):
    asked = {"organisation": lived.branch.pk, "year": 2026}
    client = sign_in(known(lived.commissioner))
    assert client.post("/indicators/export/", asked).status_code == 403
    assert "/indicators/export/" not in client.get("/indicators/").content.decode()
    assert client.get("/indicators/export/").status_code == 405

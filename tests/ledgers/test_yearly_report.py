"""述职: sentences with the figures of ledgers and indicators, what each opens, who is told what, what it costs."""

import re
from datetime import date
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from awards.models import Medal
from base.models import AuditRow
from duties.engine.models import Action, Duty, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from ledgers.indicators import Asked, Span
from ledgers.supervision.acts import Wanted, send, take_back
from ledgers.yearly import NOT_DONE, OUTLINE, report
from members.models import Account
from tests.ledgers.rows import a_year, event
from tests.ledgers.taking import HELD
from tests.ledgers.test_visits_and_study import visit
from tests.world import account

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(cast):
    return a_year(cast)


def known(person):
    return Account.objects.filter(person=person).first() or account(person)


def text_of(person, organisation, year=2026) -> dict[str, str]:
    """The words of each section."""
    made = report(known(person), organisation, Span(year, TODAY))
    return {s.title: "\n".join("".join(p.text for p in each) for each in s.sentences) for s in made.sections}


def links(person, organisation) -> list[tuple[str, str]]:
    made = report(known(person), organisation, Span(2026, TODAY))
    return [(piece.text, piece.url) for s in made.sections for each in s.sentences for piece in each if piece.url]


def test_talks_are_told_with_late_entries_labelled_and_last_year_left_out(lived):
    told = text_of(lived.committee_secretary, lived.committee)["谈心谈话"]
    assert "登记谈心谈话 2 次，谈话对象 2 人，其中补录 1 次。" in told
    assert "登记谈心谈话 1 次，谈话对象 1 人。" in text_of(lived.committee_secretary, lived.committee, 2025)["谈心谈话"]


def test_another_organisation_is_told_its_own(lived):
    assert text_of(lived.committee_secretary, lived.sibling)["谈心谈话"].startswith("没有登记谈心谈话。")


def test_the_sections_stand_in_the_order_of_the_outline(lived):
    told = text_of(lived.secretary, lived.branch)
    assert list(told) == [*(title for title, *_ in OUTLINE), NOT_DONE]


def test_what_was_not_done_is_told_by_kind_with_what_was_not_entered(lived):
    (figures,) = Asked(known(lived.committee_secretary), Span(2026, TODAY)).figures([lived.branch])
    late = figures.whole["late"]
    told = text_of(lived.committee_secretary, lived.branch)[NOT_DONE]
    assert late > 0
    assert f"过期没办 {late} 件：" in told
    assert "期间内没有登记的：走访慰问、" in told
    assert "集中学习" in told
    assert "谈心谈话、" not in told.partition("期间内没有登记的：")[2]


def test_duties_that_were_waived_are_answered_for(lived):
    before = text_of(lived.committee_secretary, lived.branch)[NOT_DONE]
    assert "免办" not in before
    Duty.objects.filter(
        pk=Duty.objects.filter(path__startswith=lived.branch.path, due_on__year=2026).first().pk
    ).update(state="waived")
    assert "期间内免办 1 件，理由写在应办事项台账里。" in text_of(lived.committee_secretary, lived.branch)[NOT_DONE]


def with_parts(cast) -> None:
    """Rows of each part of a ledger that the report counts."""
    for code in ("honours", "fifty-years"):
        HELD[code](cast)
    Medal.objects.handed().update(means=Medal.Means.HOME, handed_on=date(2026, 6, 29))
    for state in (State.WAIVED, State.VOID):
        duty = Duty.objects.open().filter(path__startswith=cast.committee.path, due_on__year=2026).earliest("pk")
        Duty.objects.filter(pk=duty.pk).update(state=state, closed_on=TODAY)


def test_each_figure_opens_exactly_the_rows_it_counts_or_a_page_that_says_the_same_number(lived, sign_in):
    with_parts(lived)
    client = sign_in(known(lived.committee_secretary))
    found = links(lived.committee_secretary, lived.committee)
    assert {url.split("/")[1] for _n, url in found} >= {"ledgers", "indicators"}
    parts = set()
    for text, url in found:
        answer = client.get(url)
        assert answer.status_code == 200, url
        if not text[0].isdigit():  # what was not entered
            continue
        if "/indicators/" in url:
            page = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
            assert re.search(rf"\b{text} 件", page), (text, url)
            continue
        extract, number = answer.context["extract"], float(text.replace(",", ""))
        parts.add(extract.pick)
        if extract.pick:
            assert len(answer.context["rows"]) == extract.count == number, (text, url)
        else:
            assert number in [told for _words, told in extract.tally], (text, url)
    assert parts == {"", "late", "waived", "void", "revoked", "home"}


def test_what_was_entered_late_opens_those_rows_alone_and_goes_out_so(lived, sign_in):
    client = sign_in(known(lived.committee_secretary))
    found = links(lived.committee_secretary, lived.committee)
    (url,) = [url for _text, url in found if "/talks/" in url and "pick=late" in url]
    answer = client.get(url)
    page = answer.content.decode()
    assert "只列补录的" in page
    assert lived.commissioner.name in page
    assert lived.li.name not in page
    form = {"organisation": lived.committee.pk, "first": "2026-01-01", "last": "2026-11-23", "pick": "late"}
    sent = client.post("/ledgers/talks/export/", form)
    assert "补录" in unquote(sent["Content-Disposition"])
    sheet = load_workbook(BytesIO(b"".join(sent.streaming_content))).active
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert lived.commissioner.name in cells
    assert lived.li.name not in cells
    assert AuditRow.objects.filter(act="export").latest("pk").detail["pick"] == "late"


def test_a_part_that_no_ledger_has_is_refused_in_words(lived, sign_in):
    client = sign_in(known(lived.committee_secretary))
    answer = client.get("/ledgers/talks/", {"organisation": lived.branch.pk, "pick": "waived"})
    assert answer.status_code == 422
    assert "请从“只列”里选" in answer.content.decode()
    assert client.get("/ledgers/campaigns/", {"organisation": lived.branch.pk, "pick": "late"}).status_code == 200


def test_visits_by_kind_and_their_sum_can_be_read_where_they_lead(lived, sign_in):
    visit(lived.li, lived.secretary, money=50_000, source="self")
    visit(lived.li, lived.secretary, action=Action.GREETING, how="card", met="")
    visit(lived.zhao, lived.secretary)
    told = text_of(lived.committee_secretary, lived.committee)
    assert "登记走访、祝贺和吊唁 3 次，对象 2 人，其中走访 2 次，登记慰问金 500 元。" in told["走访慰问"]
    assert "登记政治生日祝贺 1 次。" in told["表彰激励"]
    client = sign_in(known(lived.committee_secretary))
    totals = " ".join(client.get("/ledgers/visits/", {"organisation": lived.committee.pk}).context["extract"].totals)
    assert "走访 2 次 祝贺 1 次 吊唁 0 次 慰问金 500.00 元" in totals


def test_a_supervision_that_was_taken_back_is_not_received(lived):
    adopt(by=None, organisation=lived.committee, policy=load_pack("working-rules"), since=TODAY, today=TODAY)
    sender, day = known(lived.general_secretary), date(2026, 12, 1)
    notices = [
        send(by=sender, organisation=lived.branch, sender=lived.general, wanted=Wanted(f"督办{n}", "请说明。", day),
             today=TODAY)
        for n in range(2)
    ]  # fmt: skip
    take_back(by=sender, notice=notices[0], reason="已当面说清", today=TODAY)
    assert "收到上级督办 1 件，已认可 0 件。" in text_of(lived.committee_secretary, lived.branch)["公开和督办"]
    take_back(by=sender, notice=notices[1], reason="已当面说清", today=TODAY)
    assert "没有收到督办。" in text_of(lived.committee_secretary, lived.branch)["公开和督办"]


def test_of_what_one_may_not_know_nothing_is_told(lived):
    before = {who: text_of(who, lived.branch)["谈心谈话"] for who in (lived.secretary, lived.commissioner)}
    event(lived.li, "tendency", date(2026, 10, 1))
    assert Duty.objects.filter(rule__sensitive=True, member=lived.li).exists()
    assert text_of(lived.secretary, lived.branch)["谈心谈话"] != before[lived.secretary]
    assert text_of(lived.commissioner, lived.branch)["谈心谈话"] == before[lived.commissioner]
    assert report(known(lived.commissioner), lived.branch, Span(2026, TODAY)).withheld


def test_books_are_told_to_those_who_read_them(lived):
    reads, does_not = (
        report(known(who), lived.branch, Span(2026, TODAY)) for who in (lived.secretary, lived.commissioner)
    )
    assert "资金发放台账" not in reads.untold
    assert "资金发放台账" in does_not.untold
    assert "设立的专项资金没有发放" in text_of(lived.secretary, lived.branch)["困难帮扶和资金"]
    assert "设立的专项资金" not in text_of(lived.commissioner, lived.branch)["困难帮扶和资金"]


def test_the_page_prints_and_leads_and_garbled_asks_nothing(lived, sign_in):
    client = sign_in(known(lived.secretary))
    body = client.get("/yearly/").content.decode()
    assert f"/ledgers/talks/?organisation={lived.branch.pk}&amp;first=2026-01-01&amp;last=2026-11-23" in body
    assert "app-upright" in body
    assert 'data-copy="yearly-text"' in body
    assert "得分" not in body
    assert client.get("/yearly/", {"organisation": lived.sibling.pk}).status_code == 404
    assert client.get("/yearly/", {"year": "去年"}).status_code == 200


def test_a_year_asks_as_much_of_a_committee_as_of_a_branch(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(known(lived.committee_secretary))
    for organisation in (lived.branch, lived.committee):
        client.get("/yearly/", {"organisation": organisation.pk})
        with django_assert_max_num_queries(60):
            client.get("/yearly/", {"organisation": organisation.pk})

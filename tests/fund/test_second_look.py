"""What a second look found: help decided in the same meeting, an account corrected, words that said too much."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from base.models import AuditRow, Picture
from fund.applying import deciding, filing, noticing, paying
from fund.applying.flags import flags_of
from fund.models import Objection, account_mark_of
from tests.base.hostile_pictures import gradient, saved
from tests.duties.acts import once_in
from tests.fund.money import NOW, broken, refusal
from tests.fund.office import Office, later
from tests.fund.test_meeting_pages import typed

pytestmark = pytest.mark.django_db
Outcome = Objection.Outcome


@pytest.fixture
def office(cast):
    return Office(cast)


# Two of one member in one meeting


def both_ready(office):
    return office.ready(), office.ready(asking=office.asking(kind="sudden"))


def test_help_decided_in_the_same_meeting_asks_for_a_reason(office):
    first, second = both_ready(office)
    refused = refusal(office.decided, first, second)
    assert "12 个月内已获帮扶（2026-11-23）" in refused[f"reason-{second.pk}"][0]
    results = [office.result(first), office.result(second, aside={"look_back": "房屋又被大水冲毁。"})]
    deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=results, now=NOW)
    assert {office.fresh(row).state for row in (first, second)} == {"notice"}
    assert broken() == set()


def test_on_the_page_of_the_meeting_it_is_said_and_the_reason_is_taken(office, sign_in):
    first, second = both_ready(office)
    head = sign_in(office.by(office.head))
    form = head.get("/fund/meetings/new/")
    assert form.content.decode().count("同一人还有一件待研究") == 2
    data = typed(office, first, second, once=once_in(form))
    assert head.post("/fund/meetings/new/", data).status_code == 422
    data[f"reason-{second.pk}"] = "房屋又被大水冲毁。"
    assert head.post("/fund/meetings/new/", data).status_code == 302


# The rest


def test_an_account_that_was_corrected_is_found_elsewhere(office):
    row = office.passed()
    payment = office.paid(row)
    paying.fail(by=office.by(office.cashier), payment=payment, reason="销户", on=later(11).date(), now=later(11))
    given = filing.Account("李建国", "农业银行", "6228 4800 0000 1111 222")
    paying.correct_payee(by=office.by(office.second_clerk), grant=row.grants.get(), account=given, reason="销户")
    assert office.fresh(row).account_mark == account_mark_of("6228480000001111222")
    content = filing.Content(reason="住院", account=filing.Account("赵秀兰", "农业银行", "6228480000001111222"))
    other = office.submitted(office.cast.zhao, asking=filing.Asking("hardship", 200_000, content, agreed_on=NOW.date()))
    assert any("同一收款账户还用在李建国的申请" in each.words for each in flags_of(other, NOW.date()))


def test_a_meeting_leads_to_the_notice_only_of_what_waits_for_one(office, sign_in):
    urgent = office.asking(kind="sudden", urgent=True)
    row = office.reviewed(office.reviewed(office.submitted(asking=urgent), office.cast.secretary), office.clerk)
    (row,) = office.decided(row)
    page, head = f"/fund/meetings/{row.decisions.get().meeting_id}/", sign_in(office.by(office.head))
    assert "去公示" not in head.get(page).content.decode(), "it is paid first"
    payment = office.paid(row, now=NOW)
    assert "去公示" not in head.get(page).content.decode()
    paying.receive(by=office.by(office.cashier), payment=payment, on=NOW.date(), now=NOW)
    assert "还有 1 件等着公示" in head.get(page).content.decode()
    office.posted(office.fresh(row))
    assert "去公示" not in head.get(page).content.decode()


def test_the_answer_says_what_became_of_the_row(office, sign_in):
    (row,) = office.decided(office.ready())
    line, by = office.posted(row).lines.get(), office.by(office.clerk)
    given = {"by": by, "line": line, "received_on": NOW.date(), "contact": "", "text": "有车", "now": NOW}
    first, second, third = (noticing.object_to(who=f"群众{each}", **given) for each in range(3))
    clerk = sign_in(by)

    def said(objection, outcome) -> str:
        url = f"/fund/notices/{line.notice_id}/objections/{objection.pk}/"
        data = {"once": once_in(clerk.get(url)), "outcome": outcome, "answer": "已核查。"}
        return clerk.post(url, data, follow=True).content.decode()

    assert "还有别的异议没有答复" in said(first, "dismissed")
    assert "已从公示里去掉" in said(second, "returned")
    told = said(third, "dismissed")
    assert "已不在公示，它的办理结果不变" in told
    assert "接着公示" not in told


def test_a_page_with_three_papers_is_audited_once(office, sign_in, settings, tmp_path):
    settings.PICTURES = tmp_path / "pictures"
    row = office.submitted()
    himself = sign_in(office.by(row.person))
    new = f"/fund/applications/{row.pk}/pictures/new/"
    files = [SimpleUploadedFile(f"{width}.png", saved(gradient(size=(width, 30)), "PNG")) for width in (40, 50, 60)]
    himself.post(new, {"once": once_in(himself.get(new)), "pictures": files})
    pictures = [f"/fund/applications/{row.pk}/pictures/{each.pk}/" for each in Picture.objects.order_by("pk")]
    assert len(pictures) == 3
    secretary, read = sign_in(office.by(office.cast.secretary)), AuditRow.objects.filter(act="read")
    before = read.count()
    assert secretary.get(pictures[0]).status_code == 200
    assert read.count() == before + 1, "one that is opened by itself is audited by itself"
    assert secretary.get(f"/fund/applications/{row.pk}/").content.decode().count("<img") >= 3
    for url in pictures:
        assert secretary.get(url).status_code == 200
    assert read.count() == before + 2
    last = read.order_by("pk").last()
    assert (last.subject, last.detail) == (f"application:{row.pk}", {"field": "content", "pictures": 3})
    clerk = sign_in(office.by(office.clerk))
    assert clerk.get(pictures[0]).status_code == 200
    assert read.count() == before + 3, "another's page is not one's own"

"""The page of a fund's regulation: all of each is told, another one is followed, a wrong text is refused and kept."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fund.models import FundRegulation
from fund.regulating import text_of
from fund.regulation.files import read_regulation, regulation_codes
from fund.regulation.telling import tell
from tests.duties.acts import once_in
from tests.fund.office import Office

URL = "/fund/regulation/"


@pytest.mark.parametrize("code", regulation_codes())
def test_every_part_of_a_regulation_is_told_with_its_basis(code):
    regulation = read_regulation(code)
    sections = {each.title: each for each in tell(regulation)}
    told = sum(len(each.lines) for each in sections.values())
    parts = [regulation.classes, regulation.standards, regulation.exclusions, regulation.steps, regulation.bands,
             regulation.votings, regulation.caps, regulation.gifts]  # fmt: skip
    lone = [regulation.look_back, regulation.shares, regulation.urgent]
    notices = [each.notice for each in regulation.steps if each.notice]
    assert told == 1 + len(notices) + sum(map(len, parts)) + sum(each is not None for each in lone)
    assert all(line.basis and line.words.endswith("。") for each in sections.values() for line in each.lines)
    own = {bool(each.own_numbers) for each in regulation.standards}
    assert {line.own for line in sections["标准"].lines} == own if regulation.standards else True


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def head(office, sign_in):
    return sign_in(office.by(office.head))


def said(answer) -> str:
    return answer.content.decode()


def send(client, **data):
    return client.post(URL, {"once": once_in(client.get(URL)), **data})


@pytest.mark.django_db
def test_the_page_reads_as_sentences(office, head):
    page = said(head.get(URL))
    for words in (
        "生活困难党员：1,000.00 至 3,000.00 元", "12 个月内已帮扶 1 次的", "党委公示 5 个工作日，从张贴次日起算",
        "5,000.00 元以内（含）由组织部部务会研究", "应到超过半数到会才开", '<span class="tag">自定</span>',
        "豫水组〔2020〕55号",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.django_db
def test_another_is_followed_from_a_day_on_and_the_old_stays_to_be_read(office, head):
    before = FundRegulation.objects.get()
    early = send(head, code="hospital", since="2024-12-31")
    assert early.status_code == 422
    assert "现在的办法自 2025-01-01 起执行，新的要晚于那天" in said(early)
    done = send(head, code="hospital", since="2027-01-01")
    assert done.status_code == 302
    page = said(head.get(URL))
    assert "到时起用" in page
    assert "通用" in page
    assert "看的不是今天执行的办法" in said(head.get(done.url))
    assert "看的不是今天执行的办法" not in said(head.get(f"{URL}?row={before.pk}"))
    assert head.get(f"{URL}?row=999").status_code == 404
    assert FundRegulation.objects.latest("pk").since == date(2027, 1, 1)


@pytest.mark.django_db
def test_an_own_text_is_checked_and_nothing_of_it_is_lost(office, head):
    text = text_of("default").replace('code = "default"', 'code = "our-own"', 1)
    wrong = text.replace('quorum = "over_half"', 'quorum = "some"', 1)
    file = SimpleUploadedFile("ours.toml", wrong.encode())
    refused = send(head, code="own", since="2026-12-01", file=file)
    assert refused.status_code == 422
    assert "our-own" in said(refused), "the file's text stands in the field"
    assert "没有保存" in said(refused)
    assert "请选办法文件" in said(send(head, code="own", since="2026-12-01"))
    odd = SimpleUploadedFile("ours.toml", "办法".encode("gbk"))
    assert "不是 UTF-8" in said(send(head, code="own", since="2026-12-01", file=odd))
    done = send(head, code="own", since="2026-12-01", file=SimpleUploadedFile("ours.toml", text.encode()))
    assert done.status_code == 302
    assert FundRegulation.objects.latest("pk").code == "our-own"


@pytest.mark.django_db
def test_who_reads_it_and_who_changes_it(office, sign_in):
    cashier = sign_in(office.by(office.cashier))
    page = cashier.get(URL)
    assert "生活困难党员" in said(page)
    assert 'name="since"' not in said(page)
    assert cashier.post(URL, {"code": "hospital", "since": "2027-01-01"}).status_code == 403
    assert sign_in(office.by(office.cast.li)).get(URL).status_code == 403

"""本人确认: the member says whether the record of a talk with him is right; a paper is noted. Today is 2026-11-23."""

from datetime import date

import pytest

from base.models import AuditRow
from tests.duties.acts import once_in
from tests.visits.filling import fill
from tests.world import account
from visits.models import Confirmation, Talk

CANARY = "没说过换岗金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def himself(world, sign_in):
    return sign_in(account(world.li))


@pytest.fixture
def held(world, secretary) -> Talk:
    more = {"themes": ["thought", "life"], "opinion": "希望多搞培训", "reply": "报总支研究"}
    more |= {"minutes": "40", "place": "站里"}
    secretary.post("/talks/new/", fill(secretary, world.li, on="2026-11-20", text="母亲住院，夜里陪护。", **more))
    return Talk.objects.get()


def say(client, talk, **given):
    address = f"/talks/{talk.pk}/confirm/"
    return client.post(address, {"once": once_in(client.get(address)), **given}, follow=True)


def test_themes_opinions_answer_place_and_minutes_are_kept_and_themes_seen_above(world, held, secretary, sign_in):
    body = secretary.get(f"/talks/{held.pk}/").content.decode()
    assert all(words in body for words in ("思想、生活", "希望多搞培训", "报总支研究", "站里 40 分钟"))
    upper = sign_in(account(world.clerk)).get(f"/talks/{held.pk}/").content.decode()
    assert "思想、生活" in upper
    assert "希望多搞培训" not in upper
    refused = secretary.post("/talks/new/", fill(secretary, world.zhao, themes=[], minutes="9999"))
    assert "思想、工作、生活至少一样。" in refused.content.decode()
    assert "请写 1 到 600 之间的整数。" in refused.content.decode()


def test_the_member_confirms_once(world, held, himself, secretary):
    mine = himself.get(f"/talks/{held.pk}/").content.decode()
    assert "确认这次谈话" in mine
    assert "母亲住院" in himself.get(f"/talks/{held.pk}/confirm/").content.decode()
    body = say(himself, held, right="yes", text="").content.decode()
    assert "已确认。" in body
    assert "确认这次谈话" not in body
    assert "你在 2026-11-23 已经确认过" in say(himself, held, right="no", text=CANARY).content.decode()
    assert "本人确认 <span" in secretary.get(f"/talks/{held.pk}/").content.decode()
    assert Confirmation.objects.get().says == "agrees"


def test_what_is_not_right_is_read_by_those_who_read_the_talk(world, held, himself, secretary, sign_in):
    assert "请写哪里不对" in say(himself, held, right="no", text="").content.decode()
    say(himself, held, right="no", text=CANARY)
    assert CANARY in secretary.get(f"/talks/{held.pk}/").content.decode()
    assert "本人有不同意见" in secretary.get("/talks/").content.decode()
    upper = sign_in(account(world.clerk)).get(f"/talks/{held.pk}/").content.decode()
    assert "本人有不同意见" in upper
    assert CANARY not in upper


def test_a_signature_on_paper_is_noted_with_its_day_and_does_not_silence_the_member(world, held, secretary, himself):
    assert "签字日期请填 2026-11-20 到 2026-11-23" in say(secretary, held, on="2026-11-19").content.decode()
    assert "纸质签字已存 <span" in say(secretary, held, on="2026-11-21").content.decode()
    assert "2026-11-21 的纸质签字已经记过" in say(secretary, held, on="2026-11-22").content.decode()
    say(himself, held, right="no", text=CANARY)
    assert [each.says for each in Confirmation.objects.order_by("pk")] == ["paper", "differs"]


def test_after_a_withdrawal_nothing_is_confirmed(world, held, himself, secretary):
    sent = {"once": once_in(himself.get(f"/talks/{held.pk}/confirm/")), "right": "yes"}
    held.record.withdrawn_on = date(2026, 11, 23)
    held.record.save()
    for client in (himself, secretary):
        assert client.get(f"/talks/{held.pk}/confirm/").status_code == 403
    assert himself.post(f"/talks/{held.pk}/confirm/", sent).status_code == 403
    assert not Confirmation.objects.exists()


def test_others_neither_confirm_nor_print(world, held, sign_in):
    clerk = sign_in(account(world.clerk))
    assert clerk.get(f"/talks/{held.pk}/confirm/").status_code == 403
    assert clerk.get(f"/talks/{held.pk}/print/").status_code == 403


def test_the_printed_form_has_every_column_and_leaves_an_audit_row(world, held, secretary):
    body = secretary.get(f"/talks/{held.pk}/print/").content.decode()
    columns = (
        "谈话类别", "谈话人及职务", "谈话对象及职务", "所在支部", "谈话时间", "时长", "地点及方式", "谈话事由",
        "主要内容", "意见建议", "谈话人答复", "需解决问题、责任人、时限及办理结果", "谈话人签字", "谈话对象签字",
        "记录人",
    )  # fmt: skip
    assert [column for column in columns if column not in body] == []
    assert "王海燕（河源第一党支部书记）" in body
    assert "与登记时一致" in body
    assert AuditRow.objects.filter(act="print", subject=f"record:{held.record_id}").exists()

"""Honours granted after a death: said openly, shown as 追授 wherever the honour stands, owing the dead nothing."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from awards.honours import Granted, change_honour, grant_honour
from awards.models import Honour, HonourKind, Level, Nominee
from awards.selecting.reading import with_words
from duties.engine.models import Duty
from ledgers.declarations import LEDGERS
from members.enums import CategoryKind
from members.models import Category, Event
from tests.awards.selections import commend, nominee, posted
from tests.duties.acts import adopt_pack, die, once_in, sweep_on
from tests.ledgers.rows import printed
from tests.ledgers.taking import importer, planned, said, sheet_of, taken
from tests.world import account

TODAY = date(2026, 11, 23)
DIED = date(2026, 6, 20)
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


def given(**more) -> Granted:
    words = {"kind": HonourKind.PARTY, "title": "优秀共产党员", "level": Level.PROVINCE, "granted_by": "省委",
             "granted_on": date(2026, 7, 1), "is_posthumous": True}  # fmt: skip
    return Granted(**words | more)


def grant(person, **more) -> Honour:
    return grant_honour(by=None, given=given(**more), today=TODAY, person=person)


def test_after_a_death_it_is_granted_where_somebody_says_so_and_owes_nothing(cast):
    adopt_pack(cast.committee, whole=True)
    die(cast.li, DIED)
    sweep_on(TODAY)
    before = Duty.objects.open().filter(member=cast.li).count()
    with pytest.raises(ValidationError) as no:
        grant(cast.li, is_posthumous=False)
    assert no.value.message_dict == {
        "granted_on": ["李建国已于 2026-06-20 去世。去世以后追授的，请注明“追授”，日期照文件写。"]
    }
    honour = grant(cast.li)
    sweep_on(TODAY)
    assert honour.story() == [(date(2026, 7, 1), "党内表彰", "追授优秀共产党员（省部级，省委）")]
    assert (honour.event, honour.organisation) == (None, cast.branch)
    assert not Category.objects.filter(person=cast.li, kind=CategoryKind.HONOUREE).exists()
    assert not Event.objects.filter(person=cast.li, kind="honour").exists()
    assert Duty.objects.open().filter(member=cast.li).count() == before


def test_nobody_alive_that_day_has_it_posthumously(cast):
    with pytest.raises(ValidationError, match="李建国没有登记去世，不是追授"):
        grant(cast.li)
    die(cast.li, DIED)
    with pytest.raises(ValidationError, match="李建国那天还健在，不是追授"):
        grant(cast.li, granted_on=date(2026, 6, 19))
    with pytest.raises(ValidationError, match="党组织没有追授"):
        grant_honour(by=None, given=given(), today=TODAY, organisation=cast.branch)
    assert grant(cast.li, granted_on=DIED).is_posthumous


def test_what_was_entered_before_the_death_was_known_is_corrected_to_it(cast):
    honour = grant(cast.li, is_posthumous=False)
    die(cast.li, DIED)
    change_honour(by=None, honour=honour, given=given(), version=1, today=TODAY)
    assert Honour.objects.get().is_posthumous


def test_the_form_asks_of_the_dead_alone_and_every_page_says_it(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    assert "追授" not in browser.get(f"/honours/new/?member={cast.li.pk}").text
    die(cast.li, DIED)
    url = f"/honours/new/?member={cast.li.pk}"
    page = browser.get(url)
    assert "追授：去世以后授予的" in page.text
    sent = {"once": once_in(page), "kind": "party", "title": "优秀共产党员", "level": "province", "granted_by": "省委",
            "granted_on": "2026-07-01", "evidence": "金丝雀"}  # fmt: skip
    refused = browser.post(url, sent)
    assert (refused.status_code, "请注明“追授”" in refused.text, "金丝雀" in refused.text) == (422, True, True)
    own = browser.post(url, sent | {"is_posthumous": "on"}).url
    shown = browser.get(own).text
    assert "（追授）" in shown
    assert "不生成走访和邀请" in shown
    assert "到时候列在这里" not in shown
    assert "（追授）" in browser.get(f"{own}print/").text
    for address in ("/honours/", f"/members/{cast.li.pk}/honours/"):
        assert '<span class="tag">追授</span>' in browser.get(address).text, address
    assert "追授优秀共产党员" in browser.get(f"/members/{cast.li.pk}/").text
    changing = browser.get(f"{own}change/")
    assert 'name="is_posthumous"' in changing.text
    assert "checked" in str(changing.context["form"]["is_posthumous"])


ROW = {
    "姓名": "李建国", "所在支部": "河源第一党支部", "荣誉名称": "优秀共产党员", "种类": "党内表彰", "层级": "省级",
    "授予单位": "省委", "授予日期": "2026-07-01",
}  # fmt: skip


def test_the_ledger_says_it_out_and_in(cast):
    die(cast.li, DIED)
    reader = account(cast.clerk)
    clerk = importer(reader)
    assert (2, "授予日期", "refused_granted_on") in said(planned("honours", sheet_of("honours", ROW), clerk))
    wrong = planned("honours", sheet_of("honours", ROW | {"追授": "大概"}), clerk)
    assert (2, "追授", "bad_is_posthumous") in said(wrong)
    sheet = sheet_of("honours", ROW | {"追授": "是"}, ROW | {"荣誉名称": "劳动模范", "授予日期": "2026-05-01"})
    assert taken("honours", sheet, clerk).report().counts()["created"] == 2
    rows = printed("honours", reader, cast.branch)
    assert [(row["荣誉名称"], row["追授"]) for row in rows] == [("优秀共产党员", "追授"), ("劳动模范", "")]
    again = planned("honours", sheet, clerk)
    assert again.report().counts()["unchanged"] == 2
    assert "追授" in [column.heading for column in LEDGERS["honours"].columns]


def test_a_nominee_who_died_before_the_award_has_it_where_the_award_says_so(cast, sign_in):
    selection = posted(cast)
    die(cast.li, DIED)
    with pytest.raises(ValidationError) as no:
        commend(selection, cast.committee_secretary)
    assert "李建国已去世。追授的请勾选“追授”" in no.value.message_dict["posthumous"][0]
    browser = sign_in(account(cast.clerk))
    url = f"/selections/{selection.pk}/act/"
    page = browser.get(url)
    assert "追授给已去世的李建国" in page.text
    sent = {"once": once_in(page), "act": "award", "on": "2026-06-30", "document": "云水党〔2026〕21 号",
            "presided": cast.committee_secretary.pk}  # fmt: skip
    refused = browser.post(url, sent)
    assert (refused.status_code, "追授的请勾选" in refused.text) == (422, True)
    assert browser.post(url, sent | {"posthumous": "on"}).status_code == 302
    honours = dict(Honour.objects.filter(person__isnull=False).values_list("person__name", "is_posthumous"))
    assert honours == {"李建国": True, "王海燕": False, "马玉珍": False}
    assert nominee(selection, cast.li).said == "已追授"
    [line] = with_words(Nominee.objects.filter(person=cast.li))
    assert line.said == "已追授"
    assert "（追授）" in browser.get(f"/selections/{selection.pk}/commended/").text

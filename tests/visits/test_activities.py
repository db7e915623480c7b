"""Activities in the browser: one record for all, what it closes, who is named, what is refused. Today is 2026-11-23."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.images import draw
from base.models import AuditRow, Picture
from duties.engine.models import Action, Duty, Record, State
from members.enums import Role
from tests.base.hostile_pictures import with_place
from tests.duties.acts import move, once_in, sweep_on
from tests.duties.rules import a_rule
from tests.world import account, member, person, post
from visits.activities import Held, record_activity
from visits.models import Activity, Participant

TODAY = date(2026, 11, 23)
NEW = "/activities/new/"
CANARY = "座谈时老同志说起金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.fixture
def photo(settings, tmp_path, monkeypatch):
    settings.PICTURES = tmp_path / "pictures"
    monkeypatch.setattr("base.pictures.redraw", draw)  # the wall has its own tests
    return SimpleUploadedFile("合影.jpg", with_place())


def fill(browser, branch, **more) -> dict:
    """What the browser sends when the form of the branch is filled in."""
    page = browser.get(NEW, {"organisation": branch.pk})
    assert page.status_code == 200
    me = page.wsgi_request.user.person_id
    given = {"once": once_in(page), "organisation": branch.pk, "kind": "culture", "title": "重阳节登山", "people": [me]}
    return {**given, "on": "2026-10-18", "present": "12", "text": CANARY, **more}


def held(cast, *members, on=TODAY, place=None, **more):
    given = Held(**{"kind": "culture", "title": "登山", "text": CANARY, "present": 3, **more})
    return record_activity(
        by=None, organisation=place or cast.branch, on=on, members=members, held=given, today=TODAY,
        people=[cast.committee_secretary if place == cast.committee else cast.secretary],
    )  # fmt: skip


def test_one_activity_is_one_record_with_members_named_and_others_counted(cast, browser):
    sent = fill(
        browser, cast.branch, kind="volunteer", title="清理河道", place="桥头社区", members=[cast.li.pk, cast.zhao.pk],
        present="", helped="40", group="社区居民", money="1,200.50", source="dues",
    )  # fmt: skip
    page = browser.post(NEW, sent, follow=True).content.decode()
    assert "志愿服务已登记，没有办结应办，照样留档。" in page
    for words in (
        "清理河道", "桥头社区", "2 人，记了姓名的：李建国、赵秀兰", "社区居民 40 人", "1,200.50 元，留存党费",
        "王海燕（河源第一党支部书记）", CANARY,
    ):  # fmt: skip
        assert words in page
    record = Record.objects.get()
    assert (record.member, record.organisation, record.action, record.collective) == (
        None, cast.branch, Action.SERVICE, False,
    )  # fmt: skip
    twice = browser.post(NEW, sent, follow=True).content.decode()
    assert "这张表已经保存过，没有再记一次。" in twice
    assert Activity.objects.count() == 1
    printed = browser.get(reverse("activity_print", args=[Activity.objects.get().pk])).content.decode()
    assert all(words in printed for words in ("活动登记表", "李建国、赵秀兰", CANARY, "（盖章）"))


def test_help_for_people_outside_closes_what_the_organisation_owes_and_opens_it_again(cast, browser):
    """慰问困难职工和家庭 asks the organisation for aid or service; a walk in the hills is neither."""
    a_rule(
        cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "organisation"}, action="aid",
        or_by=["service"], target=[{"condition": "kind", "kinds": ["branch"]}],
    )  # fmt: skip
    sweep_on(TODAY)

    def state() -> str:
        return Duty.objects.get(organisation=cast.branch).state

    preview = fill(browser, cast.branch, preview="1", title="")
    assert "不会办结任何应办" in browser.post(NEW, preview, headers={"hx-request": "true"}).content.decode()
    browser.post(NEW, fill(browser, cast.branch))
    assert state() == State.OPEN
    aid = fill(browser, cast.branch, kind="community", title="送米面", present="", helped="6", group="社区困难户")
    whole = browser.post(NEW, aid | {"preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "保存后将办结 <span" in whole
    assert state() == State.OPEN
    assert "办结 1 件应办" in browser.post(NEW, aid, follow=True).content.decode()
    assert state() == State.DONE
    made = Activity.objects.get(kind="community")
    withdraw = reverse("activity_withdraw", args=[made.pk])
    gone = browser.post(withdraw, {"once": "w", "reason": ""}, follow=True).content.decode()
    assert "已撤回，1 件应办重新打开。" in gone
    assert state() == State.OPEN
    listed = browser.get("/activities/").content.decode()
    assert "<s>送米面</s>" in listed
    assert CANARY not in listed


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"on": "2026-12-03"}, "活动日期 2026-12-03 晚于今天，请改成今天或以前。"),
        ({"on": "1900-01-01"}, "活动日期 1900-01-01 早于河源第一党支部成立的 1921-07-01，请核对年份。"),
        ({"on": "昨天"}, "请填日期，例如 2026-11-20。"),
        ({"kind": ""}, "请选是哪一种活动。"),
        ({"kind": "party"}, "请选是哪一种活动。"),
        ({"title": "  "}, "请写是什么活动，例如：重阳节登山。"),
        ({"title": "长" * 61}, "写了 61 个字，最多 60 个，请写短一些。"),
        ({"people": []}, "请勾选是谁组织的。"),
        ({"people": ["999999"]}, "请勾选是谁组织的。"),
        ({"present": ""}, "请勾选参加的党员，或写参加的人数。"),
        ({"present": "很多"}, "人数请填整数，例如 30。"),
        ({"present": "-1"}, "人数请填整数，例如 30。"),
        ({"present": "100000"}, "一次活动最多登记 10000 人，请核对是不是多写了几位；分几场办的请分开登记。"),
        ({"present": "9" * 40}, "一次活动最多登记 10000 人"),
        ({"helped": "100000", "group": "社区居民"}, "一次活动最多登记 10000 人"),
        ({"helped": "5"}, "请写是哪些群众，例如：社区独居老人。不写姓名。"),
        ({"group": "社区居民"}, "写了是哪些群众，请写人数。"),
        ({"kind": "community"}, "请写帮扶了多少名群众，只写人数。"),
        ({"money": "500"}, "写了经费 500.00 元，请选这笔钱从哪里来。"),
        ({"money": "0"}, "经费写的是 0，没有花钱的请空着。"),
        ({"source": "dues"}, "选了款源，没有写经费。"),
        ({"money": "五百", "source": "dues"}, "金额请写成 1200 或 1200.50 这样，单位是元。"),
        ({"source": "wallet"}, "请从列表里选款源。"),
        ({"text": "长" * 2_001}, "写了 2001 个字，最多 2000 个，请写短一些。"),
        ({"members": ["x"]}, "请从列表里勾选参加的党员。"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(cast, browser, given, sentence):
    refused = browser.post(NEW, fill(browser, cast.branch, **{"place": "东山脚下", **given}))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in body
    assert "东山脚下" in body
    assert not Record.objects.exists()


def test_fewer_people_than_names_and_members_of_another_day_are_refused(cast, browser):
    sent = fill(browser, cast.branch, members=[cast.li.pk, cast.zhao.pk], present="1")
    assert "勾选了 2 名党员，人数写的是 1，请改成不少于 2。" in browser.post(NEW, sent).content.decode()
    late = member("何静", cast.branch, joined=date(2026, 11, 2), full=None)
    body = browser.post(NEW, fill(browser, cast.branch, members=[late.pk])).content.decode()
    assert "何静在 2026-10-18 不是河源第一党支部在册的党员，请去掉，或改正日期。" in body


def test_the_same_activity_is_not_entered_twice(cast, browser):
    held(cast, on=date(2026, 10, 18), title="重阳节登山")
    body = browser.post(NEW, fill(browser, cast.branch)).content.decode()
    assert "2026-10-18 的“重阳节登山”已登记过，没有再记一条。" in body


def test_where_members_are_too_many_none_is_offered_and_a_number_is_enough(cast, sign_in, monkeypatch):
    monkeypatch.setattr("visits.forms.activities.MOST_NAMED", 5)
    browser = sign_in(account(cast.clerk))
    picked = browser.get(NEW).content.decode()
    assert "先选是哪个党组织办的。" in picked
    page = browser.get(NEW, {"organisation": cast.committee.pk}).content.decode()
    assert "勾选参加的党员" not in page
    made = browser.post(NEW, fill(browser, cast.committee, kind="health", title="年度体检", present="312"), follow=True)
    assert "312 人" in made.content.decode()
    monkeypatch.setattr("visits.forms.activities.MOST_NAMED", 50)
    page = browser.get(NEW, {"organisation": cast.general.pk}).content.decode()
    assert "李建国　河源第一党支部" in page


def test_whoever_is_named_finds_it_on_his_page_and_so_does_his_branch(cast, sign_in):
    """The committee held it; neither member nor branch sees anything else of the committee's."""
    made = held(cast, cast.li, cast.sun, place=cast.committee, title="健步走", present=300)
    other = held(cast, place=cast.committee, title="别的活动")
    accounts = {reader: account(reader) for reader in (cast.secretary, cast.li)}
    told = sign_in(accounts[cast.secretary]).get(f"/members/{cast.li.pk}/").content.decode()
    assert "<b>参加活动</b> 健步走" in told
    assert reverse("activity", args=[made.pk]) in told
    for reader in accounts.values():
        browser = sign_in(reader)
        page = browser.get(reverse("activity", args=[made.pk])).content.decode()
        assert "300 人，记了姓名的：李建国" in page
        assert "孙德福" not in page
        assert CANARY not in page
        assert browser.get(reverse("activity", args=[other.pk])).status_code == 404
    move(cast.li, cast.sibling, on=TODAY)
    there = sign_in(account(cast.sibling_secretary))
    assert "健步走" not in there.get(f"/members/{cast.li.pk}/").content.decode()


def test_the_words_are_for_those_who_did_it_and_those_who_record_there(cast, sign_in, browser):
    made = held(cast)
    page = reverse("activity", args=[made.pk])
    assert CANARY in browser.get(page).content.decode()
    assert AuditRow.objects.filter(act="read", subject=f"record:{made.record_id}").count() == 1
    inspector = person("郑督查")
    post(inspector, cast.committee, Role.INSPECTOR)
    read = sign_in(account(inspector))
    assert CANARY not in read.get(page).content.decode()
    assert CANARY not in read.get(reverse("activity_print", args=[made.pk])).content.decode()
    assert read.get(reverse("activity_withdraw", args=[made.pk])).status_code == 403
    assert sign_in(account(cast.sibling_secretary)).get(page).status_code == 404


def test_photos_come_with_it_later_or_never_and_only_for_who_reads_its_words(cast, browser, sign_in, photo):
    made = browser.post(NEW, fill(browser, cast.branch, pictures=[photo]))
    page, (shown,) = made.url, Picture.objects.all()
    own = f"{page}pictures/{shown.pk}/"
    assert own in browser.get(page).content.decode()
    assert browser.get(own)["Content-Type"] == "image/jpeg"
    inspector = person("郑督查")
    post(inspector, cast.committee, Role.INSPECTOR)
    read = sign_in(account(inspector))
    assert own not in read.get(page).content.decode()
    assert [read.get(each).status_code for each in (own, f"{page}pictures/new/", f"{own}remove/")] == [404] * 3
    adding = browser.get(f"{page}pictures/new/")
    assert "只有看得到这次活动内容的人能看" in adding.content.decode()
    refused = browser.post(f"{page}pictures/new/", {"once": once_in(adding)})
    assert (refused.status_code, Picture.objects.count()) == (422, 1)
    gone = browser.post(f"{own}remove/", {"once": "r"}, follow=True)
    assert "照片已去掉。" in gone.content.decode()
    assert not Picture.objects.exists()


def test_a_list_of_fifty_costs_what_one_costs_and_can_be_narrowed(cast, browser):
    held(cast, cast.li)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/activities/?kind=culture")
        return len(queries)

    asked()
    few = asked()
    record = Record.objects.get()
    for n in range(50):
        record.pk = None
        record.save()
        Activity.objects.create(record=record, kind="culture", title=f"第 {n} 次", present=1)
        record = Record.objects.get(pk=record.pk)
    assert asked() == few
    assert "第 49 次" in browser.get("/activities/").content.decode()
    assert "没有符合条件的活动" in browser.get("/activities/?kind=health").content.decode()
    assert Participant.objects.count() == 1


def test_the_organisation_s_page_leads_to_its_activities_contact_points_and_calendar(cast, browser):
    page = browser.get(reverse("organisation", args=[cast.branch.pk])).content.decode()
    for name in ("activities", "contact_points", "calendar"):
        address = f"{reverse(name)}?organisation={cast.branch.pk}"
        assert f'href="{address}"' in page
        assert browser.get(address).status_code == 200

"""The applicant's side: four pages and the last, for oneself, by the branch, by a relative; progress; taking back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from care.entries import Given, open_entry, recognise_entry
from care.registers.difficulty import DIFFICULTY
from fund.applying.filing import content_of
from fund.models import Application
from fund.regulation.steps import Move, Stage
from members.enums import EventKind, Role
from members.services import register_event
from tests.duties.acts import once_in
from tests.fund.filling import HOME, NEW, WHY, at, begun, filled, hand_in, sent, start
from tests.fund.money import NOW
from tests.fund.office import Office, later
from tests.world import post

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DIAGNOSIS = "透析金丝雀"


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def himself(office, sign_in):
    return sign_in(office.by(office.cast.li))


@pytest.fixture
def secretary(office, sign_in):
    return sign_in(office.by(office.cast.secretary))


def text(page) -> str:
    return page.content.decode()


def in_difficulty(person, **facts):
    known = {
        "causes": ["family_illness"], "detail": DIAGNOSIS, "own_income": 120_000,
        "family": [{"name": "许兰", "relation": "spouse", "born": "", "health": "serious", "work": "", "income": 0}],
        "benefits": [{"kind": "allowance", "since": None, "last": None}],
    } | facts  # fmt: skip
    entry = open_entry(
        by=None, register=DIFFICULTY, person=person, since=date(2026, 3, 1), given=Given(known, grade="一般困难"),
        today=TODAY,
    )  # fmt: skip
    upper = {"organisation": "河源局党总支", "grade": "", "today": TODAY}
    recognise_entry(by=None, entry=entry, on=date(2026, 3, 10), **upper)
    return entry


def test_from_his_own_page_a_member_applies_and_reads_how_far_it_is(office, himself):
    assert f'href="{NEW}"' in text(himself.get("/me/"))
    row = filled(himself)
    assert (row.state, row.filer, row.asked, row.filed_by) == (Stage.DRAFT, "self", 200_000, office.cast.li)
    content = content_of(row)
    assert (content.reason, content.own_income, content.account.number) == (
        WHY["reason"], 120_000, "6217000012345678901",
    )  # fmt: skip
    assert content.family[0]["relation"] == "spouse"
    last = text(himself.get(f"/fund/applications/{row.pk}/submit/"))
    assert "6217 **** **** 8901" in last
    assert "6217000012345678901" not in last
    done = text(hand_in(himself, row))
    assert "已提交，编号 2026-001，最迟 12-08 前有答复。" in done
    assert "支部正在看" in done
    assert "王海燕（书记）" in done
    row.refresh_from_db()
    assert (row.state, row.agreed_on) == ("branch-review", TODAY)
    own = text(himself.get("/me/"))
    assert "您的资金申请" in own
    assert "支部正在看" in own
    assert "总支审核、组织部复核、集体研究、公示、发放、签收、回访" in own


def test_everything_typed_stays_where_a_page_is_refused(himself):
    page = himself.post(NEW, start(himself, choice="", asked="很多", filer="relative", filer_name="李小红"))
    assert page.status_code == 422
    body = text(page)
    assert "没有保存" in body
    assert 'value="很多"' in body
    assert 'value="李小红"' in body
    assert "请写代填人和本人的关系，例如女儿。" in body
    assert not Application.objects.exists()
    row = begun(himself)
    page = sent(himself, row, "account", number="62170000abc", holder="李小红")
    assert page.status_code == 422
    assert 'value="62170000abc"' in text(page)
    assert "账号只有数字" in text(page)
    page = sent(himself, row, "home", **{"family-0-income": "两千", "family-0-name": "许大兰"})
    assert page.status_code == 422
    assert 'value="许大兰"' in text(page)


def test_a_page_may_be_put_off_and_nothing_is_handed_in_without_reason_and_consent(himself):
    row = begun(himself, again="1")
    assert sent(himself, row, "why", reason="").status_code == 422
    assert sent(himself, row, "why", reason="", again="1").url == f"/me/applications/{row.pk}/"
    refused = hand_in(himself, row)
    assert refused.status_code == 422
    assert "请写申请的理由" in text(refused)
    sent(himself, row, "why")
    refused = hand_in(himself, row, agreed="")
    assert "同意核查情况并按规定公示" in text(refused)
    assert Application.objects.get().state == Stage.DRAFT
    assert hand_in(himself, row).status_code == 200
    assert Application.objects.get().state == "branch-review"


def test_what_the_register_knows_is_filled_in_and_the_diagnosis_is_not(office, himself):
    in_difficulty(office.cast.li)
    page = himself.get(NEW)
    assert 'value="hardship/"' in text(page)
    assert [offer.kind for _drawn, offer in page.context["form"].rows][:2] == ["hardship", "sudden"]
    row = begun(himself)
    content = content_of(row)
    assert (content.reason, content.helped, content.own_income) == ("家庭成员重病。", "低保", 120_000)
    assert content.family[0]["name"] == "许兰"
    assert DIAGNOSIS not in str(row.content)
    assert 'value="许兰"' in text(himself.get(at(row, "home")))
    assert AuditRow.objects.filter(act="read", detail__field="family").count() == 1


def test_household_and_income_go_only_into_what_somebody_files_who_reads_them(office, sign_in):
    in_difficulty(office.cast.zhao)
    commissioner = sign_in(office.by(office.cast.commissioner))  # records, and does not see what is sensitive
    row = begun(commissioner, office.cast.zhao, filer="branch")
    content = content_of(row)
    assert (content.reason, content.family, content.own_income) == ("家庭成员重病。", [], None)
    row.delete()
    secretary = sign_in(office.by(office.cast.secretary))
    assert content_of(begun(secretary, office.cast.zhao, filer="branch")).own_income == 120_000


def test_an_illness_in_a_register_moves_no_class_for_whoever_may_not_know_it(office, himself, secretary, sign_in):
    office.cast.li.categories.create(kind="serious_illness", since=date(2026, 1, 5))

    def fitting(client, **about):
        rows = client.get(NEW, about).context["form"].rows
        return {offer.kind for _drawn, offer in rows if offer.fits}

    about = {"member": office.cast.li.pk}
    assert fitting(himself) == {"sudden"}
    assert fitting(sign_in(office.by(office.cast.commissioner)), **about) == {"sudden"}
    assert fitting(secretary, **about) == {"frail", "sudden"}


def test_the_branch_files_for_a_member_and_a_relative_is_named(office, secretary):
    assert "哪位党员" in text(secretary.get(NEW))
    hits = secretary.get(reverse("member_search"), {"q": "赵秀兰", "for": "application_new"})
    assert f'href="{NEW}?member={office.cast.zhao.pk}"' in text(hits)
    refused = secretary.post(NEW, start(secretary, office.cast.zhao, filer="relative"))
    assert "请写代填人的姓名。" in text(refused)
    row = filled(
        secretary, office.cast.zhao, filer="relative", filer_name="赵小梅", filer_relation="女儿", filer_why="本人住院",
    )  # fmt: skip
    assert (row.filer, row.filed_by, row.person) == ("relative", office.cast.secretary, office.cast.zhao)
    page = text(secretary.get(f"/fund/applications/{row.pk}/submit/"))
    assert "本人（或受委托人）已同意" in page
    hand_in(secretary, row)
    assert "张伟（组织委员）" in text(secretary.get(f"/me/applications/{row.pk}/"))
    assert "赵秀兰" in text(secretary.get("/me/applications/"))


def test_a_second_click_on_either_button_makes_one_application_and_one_step(himself):
    sent_twice = start(himself)
    first, second = himself.post(NEW, sent_twice), himself.post(NEW, sent_twice)
    assert first.url == second.url
    row = Application.objects.get()
    sent(himself, row, "why")
    page = himself.get(f"/fund/applications/{row.pk}/submit/")
    again = {"once": once_in(page), "serial": 0, "agreed": "on"}
    himself.post(f"/fund/applications/{row.pk}/submit/", again)
    done = himself.post(f"/fund/applications/{row.pk}/submit/", again, follow=True)
    assert "这件申请已经提交过，没有再提交一次。" in text(done)
    row = Application.objects.get()
    assert row.taken.count() == 1
    address = f"/fund/applications/{row.pk}/withdraw/"
    again = {"once": once_in(himself.get(address)), "serial": row.serial, "reason": "好转"}
    himself.post(address, again)
    assert "已经撤回过了。" in text(himself.post(address, again, follow=True))
    assert row.taken.count() == 2


def test_one_class_runs_once_and_the_first_page_says_so(himself):
    row = begun(himself)
    page = himself.get(NEW)
    assert "同一类不能再开一件" in text(page)
    refused = himself.post(NEW, start(himself))
    assert refused.status_code == 422
    assert "没有另开一件" in text(refused)
    assert himself.post(NEW, start(himself, choice="sudden/")).status_code == 302
    assert row.pk in {each.pk for each in Application.objects.all()}


def test_nobody_applies_for_the_dead_and_next_door_is_not_there(office, secretary, himself, sign_in):
    dead = office.cast.zhao
    register_event(by=None, person=dead, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    refused = secretary.get(NEW, {"member": dead.pk})
    assert (refused.status_code, "不能再申请" in text(refused)) == (403, True)
    assert secretary.get(NEW, {"member": office.cast.sun.pk}).status_code == 404
    assert himself.get(NEW, {"member": office.cast.sun.pk}).status_code == 403
    row = filled(himself)
    stranger = sign_in(office.by(office.cast.sibling_secretary))
    above = sign_in(office.by(office.clerk))
    for page in ("edit", "submit", "withdraw"):
        assert stranger.get(f"/fund/applications/{row.pk}/{page}/").status_code == 404
        assert above.get(f"/fund/applications/{row.pk}/{page}/").status_code == 403
    assert above.get(f"/me/applications/{row.pk}/").status_code == 404


def test_where_there_is_no_fund_the_page_says_so_and_leads_to_asking_for_help(cast, sign_in):
    page = sign_in(Office.by(cast.li)).get(NEW)
    assert page.status_code == 200
    assert "还没有设立专项资金" in text(page)
    assert 'href="/asks/help/"' in text(page)


def test_the_urgent_way_is_offered_only_where_the_regulation_has_it(cast, sign_in):
    Office(cast, "hospital")
    client = sign_in(Office.by(cast.li))
    fund = cast.committee.fund
    has = fund.regulations.get().parsed.urgent is not None
    assert ("urgent" in client.get(NEW).context["form"].fields) is has


def test_the_urgent_way_is_explained(himself):
    page = text(himself.get(NEW))
    assert "15 天内办完，最多 3,000.00 元" in page
    row = begun(himself, choice="sudden/", urgent="on")
    assert row.urgent
    refused = sent(himself, row, "what", choice="sudden/", asked="5000", urgent="on")
    assert "紧急程序最多 3,000 元" in text(refused)


def test_what_came_back_says_why_is_amended_and_handed_in_once_more(office, himself):
    row = filled(himself)
    hand_in(himself, row)
    row = office.reviewed(office.fresh(row), office.cast.secretary, move=Move.RETURN, opinion="请补结算单。")
    own = text(himself.get("/me/"))
    assert "请补结算单。" in own
    assert "退回来了，请改好再交" in own
    assert sent(himself, row, "what", asked="1500").status_code == 302
    assert "2026-001" in text(hand_in(himself, row))
    row = office.fresh(row)
    assert (row.state, row.round, row.asked) == ("branch-review", 2, 150_000)


def test_a_stale_page_saves_nothing_and_keeps_what_was_typed(office, himself):
    row = filled(himself)
    page = himself.get(at(row, "why"))
    stale = {"once": once_in(page), "serial": row.serial, "reason": "新写的理由", "helped": ""}
    hand_in(himself, row)
    office.reviewed(office.fresh(row), office.cast.secretary, move=Move.RETURN, opinion="请补。")
    refused = himself.post(at(row, "why"), stale)
    assert refused.status_code == 422
    assert "刚由王海燕办过“支部审核”" in text(refused)
    assert "新写的理由" in text(refused)


def test_what_was_handed_in_is_no_longer_changed_and_may_be_withdrawn_with_a_reason(office, himself):
    row = filled(himself)
    hand_in(himself, row)
    row = office.fresh(row)
    closed = himself.get(at(row, "why"))
    assert (closed.status_code, "内容不能再改" in text(closed)) == (403, True)
    address = f"/fund/applications/{row.pk}/withdraw/"
    page = himself.get(address)
    refused = himself.post(address, {"once": once_in(page), "serial": row.serial, "reason": " "})
    assert refused.status_code == 422
    done = himself.post(address, {"once": once_in(page), "serial": row.serial, "reason": "已经好转"}, follow=True)
    assert "已经好转" in text(done)
    assert office.fresh(row).state == Stage.WITHDRAWN
    assert himself.get(address).status_code == 403


def test_the_account_typed_once_is_masked_kept_replaced_and_forgotten(himself):
    row = filled(himself)
    page = text(himself.get(at(row, "account")))
    assert "已填 6217 **** **** 8901" in page
    assert "6217000012345678901" not in page
    sent(himself, row, "account", number="")
    assert content_of(Application.objects.get()).account.number == "6217000012345678901"
    refused = sent(himself, row, "account", holder="许兰")
    assert "户名不是李建国的" in text(refused)
    sent(himself, row, "account", holder="", bank="", number="", forget="on")
    row = Application.objects.get()
    assert (content_of(row).account.number, row.account_mark) == ("", "")


def test_two_pages_saved_one_after_the_other_keep_each_others_words(himself):
    row = begun(himself)
    home = himself.get(at(row, "home"))
    sent(himself, row, "why")
    himself.post(at(row, "home"), {**HOME, "once": once_in(home), "serial": 0})
    content = content_of(Application.objects.get())
    assert (content.reason, content.own_income) == (WHY["reason"], 120_000)


def test_the_whole_way_in_plain_words(office, himself):
    row = filled(himself)
    hand_in(himself, row)
    row = office.reviewed(office.fresh(row), office.cast.secretary)
    assert "支部同意" in text(himself.get(f"/me/applications/{row.pk}/"))
    row = office.reviewed(row, office.cast.general_secretary)
    row = office.reviewed(row, office.clerk)
    (row,) = office.decided(row)
    page = text(himself.get(f"/me/applications/{row.pk}/"))
    assert "集体研究同意，核定 2,000.00 元" in page
    assert "公示，听大家的意见" in page


def test_a_paid_application_shows_where_the_money_went(office, sign_in):
    row = office.passed()
    office.paid(row)
    page = text(sign_in(office.by(office.cast.li)).get(f"/me/applications/{row.pk}/"))
    assert "等您签收" in page
    assert "6217 **** **** 8901" in page


def test_days_of_an_application_stand_on_the_members_time_line_without_class_or_reason(office, secretary):
    row = office.passed()
    office.paid(row)
    page = text(secretary.get(f"/members/{office.cast.li.pk}/"))
    for said in ("2026-001，2,000.00 元", "2026-001，核定 2,000.00 元", "发放帮扶资金"):
        assert said in page
    assert "生活困难党员" not in page
    assert "配偶长期住院" not in page
    assert f'href="{NEW}?member={office.cast.li.pk}"' in page


def test_ones_own_page_and_list_cost_the_same_however_many_there_are(office, himself):
    def cost(address) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert himself.get(address).status_code == 200
        return len(queries)

    first = office.submitted(asking=office.asking())
    himself.get("/me/")
    one = {address: cost(address) for address in ("/me/", "/me/applications/", f"/me/applications/{first.pk}/")}
    for kind in ("frail", "sudden", "injured"):
        row = office.submitted(asking=office.asking(kind=kind))
        office.reviewed(row, office.cast.secretary)
    assert {address: cost(address) for address in one} == one


def test_an_old_application_leaves_ones_own_page_and_stays_in_the_list(office, himself):
    row = filled(himself)
    hand_in(himself, row)
    row = office.reviewed(office.fresh(row), office.cast.secretary, move=Move.REFUSE, opinion="收入高于标准。")
    assert "收入高于标准。" in text(himself.get(f"/me/applications/{row.pk}/"))
    assert "这次没有同意" in text(himself.get("/me/"))
    Application.objects.filter(pk=row.pk).update(ended_on=later(-100).date())
    assert "您的资金申请" not in text(himself.get("/me/"))
    assert "这次没有同意" in text(himself.get("/me/applications/"))


def test_an_entry_of_difficulty_leads_to_filing_for_its_member(office, secretary):
    entry = in_difficulty(office.cast.li)
    assert f'href="{NEW}?member={office.cast.li.pk}"' in text(secretary.get(reverse("entry", args=[entry.pk])))


def test_a_vacant_step_names_the_place_above(office, himself):
    office.cast.secretary.posts.all().delete()
    office.cast.commissioner.posts.all().delete()
    row = filled(himself)
    hand_in(himself, row)
    page = text(himself.get(f"/me/applications/{row.pk}/"))
    assert "河源局党总支的周启明（书记）" in page
    post(office.cast.zhao, office.cast.branch, Role.SECRETARY)
    assert "河源第一党支部的赵秀兰（书记）" in text(himself.get(f"/me/applications/{row.pk}/"))


def test_an_application_left_without_an_organisation_for_its_step_is_shown_all_the_same(office, himself):
    row = office.submitted()
    Application.objects.filter(pk=row.pk).update(
        organisation=office.cast.general, path=office.cast.general.path
    )  # as after the branch was dissolved
    for address in ("/me/", "/me/applications/", f"/me/applications/{row.pk}/", f"/fund/applications/{row.pk}/print/"):
        assert himself.get(address).status_code == 200, address

"""The pages of meetings: entering one from its minutes, every way of entering it wrongly, what is kept and shown."""

from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from base.models import AuditRow, Draft
from base.money import Source
from fund import services
from fund.applying import deciding
from fund.applying.steps import locked_all
from fund.guards import guarding_applications, lifting_applications
from fund.journal import Desk
from fund.models import Application, Decision, Grant, Meeting, Part, Taken
from fund.regulation.steps import Stage
from members.enums import Role
from tests.duties.acts import once_in
from tests.fund.money import NOW, balances
from tests.fund.office import OPENED, Office
from tests.world import Cast, account, member, post

URL = "/fund/meetings/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def head(office, sign_in):
    return sign_in(office.by(office.head))


def said(answer) -> str:
    return answer.content.decode()


def typed(office, *rows, **more) -> dict:
    """What the minutes' writer sends for these rows: all came, all agreed."""
    data = {
        "body": "committee", "title": "党委会（2026 年第 21 次）", "on": "2026-11-23",
        "minutes": "云水党纪〔2026〕21号",
        "present": [each.pk for each in office.board], "seated": [each.pk for each in office.board],
    }  # fmt: skip
    for row in rows:
        pk = row.pk
        data |= {
            f"take-{pk}": "on", f"fen-{pk}": "2,000", f"source-{pk}": "dues:", f"outcome-{pk}": "agreed",
            f"serial-{pk}": row.serial,
        }  # fmt: skip
    return data | more


def send(client, data, *, follow=False):
    return client.post(URL, {"once": once_in(client.get(URL)), **data}, follow=follow)


def refused(client, data) -> str:
    answer = send(client, data)
    assert answer.status_code == 422, said(answer)
    assert not Meeting.objects.exists()
    return said(answer)


def ready_at_direct(office, who) -> Application:
    """An application of somebody of the branch below the committee, without a general branch."""
    row = office.reviewed(office.submitted(who), office.cast.direct_secretary)
    return office.reviewed(row, office.clerk)


# Entering


def test_one_meeting_decides_several_from_the_page(office, head):
    first, second, third = (office.ready(who) for who in (office.cast.li, office.cast.zhao, office.cast.secretary))
    page = said(head.get(URL))
    assert "集体研究：3 件申请" in page
    assert "预留 6,000.00" in page
    data = typed(office, first, second) | {
        f"outcome-{second.pk}": "refused", f"reason-{second.pk}": "收入高于标准", f"agree-{second.pk}": "1",
        f"against-{second.pk}": "4",
    }  # fmt: skip
    done = send(head, data, follow=True)
    assert "已登记 2 件决定，预留 2,000.00" in said(done)
    assert (office.fresh(first).state, office.fresh(second).state) == ("notice", Stage.REFUSED)
    assert office.fresh(third).state == "decision", "what was not ticked stays"
    assert balances(office.fund)["reserved"] == 200_000
    assert Decision.objects.get(application=first).agree == 5, "empty: all who came voted yes"
    assert "收入高于标准" in said(done)
    row = said(head.get("/fund/meetings/"))
    assert "云水党纪〔2026〕21号" in row
    assert "1</b> 件申请等上会" in row


def test_a_department_decides_by_the_posts_of_the_day(office, head):
    row = office.ready()
    page = said(head.get(URL))
    assert all(name in page for name in ("宋岩", "林清", "苏文"))
    assert "应到 3 人，实到 3 人" in page
    answer = head.post(URL, typed(office, row, refresh="1", **{f"fen-{row.pk}": "1,234.50"}))
    page = said(answer)
    assert answer.status_code == 200
    assert "应到 5 人，实到 5 人" in page, "the committee's members take their place"
    assert 'value="1,234.50"' in page, "what was typed stays"
    assert "预留 1,234.50" in page
    office.board[1].posts.update(until=NOW.date())
    assert "应到 4 人" in said(head.post(URL, typed(office, row, refresh="1")))
    yesterday = {"on": "2026-11-22", "seated": []}
    assert "程立新" in said(head.post(URL, typed(office, row, refresh="1") | yesterday))


def test_somebody_is_named_beside_and_namesakes_are_told_apart(office, head):
    row = office.ready()
    guest = office.cast.general_secretary
    page = said(head.post(URL, typed(office, row, find="1", add="周启明")))
    assert "应到 6 人，实到 6 人" in page
    assert f'name="extra" value="{guest.pk}"' in page
    twin = member("周启明", office.cast.direct)
    page = said(head.post(URL, typed(office, row, find="1", add="周启明")))
    assert "应到 5 人" in page
    assert "有同名的" in page
    page = said(head.post(URL, typed(office, row, find="1", add="周启明", beside=twin.pk)))
    assert "应到 6 人" in page
    assert "没有找到这个姓名" in said(head.post(URL, typed(office, row, find="1", add="沈岳"))), "out of scope"
    data = typed(office, row, extra=[guest.pk], outside=[office.board[0].pk])
    data["present"] = [*data["present"], guest.pk]
    send(head, data)
    sat = set(Meeting.objects.get().attendees.values_list("person", flat=True))
    assert sat == {guest.pk, *(each.pk for each in office.board[1:])}


def test_a_source_for_all_that_have_none(office, head):
    services.receive(office.fund, Desk(OPENED, NOW), source=Source.FISCAL, amount=900_000)
    row = office.ready()
    page = said(head.get(URL))
    assert "另有 留存党费 可用 50,000.00" in page.replace("\n", ""), "two sources: none is guessed"
    assert "请选资金来源" in refused(head, typed(office, row, **{f"source-{row.pk}": ""}))
    send(head, typed(office, row, pot="fiscal:", **{f"source-{row.pk}": ""}))
    assert Grant.objects.get().reservation.source == "fiscal"


def test_shared_sums_name_a_source_in_each_fund(cast, sign_in):
    office = Office(cast, "urban-management")
    lower = services.open_fund(cast.general, on=OPENED)
    services.receive(lower, Desk(OPENED, NOW), source=Source.DUES, amount=1_000_000)
    row = office.ready(asking=office.asking(kind=office.first_class()))
    head = sign_in(office.by(office.head))
    page = said(head.get(URL))
    assert "河源局党总支承担的来源" in page
    send(head, typed(office, row, **{f"fen-{row.pk}": "2000", f"source-{row.pk}-{office.fund.pk}": "dues:"}))
    assert dict(Grant.objects.values_list("fund", "fen")) == {lower.pk: 60_000, office.fund.pk: 140_000}


# Refusals: B1, B2, B8, B9, B10


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"minutes": ""}, "请写会议纪要号"),
        ({"title": " "}, "请写会议名称"),
        ({"on": "2026-11-24"}, "晚于今天"),
        ({"on": "2026-13-40"}, "会议日期写法不对"),
        ({"present": []}, "不够开会人数"),
        ({"body": "king"}, "请选是什么会"),
        ({"agree-{}": "6"}, "最多 5 票，现在填了 6 票"),
        ({"agree-{}": "-1"}, "票数不能小于零"),
        ({"agree-{}": "2"}, "应为实到且不回避的 5 人各一票"),
        ({"agree-{}": "2", "against-{}": "3"}, "没有通过"),
        ({"fen-{}": "0"}, "请写核定金额"),
        ({"fen-{}": "一千"}, "金额请写成"),
        ({"source-{}": "union:"}, "这个来源不能用在这一类"),
        ({"source-{}": ""}, "请选资金来源"),
        ({"outcome-{}": "refused"}, "赞成票够通过"),
        ({"outcome-{}": "returned", "agree-{}": "0", "against-{}": "5"}, "请写明理由"),
        ({"take-{}": ""}, "还没有勾选这次研究的申请"),
        ({"serial-{}": "1"}, "请看过再办"),
        ({"serial-{}": ""}, "请看过再办"),
        ({"fen-{}": "99,999"}, "这一类的标准是"),
    ],
)
def test_what_the_minutes_cannot_say_is_refused_at_its_cell_and_nothing_typed_is_lost(office, head, more, sentence):
    row = office.ready()
    filled = {key.format(row.pk): value for key, value in more.items()}
    if filled.get(f"take-{row.pk}") == "":
        filled = {}
    data = typed(office, row, **filled)
    if not filled:
        data.pop(f"take-{row.pk}")
    page = refused(head, data | {f"reason-{row.pk}": ""})
    assert sentence in page
    for name in ("title", "minutes", f"fen-{row.pk}"):
        assert not str(data[name]).strip() or f'value="{data[name]}"' in page


def test_an_absent_member_is_not_counted_and_a_name_stands_once(office, head):
    row = office.ready()
    gone = [each.pk for each in office.board[:2]]
    data = typed(office, row, present=gone)
    assert "应到 5 人，要超过半数到会，扣除回避的实到 2 人" in refused(head, data)
    twice = typed(office, row, present=[office.board[0].pk] * 5)
    assert "扣除回避的实到 1 人" in refused(head, twice), "ticked five times he came once"
    stranger = office.cast.outsider.pk
    assert "名单里没有这个人" in refused(head, typed(office, row, present=[stranger]))
    assert "名单里没有这个人" in refused(head, typed(office, row, extra=[stranger]))


def test_relatives_are_ticked_to_step_aside_and_cannot_be_counted(office, head):
    own = office.board[1]
    row = ready_at_direct(office, own)
    page = said(head.post(URL, typed(office, row, refresh="1")))
    ticked = f'name="recused-{row.pk}" value="{own.pk}" class="form-check-input"'
    line = next(each for each in page.split("<label>") if ticked in each)
    assert "checked" in line
    assert "须回避，不计入投票" in refused(head, typed(office, row))
    aside = {f"recused-{row.pk}": [own.pk]}
    assert "最多 4 票，现在填了 5 票" in refused(head, typed(office, row, **aside, **{f"agree-{row.pk}": "5"}))
    send(head, typed(office, row, **aside))
    decided = Decision.objects.get()
    assert (decided.agree, decided.present, decided.entitled, decided.recused) == (4, 4, 5, [own.pk])


def test_a_meeting_is_not_before_the_review_nor_a_body_too_small(office, head):
    late = office.ready(fen=200_000, now=NOW)
    assert "会议不会早于那天" in refused(head, typed(office, late, on=str(NOW.date() - timedelta(days=1))))
    sudden = office.asking(600_000, "sudden")
    big = office.ready(office.cast.zhao, fen=600_000, asking=sudden)
    department = [office.head.pk, office.clerk.pk, office.second_clerk.pk]
    data = typed(office, big, body="department", present=department, **{f"fen-{big.pk}": "6000"})
    assert "这次是组织部部务会" in refused(head, data)
    assert "应由党委会研究" in said(head.post(URL, data | {"refresh": "1"}))


def test_nobody_enters_the_decision_on_their_own_application(office, head):
    own = ready_at_direct(office, office.head)
    other = office.ready(office.cast.zhao)
    page = said(head.get(URL))
    assert f"{own.label} 是你本人或由你代填的申请" in page
    assert f"take-{own.pk}" not in page
    data = typed(office, own, other)
    assert "已经不在待研究的申请里" in refused(head, data)
    assert office.fresh(own).state == "decision"


def test_who_voted_or_reviewed_does_not_pay(office, head):
    row = office.ready()
    send(head, typed(office, row))
    hands = dict(Part.objects.filter(application=row).values_list("person", "hand"))
    assert all(hands[each.pk] == "decide" for each in office.board)
    assert hands[office.clerk.pk] == "review"


def test_more_than_is_there_is_refused_as_a_whole(cast, sign_in):
    office = Office(cast, amount=300_000)
    rows = [office.ready(who) for who in (cast.li, cast.zhao)]
    head = sign_in(office.by(office.head))
    page = said(head.post(URL, typed(office, *rows, refresh="1")))
    assert "留存党费 4,000.00（可用 3,000.00" in page
    assert "差 1,000.00" in page
    assert "还不能保存：留存党费" in refused(head, typed(office, *rows))
    assert [office.fresh(row).state for row in rows] == ["decision"] * 2


def test_help_within_the_look_back_asks_the_meeting_for_a_reason(office, head):
    sudden, row = office.ready(asking=office.asking(kind="sudden")), office.ready()
    office.decided(sudden)
    assert "2026-11-23 已获帮扶 2,000.00" in said(head.get(URL))
    answer = send(head, typed(office, row, minutes="22号"))
    assert answer.status_code == 422
    assert "请写明这次为什么例外" in said(answer)
    send(head, typed(office, row, minutes="22号", **{f"reason-{row.pk}": "又住院两次"}))
    row = office.fresh(row)
    assert (row.state, row.taken.last().facts["aside"]) == ("notice", {"look_back": "又住院两次"})


# Twice, and at the same time


def test_a_second_click_is_sent_to_the_same_meeting(office, head):
    row = office.ready()
    data = {"once": once_in(head.get(URL)), **typed(office, row)}
    first, second = head.post(URL, data), head.post(URL, data)
    meeting = Meeting.objects.get()
    assert first.url == f"/fund/meetings/{meeting.pk}/"
    assert second.url == first.url
    assert "刚才已经登记" in said(head.get(second.url))


def test_what_another_decided_meanwhile_is_said_and_the_rest_is_kept(office, head):
    rows = [office.ready(who) for who in (office.cast.li, office.cast.zhao)]
    data = {"once": once_in(head.get(URL)), **typed(office, *rows)}
    office.decided(rows[0], minutes="另一次")
    answer = head.post(URL, data)
    assert answer.status_code == 422
    assert "有 1 件已经不在待研究的申请里" in said(answer)
    assert 'value="云水党纪〔2026〕21号"' in said(answer)
    data.pop(f"take-{rows[0].pk}")
    assert head.post(URL, data).status_code == 302


def test_what_is_typed_waits_as_a_draft(office, head):
    row = office.ready()
    key = f"meeting:f{office.fund.pk}"
    assert f'data-draft="{key}"' in said(head.get(URL))
    data = typed(office, row, **{f"fen-{row.pk}": "1,777", "present": [office.board[0].pk]})
    assert head.post("/drafts/", {**data, "draft": key}).status_code == 204
    page = said(head.get(URL))
    assert 'value="1,777"' in page
    assert "应到 5 人，实到 1 人" in page
    send(head, typed(office, row))
    assert not Draft.objects.exists()


@contextmanager
def two_at_once(monkeypatch, read):
    """Two who decide on the same application at the same moment; what each ended with."""
    office = Office(Cast())
    row = office.ready()
    by = [office.by(office.head), office.by(office.second_clerk)]
    monkeypatch.setattr(deciding, "locked_all", read)
    ended, start = [], Barrier(2)

    def run(place):
        try:
            start.wait(20)
            sitting = office.sitting(minutes=f"第{place}号")
            deciding.decide(by=by[place], sitting=sitting, results=[office.result(row)], now=NOW)
            ended.append(None)
        except Exception as failure:
            ended.append(type(failure))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place,)) for place in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    yield ended


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_reads_who_was_first(monkeypatch):
    with two_at_once(monkeypatch, locked_all) as ended:
        assert sorted(ended, key=str) == [ValidationError, None]
    assert Decision.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_alone_stops_the_second(monkeypatch):
    both = Barrier(2)

    def unlocked(rows):
        found = [Application.objects.select_related("fund", "regulation").get(pk=row.pk) for row in rows]
        both.wait(20)
        return found

    with two_at_once(monkeypatch, unlocked) as ended:
        assert sorted(ended, key=str) == [IntegrityError, None]
    assert Decision.objects.count() == 1


# What is shown


def test_the_page_of_forty_asks_as_little_as_that_of_one(office, head):
    row = office.ready()

    def asked(url) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert head.get(url).status_code == 200
        return len(seen)

    asked(URL)
    few = asked(URL), asked("/fund/meetings/papers/")
    taken = list(Taken.objects.filter(application=row).order_by("pk"))
    for place in range(39):
        copy = Application.objects.get(pk=row.pk)
        copy.pk, copy.number, copy.person = None, 100 + place, member(f"党员{place}", office.cast.branch)
        copy.waiting = None
        copy.save()
        for each in taken:
            each.pk, each.application = None, copy
            each.save()
    assert (asked(URL), asked("/fund/meetings/papers/")) == few
    assert "集体研究：40 件申请" in said(head.get(URL))


def test_a_decision_that_was_touched_is_told(office, head, sign_in):
    (row,) = office.decided(office.ready())
    meeting = Meeting.objects.get()
    url = f"/fund/meetings/{meeting.pk}/"
    assert "校验" not in said(head.get(url))
    Application.objects.filter(pk=row.pk).update(content={**row.content, "reason": "改过"})
    assert "校验" not in said(head.get(url)), "what is changed afterwards touches no decision"
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.update(fen=1)
    with connection.cursor() as cursor:  # as who owns the database could
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in lifting_applications(connection.vendor):
            cursor.execute(statement)
        Decision.objects.update(fen=900_000)
        for statement in guarding_applications(connection.vendor):
            cursor.execute(statement)
    page = said(head.get(url))
    assert "校验不符" in page
    assert "先不要据此发放" in page


def test_who_reads_the_meeting_and_who_its_reasons(office, head, sign_in):
    row = office.ready()
    data = typed(office, row) | {
        f"outcome-{row.pk}": "refused", f"reason-{row.pk}": "有两处房产", f"agree-{row.pk}": "0",
        f"against-{row.pk}": "5",
    }  # fmt: skip
    send(head, data)
    url = f"/fund/meetings/{Meeting.objects.get().pk}/"
    cashier, inspector = sign_in(office.by(office.cashier)), office.cast.sun
    post(inspector, office.cast.committee, Role.INSPECTOR)
    for reader in (cashier, sign_in(account(inspector))):
        page = said(reader.get(url))
        assert "李建国" in page
        assert "有两处房产" not in page
        assert "有两处房产" not in said(reader.get(f"{url}print/"))
        assert reader.get(URL).status_code == 403
        assert reader.get("/fund/meetings/papers/").status_code == 403
    assert "有两处房产" in said(head.get(f"{url}print/"))
    outsider = sign_in(account(office.cast.outsider))
    assert outsider.get(url).status_code == 404
    assert sign_in(office.by(office.cast.li)).get("/fund/meetings/").status_code == 403


def test_papers_tell_the_reasons_and_are_audited(office, head):
    office.ready()
    page = said(head.get("/fund/meetings/papers/"))
    assert "配偶长期住院" in page
    assert "6217" not in page, "accounts are nobody's matter in a meeting"
    assert AuditRow.objects.filter(act="print", subject=f"fund:{office.fund.pk}").exists()

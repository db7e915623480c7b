"""The list of applications and the page on which they are reviewed, as each office reads and uses them."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.models import AuditRow
from base.money import Source
from duties.engine.models import Action
from fund.applying import paying
from fund.applying.steps import take_step
from fund.models import Taken
from fund.regulation.steps import Move, Stage
from members.enums import CategoryKind, Role
from members.models import Post
from tests.duties.acts import die
from tests.fund.money import NOW
from tests.fund.office import Office, later
from tests.visits.campaigns import belongs
from tests.world import member, post
from visits.models import Campaign, Candidate
from visits.visiting import Seen, record_visit

pytestmark = pytest.mark.django_db
LIST = "/fund/applications/"


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def browse(office, sign_in):
    """A browser for somebody of the cast."""
    return lambda someone: sign_in(office.by(someone))


def page(row) -> str:
    return f"{LIST}{row.pk}/"


def step(row) -> str:
    return f"{page(row)}steps/"


def sent(row, **more) -> dict:
    return {"act": "review", "serial": row.serial, "step": row.state, "move": "pass", "fen": "2000", **more}


def voted(row, **more) -> dict:
    vote = {"body": "branch_committee", "met_on": "2026-11-23", "entitled": "5", "present": "5", "agree": "5"}
    return sent(row, **(vote | more))


def waiting_for_department(office, who=None, **more):
    row = office.reviewed(office.submitted(who, **more), office.cast.secretary)
    return office.reviewed(row, office.cast.general_secretary)


# Who sees what


def test_the_list_shows_first_what_waits_for_one(office, browse, cast):
    row = office.submitted(cast.li)
    secretary = browse(cast.secretary).get(LIST)
    assert secretary.context["tab"] == "mine"
    assert [each["application"] for each in secretary.context["rows"]] == [row]
    assert "待支部审核" in secretary.content.decode()
    other = browse(cast.general_secretary).get(LIST)
    assert other.context["tab"] == "running"
    assert dict((code, count) for code, _label, count in other.context["tabs"]) == {
        "mine": 0, "running": 1, "ended": 0, "all": 1,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["sibling_secretary", "direct_secretary", "outsider"])
def test_a_branch_beside_it_does_not_know_of_it(office, browse, cast, who):
    row = office.submitted(cast.li)
    client = browse(getattr(cast, who))
    assert client.get(page(row)).status_code == 404
    assert client.post(step(row), sent(row)).status_code == 404
    assert not client.get(f"{LIST}?tab=all").context["rows"]


def test_who_handles_it_reads_the_reason_and_leaves_a_trace(office, browse, cast):
    row = office.submitted(cast.li)
    for who in (cast.secretary, cast.commissioner, cast.general_secretary, cast.clerk, cast.committee_secretary):
        before = AuditRow.objects.filter(act="read", subject=f"application:{row.pk}").count()
        body = browse(who).get(page(row)).content.decode()
        assert "配偶长期住院" in body
        assert "人均月收入" in body
        assert "6217 **** **** 8901" in body
        assert "6217000012345678901" not in body
        assert AuditRow.objects.filter(act="read", subject=f"application:{row.pk}").count() == before + 1


def test_an_inspector_and_a_cashier_read_what_was_decided_and_not_why(office, browse, cast):
    inspector = member("检查", cast.other_branch)
    post(inspector, cast.committee, Role.INSPECTOR)
    row = office.passed(cast.li)
    for who in (inspector, office.cashier):
        body = browse(who).get(page(row)).content.decode()
        assert "核定金额" in body
        for hidden in ("配偶长期住院", "人均月收入", "6217", "情况属实"):
            assert hidden not in body
    assert "生活困难" not in browse(office.cashier).get(page(row)).content.decode()
    assert "生活困难" in browse(inspector).get(page(row)).content.decode()
    assert "生活困难" not in browse(office.cashier).get(f"{LIST}?tab=all").content.decode().split("<table")[1]


def test_a_sanction_is_told_to_those_who_may_know_and_to_nobody_else(office, browse, cast):
    belongs(cast.li, CategoryKind.DISCIPLINED, since=date(2026, 6, 1))
    row = office.submitted(cast.li)
    words = "在处分影响期内"
    flagged = {who: words in flags(browse(who).get(page(row))) for who in (cast.secretary, cast.commissioner)}
    assert flagged == {cast.secretary: True, cast.commissioner: False}
    refused = browse(cast.commissioner).post(step(row), voted(row))
    assert refused.status_code == 422
    assert words not in refused.context["forms"]["review"].errors.as_text()
    assert "须由书记或组织部看的情形" in refused.content.decode()
    said = browse(cast.secretary).post(step(row), voted(row)).context["forms"]["review"].errors["aside"]
    assert words in said[0]


def flags(response) -> str:
    return "".join(words for _kind, words, _url in response.context["flags"])


def test_somebody_out_of_view_with_the_same_account_is_not_named(office, browse, cast):
    row = office.submitted(cast.li)
    office.submitted(cast.sun, by=cast.sibling_secretary)
    assert "你看不到的另一件" in flags(browse(cast.secretary).get(page(row)))
    assert cast.sun.name not in browse(cast.secretary).get(page(row)).content.decode()
    assert cast.sun.name in flags(browse(cast.clerk).get(page(row)))


def test_money_of_visits_and_a_running_campaign_stand_beside_it(office, browse, cast):
    visit = {"action": Action.VISIT, "member": cast.li, "people": [cast.secretary], "today": NOW.date()}
    for on, money in ((date(2026, 6, 28), 50_000), (date(2024, 6, 28), 70_000)):
        seen = Seen(how="home", met="member", money=money, source=Source.DUES, occasion="july", text="看望")
        record_visit(by=office.by(cast.secretary), on=on, seen=seen, **visit)
    belongs(cast.li)
    campaign = Campaign.objects.create(
        organisation=cast.committee, occasion="spring", year=2027, day=date(2027, 2, 6), deliver_by=date(2027, 2, 5),
        stage=Campaign.Stage.CONFIRMING, entered_on=NOW.date(),
    )  # fmt: skip
    Candidate.objects.create(
        campaign=campaign, person=cast.li, organisation=cast.branch, path=cast.branch.path, fen=80_000
    )
    row = office.submitted(cast.li)
    shown = browse(cast.secretary).get(page(row))
    assert [(each.on, each.words, each.fen) for each in shown.context["given"]] == [
        (date(2026, 6, 28), "七一走访慰问", 50_000)
    ]
    assert shown.context["sum"] == 50_000
    assert f"/campaigns/{campaign.pk}/" in shown.content.decode()
    own = browse(cast.li).get(page(row))
    assert (own.context["given"], own.context["lists"], own.context["flags"]) == (None, [], [])


# Acting


def test_a_review_is_one_field_and_the_next_opens(office, browse, cast):
    first, second = waiting_for_department(office, cast.li), waiting_for_department(office, cast.zhao)
    client = browse(cast.clerk)
    shown = client.get(page(first))
    assert (shown.context["place"].number, shown.context["place"].of) == (1, 2)
    assert shown.context["forms"]["review"]["fen"].value() == "2000.00"
    answer = client.post(step(first), sent(first, opinion="材料齐全。"))
    assert (answer.status_code, answer.url) == (302, page(second))
    assert office.fresh(first).state == "decision"
    assert client.post(step(second), sent(second)).url == LIST


def test_a_branch_reviews_by_its_meeting(office, browse, cast):
    row, client = office.submitted(cast.li), browse(cast.secretary)
    wrong = client.post(step(row), voted(row, present="9"))
    assert "多于应到 5 人" in wrong.content.decode()
    few = client.post(step(row), sent(row))
    assert few.status_code == 422
    assert {"entitled", "present", "agree", "body", "met_on"} <= set(few.context["forms"]["review"].errors)
    late = client.post(step(row), voted(row, met_on="2026-11-24", opinion="情况属实"))
    assert "晚于今天" in late.content.decode()
    assert "情况属实" in late.content.decode()
    assert client.post(step(row), voted(row, against="0", minutes="〔2026〕7号")).status_code == 302
    row = office.fresh(row)
    assert row.state == "general-review"
    shown = client.get(page(row)).content.decode()
    assert "支部委员会应到 5 实到 5，同意 5" in shown
    assert "在等周启明（书记）办“总支审核”" in shown


@pytest.mark.parametrize(("move", "after"), [("return", Stage.RETURNED), ("refuse", Stage.REFUSED)])
def test_sent_back_or_refused_it_needs_the_reason_that_the_applicant_reads(office, browse, cast, move, after):
    row = waiting_for_department(office, cast.li)
    client = browse(cast.clerk)
    bare = client.post(step(row), sent(row, move=move))
    assert (bare.status_code, "请写明理由" in bare.content.decode()) == (422, True)
    assert client.post(step(row), sent(row, move=move, opinion="请补住院单据。")).status_code == 302
    assert office.fresh(row).state == after
    own = browse(cast.li).get(page(row)).content.decode()
    assert "请补住院单据。" in own
    assert "情况属实。" not in own


def test_who_took_an_earlier_step_reads_that_somebody_else_has_to(office, browse, cast):
    post(cast.secretary, cast.general, Role.ORGANISATION_COMMISSIONER)
    row = office.reviewed(office.submitted(cast.li), cast.secretary)
    client = browse(cast.secretary)
    assert "你办过“支部审核”，这一步须由别人办。" in client.get(page(row)).content.decode()
    assert client.post(step(row), sent(row)).status_code == 403
    assert office.fresh(row).serial == row.serial


def test_a_role_that_ended_meanwhile_ends_the_turn(office, browse, cast):
    """B13."""
    row = waiting_for_department(office, cast.li)
    client = browse(cast.clerk)
    assert client.get(page(row)).context["forms"]
    Post.objects.filter(person=cast.clerk).update(until=NOW.date())
    post(cast.clerk, cast.committee, Role.SECRETARY)
    assert client.post(step(row), sent(row)).status_code == 403
    Post.objects.filter(person=cast.clerk).update(until=NOW.date())
    assert client.post(step(row), sent(row)).status_code == 404
    assert Taken.objects.filter(application=row).count() == row.serial


def test_the_page_of_before_is_refused_and_keeps_what_was_typed(office, browse, cast):
    row = waiting_for_department(office, cast.li)
    office.reviewed(row, office.second_clerk)
    stale = browse(cast.clerk).post(step(row), sent(row, fen="1234.50", opinion="我写的意见"))
    body = stale.content.decode()
    assert stale.status_code == 422
    assert f"{row.label} 刚由苏文办过“组织部复核”，现在是“待集体研究”。请看过再办。" in body
    assert "我写的意见" in body
    assert "1234.50" in body
    assert "不能再提交" in body


def test_a_page_of_before_can_be_sent_again_after_reading(office, browse, cast):
    row = waiting_for_department(office, cast.li)
    seen = row.serial
    Taken.objects.create(
        application=row, serial=seen + 1, round=1, step="x", title="补正", move="pass", before=row.state,
        after=row.state, on=NOW.date(), at=NOW,
    )  # fmt: skip
    row.serial += 1
    row.save(update_fields=["serial"])
    client = browse(cast.clerk)
    body = client.post(step(row), sent(row) | {"serial": seen, "opinion": "我写的"}).content.decode()
    assert "请看过再办" in body
    assert f'name="serial" value="{seen + 1}"' in body
    assert client.post(step(row), sent(row)).status_code == 302


def test_two_clicks_are_one_review(office, browse, cast):
    row, client = waiting_for_department(office, cast.li), browse(cast.clerk)
    for _click in range(2):
        assert client.post(step(row), sent(row, once="the-same-key")).status_code == 302
    assert Taken.objects.filter(application=row, step="department-review").count() == 1


def test_help_within_the_look_back_asks_for_a_reason(office, browse, cast):
    paid = office.passed(cast.li)
    payment = office.paid(paid)
    paying.receive(by=office.by(office.cashier), payment=payment, on=later(11).date(), now=later(11))
    paid = office.fresh(paid)
    take_step(by=office.by(cast.secretary), application=paid, move=Move.PASS, now=later(20), serial=paid.serial)
    with time_machine.travel(later(30), tick=False):
        again = office.submitted(cast.li, now=later(30))
        client = browse(cast.secretary)
        shown = client.get(page(again))
        assert shown.context["needs_reason"]
        assert f"/fund/applications/{paid.pk}/" in shown.content.decode()
        bare = client.post(step(again), voted(again, met_on="2026-12-23"))
        assert "写明这次为什么例外" in str(bare.context["forms"]["review"].errors["aside"])
        answer = client.post(step(again), voted(again, met_on="2026-12-23", aside="再次住院。"))
        assert answer.status_code == 302
        assert "例外理由：再次住院。" in browse(cast.general_secretary).get(page(again)).content.decode()


def test_a_return_visit_closes_it(office, browse, cast):
    row = office.passed(cast.li)
    payment = office.paid(row)
    paying.receive(by=office.by(office.cashier), payment=payment, on=later(11).date(), now=later(11))
    with time_machine.travel(later(20), tick=False):
        client, row = browse(cast.secretary), office.fresh(row)
        data = {"act": "visit", "serial": row.serial, "step": row.state, "on": later(20).date().isoformat()}
        assert "请写回访看到的情况" in client.post(step(row), data).content.decode()
        early = client.post(step(row), data | {"on": "2026-11-01", "opinion": "已用于住院。"})
        assert "这一步不会早于那天" in early.content.decode()
        assert client.post(step(row), data | {"opinion": "已用于住院。"}).status_code == 302
        assert office.fresh(row).state == Stage.CLOSED


def test_an_application_of_somebody_who_died_is_ended(office, browse, cast):
    row = waiting_for_department(office, cast.li)
    die(cast.li, NOW.date())
    client = browse(cast.clerk)
    assert list(client.get(page(row)).context["forms"]) == ["death"]
    answer = client.post(step(row), {"act": "death", "serial": row.serial})
    assert answer.status_code == 302
    assert office.fresh(row).state == Stage.DIED


# Several at once


def test_several_are_passed_and_those_that_want_a_reason_stay(office, browse, cast):
    plain, barred = waiting_for_department(office, cast.li), waiting_for_department(office, cast.zhao)
    belongs(cast.zhao, CategoryKind.DISCIPLINED, since=date(2026, 6, 1))
    client = browse(cast.clerk)
    shown = client.get(LIST).content.decode()
    for row in (plain, barred):
        assert f'value="{row.pk}-{row.serial}"' in shown
    ticked = [f"{row.pk}-{row.serial}" for row in (plain, barred)]
    answer = client.post(f"{LIST}pass/", {"row": ticked, "once": "bulk"}, follow=True)
    assert (office.fresh(plain).state, office.fresh(barred).state) == ("decision", "department-review")
    assert office.fresh(plain).taken.order_by("serial").last().fen == 200_000
    body = answer.content.decode()
    assert f"已通过 1 件：{plain.label}" in body
    assert f"{barred.label}：在处分影响期内，按办法不予帮扶" in body
    client.post(f"{LIST}pass/", {"row": ticked, "once": "bulk"})
    assert office.fresh(barred).serial == barred.serial


def test_of_a_mixed_selection_nothing_is_passed(office, browse, cast):
    row, hidden = office.reviewed(office.submitted(cast.li), cast.secretary), office.submitted(cast.direct_secretary)
    client = browse(cast.general_secretary)
    ticked = [f"{row.pk}-{row.serial}", f"{hidden.pk}-{hidden.serial}"]
    assert client.post(f"{LIST}pass/", {"row": ticked}).status_code == 404
    assert office.fresh(row).state == "general-review"
    assert client.post(f"{LIST}pass/", {"row": ticked[:1]}).status_code == 302
    assert office.fresh(row).state == "department-review"
    assert browse(office.cashier).post(f"{LIST}pass/", {"row": ticked[:1]}).status_code == 403


# The sealed values


def test_the_account_is_opened_by_a_logged_act(office, browse, cast):
    row = office.submitted(cast.li)
    client = browse(cast.secretary)
    where = f"{page(row)}reveal/"
    assert "6217000012345678901" not in client.get(where, {"field": "account"}).content.decode()
    opened = client.post(where, {"field": "account", "reason": "other", "other": "核对账号"})
    assert "6217000012345678901" in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    audited = AuditRow.objects.get(act="reveal", subject=f"application:{row.pk}")
    assert (audited.reason, "6217" in str(audited.detail)) == ("核对账号", False)
    assert browse(cast.commissioner).get(where, {"field": "account"}).status_code == 403
    assert browse(office.cashier).get(where, {"field": "account"}).status_code == 403
    assert client.get(where, {"field": "reason"}).status_code == 404


# The list


def test_the_list_is_narrowed_and_paged(office, browse, cast):
    first = office.submitted(cast.li)
    second = office.submitted(cast.sun, by=cast.sibling_secretary)
    office.drafted(cast.zhao)
    client = browse(cast.clerk)

    def found(**query):
        return [each["application"].pk for each in client.get(LIST, {"tab": "all", **query}).context["rows"]]

    assert found() == [second.pk, first.pk]
    assert found(q=first.label) == found(q="1") == found(q="李建国") == [first.pk]
    assert found(organisation=cast.sibling.pk) == [second.pk]
    assert found(state="branch-review") == [second.pk, first.pk]
    assert found(state="payment") == found(year="2025") == found(kind="illness") == []
    assert found(year="2026", kind="hardship") == [second.pk, first.pk]
    assert found(tab="ended") == []
    for number in range(26):
        office.submitted(member(f"人{number:02}", cast.branch))
    page_one = client.get(LIST, {"tab": "running"})
    assert len(page_one.context["rows"]) == 25
    rest = client.get(LIST, {"tab": "running", "after": page_one.context["after"]})
    assert [each["application"].pk for each in rest.context["rows"]][1:] == [second.pk, first.pk]
    mine = browse(cast.secretary).get(LIST)
    more = browse(cast.secretary).get(LIST, {"after": mine.context["after"]})
    assert len(mine.context["rows"]) + len(more.context["rows"]) == 27
    assert client.get(LIST, {"after": "nonsense"}).status_code == 200


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_neither_the_list_nor_the_page_asks_more_for_more(office, browse, cast):
    row, client = waiting_for_department(office, cast.li), browse(cast.clerk)
    waiting_for_department(office, cast.zhao)
    before = {url: queries_of(client, url) for url in (LIST, f"{LIST}?tab=all", page(row))}
    for number in range(6):
        waiting_for_department(office, member(f"人{number}", cast.branch))
    after = {url: queries_of(client, url) for url in before}
    assert after == before

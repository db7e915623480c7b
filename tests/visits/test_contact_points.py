"""Leaders' contact points: the year's table, entering what is missing, giving and ending one. Today is 2026-11-23."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from base.dates import FAR
from base.models import AuditRow
from duties.deeds import record_deed
from duties.engine.models import Duty, State
from members.enums import Role
from tests.duties.acts import once_in, sweep_on
from tests.duties.rules import a_rule
from tests.world import account, member, post
from visits.contact_points import begin_contact_point, end_contact_point, offered
from visits.models import ContactPoint

TODAY = date(2026, 11, 23)
PAGE, NEW = "/contact-points/", "/contact-points/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def begin(cast, leader=None, place=None, **more):
    given = {"leader": leader or cast.committee_secretary, "organisation": place or cast.branch}
    return begin_contact_point(by=None, **given, **{"since": date(2026, 3, 1), "today": TODAY, **more})


def did(leader, action, place, on):
    record_deed(by=None, action=action, organisation=place, on=on, people=[leader], note="办了", today=TODAY)


def rows(page) -> list[str]:
    """The rows of the table in words, without spaces."""
    body = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return ["".join(strip_tags(row).split()) for row in body.split("</tr>")[:-1]]


def test_the_year_s_three_facts_are_told_by_day_and_what_is_missing_plainly(cast, clerk):
    begin(cast)
    begin(cast, place=cast.sibling)
    did(cast.committee_secretary, "branch_life", cast.direct, date(2026, 3, 20))
    did(cast.committee_secretary, "lecture", cast.branch, date(2026, 7, 8))
    did(cast.committee_secretary, "lecture", cast.committee, date(2026, 7, 1))
    did(cast.committee_secretary, "research", cast.committee, date(2025, 10, 15))
    page = clerk.get(PAGE)
    assert "现有联系点 2 个，其中 2 个还有没办的事" in page.content.decode()
    branch, sibling = rows(page)
    leader = "高远云河水文局党委书记"
    done = "参加支部活动：03-20登记到联系点讲党课：07-08登记"
    assert branch.startswith(f"{leader}河源第一党支部2026-03-01起{done}")
    assert "到联系点讲党课：还没有登记调研报告：还没有登记" in sibling
    assert rows(clerk.get(f"{PAGE}?year=2025")) == []


def test_what_is_missing_is_entered_from_there_and_closes_the_leader_s_duty(cast, clerk):
    """The policy asks each leader of the committee for a lesson a year."""
    rule = a_rule(
        cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "actor"}, action="lecture",
        target=[{"condition": "post", "roles": ["secretary"], "at": ["committee"]}],
    )  # fmt: skip
    sweep_on(TODAY)
    begin(cast)
    link = re.search(r'href="(/deeds/new/\?[^"]*lecture[^"]*)"', clerk.get(PAGE).content.decode())[1]
    link = link.replace("&amp;", "&")
    page = clerk.get(link)
    form = page.context["form"]
    assert (form["action"].value(), form["people"].value()) == ("lecture", [str(cast.committee_secretary.pk)])
    sent = {name: form[name].value() for name in ("organisation", "action", "people")}
    saved = clerk.post(link, sent | {"once": once_in(page), "on": "2026-11-20", "note": "讲党课"}, follow=True)
    assert "办结 1 件应办" in saved.content.decode()
    assert Duty.objects.get(rule=rule).state == State.DONE
    assert "到联系点讲党课：11-20" in rows(clerk.get(PAGE))[0]


def test_one_is_given_ended_and_taken_back_on_the_page(cast, clerk):
    assert "先选哪个党组织是联系点。" in clerk.get(NEW).content.decode()
    page = clerk.get(NEW, {"organisation": cast.branch.pk})
    assert "周启明（河源局党总支书记）" in page.content.decode()
    sent = {"once": once_in(page), "organisation": cast.branch.pk, "leader": cast.general_secretary.pk}
    refused = clerk.post(NEW, sent | {"since": "2026-12-01"})
    assert refused.status_code == 422
    assert "开始日期 2026-12-01 晚于今天" in refused.content.decode()
    nobody = clerk.post(NEW, sent | {"since": "2026-11-01", "leader": cast.li.pk}).content.decode()
    assert "请从列表里选一位" in nobody
    said = clerk.post(NEW, sent | {"since": "2026-11-01"}, follow=True).content.decode()
    assert "河源第一党支部自 2026-11-01 起是周启明的联系点。" in said
    point = ContactPoint.objects.get()
    own = f"{PAGE}{point.pk}/"
    early = clerk.post(own, {"act": "end", "once": "e1", "last": "2026-10-01"})
    assert (early.status_code, point.until) == (422, FAR)
    clerk.post(own, {"act": "end", "once": "e2", "last": "2026-11-20"})
    (row,) = rows(clerk.get(PAGE))
    assert "到2026-11-20结束" in row
    assert "还没有" not in row
    assert "forms.end" not in clerk.get(own).content.decode()
    clerk.post(own, {"act": "withdraw", "once": "w1", "reason": "登错了人"})
    assert not ContactPoint.objects.exists()
    kept = AuditRow.objects.get(act="withdraw")
    assert (kept.subject, kept.reason, kept.detail["person"]) == (
        f"contact_point:{point.pk}", "登错了人", cast.general_secretary.pk,
    )  # fmt: skip


def test_only_leaders_from_above_have_contact_points_and_each_once(cast):
    below = member("钱守义", cast.branch)
    post(below, cast.branch, Role.DEPUTY_SECRETARY)
    past = member("孔明远", cast.direct)
    post(past, cast.committee, Role.DEPUTY_SECRETARY, since=date(2020, 1, 1), until=date(2026, 2, 1))
    assert cast.secretary not in offered(cast.branch, TODAY)
    for who in (below, past, cast.sibling_secretary):
        with pytest.raises(ValidationError, match="没有在河源第一党支部的上级党组织任职"):
            begin(cast, who)
    point = begin(cast)
    with pytest.raises(ValidationError, match="自 2026-03-01 起已是高远的联系点"):
        begin(cast, since=date(2026, 8, 1))
    end_contact_point(by=None, point=point, last=date(2026, 6, 30), today=TODAY)
    begin(cast, since=date(2026, 7, 1))
    assert ContactPoint.objects.count() == 2
    with pytest.raises(ValidationError, match="已于 2026-06-30 结束"):
        end_contact_point(by=None, point=point, last=TODAY, today=TODAY)


def test_who_may_see_and_who_may_change(cast, sign_in):
    point = begin(cast)
    did(cast.committee_secretary, "research", cast.committee, date(2026, 10, 15))
    own = sign_in(account(cast.secretary))
    (row,) = rows(own.get(PAGE))
    assert "调研报告：10-15" in row
    assert "/deeds/" not in re.sub(r"/deeds/new/\S+", "", own.get(PAGE).content.decode().partition("<tbody>")[2])
    assert own.get(f"{PAGE}{point.pk}/").status_code == 200
    leader = sign_in(account(cast.committee_secretary))
    assert len(rows(leader.get(PAGE))) == 1
    stranger = sign_in(account(cast.sibling_secretary))
    assert rows(stranger.get(PAGE)) == []
    assert stranger.get(f"{PAGE}{point.pk}/").status_code == 404
    commissioner = member("白川", cast.branch)
    post(commissioner, cast.branch, Role.GROUP_LEADER)
    assert sign_in(account(commissioner)).get(f"{PAGE}{point.pk}/").status_code == 403


def test_forty_contact_points_cost_what_one_costs(cast, clerk):
    begin(cast)
    did(cast.committee_secretary, "lecture", cast.branch, date(2026, 7, 8))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            clerk.get(PAGE)
        return len(queries)

    asked()
    few = asked()
    ContactPoint.objects.bulk_create(
        ContactPoint(leader=leader, organisation=place, since=date(2026, 3, 1))
        for leader in (cast.general_secretary, cast.secretary, cast.direct_secretary, cast.li)
        for place in (cast.branch, cast.sibling, cast.direct, cast.general)
    )
    assert asked() == few

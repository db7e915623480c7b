"""Pages of honours: granting, correcting, revoking, who sees what, treatment and hardship. Today is 2026-11-23."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.honourees import SOURCE
from awards.honours import Granted, Merit, change_honour, grant_honour, restore_honour, revoke_honour
from awards.models import Honour, HonourKind, Level
from base.dates import FAR
from base.models import AuditRow
from duties.engine.models import Deed, Duty, Record, State
from members.bonds import begin_category
from members.enums import CategoryKind, EventKind, Role, TieKind
from members.models import Account, Category, Event, Tie
from members.services import register_event
from tests.awards.selections import MEMBER, awarded
from tests.duties.acts import adopt_pack, happen, once_in, sweep_on
from tests.world import account, member, person, post
from visits.upward import way_of

TODAY = date(2026, 11, 23)
LIST, NEW = "/honours/", "/honours/new/"
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def given(**more) -> Granted:
    words = {"kind": HonourKind.PARTY, "title": "优秀共产党员", "level": Level.UNIT, "granted_by": "局党委",
             "granted_on": date(2026, 6, 28), **more}  # fmt: skip
    return Granted(**words)


def grant(someone, **more) -> Honour:
    return grant_honour(by=None, given=given(**more), today=TODAY, person=someone)


def filled(client, url, **more) -> dict:
    page = client.get(url)
    assert page.status_code == 200, page.content.decode()[:500]
    return {"once": once_in(page), "kind": "party", "title": "优秀共产党员", "level": "province", "granted_by": "省委",
            "granted_on": "2026-06-28", **more}  # fmt: skip


def said(answer) -> str:
    return answer.content.decode()


def test_one_is_granted_read_printed_corrected_revoked_restored_and_taken_back(cast, secretary):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    assert "先选是谁的荣誉" in said(secretary.get(NEW))
    url = f"{NEW}?member={cast.li.pk}"
    sent = filled(secretary, url, granted_on="2026-11-20", document="豫组〔2026〕3号", grantor=cast.committee.pk)
    page = said(secretary.post(url, sent, follow=True))
    assert "已登记，生成" in page
    honour = Honour.objects.get()
    own = f"{LIST}{honour.pk}/"
    assert "豫组〔2026〕3号" in page
    assert "省委（云河水文局党委）" in page
    assert "荣誉表彰登记表" in said(secretary.get(f"{own}print/"))
    assert f'href="{own}"' in said(secretary.get(f"/members/{cast.li.pk}/"))
    wrong = filled(secretary, f"{own}change/", title="优秀党务工作者", version=1, granted_on="2026-11-19")
    assert "已改正" in said(secretary.post(f"{own}change/", wrong, follow=True))
    stale = filled(secretary, f"{own}change/", title="又改", version=1)
    refused = secretary.post(f"{own}change/", stale)
    assert (refused.status_code, "刚被别人改过" in said(refused)) == (422, True)
    assert {row.grade for row in Category.objects.filter(person=cast.li)} == {"省部级", "优秀党务工作者"}
    assert list(Event.objects.standing().values_list("occurred_on", flat=True)) == [date(2026, 11, 19)]
    sent = {"once": once_in(secretary.get(f"{own}revoke/")), "on": "2026-11-21", "reason": ""}
    assert "请写撤销的依据" in said(secretary.post(f"{own}revoke/", sent))
    assert "依据：豫组〔2026〕9号" in said(
        secretary.post(f"{own}revoke/", sent | {"reason": "豫组〔2026〕9号"}, follow=True)
    )
    assert {row.until for row in Category.objects.filter(person=cast.li)} == {date(2026, 11, 21)}
    again = {"once": once_in(secretary.get(f"{own}restore/")), "reason": "登错了人"}
    assert "已恢复" in said(secretary.post(f"{own}restore/", again, follow=True))
    assert {row.until for row in Category.objects.filter(person=cast.li)} == {FAR}
    gone = {"once": once_in(secretary.get(f"{own}withdraw/")), "reason": "填错了人"}
    assert "已于 2026-11-23 撤回：填错了人" in said(secretary.post(f"{own}withdraw/", gone, follow=True))
    assert not Category.objects.filter(person=cast.li).exists()
    assert not Tie.objects.exists()
    acts = AuditRow.objects.filter(subject=f"honour:{honour.pk}").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["write", "edit", "edit", "edit", "withdraw"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": ""}, "请选是哪一种荣誉。"),
        ({"title": " "}, "请写荣誉名称。"),
        ({"level": "galaxy"}, "请选是哪一级授予的。"),
        ({"granted_by": ""}, "请写授予单位。"),
        ({"granted_on": "2026-11-24"}, "授予了再登记"),
        ({"granted_on": "1990-01-01"}, "才入党"),
        ({"granted_on": "何时"}, "写法不对"),
        ({"grantor": "987654"}, "请从列表里选授予的党组织"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_typed_is_lost(cast, secretary, changed, says):
    url = f"{NEW}?member={cast.li.pk}"
    answer = secretary.post(url, filled(secretary, url, evidence="金丝雀", **changed))
    assert (answer.status_code, says in said(answer), "金丝雀" in said(answer)) == (422, True, True)
    assert not Honour.objects.exists()


def test_a_double_click_grants_one_and_the_same_one_twice_is_refused(cast, secretary):
    url = f"{NEW}?member={cast.li.pk}"
    sent = filled(secretary, url)
    first, second = secretary.post(url, sent).url, secretary.post(url, sent).url
    assert first == second
    refused = secretary.post(url, filled(secretary, url))
    assert (refused.status_code, "没有再记一条" in said(refused)) == (422, True)
    assert Honour.objects.count() == 1


def test_the_print_is_a_page_of_a4_and_unseen_characters_are_not_kept(cast, secretary):
    url = f"{NEW}?member={cast.li.pk}"
    secretary.post(url, filled(secretary, url, title="优秀\u202e共产\x07党员\u200b", granted_by="\ufeff省委"))
    honour = Honour.objects.get()
    assert (honour.title, honour.granted_by) == ("优秀共产党员", "省委")
    assert 'class="app app-upright"' in said(secretary.get(f"{LIST}{honour.pk}/print/"))


def test_an_organisation_is_honoured_too(cast, secretary):
    url = f"{NEW}?organisation={cast.branch.pk}"
    secretary.post(url, filled(secretary, url, title="先进基层党组织"))
    honour = Honour.objects.get()
    assert (honour.person, honour.organisation) == (None, cast.branch)
    assert "河源第一党支部" in said(secretary.get(f"{LIST}?of=places"))
    assert "先进基层党组织" not in said(secretary.get(f"{LIST}?of=people"))


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", {"甲", "乙", "丙"}), ("kind=talent", {"乙"}), ("level=province", {"甲"}), ("year=2025", {"乙"}),
        ("state=held", {"甲", "乙"}), ("state=revoked", {"丙"}), ("q=赵", {"乙"}), ("year=abcd", {"甲", "乙", "丙"}),
        ("kind=none", {"甲", "乙", "丙"}),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(cast, secretary, query, there):
    grant(cast.li, title="称号甲", level=Level.PROVINCE)
    grant(cast.zhao, title="称号乙", kind=HonourKind.TALENT, granted_on=date(2025, 6, 28))
    revoked = grant(cast.li, title="称号丙")
    revoke_honour(by=None, honour=revoked, on=date(2026, 9, 1), reason="文件", today=TODAY)
    page = said(secretary.get(f"{LIST}?{query}"))
    assert {name for name in "甲乙丙" if f"称号{name}" in page} == there


def test_out_of_scope_is_not_there_and_ones_own_is_read_and_not_changed(cast, sign_in):
    honour, own = grant(cast.li), grant(cast.secretary)
    urls = [f"{LIST}{honour.pk}/{page}" for page in ("", "print/", "change/", "revoke/", "restore/", "withdraw/")]
    for stranger in (cast.outsider, cast.sibling_secretary, cast.zhao):
        client = sign_in(account(stranger))
        assert {client.get(url).status_code for url in urls} == {404}, stranger
        assert {client.post(url).status_code for url in urls[2:]} == {404}
    li = sign_in(account(cast.li))
    assert [li.get(url).status_code for url in urls] == [200, 200, 403, 403, 403, 403]
    assert "优秀共产党员" in said(li.get("/me/"))
    assert "我的荣誉" in said(li.get(f"/members/{cast.li.pk}/honours/"))
    assert li.get(f"/members/{cast.zhao.pk}/honours/").status_code == 404
    secretary = sign_in(account(cast.secretary, "wang"))
    assert secretary.get(f"{LIST}{own.pk}/change/").status_code == 403
    assert secretary.get(f"{NEW}?member={cast.secretary.pk}").status_code == 403
    inspector = person("郑督查")
    post(inspector, cast.committee, Role.INSPECTOR)
    client = sign_in(account(inspector))
    assert [client.get(url).status_code for url in urls[:3]] == [200, 200, 403]
    assert client.get(NEW).status_code == 403


def test_an_event_entered_by_hand_leads_to_the_form_until_there_is_an_honour(cast, secretary):
    event = happen(cast.li, EventKind.HONOUR, date(2026, 11, 10))
    page = said(secretary.get(f"/members/{cast.li.pk}/"))
    assert f'href="{NEW}?event={event.pk}"' in page
    form = secretary.get(f"{NEW}?event={event.pk}").context["form"]
    assert (form["granted_on"].value(), form["kind"].value()) == (date(2026, 11, 10), "party")
    url = f"{NEW}?event={event.pk}"
    secretary.post(url, filled(secretary, url, granted_on="2026-11-10"))
    assert Honour.objects.get().event == event
    assert Event.objects.count() == 1
    assert f"event={event.pk}" not in said(secretary.get(f"/members/{cast.li.pk}/"))
    tendency = happen(cast.li, EventKind.TENDENCY, date(2026, 11, 1))
    assert secretary.get(f"{NEW}?event={tendency.pk}").status_code == 404


def test_granting_for_merit_closes_the_duty_of_commending_in_one_go(cast, secretary):
    """What the policy asks after an event of merit (M04) leads to the form; the fact is typed once."""
    adopt_pack(cast.committee)
    event = happen(cast.li, EventKind.MERIT, date(2026, 11, 10))
    sweep_on(TODAY)
    duty = Duty.objects.get(rule__code="timely-commendation")
    assert f"{NEW}?duty=" in said(secretary.get("/duties/"))
    url = f"{NEW}?duty={duty.rule_id}:{duty.key}"
    form = secretary.get(url).context["form"]
    assert (form["kind"].value(), form["merit"].value()) == ("timely", event.pk)
    sent = filled(secretary, url, kind="timely", merit=event.pk, granted_on="2026-11-18", title="抗洪抢险突出")
    nobody = secretary.post(url, sent)
    assert (nobody.status_code, "请勾选是谁办的" in said(nobody)) == (422, True)
    early = sent | {"people": [cast.secretary.pk], "granted_on": "2026-11-09"}
    assert "早于表彰的那件事" in said(secretary.post(url, early))
    sent |= {"people": [cast.secretary.pk]}
    where = secretary.post(url, sent)
    assert secretary.post(url, sent).url == where.url
    assert "办结 1 件应办" in said(secretary.get(where.url))
    duty.refresh_from_db()
    record = Record.objects.get()
    assert (duty.state, duty.closed_by, record.action, record.event) == (State.DONE, record, "commend", event)
    assert Deed.objects.get().note == "授予“抗洪抢险突出”。"
    assert "merit" not in secretary.get(f"{NEW}?member={cast.li.pk}").context["form"].fields
    page = f"{where.url}withdraw/"
    secretary.post(page, {"once": once_in(secretary.get(page)), "reason": "填错了人"})
    duty.refresh_from_db()
    record.refresh_from_db()
    assert (duty.state, record.withdrawn_on) == (State.OPEN, TODAY)


def test_a_corrected_title_corrects_the_commendation_too(cast):
    event = happen(cast.li, EventKind.MERIT, date(2026, 11, 10))
    merit = Merit(event, [cast.secretary])
    said_so = given(kind=HonourKind.TIMELY, granted_on=date(2026, 11, 12))
    honour = grant_honour(by=None, given=said_so, today=TODAY, person=cast.li, merit=merit)
    right = given(kind=HonourKind.TIMELY, granted_on=date(2026, 11, 13), title="抢险先锋")
    change_honour(by=None, honour=honour, given=right, version=1, today=TODAY)
    [record] = Record.objects.standing()
    assert (record.on, record.event, record.deed.note) == (date(2026, 11, 13), event, "授予“抢险先锋”。")
    assert Record.objects.count() == 2
    honour.refresh_from_db()
    assert honour.record == record


def test_what_is_due_stands_beside_the_honour_and_hardship_is_marked(cast, secretary, sign_in):
    adopt_pack(cast.committee, whole=True)
    grant(cast.li, level=Level.PROVINCE)
    begin_category(person=cast.li, kind=CategoryKind.HARDSHIP, since=date(2026, 3, 1), basis="支委会认定", today=TODAY)
    sweep_on(TODAY)
    row = said(secretary.get("/honourees/"))
    assert "七一走访功勋荣誉获得者" in row
    assert "生活困难" in row
    own = said(secretary.get(f"/members/{cast.li.pk}/honours/"))
    assert "生活困难，按规定帮扶" in own
    assert "邀请功勋荣誉获得者参加庆典" in own
    assert "/deeds/new/?duty=" in own
    assert "邀请功勋荣誉获得者参加庆典" in said(secretary.get(f"{LIST}{Honour.objects.get().pk}/"))
    assert "没有功勋荣誉获得者" in said(sign_in(account(cast.sibling_secretary)).get("/honourees/"))
    li = sign_in(account(cast.li))
    assert "按规定帮扶" not in said(li.get(f"/members/{cast.li.pk}/honours/"))


def test_a_category_of_honours_is_kept_with_the_honours(cast, secretary):
    grant(cast.li)
    row = Category.objects.filter(source=SOURCE).first()
    assert secretary.get(f"/members/{cast.li.pk}/categories/{row.pk}/").url == f"/members/{cast.li.pk}/honours/"
    bonds = said(secretary.get(f"/members/{cast.li.pk}/bonds/"))
    assert f'href="{NEW}?member={cast.li.pk}"' in bonds


def test_ties_to_who_granted_it_follow_the_honours(cast):
    first = grant(cast.li, grantor=cast.committee, granted_on=date(2026, 3, 1))
    second = grant(cast.li, grantor=cast.committee, title="劳动模范")
    assert ties(cast) == [(cast.committee.pk, date(2026, 3, 1), FAR)]
    revoke_honour(by=None, honour=first, on=date(2026, 5, 1), reason="文件", today=TODAY)
    revoke_honour(by=None, honour=second, on=date(2026, 9, 1), reason="文件", today=TODAY)
    assert ties(cast) == [
        (cast.committee.pk, date(2026, 3, 1), date(2026, 5, 1)),
        (cast.committee.pk, date(2026, 6, 28), date(2026, 9, 1)),
    ]
    restore_honour(by=None, honour=second, reason="登错了", today=TODAY)
    again = given(title="劳动模范", grantor=cast.general)
    change_honour(by=None, honour=second, given=again, version=3, today=TODAY)
    assert ties(cast)[1:] == [(cast.general.pk, date(2026, 6, 28), FAR)]


def ties(cast) -> list[tuple]:
    rows = Tie.objects.filter(person=cast.li, kind=TieKind.GRANTOR).order_by("since")
    return list(rows.values_list("to_organisation", "since", "until"))


def test_a_death_is_reported_up_to_who_granted_the_honour(cast):
    grant(cast.li, grantor=cast.general, level=Level.COUNTY)
    event = register_event(
        by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY
    )  # fmt: skip
    way = way_of(event, cast.li.memberships.get(until=FAR), TODAY)
    assert way.grantor == cast.general
    assert way.levels[-1].organisation == cast.general


def test_a_change_that_changes_nothing_or_crosses_the_revocation_is_refused(cast):
    honour = grant(cast.li)
    with pytest.raises(ValidationError, match="没有要改的"):
        change_honour(by=None, honour=honour, given=given(), version=1, today=TODAY)
    revoke_honour(by=None, honour=honour, on=date(2026, 9, 1), reason="文件", today=TODAY)
    with pytest.raises(ValidationError, match="早于撤销"):
        change_honour(by=None, honour=honour, given=given(granted_on=date(2026, 10, 1)), version=2, today=TODAY)
    with pytest.raises(ValidationError, match="不用恢复"):
        restore_honour(by=None, honour=grant(cast.zhao), reason="x", today=TODAY)


@pytest.mark.parametrize("url", [LIST, "/honourees/"])
def test_fifty_rows_cost_what_two_cost(cast, secretary, url):
    adopt_pack(cast.committee, whole=True)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            secretary.get(url)
        return len(queries)

    for someone in (cast.li, cast.zhao):
        grant(someone, level=Level.PROVINCE)
    sweep_on(TODAY)
    cost()
    few = cost()
    people = [member(f"先进{n}", cast.branch) for n in range(12)]
    for someone in people:
        grant(someone, level=Level.PROVINCE)
    assert cost() == few


@pytest.mark.parametrize("act", ["change", "revoke", "withdraw"])
def test_what_a_superior_granted_is_changed_by_whoever_granted_or_typed_it(cast, secretary, sign_in, act):
    """A branch does not overturn what a meeting of the committee decided."""
    typist = Account.objects.get(person=cast.secretary)
    mine = grant_honour(by=typist, given=given(grantor=cast.committee), today=TODAY, person=cast.li)
    others = grant(cast.li, grantor=cast.committee, title="先进工作者")
    outside = grant(cast.li, title="岗位能手")
    won = awarded(cast).titles.get(name=MEMBER).nominees.filter(state="awarded").earliest("pk").honour
    answers = {each: secretary.get(f"/honours/{each.pk}/{act}/").status_code for each in (mine, others, outside, won)}
    assert answers == {mine: 200, others: 403, outside: 200, won: 403}
    clerk = sign_in(account(cast.clerk))
    assert {clerk.get(f"/honours/{each.pk}/{act}/").status_code for each in (mine, others, outside, won)} == {200}
    assert "改正" not in said(secretary.get(f"/honours/{won.pk}/")).partition("<main")[2]

"""Registering events in the browser: what opens, what is refused, who may. Today is 2026-11-23."""

from datetime import date

import pytest

from duties.board.kinds import kinds_read
from duties.engine.models import Duty, State
from duties.policy.models import Rule
from members.enums import ON_PAGES_OF_THEIR_OWN, EventKind, Standing
from members.models import Event, Membership
from tests.duties.acts import duty, once_in, talk
from tests.duties.rules import a_rule
from tests.world import account

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk))


def fill(client, whom, **more) -> dict:
    page = client.get("/events/new/", {"member": whom.pk})
    assert page.status_code == 200
    sent = {"once": once_in(page), "member": whom.pk, "kind": "honour", "occurred_on": "2026-11-20", "note": ""}
    return sent | more


def test_one_form_opens_the_duties_at_once_and_says_so_beforehand(world, secretary):
    sent = fill(secretary, world.li, kind="absence", occurred_on="2026-11-20")
    before = secretary.post("/events/new/", sent | {"preview": "1"}).content.decode()
    assert "1 件应办" in before
    assert "11-27 到期" in before
    assert "王海燕 办理" in before
    assert not Event.objects.exists()
    page = secretary.post("/events/new/", sent, follow=True)
    assert "已登记，生成 1 件应办：组织生活或党费提醒谈话（11-27 到期）。" in page.content.decode()
    event = Event.objects.get()
    assert duty("talk-on-absence-or-dues", world.li, f"e{event.pk}").due_on == date(2026, 11, 27)


def test_without_javascript_the_whole_form_comes_back_with_what_it_will_open(world, secretary):
    assert "先看会生成什么" in secretary.get("/events/new/", {"member": world.li.pk}).content.decode()
    sent = fill(secretary, world.li, kind="absence", occurred_on="2026-11-20", note="十月两次未到")
    seen = secretary.post("/events/new/", sent | {"preview": "1"})
    body = seen.content.decode()
    assert seen.status_code == 200
    assert "1 件应办" in body
    assert all(
        words in body for words in ("<h1>登记事由</h1>", "十月两次未到", 'value="absence" checked', sent["once"])
    )
    assert not Event.objects.exists()
    panel = secretary.post("/events/new/", sent | {"preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "1 件应办" in panel
    assert "<h1>" not in panel


def test_without_javascript_the_preview_of_a_death_asks_without_refusing(world, secretary):
    sent = fill(secretary, world.zhao, kind="death", occurred_on="2026-11-22")
    seen = secretary.post("/events/new/", sent | {"preview": "1"})
    body = seen.content.decode()
    assert seen.status_code == 200
    assert "同时作废" in body
    assert "我已与家属或单位核实" in body
    assert "没有保存" not in body
    assert Membership.objects.on(TODAY).get(person=world.zhao).standing == Standing.FULL


def test_a_double_click_registers_once(world, secretary):
    sent = fill(secretary, world.li)
    secretary.post("/events/new/", sent)
    secretary.post("/events/new/", sent)
    assert Event.objects.count() == 1


def test_back_and_registering_again_enters_no_second_event_and_keeps_the_form(world, secretary):
    secretary.post("/events/new/", fill(secretary, world.li))
    refused = secretary.post("/events/new/", fill(secretary, world.li, note="市级优秀"))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "李建国 2026-11-20 的“获得功勋荣誉表彰”已登记过，没有再记一条。" in body
    assert "市级优秀" in body
    assert Event.objects.count() == 1
    assert secretary.post("/events/new/", fill(secretary, world.li, occurred_on="2026-11-19")).status_code == 302


def test_an_old_form_with_another_day_says_that_it_was_not_saved(world, secretary):
    sent = fill(secretary, world.li)
    secretary.post("/events/new/", sent)
    page = secretary.post("/events/new/", sent | {"occurred_on": "2026-11-19"}, follow=True)
    assert "这张表已经保存过，没有再记一次。" in page.content.decode()
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": ""}, "请选发生了什么。"),
        ({"note": "市" * 2_001}, "写了 2001 个字，最多 2000 个，请写短一些。"),
        ({"note": "十月\x00"}, "里面夹着看不见的空字符"),
        ({"kind": "wedding"}, "wedding"),
        ({"occurred_on": "2026-11-24"}, "事由日期 2026-11-24 晚于今天"),
        ({"occurred_on": "1990-01-01"}, "早于李建国入党的 1998-07-01"),
        ({"occurred_on": ""}, "请填发生日期"),
        ({"kind": "death"}, "登记去世前请再核实一次"),
        ({"kind": "transfer_in"}, "transfer_in"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, sentence):
    refused = secretary.post("/events/new/", fill(secretary, world.li, note="十月两次主题党日未到") | given)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in body
    assert given.get("note", "十月两次主题党日未到").replace("\x00", "") in body.replace("\x00", "")
    assert not Event.objects.exists()


def test_a_death_says_what_it_voids_and_leaves_nothing_for_the_living(world, secretary):
    sent = fill(secretary, world.zhao, kind="death", occurred_on="2026-11-22")
    assert "同时作废" in secretary.post("/events/new/", sent | {"preview": "1"}).content.decode()
    assert secretary.post("/events/new/", sent | {"sure": "on"}).status_code == 302
    assert Membership.objects.on(TODAY).get(person=world.zhao).standing == Standing.DEAD
    assert [duty.rule.code for duty in Duty.objects.open().filter(member=world.zhao)] == ["condolence"]
    page = secretary.post("/events/new/", fill(secretary, world.zhao, kind="honour", occurred_on="2026-11-23"))
    assert page.status_code == 422
    assert "赵秀兰已于 2026-11-22 去世" in page.content.decode()


def test_without_javascript_a_death_is_asked_a_second_time_with_what_it_voids(world, secretary):
    sent = fill(secretary, world.zhao, kind="death", occurred_on="2026-11-22")
    refused = secretary.post("/events/new/", sent)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "同时作废" in body
    assert "我已与家属或单位核实" in body
    assert Membership.objects.on(TODAY).get(person=world.zhao).standing == Standing.FULL
    assert "我已与家属或单位核实" not in secretary.get("/events/new/", {"member": world.li.pk}).content.decode()


def test_an_event_entered_after_its_talk_says_that_the_talk_closes_it(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 11, 18))
    sent = fill(secretary, world.li, kind="honour", occurred_on="2026-11-17")
    assert "要办的 1 件已由登记过的记录办结" in secretary.post("/events/new/", sent | {"preview": "1"}).content.decode()
    page = secretary.post("/events/new/", sent, follow=True)
    assert "没有要新办的事。已有的谈话办结了 1 件。" in page.content.decode()


def test_nobody_registers_what_concerns_himself(world, secretary):
    for answer in (
        secretary.get("/events/new/", {"member": world.secretary.pk}),
        secretary.post("/events/new/", {"member": world.secretary.pk, "kind": "honour", "occurred_on": "2026-11-20"}),
    ):
        assert answer.status_code == 403
        assert "你本人的事由由副书记或上级党组织登记" in answer.content.decode()
    assert not Event.objects.exists()


def test_a_mistaken_death_is_taken_back_whole(world, secretary):
    before = set(Duty.objects.filter(member=world.zhao).values_list("key", "rule", "state", "held_to"))
    secretary.post("/events/new/", fill(secretary, world.zhao, kind="death") | {"sure": "on"})
    event = Event.objects.get()
    page = secretary.get(f"/events/{event.pk}/withdraw/")
    refused = secretary.post(f"/events/{event.pk}/withdraw/", {"once": once_in(page), "reason": ""})
    assert refused.status_code == 422
    assert "请写为什么撤回" in refused.content.decode()
    done = secretary.post(f"/events/{event.pk}/withdraw/", {"once": once_in(page), "reason": "同名误登"})
    assert done.status_code == 302
    assert Membership.objects.on(TODAY).get(person=world.zhao).standing == Standing.FULL
    assert set(Duty.objects.filter(member=world.zhao).values_list("key", "rule", "state", "held_to")) == before


def test_a_secretary_enters_only_the_leaving_and_stays_responsible(world, secretary):
    page = secretary.get("/events/new/", {"member": world.li.pk}).content.decode()
    assert "组织关系转出" in page
    assert "组织关系转入" not in page
    sent = fill(secretary, world.li, kind="transfer_out", occurred_on="2026-11-20")
    before = secretary.post("/events/new/", sent | {"preview": "1"}).content.decode()
    assert "在对方支部接收以前仍由本支部负责" in before
    secretary.post("/events/new/", sent)
    assert Membership.objects.on(TODAY).get(person=world.li).organisation == world.branch
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_the_department_receives_the_member_into_a_branch_of_its_scope(world, clerk):
    sent = fill(clerk, world.li, kind="transfer_in", occurred_on="2026-11-20", to=world.sibling.pk)
    assert clerk.post("/events/new/", sent).status_code == 302
    assert Membership.objects.on(TODAY).get(person=world.li).organisation == world.sibling
    event = Event.objects.get()
    owed = duty("talk-on-transfer", world.li, f"e{event.pk}")
    assert (owed.organisation, owed.due_on) == (world.sibling, date(2026, 11, 30))


@pytest.mark.parametrize("to", ["", "other_branch", "general", "branch", "999999"])
def test_a_transfer_to_nowhere_elsewhere_or_home_is_refused(world, clerk, to):
    where = getattr(world, to).pk if to and not to.isdigit() else to
    refused = clerk.post("/events/new/", fill(clerk, world.li, kind="transfer_in", to=where))
    assert refused.status_code == 422
    body = refused.content.decode()
    assert any(words in body for words in ("没有这个支部，或不在你的范围内", "请选转到哪个支部", "本来就在"))
    assert "外单位" not in body
    assert Membership.objects.on(TODAY).get(person=world.li).organisation == world.branch


def test_a_transfer_is_taken_back_whole(world, clerk):
    clerk.post("/events/new/", fill(clerk, world.li, kind="transfer_in", to=world.sibling.pk))
    event = Event.objects.get()
    page = clerk.get(f"/events/{event.pk}/withdraw/")
    clerk.post(f"/events/{event.pk}/withdraw/", {"once": once_in(page), "reason": "转错了"})
    assert Membership.objects.on(TODAY).get(person=world.li).organisation == world.branch
    assert not Duty.objects.filter(event=event).exists()


@pytest.mark.parametrize("method", ["address", "body", "preview"])
def test_somebody_elses_member_does_not_exist(world, secretary, method):
    if method == "address":
        answer = secretary.get("/events/new/", {"member": world.sun.pk})
    else:
        sent = fill(secretary, world.li) | {"member": world.sun.pk} | ({"preview": "1"} if method == "preview" else {})
        answer = secretary.post("/events/new/", sent)
    assert answer.status_code == 404
    assert "孙德福" not in answer.content.decode()
    assert not Event.objects.exists()


def test_who_takes_a_transfer_back_may_lose_sight_of_the_member(world, clerk, sign_in):
    clerk.post("/events/new/", fill(clerk, world.li, kind="transfer_in", to=world.sibling.pk))
    event = Event.objects.get()
    receiver = sign_in(account(world.sibling_secretary))
    page = receiver.get(f"/events/{event.pk}/withdraw/")
    done = receiver.post(f"/events/{event.pk}/withdraw/", {"once": once_in(page), "reason": "转错了"})
    assert done.url == "/members/"
    assert receiver.get(done.url).status_code == 200


def test_what_may_not_be_known_may_not_be_taken_back(world, secretary, sign_in):
    secretary.post("/events/new/", fill(secretary, world.li, kind="tendency"))
    event = Event.objects.get()
    commissioner = sign_in(account(world.commissioner))
    answer = commissioner.get(f"/events/{event.pk}/withdraw/")
    assert answer.status_code == 403
    assert "事由由录入人或所在党组织书记撤回" in answer.content.decode()
    assert secretary.get(f"/events/{event.pk}/withdraw/").status_code == 200


def test_another_branch_cannot_take_an_event_back(world, secretary, sign_in):
    secretary.post("/events/new/", fill(secretary, world.li))
    event = Event.objects.get()
    other = sign_in(account(world.sibling_secretary))
    assert other.get(f"/events/{event.pk}/withdraw/").status_code == 404
    assert other.post(f"/events/{event.pk}/withdraw/", {"once": "x", "reason": "试"}).status_code == 404
    event.refresh_from_db()
    assert event.withdrawn_on is None


def test_an_ordinary_member_is_told_who_registers(world, sign_in):
    answer = sign_in(account(world.li)).get("/events/new/")
    assert answer.status_code == 403
    assert "请联系所在支部书记" in answer.content.decode()


def test_every_kind_stands_on_the_form(world, clerk):
    body = clerk.get("/events/new/", {"member": world.li.pk}).content.decode()
    assert {kind for kind in EventKind if f'value="{kind}"' not in body} == ON_PAGES_OF_THEIR_OWN


def grouped(client, whom) -> dict[str, list[str]]:
    """The kinds that the form offers, by the titles of its groups."""
    kinds = client.get("/events/new/", {"member": whom.pk}).context["kinds"]
    return {group["title"]: [choice["value"] for choice in group["choices"]] for group in kinds}


def test_kinds_that_no_adopted_rule_reads_come_last_and_are_all_there(world, secretary):
    groups = grouped(secretary, world.li)
    assert next(iter(groups)) == "走访慰问的事由"
    assert list(groups)[-1] == "其他情形（目前没有制度要求）"
    read = {kind for rule in Rule.objects.all() for kind in getattr(rule.parsed.trigger, "events", ())}
    assert {"illness", "setback", "family_change", "disaster", "critical"} <= set(groups["走访慰问的事由"]) <= read
    spare = set(groups["其他情形（目前没有制度要求）"])
    assert {"mood", "data_question", "retired"} <= spare
    assert not spare & read
    offered = [kind for kinds in groups.values() for kind in kinds]
    assert sorted(offered) == sorted(set(EventKind) - ON_PAGES_OF_THEIR_OWN - {EventKind.TRANSFER_IN})


def test_a_kind_moves_to_its_group_where_a_rule_reads_it(world, secretary, clerk):
    trigger = {"kind": "event", "events": ["hospital", "data_question"], "within_days": 3}
    rule = a_rule(world.branch, trigger)
    groups = grouped(secretary, world.li)
    assert "hospital" in groups["走访慰问的事由"]
    assert groups["资料"] == ["data_question"]
    assert "hospital" in grouped(clerk, world.sun)["其他情形（目前没有制度要求）"], "next door nobody adopted it"
    secretary.post("/events/new/", fill(secretary, world.li, kind="data_question"))
    assert Duty.objects.filter(rule=rule, member=world.li, state=State.OPEN).count() == 1


def test_transfers_and_death_change_what_holds_and_stand_in_their_group_under_any_policy(cast, sign_in):
    groups = grouped(sign_in(account(cast.secretary)), cast.li)
    assert groups["组织关系和去世"] == ["transfer_out", "death"]
    assert list(groups) == ["组织关系和去世", "其他情形（目前没有制度要求）"]


def test_the_group_of_what_was_chosen_stands_open(world, secretary):
    sent = fill(secretary, world.li, kind="honour", occurred_on="")
    back = secretary.post("/events/new/", sent)
    assert [group["title"] for group in back.context["kinds"] if group["open"]] == ["成长和荣誉"]
    fresh = secretary.get("/events/new/", {"member": world.li.pk})
    assert [group["title"] for group in fresh.context["kinds"] if group["open"]] == ["走访慰问的事由"]


def test_what_the_form_offers_costs_one_query(world, secretary, django_assert_num_queries):
    a_rule(world.branch, {"kind": "event", "events": ["hospital"], "within_days": 3})
    with django_assert_num_queries(1):
        assert "hospital" in kinds_read(world.branch, TODAY)

"""From a duty that waits for ties to the form of ties, with what is known filled in, and back to the duty."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from base.models import AuditRow
from duties.board.words import describe, with_words
from duties.engine.models import Duty, State
from duties.policy.adoption import adopt
from members.enums import CategoryKind, Role, TieKind
from members.models import Category, Tie
from tests.duties.acts import sweep_on
from tests.duties.pack import load_rules
from tests.duties.reading import body, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def led(cast):
    """The secretaries are to contact two members each, so are those of families to have two contacts."""
    Category.objects.create(person=cast.li, kind=CategoryKind.BEREAVED, since=date(2026, 1, 1))
    policy = load_rules(["leader-contacts", "two-contacts"], "p0")
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    account(cast.clerk, "lin")
    account(cast.secretary, "wang")
    return cast


@pytest.fixture
def clerk(led, sign_in):
    return sign_in(led.clerk.account)


def owed(leader) -> Duty:
    return Duty.objects.get(rule__code="leader-contacts", actor=leader)


def ref(duty: Duty) -> str:
    return f"{duty.rule_id}:{duty.key}"


def at(duty: Duty, **more) -> str:
    return f"{reverse('duty_tie')}?{urlencode({'duty': ref(duty), **more})}"


def tied(browser, duty, someone, **more):
    url = at(duty, member=someone.pk)
    form = browser.get(url)
    given = {name: form.context["form"][name].value() for name in ("name", "kind", "to")}
    sent = {**given, "act": "begin", "since": "2026-11-01", "once": once_in(form), **more}
    return browser.post(url, sent, follow=True)


def once_in(response) -> str:
    return response.context["form"]["once"].value()


def test_the_line_of_the_duty_leads_to_its_picker(led):
    duty = with_words(Duty.objects.filter(pk=owed(led.general_secretary).pk)).order_by("pk")
    (line,) = describe(duty, led.clerk.account, TODAY)
    assert (line.url, line.label) == (at(owed(led.general_secretary)), "选党员登记联系")


def test_each_hit_of_the_picker_leads_to_the_form_with_leader_and_kind_filled_in(led, clerk):
    duty = owed(led.general_secretary)
    page = body(clerk.get(at(duty)))
    assert "选周启明联系的党员" in plain(page)
    assert f'name="duty" value="{ref(duty)}"' in page
    for browser in (clerk.get, lambda url: clerk.get(url, headers={"HX-Request": "true"})):
        hits = body(
            browser(f"{reverse('member_search')}?{urlencode({'for': 'duty_tie', 'duty': ref(duty), 'q': '李建国'})}")
        )
        assert at(duty, member=led.li.pk).replace("&", "&amp;") in hits
    before = AuditRow.objects.filter(act="search").count()
    form = clerk.get(at(duty, member=led.li.pk)).context["form"]
    assert (form["kind"].value(), form["to"].value()) == (TieKind.LEADER_CONTACT, str(led.general_secretary.pk))
    assert AuditRow.objects.filter(act="search").count() == before, "nobody typed a name"


def test_saving_comes_back_to_the_duty_and_says_what_is_still_missing_and_then_what_it_closed(led, clerk):
    duty = owed(led.general_secretary)
    first = tied(clerk, duty, led.li)
    assert first.redirect_chain[-1][0] == f"{reverse('duty_why')}?{urlencode({'duty': ref(duty)})}"
    shown = plain(body(first))
    assert "周启明自 2026-11-01 起是李建国的领导直接联系，没有办结应办：要有 2 名才够。" in shown
    assert "选党员登记联系" in shown
    second = plain(body(tied(clerk, duty, led.zhao)))
    assert "周启明自 2026-11-01 起是赵秀兰的领导直接联系，办结 1 件应办。" in second
    duty.refresh_from_db()
    assert duty.state == State.DONE
    assert "已办结" in second


def test_sent_twice_there_is_one_tie(led, clerk):
    duty = owed(led.general_secretary)
    for _ in range(2):
        tied(clerk, duty, led.li, once="k")
    assert Tie.objects.filter(to=led.general_secretary).count() == 1


def test_a_namesake_of_the_leader_is_offered_and_not_chosen(led, clerk):
    twin = member("周启明", led.branch)
    form = clerk.get(at(owed(led.general_secretary), member=led.li.pk)).context["form"]
    assert {value for value, _label in form.fields["to"].choices} == {str(led.general_secretary.pk), str(twin.pk)}
    assert form["to"].value() == str(led.general_secretary.pk)


def test_another_name_is_looked_for_without_losing_the_duty(led, clerk):
    page = clerk.get(at(owed(led.general_secretary), member=led.li.pk, name="高远"))
    assert page.context["form"]["to"].value() == str(led.committee_secretary.pk)
    assert f'name="duty" value="{ref(owed(led.general_secretary))}"' in body(page)


def test_what_is_refused_keeps_what_was_typed(led, clerk):
    answer = tied(clerk, owed(led.general_secretary), led.li, since="2027-01-01")
    assert answer.status_code == 422
    assert "晚于今天" in body(answer)
    assert 'value="2027-01-01"' in body(answer)
    assert not Tie.objects.exists()


def test_a_duty_about_a_member_asks_only_who_stands_by_him(led, sign_in):
    wang = sign_in(led.secretary.account)
    duty = Duty.objects.get(rule__code="two-contacts", member=led.li)
    form = wang.get(at(duty)).context["form"]
    assert (form["kind"].value(), form["to"].value()) == (TieKind.CONTACT, "")
    sent = {"act": "begin", "name": "赵秀兰", "to": led.zhao.pk, "kind": "contact", "since": "2026-11-01"}
    answer = wang.post(at(duty), {**sent, "once": once_in(wang.get(at(duty)))}, follow=True)
    assert "要有 2 名才够" in plain(body(answer))


def test_the_leaders_own_members_lie_in_scope_and_others_do_not_exist(led, clerk, sign_in):
    duty = owed(led.secretary)
    wang = sign_in(led.secretary.account)
    assert wang.get(at(duty, member=led.li.pk)).status_code == 200
    assert wang.get(at(duty, member=led.sun.pk)).status_code == 404
    assert wang.get(at(owed(led.general_secretary))).status_code == 404
    assert wang.get(at(duty, member=led.secretary.pk)).status_code == 403, "about oneself"
    assert clerk.get(reverse("duty_tie")).status_code == 404
    assert clerk.get(f"{reverse('duty_tie')}?duty=1:soup").status_code == 404
    reader = member("何静", led.branch)
    post(reader, led.branch, Role.GROUP_LEADER)
    assert sign_in(account(reader)).get(at(duty)).status_code == 403


def test_a_duty_that_no_tie_closes_has_no_such_page(world, sign_in):
    duty = Duty.objects.get(rule__code="yearly-talk", member=world.li)
    assert sign_in(account(world.secretary)).get(at(duty)).status_code == 404

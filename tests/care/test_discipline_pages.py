"""The pages about punishments, and who finds nothing on them: during the influence, and once it is over."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from care.entries import Given, open_entry
from care.models import Entry
from care.registers import REGISTERS
from duties.board.whynot import why_not
from duties.engine.models import Duty, Record
from duties.policy.models import Rule
from members.enums import EventKind, Role
from members.models import Category, Event, Membership
from tests.duties.acts import adopt_pack, happen
from tests.members.office import once_key
from tests.world import account, member, post
from visits.services import record_talk

TODAY = date(2026, 11, 23)
NEW, LIST = reverse("entry_new"), reverse("register", args=["discipline"])
ONE_YEAR = "留党察看一年"
WORDS = ("处分", "留党察看", "警告", "待恢复党员权利")


@pytest.fixture
def office(cast, sign_in):
    """A browser for each who may come by: by whom they are."""
    deputy, inspector = member("副甲", cast.branch), member("查一", cast.direct)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    post(inspector, cast.committee, Role.INSPECTOR)
    people = {
        "secretary": cast.secretary, "commissioner": cast.commissioner, "deputy": deputy, "inspector": inspector,
        "clerk": cast.clerk, "committee": cast.committee_secretary, "general": cast.general_secretary,
    }  # fmt: skip
    return {name: sign_in(account(each)) for name, each in people.items()}


def punished(person, since: str, grade="警告") -> Entry:
    given = Given({"decided_on": since, "decided_by": "局纪委", "reason": "绝密原因"}, grade)
    return open_entry(
        by=None, register=REGISTERS["discipline"], person=person, since=date.fromisoformat(since), given=given,
        today=TODAY,
    )  # fmt: skip


def main(page) -> str:
    return page.text.split("<main")[1]


def filled(cast, **more) -> dict:
    return {
        "register": "discipline", "member": cast.li.pk, "since": "2025-07-01", "grade": ONE_YEAR,
        "decided_on": "2025-07-01", "announced_on": "2025-09-10", "decided_by": "局纪委",
        "document": "局纪〔2025〕2 号", "reason": "绝密原因", **more,
    }  # fmt: skip


def test_a_secretary_enters_a_punishment_and_goes_the_way_back_with_the_member(cast, office):
    secretary = office["secretary"]
    form = secretary.get(NEW, {"register": "discipline", "member": cast.li.pk})
    assert "集体决定的那一天" in form.text
    said = secretary.post(NEW, filled(cast, once=once_key(form)), follow=True)
    entry = Entry.objects.get()
    for words in ("待恢复党员权利", "2026-07-01", "2028-07-01", "宣布晚于决定一个月以上", "没有表决权", "绝密原因"):
        assert words in main(said)
    assert "待恢复党员权利" in main(secretary.get(LIST))
    act = reverse("entry_act", args=[entry.pk])
    taken = {"act": "step", "on": "2026-11-20", "note": "本人写了申请", "people": [cast.secretary.pk]}
    for code in ("application", "scrutiny", "vote", "report"):
        sent = taken | {"code": code, "once": once_key(secretary.get(act))}
        assert "已登记：恢复党员权利" in secretary.post(act, sent, follow=True).text
    assert Record.objects.filter(action="reminder", member=cast.li).count() == 4
    assert "谁办的" not in secretary.get(act).text
    office["clerk"].post(act, {"act": "step", "code": "approval", "on": "2026-11-22", "note": "局党委批复"})
    page = main(secretary.get(reverse("entry", args=[entry.pk])))
    assert "自 2026-07-01 起，2026-11-22 批准" in page
    assert "局党委批复" in page
    assert "影响期到 2028-07-01" in page
    assert Category.objects.get(kind="awaiting_rights").until == date(2026, 11, 22)
    assert "2028-07-01" in secretary.get(reverse("entry_print", args=[entry.pk])).text
    back = secretary.post(act, {"act": "unstep"}, follow=True)
    assert "已退回一步" in back.text
    assert "上一级党委批准" in main(back)


def test_a_step_that_is_refused_keeps_what_was_written(cast, office):
    entry = punished(cast.li, "2025-07-01", ONE_YEAR)
    act = reverse("entry_act", args=[entry.pk])
    sent = {"act": "step", "code": "application", "on": "2027-01-01", "note": "本人写了申请",
            "people": [cast.secretary.pk]}  # fmt: skip
    said = office["secretary"].post(act, sent)
    assert (said.status_code, "到今天之间" in said.text, "本人写了申请" in said.text) == (422, True, True)
    twice = sent | {"on": "2026-11-20"}
    office["secretary"].post(act, twice)
    assert "已经办过" in office["secretary"].post(act, twice).text


def test_a_change_asks_for_no_day_of_its_own(cast, office):
    entry = punished(cast.li, "2025-07-01", ONE_YEAR)
    edit = reverse("entry_edit", args=[entry.pk])
    assert "这些变化从哪天起" not in office["secretary"].get(edit).text
    sent = filled(cast, version=1, on="2026-11-23", extended_on="2026-06-30")
    assert "留党察看到 2027-07-01" in main(office["secretary"].post(edit, sent, follow=True))
    refused = office["secretary"].post(
        edit, filled(cast, version=2, on="2026-11-23", grade="警告", extended_on="2026-06-30")
    )
    assert (refused.status_code, "只有留党察看一年可以延长" in refused.text) == (422, True)


def test_a_probationary_member_cannot_be_entered_and_the_form_says_what_there_is(cast, office):
    Membership.objects.filter(person=cast.li).update(standing="probationary")
    said = office["secretary"].post(NEW, filled(cast))
    assert (said.status_code, "延长预备期" in said.text, "绝密原因" in said.text) == (422, True, True)


@pytest.mark.parametrize("who", ["commissioner", "deputy", "inspector"])
def test_who_may_not_know_finds_nothing_while_it_runs(cast, office, who):
    entry = punished(cast.li, "2026-03-10")
    browser = office[who]
    for name in ("entry", "entry_print", "entry_edit", "entry_act"):
        assert browser.get(reverse(name, args=[entry.pk])).status_code == 404
    assert browser.get(LIST).status_code == 403
    assert browser.get(NEW, {"register": "discipline", "member": cast.li.pk}).status_code == 403
    for name in ("member", "bonds", "member_entries"):
        page = main(browser.get(reverse(name, args=[cast.li.pk])))
        assert not [word for word in WORDS if word in page], name
    assert "处分" not in main(browser.get(reverse("members")))
    assert "处分" not in main(browser.get(reverse("registers")))


def test_a_punished_secretary_does_not_find_his_own(cast, office):
    entry = punished(cast.secretary, "2026-03-10")
    browser = office["secretary"]
    for name in ("entry", "entry_print", "entry_edit", "entry_act"):
        assert browser.get(reverse(name, args=[entry.pk])).status_code == 404
    assert "王海燕" not in main(browser.get(LIST))
    assert "警告" not in main(browser.get(reverse("member_entries", args=[cast.secretary.pk])))
    assert office["general"].get(reverse("entry", args=[entry.pk])).status_code == 200


@pytest.mark.parametrize("who", ["secretary", "general"])
def test_what_is_over_is_forgotten_below_the_committee(cast, office, who):
    happen(cast.li, EventKind.PUNISHMENT, date(2024, 3, 10))
    entry = punished(cast.li, "2024-03-10")
    browser = office[who]
    for name in ("entry", "entry_print", "entry_edit", "entry_act"):
        assert browser.get(reverse(name, args=[entry.pk])).status_code == 404
    assert "李建国" not in main(browser.get(LIST, {"state": "all"}))
    for name in ("member", "bonds", "member_entries"):
        page = main(browser.get(reverse(name, args=[cast.li.pk]))).replace("受处分党员帮教", "")
        assert not [word for word in WORDS if word in page], name
    category = Category.objects.get(person=cast.li)
    assert browser.get(reverse("category", args=[cast.li.pk, category.pk])).status_code == 404


@pytest.fixture
def talked_about(cast):
    """An event of December, the talk that answered it within a week, and the duty that the talk closed; all is over."""
    adopt_pack(cast.committee, since=date(2024, 1, 1))
    on = date(2024, 3, 12)
    event = happen(cast.li, EventKind.PUNISHMENT, date(2024, 3, 10))
    Event.objects.filter(pk=event.pk).update(note="绝密原因")
    punished(cast.li, "2024-03-10")
    (talk,) = record_talk(
        by=None, members=[cast.li], on=on, means="face", subject="event", text="谈了", talkers=[cast.secretary],
        today=TODAY, event=event,
    )  # fmt: skip
    duty = Duty.objects.get(event=event, state="done")
    return event, talk, duty


def told_of(browser, cast, event, talk, duty) -> Iterator[tuple[str, bool]]:
    """Each page, and whether a browser is told of it there."""
    period = {"organisation": cast.branch.pk, "first": "2024-01-01", "last": "2024-12-31"}
    pages = {
        "board": browser.get(reverse("duty_board"), {"tab": "done", "q": "李建国"}),
        "duties": browser.get(reverse("ledger", args=["duties"]), period),
        "talks": browser.get(reverse("ledger", args=["talks"]), period),
        "talk": browser.get(reverse("talk", args=[talk.pk])),
        "why": browser.get(reverse("duty_why"), {"duty": f"{duty.rule_id}:{duty.key}"}),
        "withdraw": browser.get(reverse("event_withdraw", args=[event.pk])),
        "reveal": browser.get(reverse("member_reveal", args=[cast.li.pk]), {"field": f"note-{event.pk}"}),
    }
    for name, page in pages.items():
        said = main(page) if page.status_code == 200 else ""
        told = said.split("</form>")[-1] if name == "board" else said  # its filter names every rule
        yield name, any(word in told for word in ("处分", "绝密原因", "事由说明"))


def test_what_was_done_about_it_is_forgotten_with_it(cast, office, talked_about):
    assert [name for name, tells in told_of(office["secretary"], cast, *talked_about) if tells] == []
    assert [name for name, tells in told_of(office["clerk"], cast, *talked_about) if not tells] == []


def test_while_another_one_runs_the_branch_knows_what_it_did(cast, office, talked_about):
    punished(cast.li, "2026-03-10")
    assert [name for name, tells in told_of(office["secretary"], cast, *talked_about) if not tells] == []


@pytest.mark.parametrize("who", ["clerk", "committee"])
def test_what_is_over_is_found_by_the_committees_own(cast, office, who):
    happen(cast.li, EventKind.PUNISHMENT, date(2024, 3, 10))
    entry = punished(cast.li, "2024-03-10")
    browser = office[who]
    assert "不受影响" in main(browser.get(reverse("entry", args=[entry.pk])))
    assert "李建国" in main(browser.get(LIST, {"state": "all"}))
    assert "李建国" not in main(browser.get(LIST))
    assert "处分影响期" in main(browser.get(reverse("bonds", args=[cast.li.pk])))
    assert "受到纪律处分" in main(browser.get(reverse("member", args=[cast.li.pk])))


def test_the_last_day_of_influence_is_the_last_on_which_the_branch_sees_it(cast, office):
    today = punished(cast.li, "2025-11-23")
    over = punished(cast.zhao, "2025-11-22")
    assert office["secretary"].get(reverse("entry", args=[today.pk])).status_code == 200
    assert office["secretary"].get(reverse("entry", args=[over.pk])).status_code == 404


def test_an_old_punishment_entered_late_leads_the_branch_to_the_list(cast, office):
    old = filled(cast, grade="警告", since="2024-03-10", decided_on="2024-03-10", announced_on="")
    said = office["secretary"].post(NEW, old, follow=True)
    assert said.redirect_chain[-1][0] == LIST
    assert "列入受处分党员帮教" in said.text


def test_overturned_from_today_on_it_is_gone_for_the_branch_at_once(cast, office):
    entry = punished(cast.li, "2026-03-10")
    act = reverse("entry_act", args=[entry.pk])
    assert "写决定日期的前一天" in office["secretary"].get(act).text
    sent = {"act": "close", "last": "2026-11-22", "why": "撤销处分", "note": "复查认定不实"}
    said = office["secretary"].post(act, sent, follow=True)
    assert said.redirect_chain[-1][0] == LIST
    assert Category.objects.get().until == TODAY
    assert office["secretary"].get(reverse("entry", args=[entry.pk])).status_code == 404
    assert "撤销处分" in main(office["clerk"].get(reverse("entry", args=[entry.pk])))


def test_taken_back_it_is_gone_for_the_branch(cast, office):
    entry = punished(cast.li, "2026-03-10")
    office["secretary"].post(reverse("entry_act", args=[entry.pk]), {"act": "withdraw", "reason": "登错了人"})
    assert office["secretary"].get(reverse("entry", args=[entry.pk])).status_code == 404
    assert "已撤销" in main(office["clerk"].get(reverse("entry", args=[entry.pk])))


def test_why_a_rule_asks_nothing_tells_of_no_punishment_that_is_over(cast):
    adopt_pack(cast.committee, whole=True)
    punished(cast.li, "2024-03-10")
    stay = Membership.objects.on(TODAY).select_related("person", "organisation").get(person=cast.li)
    rule = Rule.objects.get(code="discipline-talks")
    told = {
        who: " ".join(check.fact for check in why_not(rule, stay, account(who), TODAY).checks)
        for who in (cast.secretary, cast.clerk)
    }
    assert "没有登记为“处分影响期”" in told[cast.secretary]
    assert "登记为“处分影响期”（警告）" in told[cast.clerk]


def test_a_punishment_leads_to_the_register_and_a_false_report_to_clearing_the_name(cast, office):
    event = happen(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    happen(cast.li, EventKind.FALSE_REPORT, date(2026, 11, 12))
    page = main(office["secretary"].get(reverse("member", args=[cast.li.pk])))
    assert f"{NEW}?register=discipline&amp;event={event.pk}" in page
    [clearing] = [part.split('"')[0] for part in page.split('href="') if "action=clearing" in part.split('"')[0]]
    form = office["secretary"].get(clearing.replace("&amp;", "&"))
    sent = {"action": "clearing", "on": "2026-11-20", "people": [cast.secretary.pk], "note": "支部大会上说明",
            "member": cast.li.pk, "once": once_key(form)}  # fmt: skip
    assert '<option value="clearing" selected>' in form.text
    office["secretary"].post(reverse("deed_new"), sent)
    assert Record.objects.get(action="clearing").member == cast.li
    assert "register=discipline" not in office["commissioner"].get(reverse("member", args=[cast.li.pk])).text
    assert "action=clearing" not in office["commissioner"].get(reverse("member", args=[cast.li.pk])).text
    opened = office["secretary"].get(NEW, {"register": "discipline", "event": event.pk})
    assert 'value="2026-11-10"' in opened.text


def test_where_a_duty_asks_for_clearing_the_duty_leads_there(cast, office):
    adopt_pack(cast.committee, whole=True)
    happen(cast.li, EventKind.FALSE_REPORT, date(2026, 11, 12))
    page = main(office["secretary"].get(reverse("member", args=[cast.li.pk])))
    assert "澄清正名" in page
    assert "action=clearing" not in page


def test_reading_it_leaves_an_audit_row_that_says_nothing(cast, office):
    entry = punished(cast.li, "2026-03-10")
    office["secretary"].get(reverse("entry", args=[entry.pk]))
    rows = AuditRow.objects.filter(subject=f"entry:{entry.pk}")
    assert rows.filter(act=AuditRow.Act.READ).count() == 1
    assert "绝密原因" not in str(list(rows.values()))


def test_a_list_and_an_entry_cost_the_same_for_one_and_fifty(cast, office):
    entry = punished(cast.li, "2026-03-10")

    def cost(page: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert office["secretary"].get(page).status_code == 200
        return len(asked)

    pages = [LIST, reverse("entry", args=[entry.pk]), reverse("bonds", args=[cast.li.pk])]
    for page in pages:
        cost(page)
    once = [cost(page) for page in pages]
    Entry.objects.bulk_create(
        Entry(
            register="discipline", person=person, since=date(2026, 1, 1 + n % 28), until=date(2027, 6, 1 + n % 28),
            grade="警告", entered_on=TODAY,
        )
        for n in range(25) for person in (cast.li, member(f"受处分{n}", cast.branch))
    )  # fmt: skip
    assert [cost(page) for page in pages] == once


def test_the_time_line_tells_of_what_runs_and_how_it_came_about_and_of_nothing_before(cast, office):
    punished(cast.li, "2022-03-10")
    punished(cast.li, "2025-07-01", ONE_YEAR)
    page = main(office["secretary"].get(reverse("member", args=[cast.li.pk])))
    assert "留党察看一年改为影响期" in page
    assert "2022" not in page
    assert "警告" not in page
    assert "警告" in main(office["clerk"].get(reverse("member", args=[cast.li.pk])))

"""帮扶任务: giving one, moving its day, taking it back, who reads what it says, and its pages. Today is 2026-11-23."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from base.models import AuditRow
from duties.board.words import describe, with_words
from duties.deeds import record_deed
from duties.engine.models import Duty
from duties.notices import digest
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import TaskState, assign_task, move_task, tasks_of, withdraw_task
from members.bonds import begin_tie
from members.enums import EventKind, TieKind
from members.models import Account, Event
from members.services import register_event, withdraw_event
from tests.duties.acts import die, move, once_in, sweep_on, waive
from tests.duties.reading import body, plain
from tests.world import account as open_account
from tests.world import member

TODAY, DUE = date(2026, 11, 23), date(2026, 12, 5)
WHAT = "陪同办理慢性病门诊手续"
pytestmark = pytest.mark.django_db


@pytest.fixture
def town(cast):
    """The cast under the working rules."""
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


def account(person) -> Account:
    """The account of somebody, opened when first asked for."""
    return Account.objects.filter(person=person).first() or open_account(person)


def give(town, **more):
    given = {"by": account(town.secretary), "member": town.li, "what": WHAT, "to": town.commissioner, "due_on": DUE}
    given |= {"source": "talk:1", "today": TODAY} | more
    return assign_task(**given)


def refusal(act) -> dict:
    with pytest.raises(ValidationError) as no, transaction.atomic():
        act()
    return (getattr(no.value, "error_dict", None) and no.value.message_dict) or {"__all__": no.value.messages}


def done(town, event, *people, on=TODAY, note="办好了"):
    people = list(people) or [town.commissioner]
    return record_deed(
        by=None, action="handling", on=on, people=people, note=note, today=TODAY, member=event.person,
        organisation=event.organisation, event=event,
    )  # fmt: skip


def line(event, who):
    return describe(with_words(Duty.objects.filter(event=event)), who, TODAY)[0]


# Giving, moving, taking back


def test_a_task_is_a_duty_of_whom_it_is_given_to_due_on_its_own_day(town):
    event = give(town)
    duty = event.duties.get()
    assert (duty.rule.code, duty.actor, duty.due_on, duty.state) == ("task", town.commissioner, DUE, "open")
    assert (event.note, event.source, event.entered_by) == (WHAT, "talk:1", town.secretary)
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM members_event WHERE id = %s", [event.pk])
        assert "门诊" not in cursor.fetchone()[0]
    row = AuditRow.objects.get(subject=f"event:{event.pk}", act="write")
    assert row.detail == {"on": "2026-11-23", "person": town.li.pk, "due": "2026-12-05"}


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"what": "  "}, "what", "请写要做什么，一句话也可以。"),
        ({"what": "办" * 301}, "what", "写了 301 个字，最多 300 个，请写短一些。"),
        ({"due_on": date(2026, 11, 22)}, "due_on", "期限 2026-11-22 已经过去，请填今天或以后的日子。"),
        ({"due_on": date(2062, 12, 5)}, "due_on", "期限 2062-12-05 在三年以后，请核对年份。"),
        ({"to": "li"}, "to", "给李建国办的事不能交给本人，请另选一位。"),
        ({"to": "sun"}, "to", "孙德福已于 2026-11-10 去世，请另选一位。"),
        ({"to": "zhao"}, "to", "赵秀兰现在没有组织关系，也没有任职，请另选一位。"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(town, more, field, sentence):
    die(town.sun, date(2026, 11, 10))
    move(town.zhao, None, date(2026, 11, 1))
    more = {name: getattr(town, value) if name == "to" else value for name, value in more.items()}
    assert refusal(lambda: give(town, **more)) == {field: [sentence]}
    assert not Event.objects.filter(kind=EventKind.TASK).exists()


def test_the_same_task_twice_is_one_too_many_and_another_day_is_another_task(town):
    give(town)
    said = "今天已经把这件任务交给张伟，期限也一样，没有再记一条。"
    assert refusal(lambda: give(town)) == {"what": [said]}
    give(town, due_on=date(2026, 12, 6))
    assert len(tasks_of("talk:1", today=TODAY)) == 2


def test_where_nothing_would_remind_of_it_a_task_is_refused(cast):
    said = "河源第一党支部还没有采用制度，任务进不了应办清单。请先到“制度”采用一份，再布置。"
    assert refusal(lambda: give(cast)) == {"__all__": [said]}
    assert not Event.objects.exists()


def test_nobody_gives_a_task_about_somebody_without_a_branch(town):
    move(town.li, None, date(2026, 11, 1))
    assert refusal(lambda: give(town)) == {"__all__": ["李建国在 2026-11-23 没有组织关系，请核对日期或先导入名册。"]}


def test_an_event_is_never_due_before_it_happened(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(
            person=town.li, kind="task", occurred_on=TODAY, entered_on=TODAY, due_on=date(2026, 11, 22)
        )


def test_the_form_of_events_enters_no_task(town):
    said = refusal(lambda: register_event(by=None, person=town.li, kind="task", occurred_on=TODAY, today=TODAY))
    assert said == {"kind": ["帮扶任务要写明谁办、哪天前办，请用“布置任务”登记。"]}


def test_another_day_moves_the_duty_and_the_audit_keeps_the_day_before_and_why(town):
    event, by = give(town), account(town.secretary)
    move_task(by=by, event=event, due_on=date(2027, 1, 8), reason="医院年底不办", today=TODAY)
    duty = event.duties.get()
    assert (duty.due_on, duty.state) == (date(2027, 1, 8), "open")
    row = AuditRow.objects.get(subject=f"event:{event.pk}", act="edit")
    assert (row.reason, row.detail) == ("医院年底不办", {"due": "2027-01-08", "before": "2026-12-05"})


def test_a_task_is_moved_to_a_day_to_come_for_a_reason_and_only_while_it_runs(town):
    event, by = give(town), account(town.secretary)

    def no(due_on, reason="医院年底不办"):
        return refusal(lambda: move_task(by=by, event=event, due_on=due_on, reason=reason, today=TODAY))

    assert no(date(2026, 11, 22)) == {"due_on": ["期限 2026-11-22 已经过去，请填今天或以后的日子。"]}
    assert no(DUE) == {"due_on": ["期限本来就是 2026-12-05，没有要改的。"]}
    assert no(date(2027, 1, 8), " ") == {"reason": ["请写为什么改期，一句话也可以。"]}
    done(town, event)
    assert no(date(2027, 1, 8)) == {"__all__": ["这件任务已办结，没有再改。"]}
    event.refresh_from_db()
    assert event.due_on == DUE


def test_a_task_taken_back_takes_its_duty_along(town):
    event, by = give(town), account(town.secretary)
    said = refusal(lambda: withdraw_task(by=by, event=event, reason="", today=TODAY))
    assert said == {"reason": ["请写为什么撤回，一句话也可以。"]}
    withdraw_task(by=by, event=event, reason="本人自己办了", today=TODAY)
    assert not Duty.objects.filter(event=event).exists()
    again = refusal(lambda: withdraw_task(by=by, event=event, reason="本人自己办了", today=TODAY))
    assert again == {"__all__": ["这件任务已撤回，没有再改。"]}


def test_a_task_of_an_organisation_is_given_moved_done_and_taken_back(town):
    first, second = (
        give(town, member=None, organisation=town.branch, due_on=date(2026, 12, day), source="talk:2") for day in (5, 6)
    )
    by = account(town.secretary)
    move_task(by=by, event=first, due_on=date(2026, 12, 9), reason="场地没定", today=TODAY)
    withdraw_task(by=by, event=second, reason="不办了", today=TODAY)
    done(town, first, town.secretary)
    told = [(each.state, each.event.due_on, each.done_by) for each in tasks_of("talk:2", today=TODAY)]
    assert told == [
        (TaskState.WITHDRAWN, date(2026, 12, 6), ""), (TaskState.DONE, date(2026, 12, 9), "王海燕"),
    ]  # fmt: skip
    assert line(first, by).who == "河源第一党支部"


def test_a_task_for_the_family_of_the_dead_runs_and_one_for_the_living_ends_with_the_death(town):
    give(town, member=town.sun, source="talk:2", today=date(2026, 11, 20))
    die(town.sun, TODAY)
    give(town, member=town.sun, due_on=date(2026, 12, 6), source="talk:2")
    assert [each.state for each in tasks_of("talk:2", today=TODAY)] == [TaskState.VOID, TaskState.OPEN]


# How they stand


def test_how_tasks_stand_is_told_with_by_whom_and_when(town):
    events = [give(town, due_on=date(2026, 12, day)) for day in (1, 2, 3, 4)]
    done(town, events[0], town.commissioner, town.secretary)
    waive(events[1].duties.get())
    withdraw_event(by=None, event=events[2], reason="试验", today=TODAY)
    give(town, source="talk:9")
    told = [(each.state, each.done_on, each.done_by) for each in tasks_of("talk:1", today=TODAY)]
    assert told == [
        (TaskState.DONE, TODAY, "张伟、王海燕"), (TaskState.WAIVED, None, ""), (TaskState.WITHDRAWN, None, ""),
        (TaskState.OPEN, None, ""),
    ]  # fmt: skip
    assert tasks_of("talk:1", today=date(2026, 12, 5))[-1].state == TaskState.OVERDUE
    assert len(tasks_of("talk:1", "talk:9", today=TODAY)) == 5


def test_fifty_tasks_are_told_in_as_many_queries_as_one(town, sign_in):
    plenty(town, 1)
    browser = sign_in(account(town.secretary))

    def asked(act) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    pages = ("/tasks/?whose=here", "/tasks/?whose=given", "/duties/?tab=here", f"/members/{town.li.pk}/")
    for page in pages:
        browser.get(page)
    one = [asked(lambda page=page: browser.get(page)) for page in pages]
    done(town, Event.objects.get())
    assert asked(lambda: tasks_of("talk:1", today=TODAY)) == 3  # with those who acted
    plenty(town, 50)
    assert asked(lambda: tasks_of("talk:1", today=TODAY)) == 3
    assert len(tasks_of("talk:1", today=TODAY)) == 51
    assert all(asked(lambda page=page: browser.get(page)) <= n + 3 for page, n in zip(pages, one, strict=True))


def plenty(town, n: int) -> None:
    """So many tasks, as rows, swept."""
    Event.objects.bulk_create(
        Event(
            person=town.li, kind="task", occurred_on=TODAY, entered_on=TODAY, due_on=DUE, addressee=town.commissioner,
            entered_by=town.secretary, note=f"第 {number} 件", source="talk:1",
        )
        for number in range(n)
    )  # fmt: skip
    rule = load_pack("working-rules").rules.get(code="task")
    rule.swept.delete()
    sweep_on(TODAY)


# What it says, and to whom


def test_a_task_reads_as_what_it_is_to_those_who_may_read_it_and_as_a_task_to_others(town):
    event = give(town, to=town.zhao)
    for reader in (town.secretary, town.zhao, town.commissioner, town.clerk):
        assert line(event, account(reader)).what == f"帮扶任务：{WHAT}"
    for other in (town.li, town.sibling_secretary):
        assert line(event, account(other)).what == "帮扶任务"
    long = give(town, what="先到街道问清楚低保申请要哪些材料，再陪他去社区服务中心办。\n带上户口本")
    assert line(long, account(town.secretary)).what == "帮扶任务：先到街道问清楚低保申请要哪些材料，再陪他去社区…"


def test_the_line_names_the_day_the_task_states(town):
    told = line(give(town), account(town.secretary))
    assert (told.why, told.due, told.own, told.names) == (
        "11-23 登记“帮扶任务”，12-05 前办理答复", "12-05 到期", False, "张伟",
    )  # fmt: skip


def test_what_a_task_says_is_told_in_no_message(town):
    give(town)
    sweep_on(TODAY)
    told = str(digest.contents(date(2026, 12, 1)))
    assert "帮扶任务" in told
    assert "门诊" not in told


@pytest.mark.parametrize("page", ["/", "/duties/?tab=here", "/duties/?tab=mine"])
def test_the_task_stands_in_the_lists_of_whom_it_is_given_to(town, sign_in, page):
    give(town, due_on=date(2026, 11, 28))
    assert f"帮扶任务：{WHAT}" in plain(body(sign_in(account(town.commissioner)).get(page)))


def test_who_has_no_board_finds_his_task_on_his_own_page(town, sign_in):
    event = give(town, to=town.zhao)
    browser = sign_in(account(town.zhao))
    assert f"帮扶任务：{WHAT}" in body(browser.get("/me/"))
    assert WHAT in body(browser.get(f"/tasks/{event.pk}/"))
    assert WHAT in body(browser.get("/tasks/"))
    assert sign_in(account(town.sun)).get(f"/tasks/{event.pk}/").status_code == 404


def test_handling_leads_to_the_plain_form_which_closes_this_task_and_no_other(town, sign_in):
    event, other = give(town), give(town, due_on=date(2026, 12, 6))
    secretary = account(town.secretary)
    told, browser = line(event, secretary), sign_in(secretary)
    assert (told.url.partition("?")[0], told.label) == ("/deeds/new/", "登记办理")
    page = browser.get(told.url)
    assert WHAT in body(page)
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("member", "action", "on", "people")}
    assert (sent["action"], sent["people"]) == ("handling", [town.commissioner.pk])
    answer = browser.post(told.url, sent | {"once": once_in(page), "note": "手续办好了", "paper": ""}, follow=True)
    assert "已登记，办结 1 件应办。" in body(answer)
    assert (event.duties.get().state, other.duties.get().state) == ("done", "open")
    shown = plain(body(browser.get(f"/tasks/{event.pk}/")))
    assert "已办结 11-23 张伟" in shown
    assert "看记录" in shown
    assert "改期" not in shown


# Pages


def test_a_task_is_given_from_the_member_s_page_moved_and_taken_back(town, sign_in):
    begin_tie(person=town.li, kind=TieKind.PAIRING, to=town.zhao, since=TODAY, today=TODAY)
    browser = sign_in(account(town.secretary))
    assert f'href="/tasks/new/?member={town.li.pk}">布置任务' in body(browser.get(f"/members/{town.li.pk}/"))
    page = browser.get("/tasks/new/", {"member": town.li.pk})
    offered = [label for _value, label in page.context["form"].fields["to"].choices]
    assert offered[:2] == ["请选", "赵秀兰（结对）"]
    assert "张伟（河源第一党支部组织委员）" in offered
    assert not any("李建国" in each for each in offered)
    sent = {"once": once_in(page), "member": town.li.pk, "what": WHAT, "to": town.zhao.pk, "due_on": "2026-12-05"}
    url = f"/tasks/new/?member={town.li.pk}"
    refused = browser.post(url, sent | {"due_on": "2026-11-01"})
    assert refused.status_code == 422
    assert "期限 2026-11-01 已经过去" in body(refused)
    assert WHAT in body(refused)
    first, again = (browser.post(url, sent) for _ in range(2))
    event = Event.objects.get(kind="task")
    assert first.url == again.url == f"/tasks/{event.pk}/"
    assert (event.addressee, event.due_on, event.note) == (town.zhao, DUE, WHAT)
    page = browser.get(f"/tasks/{event.pk}/move/")
    browser.post(f"/tasks/{event.pk}/move/", {"once": once_in(page), "due_on": "2026-12-09", "reason": "改到下周"})
    assert event.duties.get().due_on == date(2026, 12, 9)
    page = browser.get(f"/tasks/{event.pk}/withdraw/")
    assert browser.post(f"/tasks/{event.pk}/withdraw/", {"once": once_in(page), "reason": ""}).status_code == 422
    answer = browser.post(f"/tasks/{event.pk}/withdraw/", {"once": once_in(page), "reason": "本人办了"}, follow=True)
    assert "已撤回 2026-11-23 本人办了" in plain(body(answer))


def test_only_who_gave_a_task_or_records_there_changes_it(town, sign_in):
    event = give(town, to=town.zhao)
    for other, status in ((town.zhao, 403), (town.li, 403), (town.sun, 404), (town.commissioner, 200)):
        browser = sign_in(account(other))
        for page in ("move", "withdraw"):
            assert browser.get(f"/tasks/{event.pk}/{page}/").status_code == status
    assert WHAT not in body(sign_in(account(town.li)).get(f"/tasks/{event.pk}/"))


def test_reading_a_task_leaves_a_row_in_the_audit(town, sign_in):
    event = give(town)
    sign_in(account(town.li)).get(f"/tasks/{event.pk}/")
    assert not AuditRow.objects.filter(act="read").exists()
    sign_in(account(town.secretary)).get(f"/tasks/{event.pk}/")
    assert AuditRow.objects.get(act="read").subject == f"event:{event.pk}"


def test_the_lists_tell_what_one_has_what_one_gave_and_what_one_may_know_of(town, sign_in):
    give(town)
    give(town, member=town.sun, to=town.secretary, by=account(town.sibling_secretary))
    browser = sign_in(account(town.secretary))
    for whose, names in (("mine", ["孙德福"]), ("given", ["李建国"]), ("here", ["李建国", "孙德福"])):
        shown = [each.about.name for each, _words in browser.get("/tasks/", {"whose": whose}).context["rows"]]
        assert sorted(shown) == sorted(names)
    assert [
        each for each, _words in sign_in(account(member("无关", town.sibling))).get("/tasks/").context["rows"]
    ] == []


def test_a_task_on_the_time_line_leads_to_its_own_page(town, sign_in):
    event = give(town)
    shown = body(sign_in(account(town.secretary)).get(f"/members/{town.li.pk}/"))
    assert f'href="/tasks/{event.pk}/">看任务' in shown
    assert f"应办：帮扶任务：{WHAT}，12-05 到期" in plain(shown)
    assert f"/events/{event.pk}/withdraw/" not in shown
    assert f"note-{event.pk}" not in shown


def test_the_hand_over_lists_the_tasks_of_whoever_leaves(town, sign_in):
    give(town, to=town.secretary)
    held = town.secretary.posts.get()
    shown = plain(body(sign_in(account(town.secretary)).get(f"/posts/{held.pk}/handover/")))
    assert f"帮扶任务：{WHAT}" in shown


def test_the_why_page_of_a_task_says_whose_turn_it_is_and_that_the_day_is_its_own(town, sign_in):
    event = give(town)
    told = line(event, account(town.secretary))
    shown = plain(body(sign_in(account(town.secretary)).get("/duties/why/", {"duty": told.ref})))
    for words in (f"帮扶任务：{WHAT}", "责任人：张伟", "事由里写明的期限，2026-12-05 到期"):
        assert words in shown

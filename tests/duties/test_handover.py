"""What goes from one holder of a post to the next."""

import html
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from base import drafts
from duties.board.handing_over import handover, posts_to_hand_over
from duties.engine.answering import arrange, hand_on
from duties.engine.models import Duty
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import assign_task
from members.enums import EventKind, Role, TieKind
from members.models import Post, Tie
from members.services import register_event
from tests.duties.acts import duty, end_post, happen, sweep_on, take_post
from tests.duties.reading import body, enrol, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def wang(world):
    return account(world.secretary, "wang")


@pytest.fixture
def secretary(wang, sign_in):
    return sign_in(wang)


@pytest.fixture
def held(world):
    return Post.objects.select_related("organisation", "person").get(person=world.secretary)


class Sent(dict):
    def lists(self):
        return [(name, [value]) for name, value in self.items()]


def codes(lines) -> list[tuple]:
    return [(line.duty.rule.code, line.who) for line in lines]


def listed(viewer, held):
    return handover(viewer, held, TODAY, timezone.now())


def test_it_lists_what_is_the_posts_turn_by_its_due_day(world, wang, held):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    found = listed(wang, held)
    assert codes(found.late) == [("talk-on-absence-or-dues", "李建国")]
    assert {who for _code, who in codes(found.soon)} == {"张伟", "赵秀兰"}
    assert found.count == sum(count for _title, _lines, count in found.sections)


def test_what_one_act_would_close_is_one_line_with_all_of_it_printed(world, wang, held, secretary):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    (line,) = listed(wang, held).late
    assert [each.duty.rule.code for each in line.all] == ["talk-on-absence-or-dues", "yearly-talk"]
    page = body(secretary.get(f"/posts/{held.pk}/handover/"))
    shown = plain(page)
    assert "逾期 2 件，1 行" in shown
    assert "一次谈话同时办结 2 件，另有： 年度谈心谈话" in shown
    assert "<details" not in page[page.index("逾期") : page.index("联系的党员")], "paper unfolds nothing"


def test_nothing_is_merged_that_is_the_turn_of_somebody_else(world, wang, held):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    for rule, to in (("yearly-talk", world.commissioner), ("talk-on-absence-or-dues", world.general_secretary)):
        given = Duty.objects.get(rule__code=rule, member=world.li)
        hand_on(by=wang, duties=[given], to=to, reason="", today=TODAY)
    assert [len(line.all) for line in listed(wang, held).handed] == [1, 1]


def test_each_line_cites_its_clause(world, held, secretary):
    page = plain(body(secretary.get(f"/posts/{held.pk}/handover/")))
    assert "李建国 年度谈心谈话 2026 年每名党员至少谈一次 豫水组〔2020〕55号 第6项" in page


def test_what_was_handed_on_and_arranged_is_told(world, wang, held):
    mine, given = duty("yearly-talk", world.li), duty("yearly-talk", world.zhao)
    arrange(by=wang, duties=[mine], on=TODAY, person=world.secretary, today=TODAY)
    hand_on(by=wang, duties=[given], to=world.commissioner, reason="", today=TODAY)
    found = listed(wang, held)
    assert codes(found.handed) == [("yearly-talk", "赵秀兰")]
    assert codes(found.arranged) == []
    assert "安排 11-23 王海燕去" in [line.arranged for line in found.soon]
    assert ("yearly-talk", "赵秀兰") not in codes(found.soon)


def test_ties_that_lead_to_the_holder_say_whether_they_end(world, wang, held, secretary):
    Tie.objects.create(person=world.li, kind=TieKind.CONTACT, to=world.secretary, since=date(2026, 1, 5))
    ends = date(2026, 12, 31)
    Tie.objects.create(person=world.zhao, kind=TieKind.PAIRING, to=world.secretary, since=date(2026, 1, 5), until=ends)
    Tie.objects.create(person=world.outsider, kind=TieKind.CONTACT, to=world.secretary, since=date(2026, 1, 5))
    assert {(bond.tie.person.name, bond.until) for bond in listed(wang, held).bonds} == {
        ("李建国", None), ("赵秀兰", ends - timedelta(days=1)),
    }  # fmt: skip
    page = plain(body(secretary.get(f"/posts/{held.pk}/handover/")))
    assert "不随任职转走" in page
    assert "2026-12-30" in page
    assert "沈岳" not in page


def test_drafts_are_a_number_and_nothing_more(wang, held, secretary):
    drafts.save(account=wang.pk, key="talk:m5", sent=Sent(text="只给自己看的话"), now=timezone.now())
    page = body(secretary.get(f"/posts/{held.pk}/handover/"))
    assert "草稿 1 份，只有王海燕本人看得到" in page
    assert "只给自己看的话" not in page


def test_it_can_be_signed_and_is_reached_from_ones_own_page_and_the_posts(world, held, secretary, sign_in):
    page = body(secretary.get(f"/posts/{held.pk}/handover/"))
    assert [word in page for word in ("移交人", "接交人", "监交人")] == [True] * 3
    assert f"/posts/{held.pk}/handover/" in body(secretary.get("/me/"))
    assert f"/posts/{held.pk}/handover/" in body(sign_in(account(world.clerk)).get(f"/posts/{held.pk}/"))


def test_the_successor_finds_the_predecessors_list(world, wang, held, sign_in):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    Tie.objects.create(person=world.zhao, kind=TieKind.CONTACT, to=world.secretary, since=date(2026, 1, 5))
    end_post(world.secretary, world.branch, TODAY)
    take_post(world.commissioner, world.branch, since=TODAY)
    client = sign_in(account(world.commissioner))
    now = Post.objects.get(person=world.commissioner, role=Role.SECRETARY)
    page = body(client.get(f"/posts/{now.pk}/handover/"))
    assert f"/posts/{held.pk}/handover/" in page
    page = body(client.get(f"/posts/{held.pk}/handover/"))
    assert f"/posts/{now.pk}/handover/" in page
    assert "现任 张伟" in page
    assert "赵秀兰" in page
    assert "组织生活或党费提醒谈话" in page
    assert "张伟" not in [line.who for line in listed(account(world.general_secretary), now).soon]


def test_a_post_of_another_branch_is_not_found(world, secretary):
    far = Post.objects.get(person=world.sibling_secretary)
    assert secretary.get(f"/posts/{far.pk}/handover/").status_code == 404
    above = Post.objects.get(person=world.general_secretary)
    assert secretary.get(f"/posts/{above.pk}/handover/").status_code == 404


def test_system_posts_are_not_handed_over_here(world, sign_in):
    clerk = Post.objects.get(person=world.clerk)
    assert sign_in(account(world.clerk)).get(f"/posts/{clerk.pk}/handover/").status_code == 404
    assert clerk not in posts_to_hand_over(account(world.committee_secretary))


def test_who_only_reads_finds_his_own_post_and_no_other(world, held, sign_in):
    reader = member("组长", world.branch)
    own = post(reader, world.branch, Role.GROUP_LEADER)
    client = sign_in(account(reader))
    assert client.get(f"/posts/{own.pk}/handover/").status_code == 200
    assert client.get(f"/posts/{held.pk}/handover/").status_code == 404


def test_a_hidden_basis_stays_hidden(world, held, sign_in):
    happen(world.li, EventKind.TENDENCY, TODAY)
    page = body(sign_in(account(world.commissioner)).get(f"/posts/{held.pk}/handover/"))
    assert "关怀事项" in page
    assert "苗头性" not in page


def test_it_asks_as_often_for_twenty_as_for_one(world, held, secretary, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as one:
        secretary.get(f"/posts/{held.pk}/handover/")
    for someone in enrol([f"新{number}" for number in range(20)], world.branch):
        Tie.objects.create(person=someone, kind=TieKind.CONTACT, to=world.secretary, since=date(2026, 1, 5))
    assert Duty.objects.open().count() > 20
    with django_assert_max_num_queries(len(one)):
        secretary.get(f"/posts/{held.pk}/handover/")


def test_the_tasks_of_who_died_are_handed_on_one_by_one(world, wang, sign_in):
    adopt(by=None, organisation=world.committee, policy=load_pack("working-rules"), since=TODAY, today=TODAY)
    sweep_on(TODAY)
    clerk = sign_in(account(world.clerk))
    held = Post.objects.get(person=world.secretary)
    given = {"what": "陪同复查", "due_on": TODAY + timedelta(days=9), "today": TODAY}
    event = assign_task(by=account(world.direct_secretary), member=world.li, to=world.secretary, **given)
    assert "转给他人" not in body(clerk.get(f"/posts/{held.pk}/handover/")), "he holds it, and does it himself"
    register_event(by=None, person=world.secretary, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    shown = body(clerk.get(f"/posts/{held.pk}/handover/"))
    assert "交给王海燕本人的任务不会自动轮走" in plain(shown)
    (link,) = re.findall(r'href="(/duties/hand-on/[^"]+)">转给他人', shown)
    form = clerk.get(html.unescape(link))
    assert "陪同复查" in body(form)
    assert Duty.objects.get(event=event).actor == world.secretary

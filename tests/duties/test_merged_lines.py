"""Duties that one act would close are one line; counts stay counts of duties."""

import re
from datetime import date

import pytest

from duties.board.asked import Asked
from duties.board.desk import urgent
from duties.board.groups import Tab
from duties.board.lists import page_of
from duties.board.merging import closing, merged, together
from duties.board.words import describe, with_words
from duties.engine.answering import hand_on
from duties.engine.models import Duty
from duties.engine.records import enter_record
from duties.policy.models import Rule
from members.enums import EventKind
from tests.duties.acts import duty, happen, talk
from tests.duties.pack import load_rules
from tests.duties.reading import body, enrol, plain
from tests.world import account

TODAY = date(2026, 11, 23)


@pytest.fixture
def wang(world):
    return account(world.secretary, "wang")


def lines_of(viewer, member):
    duties = with_words(Duty.objects.open().filter(member=member)).order_by("due_on", "pk")
    return together(describe(duties, viewer, TODAY), TODAY, own=True)


def said(lines):
    return [[each.duty.rule.code for each in line.all] for line in lines]


def test_one_talk_that_closes_two_is_one_line_with_both_clauses(world, wang):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    (line,) = lines_of(wang, world.li)
    assert line.duty.rule.code == "talk-on-absence-or-dues"
    assert line.together == "一次谈话同时办结 2 件"
    assert [each.duty.rule.code for each in line.others] == ["yearly-talk"]
    assert len(line.clauses) == len({each.clause.pk for each in line.all})
    talk(world.li, world.secretary, on=TODAY)
    assert not Duty.objects.open().filter(member=world.li).exists()


def test_the_page_shows_the_line_and_counts_the_duties(world, wang, sign_in):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    page = body(sign_in(wang).get("/duties/"))
    assert "一次谈话同时办结 2 件" in page
    assert "件数仍按事项数" in page
    assert len(re.findall(r'class="nowrap when"', page)) == 3
    assert re.search(r"我负责的<span class=\"n\">4<", page)
    assert plain(page).count("年度谈心谈话") >= 3


def test_the_desk_shows_it_too_and_knows_that_nothing_is_left(world, wang, sign_in):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    happen(world.li, EventKind.HONOUR, date(2026, 11, 12))
    found = urgent(Asked(wang, TODAY, here=world.branch), own=True)
    assert (found.late_count, found.soon_count, len(found.late), len(found.soon)) == (1, 1, 1, 0)
    assert (found.late_left, found.soon_left) == (0, 0)
    page = body(sign_in(wang).get("/"))
    assert "一次谈话同时办结 3 件" in page
    assert "看全部" not in page.split("政治生日")[0]


def test_what_answers_an_event_or_an_addressee_or_takes_several_acts_stands_alone(cast):
    load_rules(["talk-yearly", "talk-twice", "study-hours", "event-request", "event-answered", "leader-contacts",
                "visit-half", "event-talk"], "p0")  # fmt: skip
    alone = {rule.code for rule in Rule.objects.all() if not closing(rule)}
    assert alone == {"talk-twice", "study-hours", "event-request", "event-answered", "leader-contacts", "visit-half"}


def test_a_visit_and_a_talk_have_no_act_in_common_unless_either_closes_one():
    rows = [("li", {"talk", "visit"}), ("li", {"visit"}), ("li", {"talk"}), ("zhao", {"visit"}), ("li", set())]
    groups = merged(rows, lambda row: (row[0], frozenset(row[1])))
    assert groups == [[rows[0], rows[1]], [rows[2]], [rows[3]], [rows[4]]]


def test_a_hidden_basis_is_merged_with_nothing(world):
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 22))
    viewer = account(world.commissioner)
    assert said(lines_of(viewer, world.li)) == [["talk-on-tendency"], ["yearly-talk"]]
    assert said(lines_of(account(world.secretary), world.li)) == [["talk-on-tendency", "yearly-talk"]]
    asked = Asked(viewer, TODAY, here=world.branch)
    assert all(len(line) == 1 for line in asked.mine_together)


def test_what_can_no_longer_be_done_is_not_merged(world, wang):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    Duty.objects.filter(rule__code="yearly-talk", member=world.li).update(closes_on=date(2026, 11, 22))
    assert said(lines_of(wang, world.li)) == [["talk-on-absence-or-dues"], ["yearly-talk"]]


def test_in_a_list_of_all_only_the_turn_of_the_same_people_is_merged(world, wang):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    hand_on(by=wang, duties=[duty("yearly-talk", world.li)], to=world.commissioner, reason="", today=TODAY)
    duties = with_words(Duty.objects.open().filter(member=world.li)).order_by("due_on", "pk")
    assert [len(line.all) for line in together(describe(duties, wang, TODAY), TODAY, own=False)] == [1, 1]


def test_ones_own_list_is_merged_over_all_pages(world, wang, sign_in):
    people = enrol([f"新{number}" for number in range(60)], world.branch)
    happen(people[59], EventKind.ABSENCE, TODAY)
    asked = Asked(wang, TODAY)
    first = page_of(asked, Tab.MINE)
    second = page_of(asked, Tab.MINE, first.after)
    lines = [together(describe(page.rows, wang, TODAY), TODAY, own=True) for page in (first, second)]
    assert len(lines[0]) == 50
    assert said(lines[0])[0] == ["talk-on-absence-or-dues", "yearly-talk"]
    shown = [each.duty.pk for page in lines for line in page for each in line.all]
    assert sorted(shown) == sorted(row.pk for row in asked.mine)
    assert second.after == ""


def test_two_policies_that_ask_an_organisation_for_the_same_are_one_line(cast):
    from_two = [load_rules(["report-half"], code) for code in ("p0", "p1")]
    assert len(from_two) == 2
    viewer = account(cast.secretary)
    duties = []
    for policy in from_two:
        rule = policy.rules.get()
        duties.append(
            Duty.objects.create(
                rule=rule,
                key=f"o{cast.branch.pk}:2026-H2",
                period="2026-H2",
                organisation=cast.branch,
                path=cast.branch.path,
                opens_on=date(2026, 7, 1),
                counts_from=date(2026, 7, 1),
                due_on=date(2026, 12, 31),
                closes_on=date(2026, 12, 31),
            )
        )
    (line,) = together(describe(with_words(Duty.objects.all()).order_by("pk"), viewer, TODAY), TODAY, own=True)
    assert line.together == "一次报送同时办结 2 件"
    assert len(line.clauses) == 2
    enter_record(by=None, organisation=cast.branch, member=None, action="report", on=TODAY, people=[], today=TODAY)

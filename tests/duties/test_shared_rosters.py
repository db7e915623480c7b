"""The main job on rosters nobody here wrote: imported, adopted, swept, checked against cases worked out by hand.

The cases were worked out from the rows of the workbooks and the text of the clauses, not from the program.
"""

import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from duties.engine.models import Duty, SweptRule
from duties.policy.models import Rule
from members.models import Membership, Person
from tests.duties.acts import sweep_on, talk

DATA = Path(__file__).parent.parent / "data"
TODAY = date(2026, 11, 23)


@pytest.fixture
def province(db, capsys):
    for command, name in [("organisations", "organisations"), ("roster", "roster"), ("posts", "posts")]:
        call_command(f"import_{command}", str(DATA / f"{name}.xlsx"))
    call_command("adopt_policy", "41001", "henan-water-2020", "--since", "2026-01-01")
    call_command("sweep", "--on", "2026-11-23")
    capsys.readouterr()

    def listed(on=TODAY):
        call_command("duties", "--org", "41001", "--on", str(on), "--all", "--json")
        return {(d["rule"], d["key"]): d for d in json.loads(capsys.readouterr().out)}

    return listed


def test_a_roster_that_comes_after_the_policy_opens_what_a_sweep_would(db):
    def duties() -> list[tuple]:
        columns = ("rule", "key", "organisation", "state", "opens_on", "due_on", "held_to", "closed_by")
        return list(Duty.objects.order_by("rule", "key").values_list(*columns))

    call_command("import_organisations", str(DATA / "organisations.xlsx"))
    call_command("adopt_policy", "41001", "henan-water-2020", "--since", "2026-01-01")
    sweep_on(TODAY)
    call_command("import_roster", str(DATA / "roster.xlsx"))
    told = duties()
    assert {"yearly-talk", "political-birthday"} <= set(
        Rule.objects.filter(duties__isnull=False).values_list("code", flat=True)
    )
    SweptRule.objects.update(behind=True)
    sweep_on(TODAY)
    assert duties() == told


def number(name: str) -> int:
    return Person.objects.get(name=name).pk


def test_everybody_in_good_standing_owes_one_talk_this_year(province):
    yearly = [duty for (rule, _), duty in province().items() if rule == "yearly-talk"]
    assert len(yearly) == 360
    assert {duty["state"] for duty in yearly} == {"open"}
    assert {duty["due_on"] for duty in yearly} == {"2026-12-31"}
    assert {(duty["clause"], duty["mechanism"], duty["force"]) for duty in yearly} == {("第6项", "M15", "应当")}


@pytest.mark.parametrize(
    ("member", "on", "responsible", "why"),
    [
        ("邹国刚", TODAY, "苏杰雪", "he handed over on 1 July, his successor talks with him"),
        ("邹国刚", date(2026, 6, 1), "魏波", "he was secretary himself: one level up"),
        ("苏杰雪", TODAY, "魏波", "secretary since 1 July: one level up, the general branch"),
        ("苏杰雪", date(2026, 6, 30), "邹国刚", "the last day of the old secretary"),
        ("魏波", TODAY, "毛国", "the general branch's secretary is an ordinary member of his branch"),
        ("郝振", TODAY, "魏新", "a branch directly under the committee: the missing level is skipped"),
        ("魏新", TODAY, "沈庆民", "the committee's secretary is an ordinary member of his branch"),
        ("沈庆民", TODAY, "尉迟军杰", "branch secretary: the general branch's secretary"),
    ],
)
def test_whose_turn_the_yearly_talk_is(province, member, on, responsible, why):
    assert province(on)["yearly-talk", f"m{number(member)}:2026"]["responsible"] == responsible, why


@pytest.mark.parametrize(
    ("member", "year", "expected"),
    [
        ("乐进兰", 2026, ("2026-11-18", "2026-11-25", "open")),
        ("姚玉卫", 2026, ("2026-11-21", "2026-11-28", "open")),
        ("曹辉晓", 2026, ("2026-11-13", "2026-11-20", "lapsed")),
        ("司马党", 2026, ("2026-02-21", "2026-02-28", "lapsed")),
    ],
)
def test_political_birthdays_are_on_the_day_of_joining(province, member, year, expected):
    duty = province()["political-birthday", f"m{number(member)}:{year}"]
    assert (duty["opens_on"], duty["due_on"], duty["state"]) == expected
    assert (duty["force"], duty["clause"], duty["mechanism"]) == ("可以", "第2项", "M09")


@pytest.mark.parametrize(("member", "why"), [("江文建", "12-01 opens tomorrow"), ("李宁", "joined this very month")])
def test_whose_political_birthday_has_not_come(province, member, why):
    assert ("political-birthday", f"m{number(member)}:2026") not in province(), why


def test_a_probationer_owes_from_the_day_of_joining(province):
    duty = province()["yearly-talk", f"m{number('李宁')}:2026"]
    assert (duty["opens_on"], duty["due_on"], duty["responsible"]) == ("2026-11-16", "2026-12-31", "郝振")


def test_across_the_new_year_and_on_the_29th_of_february(province):
    sweep_on(date(2026, 12, 24))
    assert ("political-birthday", f"m{number('邵晓')}:2027") not in province()
    sweep_on(date(2026, 12, 25))
    duty = province()["political-birthday", f"m{number('邵晓')}:2027"]
    assert (duty["opens_on"], duty["due_on"], duty["responsible"]) == ("2026-12-25", "2027-01-01", "常晓")
    sweep_on(date(2028, 2, 29))
    assert province()["political-birthday", f"m{number('司马党')}:2028"]["due_on"] == "2028-02-29"


def test_one_talk_closes_the_year_and_the_birthday_of_three_days_ago(province):
    cao, gao = Person.objects.get(name="曹辉晓"), Person.objects.get(name="高飞勇")
    talk(cao, gao, on=TODAY)
    hers = [duty for (_, key), duty in province().items() if key == f"m{cao.pk}:2026"]
    assert {duty["state"] for duty in hers if duty["action"] != "study"} == {"done"}


def test_a_second_roster_moves_a_member_and_opens_the_talk_of_the_transfer(province, tmp_path):
    """The official sheet names half of the members; moving one row to another branch is a transfer."""
    import_moved(tmp_path, "邹国刚", "中共汝宁水文局第二支部委员会2")
    zou = Person.objects.get(name="邹国刚")
    assert Membership.objects.on(TODAY).get(person=zou).organisation.code == "410010102"
    found = Duty.objects.get(rule__code="talk-on-transfer", member=zou)
    assert (found.opens_on, found.due_on, found.organisation.code) == (TODAY, date(2026, 12, 3), "410010102")
    assert Duty.objects.get(rule__code="yearly-talk", member=zou).organisation.code == "410010102"


def import_moved(folder, name, branch):
    book = openpyxl.load_workbook(DATA / "roster-official.xlsx")
    for row in book.active.iter_rows(min_row=4):
        if row[1].value == name:
            row[2].value = branch
    book.save(folder / "moved.xlsx")
    call_command("import_roster", str(folder / "moved.xlsx"))

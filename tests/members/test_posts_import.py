"""Importing posts: the shared sheet whole, whom a row means, when a post ends, who is invited."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from base.dates import FAR
from base.facts import Fact
from members import posts as importing
from members.enums import Role, Standing
from members.models import Invitation, Organisation, Person, Post
from members.organisations import import_organisations, read_organisations
from members.posts import import_posts, read_posts
from members.roster.apply import import_roster, read_roster
from tests.members.sheets import DATA, id_number, workbook
from tests.world import account, join, member

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HEADINGS = ("党组织编码", "党组织名称", "姓名", "公民身份证号", "职务", "任职日期", "免职日期")


@pytest.fixture
def facts(monkeypatch):
    """What the import tells the engine."""
    told = []
    monkeypatch.setattr(importing, "facts_changed", lambda kind, **more: told.append((kind, more)))
    return told


def bring(*rows, by=None, now=NOW):
    sheet = read_posts(workbook(rows, headings=HEADINGS))
    return import_posts(by=by, sheet=sheet, today=now.date(), now=now)


def row(name="李建国", number=None, role="书记", since="2026-01-01", until=None, *, code="010102", branch=None):
    return (code, branch, name, number, role, since, until)


def codes(done) -> list[tuple[int, str, str]]:
    return [(f.row, f.column, f.code) for f in done.report.findings]


def counts(done) -> tuple[int, int, int, int]:
    return tuple(done.report.counts().values())


def posts_of(person) -> list[tuple]:
    found = Post.objects.filter(person=person).order_by("since", "pk")
    return list(found.values_list("organisation__code", "role", "since", "until"))


@pytest.mark.django_db
def test_the_shared_posts_come_in_whole_and_only_once(facts):
    import_organisations(by=None, sheet=read_organisations((DATA / "organisations.xlsx").read_bytes()), today=TODAY)
    roster = read_roster((DATA / "roster.xlsx").read_bytes())
    import_roster(by=None, sheet=roster, as_of=TODAY, today=TODAY)
    sheet = read_posts((DATA / "posts.xlsx").read_bytes())
    done = import_posts(by=None, sheet=sheet, today=TODAY, now=NOW)
    assert (counts(done), done.report.findings) == ((41, 0, 0, 0), [])
    branch = Organisation.objects.get(code="410010101")
    secretaries = Post.objects.filter(organisation=branch, role=Role.SECRETARY).order_by("since")
    assert list(secretaries.values_list("person__name", "since", "until")) == [
        ("邹国刚", date(2023, 7, 1), date(2026, 7, 1)),
        ("苏杰雪", date(2026, 7, 1), FAR),
    ]
    invited = {issued.person.name for issued, _ in done.invitations}
    assert len(done.invitations) == 40
    assert "苏杰雪" in invited
    assert "邹国刚" not in invited
    again = import_posts(by=None, sheet=sheet, today=TODAY, now=NOW)
    assert (counts(again), again.invitations) == ((0, 0, 41, 0), [])
    assert [kind for kind, _ in facts] == [Fact.POST]
    assert facts[0][1]["since"] == date(2023, 7, 1)


def test_a_post_tells_the_engine_its_holder_and_its_organisation(cast, facts):
    bring(row())
    assert facts == [
        (Fact.POST, {"since": date(2026, 1, 1), "people": [cast.li.pk], "organisations": [cast.sibling.pk]})
    ]


def test_the_last_day_held_is_the_day_before_the_interval_ends(cast):
    bring(row(until="2026-06-30"))
    assert posts_of(cast.li) == [("010102", Role.SECRETARY, date(2026, 1, 1), date(2026, 7, 1))]


def test_a_post_of_one_day_is_a_post(cast):
    bring(row(until="2026-01-01"))
    assert posts_of(cast.li) == [("010102", Role.SECRETARY, date(2026, 1, 1), date(2026, 1, 2))]


def test_a_post_that_ended_since_is_ended(cast, facts):
    bring(row())
    facts.clear()
    done = bring(row(until="2026-10-31"))
    assert counts(done) == (0, 1, 0, 0)
    assert posts_of(cast.li) == [("010102", Role.SECRETARY, date(2026, 1, 1), date(2026, 11, 1))]
    assert facts[0][1]["since"] == date(2026, 11, 1)


def test_an_older_sheet_never_revives_an_ended_post(cast):
    bring(row(until="2026-10-31"))
    done = bring(row())
    assert (counts(done), codes(done)) == ((0, 0, 1, 0), [(2, "免职日期", "post_already_ended")])
    assert posts_of(cast.li)[0][3] == date(2026, 11, 1)


def test_a_second_term_follows_the_first_and_may_not_overlap_it(cast):
    done = bring(row(until="2026-06-30"), row(since="2026-07-01"), row(since="2026-08-01"))
    assert (counts(done), codes(done)) == ((2, 0, 0, 1), [(4, "任职日期", "overlapping_post")])


@pytest.mark.parametrize(
    ("given", "column", "code"),
    [
        ({"role": "队长"}, "职务", "unknown_role"),
        ({"role": None}, "职务", "unknown_role"),
        ({"since": None}, "任职日期", "missing_since"),
        ({"since": "2026-11-24"}, "任职日期", "future_since"),
        ({"since": "去年"}, "任职日期", "bad_date"),
        ({"until": "2025-12-31"}, "免职日期", "until_before_since"),
        ({"name": None}, "姓名", "blank_name"),
        ({"name": "查无此人"}, "姓名", "unknown_person"),
        ({"number": id_number(9)}, "公民身份证号", "unknown_person"),
        ({"number": "123"}, "公民身份证号", "bad_id"),
        ({"number": 4.1e17}, "公民身份证号", "id_as_number"),
        ({"code": "9"}, "党组织编码", "unknown_organisation"),
        ({"code": None}, "党组织名称", "unknown_organisation"),
    ],
)
def test_a_wrong_row_is_refused_and_its_neighbours_are_not(cast, given, column, code):
    done = bring(row(**given), row("孙德福", role="组织委员"))
    assert (counts(done), codes(done)) == ((1, 0, 0, 1), [(2, column, code)])
    assert posts_of(cast.sun) != []


@pytest.mark.parametrize("until", ["2026年6月", "2026"])
def test_an_end_that_is_no_day_gives_no_access_for_ever(cast, until):
    done = bring(row(until=until))
    assert (counts(done), codes(done)[-1]) == ((0, 0, 0, 1), (2, "免职日期", "inexact_until"))
    assert posts_of(cast.li) == []
    assert counts(bring(row(until=" "))) == (1, 0, 0, 0)


def test_a_name_held_by_two_people_is_refused_with_the_request_for_the_number(cast):
    twin = member("李建国", cast.direct, id_number=id_number(1))
    done = bring(row(), row(role="副书记", number=id_number(1)))
    assert codes(done) == [(2, "姓名", "ambiguous_name")]
    assert "公民身份证号" in done.report.findings[0].message
    assert posts_of(twin) == [("010102", Role.DEPUTY_SECRETARY, date(2026, 1, 1), FAR)]


def test_a_namesake_who_died_or_stands_in_another_tree_is_not_meant(cast):
    dead = member("李建国", cast.branch)
    dead.memberships.update(standing=Standing.DEAD)
    member("李建国", cast.other_branch)
    assert counts(bring(row())) == (1, 0, 0, 0)
    assert posts_of(cast.li) != []


def test_a_number_under_another_name_is_refused(cast):
    member("钱七", cast.branch, id_number=id_number(1))
    done = bring(row("李建国", id_number(1)))
    assert codes(done) == [(2, "姓名", "name_differs")]
    assert "钱七" not in done.report.findings[0].message


def test_the_dead_hold_no_post(cast):
    dead = member("钱七", cast.branch, id_number=id_number(1))
    dead.memberships.update(standing=Standing.DEAD)
    assert codes(bring(row("钱七", id_number(1)))) == [(2, "姓名", "dead_person")]


def test_an_administrator_who_is_no_member_may_hold_a_post(cast):
    Person.objects.create(name="管理员", id_number=id_number(1))
    assert counts(bring(row("管理员", id_number(1), "出纳"))) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("党支部书记", Role.SECRETARY), ("总支书记", Role.SECRETARY), ("支委", Role.COMMISSIONER),
        (" 组织 委员", Role.ORGANISATION_COMMISSIONER),
    ],
)  # fmt: skip
def test_roles_are_known_under_the_names_people_use(cast, written, role):
    bring(row(role=written))
    assert posts_of(cast.li)[0][1] == role


def test_an_organisation_is_found_by_name_where_there_is_no_code(cast):
    assert counts(bring(row(code=None, branch="河源第二党支部"))) == (1, 0, 0, 0)


def test_a_name_that_does_not_fit_the_code_is_asked_about(cast):
    assert codes(bring(row(branch="别的支部"))) == [(2, "党组织名称", "organisation_differs")]


def test_the_same_post_twice_in_a_sheet_is_entered_once(cast):
    done = bring(row(), row())
    assert (counts(done), codes(done)) == ((1, 0, 0, 1), [(3, "姓名", "duplicate_post")])


def test_only_holders_of_today_without_an_account_are_invited(cast):
    account(cast.sun)
    done = bring(row(), row("孙德福"), row("赵秀兰", until="2026-10-31"))
    assert [(issued.person.name, org.code) for issued, org in done.invitations] == [("李建国", "010102")]
    assert done.as_dict()["invitations"][0].keys() == {"name", "organisation", "code"}


def test_who_missed_the_seven_days_is_invited_again_by_the_same_sheet(cast):
    first = bring(row())
    assert bring(row(), now=NOW + timedelta(days=6)).invitations == []
    second = bring(row(), now=NOW + timedelta(days=7))
    assert counts(second) == (0, 0, 1, 0)
    assert len(second.invitations) == 1
    assert second.invitations[0][0].code != first.invitations[0][0].code
    assert Invitation.objects.count() == 2


def test_an_account_imports_posts_only_where_it_may(cast):
    elsewhere = member("钱七", cast.other_branch, id_number=id_number(1))
    done = bring(row(), row("沈岳", code="0201"), row("钱七", id_number(1)), by=account(cast.clerk))
    assert codes(done) == [(3, "党组织编码", "unknown_organisation"), (4, "公民身份证号", "unknown_person")]
    assert posts_of(elsewhere) == []


def test_a_person_without_membership_is_reached_by_number(cast):
    someone = Person.objects.create(name="钱七", id_number=id_number(1))
    join(someone, cast.other_branch, since=date(2010, 1, 1), until=date(2020, 1, 1))
    assert counts(bring(row("钱七", id_number(1)), by=account(cast.clerk))) == (1, 0, 0, 0)

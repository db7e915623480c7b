"""Members whom a new roster no longer names: listed by branch, asked about, left alone."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from base.dates import FAR
from members.enums import Standing
from members.models import Membership
from members.roster.apply import import_roster, read_roster
from members.roster.plan import plan_roster
from tests.members.sheets import id_number, roster_row, workbook
from tests.world import account, join, member, person

TODAY = date(2026, 11, 23)


def plan(*rows, by=None):
    return plan_roster(by=by, sheet=read_roster(workbook(rows)), as_of=TODAY, today=TODAY)


def names(*rows, by=None) -> list[tuple[str, str]]:
    return [(stay.organisation.label, stay.person.name) for stay in plan(*rows, by=by).absent]


@pytest.fixture
def clerk(cast, client):
    user = account(cast.clerk)
    client.force_login(user, backend="members.backends.AccountBackend")
    return user


def test_members_of_the_named_branches_alone_are_asked_about(cast):
    assert names(roster_row()) == [("河源第一党支部", name) for name in ("张伟", "李建国", "王海燕", "赵秀兰")]
    both = names(roster_row(), roster_row("新人", 3, 所在党支部="河源第二党支部"))
    assert [name for branch, name in both if branch == "河源第二党支部"] == ["孙德福", "陈晓明"]


def test_whoever_stands_in_the_roster_is_not_asked_about(cast):
    here = join(person("甲", id_number=id_number(1)), cast.sibling, since=date(2010, 1, 1)).person
    moved = join(person("乙", id_number=id_number(3)), cast.sibling, since=date(2010, 1, 1)).person
    refused = join(person("丙", id_number=id_number(5)), cast.sibling, since=date(2010, 1, 1)).person
    unread = join(person("丁", id_number=id_number(7)), cast.sibling, since=date(2010, 1, 1)).person
    asked = names(
        roster_row(here.name, 1, 所在党支部="河源第二党支部"),
        roster_row(moved.name, 3),
        roster_row(refused.name, 5, 性别="女"),
        roster_row(unread.name, 7, 公民身份证号="看不清"),
    )
    assert [name for branch, name in asked if branch == "河源第二党支部"] == ["孙德福", "陈晓明"]


def test_the_dead_the_gone_and_other_organisations_are_not_asked_about(cast):
    member("已故", cast.sibling, since=date(2020, 1, 1), standing=Standing.DEAD)
    member("已走", cast.sibling, since=date(2020, 1, 1), until=date(2026, 1, 1))
    member("未到", cast.sibling, since=date(2026, 12, 1), until=FAR)
    row = roster_row(所在党支部="河源第二党支部")
    assert [name for _, name in names(row)] == ["孙德福", "陈晓明"]
    assert names(roster_row(所在党支部="外单位党支部"), by=account(cast.clerk)) == []


def test_nothing_happens_to_them(cast):
    before = list(Membership.objects.order_by("pk").values())
    sheet = read_roster(workbook([roster_row()]))
    import_roster(by=None, sheet=sheet, as_of=TODAY, today=TODAY)
    assert list(Membership.objects.exclude(person__name="王强").order_by("pk").values()) == before


def test_the_preview_and_the_result_ask_for_each_where_they_went(cast, clerk, client, settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    where = client.post(reverse("roster_import"), {"file": SimpleUploadedFile("名册.xlsx", workbook([roster_row()]))})
    page = client.get(f"{where.headers['Location']}&tab=absent").content.decode()
    assert re.search(r'名册里没有<span class="n">4 人', page)
    for kind in ("transfer_out", "death"):
        assert f"{reverse('event_new')}?member={cast.li.pk}&amp;kind={kind}" in page
    token = where.headers["Location"].split("=")[1]
    done = client.post(
        reverse("roster_import"), {"upload": token, "once": "k", "as_of": "2026-11-23"}, follow=True
    ).content.decode()
    assert "名册里没有的 4 人" in done
    assert "李建国" in done
    form = client.get(reverse("event_new"), {"member": cast.li.pk, "kind": "transfer_out"}).content.decode()
    assert re.search(r'value="transfer_out"[^>]*checked', form)


def test_the_command_names_them_by_branch(cast, tmp_path, capsys):
    (tmp_path / "in.xlsx").write_bytes(workbook([roster_row()]))
    call_command("import_roster", str(tmp_path / "in.xlsx"), "--dry-run")
    said = capsys.readouterr().out
    assert "名册里没有的现有党员 4 人，没有动他们" in said
    assert "河源第一党支部：张伟、李建国、王海燕、赵秀兰" in said


def test_asking_costs_as_many_queries_for_three_members_as_for_sixty(cast, django_assert_num_queries):
    for number in (0, 60):
        for each in range(number):
            member(f"人{each}", cast.branch)
        with django_assert_num_queries(4):
            assert len(plan(roster_row()).absent) == 4 + number

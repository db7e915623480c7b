"""The warning that a talk reads nearly like an earlier one of the same writer. Today is 2026-11-23."""

import time
from datetime import date

import pytest

from duties.engine.models import Record
from tests.visits.filling import fill, fill_several
from tests.world import account
from visits.likeness import likeness, pairs
from visits.models import Talk

TODAY = date(2026, 11, 23)
LONG = "谈了近期工作。汛期值守安排合理，本人愿意多承担夜班。家里老人身体尚好，孩子上初三，接送由爱人负责。"
WARNED = "几乎一样"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def alike(one: str, other: str, *names: str) -> float:
    return likeness(pairs(one, *names), pairs(other, *names))


def test_likeness_passes_over_names_marks_and_a_few_words():
    assert alike(LONG, LONG) == 1
    assert alike(LONG, LONG.replace("，", " ").replace("。", "\n")) == 1
    assert alike(f"周敏说：{LONG}", f"李建国说：{LONG}", "周敏", "李建国") == 1
    assert alike(LONG, LONG.replace("多承担夜班", "承担夜班")) > 0.9
    assert alike(LONG, "母亲住院做手术，夜里陪护走不开，请支部帮忙协调请假，其余都好。想换到离家近的站。") < 0.3
    assert alike("都好。", "都好。") == 0, "so short a word is often the same in all honesty"
    assert alike(LONG, LONG * 3) == 0


def test_saving_warns_once_and_then_goes_through(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.zhao, text=LONG, on="2026-11-02"))
    sent = fill(secretary, world.li, text=LONG.replace("初三", "初二"), wish="想换班")
    warned = secretary.post("/talks/new/", sent)
    body = warned.content.decode()
    assert warned.status_code == 422
    assert "与 11-02 对赵秀兰的谈话几乎一样（9" in body
    assert "如确实如此可照常保存，否则请按这次谈的写。" in body
    assert '<input type="hidden" name="alike" value="1">' in body
    assert "想换班" in body
    assert Record.objects.count() == 1
    assert secretary.post("/talks/new/", sent | {"alike": "1"}).status_code == 302
    assert Talk.objects.count() == 2


def test_the_preview_does_not_warn_and_what_was_withdrawn_is_not_compared(world, secretary, sign_in):
    secretary.post("/talks/new/", fill(secretary, world.zhao, text=LONG))
    sent = fill(secretary, world.li, text=LONG)
    assert WARNED not in secretary.post("/talks/new/", sent | {"preview": "1"}).content.decode()
    other = sign_in(account(world.commissioner))
    assert other.post("/talks/new/", fill(other, world.li, text=LONG)).status_code == 302, "only one's own"
    Record.objects.filter(member=world.zhao).update(withdrawn_on=TODAY)
    assert secretary.post("/talks/new/", sent).status_code == 302


def test_the_lines_of_one_form_are_compared_too(world, secretary):
    sent = fill_several(secretary, world.branch, (world.li, LONG), (world.zhao, LONG))
    body = secretary.post("/talks/several/", sent).content.decode()
    assert "与这张表里对李建国写的几乎一样（100%）" in body
    assert secretary.post("/talks/several/", sent | {"alike": "1"}).status_code == 302
    assert Talk.objects.count() == 2


def test_two_hundred_long_talks_are_compared_in_no_time():
    texts = [f"第 {number} 次。{LONG[number % 40 :] * 20}" for number in range(200)]
    before = time.perf_counter()
    assert max(alike("站里缺人手，盼着明年补员。" * 80, text) for text in texts) < 0.5
    assert time.perf_counter() - before < 0.3

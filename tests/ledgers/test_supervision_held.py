"""督办 between the two sides: what only the sender's side may do, what follows whoever holds the post, bad years."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from duties.board.happened import source_words
from duties.engine.models import State
from duties.engine.responsible import attach_responsible
from duties.policy.models import Rule
from ledgers.supervision.acts import WHOSE, Stage
from ledgers.supervision.models import Answer, Supervision
from members.enums import Role
from members.models import Event, Post
from tests.duties.acts import adopt_pack, sweep_on
from tests.duties.reading import body
from tests.ledgers.rows import event
from tests.ledgers.test_supervision import TODAY, known, lived, now, once, owed, reply, sent
from tests.world import member, post

__all__ = ["lived"]
pytestmark = pytest.mark.django_db


def test_the_supervised_neither_moves_nor_withdraws_it_but_those_above_do(lived, sign_in):
    notice = sent(lived)
    for who, status in ((lived.secretary, 403), (lived.commissioner, 403), (lived.general_secretary, 200)):
        client = sign_in(known(who))
        shown = body(client.get(f"/tasks/{notice.event_id}/"))
        assert ("改期" in shown) == (status == 200)
        for page in ("move", "withdraw"):
            assert client.get(f"/tasks/{notice.event_id}/{page}/").status_code == status


def test_the_sender_s_side_alone_waives_it_and_the_notice_says_so(lived, sign_in):
    notice = sent(lived)
    ref = f"{owed(notice).rule_id}:{owed(notice).key}"
    assert sign_in(known(lived.secretary)).get("/duties/waive/", {"duty": ref}).status_code == 403
    above = sign_in(known(lived.general_secretary))
    page = body(above.get("/duties/waive/", {"duty": ref}))
    form = {"once": once(page), "duty": ref, "why": "other", "text": "已并入上一件"}
    assert above.post("/duties/waive/", form).status_code == 302
    assert (owed(notice).state, now(notice)) == (State.WAIVED, Stage.WAIVED)
    shown = body(above.get(f"/supervisions/{notice.pk}/"))
    assert "已免办" in shown
    assert "已并入上一件" in shown
    with pytest.raises(ValidationError, match="已免办"):
        reply(lived.secretary, notice, "已谈", TODAY)


def test_the_answer_is_withdrawn_with_its_record_and_asked_for_again_until_it_is_accepted(lived, sign_in):
    notice = sent(lived)
    made = reply(lived.secretary, notice, "已谈", TODAY)
    own, where = sign_in(known(lived.secretary)), f"/supervisions/answers/{made.pk}/withdraw/"
    assert own.get(f"/deeds/{made.record.deed.pk}/withdraw/").url == where
    assert where in body(own.get(f"/supervisions/{notice.pk}/"))
    page = body(own.get(where))
    assert own.post(where, {"once": once(page), "reason": "写错了"}).url == f"/supervisions/{notice.pk}/"
    assert (owed(notice).state, now(notice)) == (State.OPEN, Stage.OPEN)
    second = reply(lived.secretary, notice, "周五谈的", TODAY)
    assert (owed(notice).state, now(notice)) == (State.DONE, Stage.ANSWERED)
    above = sign_in(known(lived.general_secretary))
    assert above.get(f"/supervisions/answers/{second.pk}/withdraw/").status_code == 403
    above.post(f"/supervisions/{notice.pk}/settle/", {"once": once(body(above.get(f"/supervisions/{notice.pk}/")))})
    own, where = sign_in(known(lived.secretary)), f"/supervisions/answers/{second.pk}/withdraw/"
    assert own.get(where).url == f"/supervisions/{notice.pk}/"
    assert own.post(where, {"once": "k", "reason": "再改"}).status_code == 422
    assert (owed(notice).state, now(notice)) == (State.DONE, Stage.SETTLED)
    assert Answer.objects.filter(withdrawn_on=TODAY).get() == made


def test_it_is_handed_on_to_those_alone_who_may_answer_it(lived, sign_in):
    notice = sent(lived)
    post(lived.zhao, lived.branch, Role.PUBLICITY_COMMISSIONER)
    ref = f"{owed(notice).rule_id}:{owed(notice).key}"
    own = sign_in(known(lived.secretary))
    page = own.get("/duties/hand-on/", {"duty": ref})
    offered = str(page.context["form"].fields["to"].choices)
    assert lived.commissioner.name in offered
    assert not any(each.name in offered for each in (lived.general_secretary, lived.committee_secretary, lived.zhao))
    sent_to = {"once": once(body(page)), "duty": ref, "to": lived.general_secretary.pk, "reason": "外出"}
    assert own.post("/duties/hand-on/", sent_to).status_code == 422


def test_whoever_holds_the_secretary_s_post_owes_it(lived, sign_in):
    notice = sent(lived)
    held = lived.secretary.posts.get()
    Post.objects.filter(pk=held.pk).update(until=TODAY)
    heir = member("许明", lived.branch)
    post(heir, lived.branch, Role.SECRETARY, since=TODAY)
    (shown,) = attach_responsible([owed(notice)], TODAY)
    assert shown.responsible == [heir]
    assert notice.subject in body(sign_in(known(heir)).get("/duties/"))
    assert notice.subject in body(sign_in(known(heir)).get(f"/posts/{held.pk}/handover/"))


def test_without_a_secretary_it_is_owed_by_who_leads_and_by_who_leads_later(lived):
    Post.objects.filter(person=lived.secretary).delete()
    notice = sent(lived)

    def whose() -> list:
        (shown,) = attach_responsible([owed(notice)], TODAY)
        return shown.responsible

    assert (notice.event.addressee, whose()) == (None, [lived.commissioner])
    post(lived.zhao, lived.branch, Role.DEPUTY_SECRETARY)
    assert whose() == [lived.zhao]
    post(lived.li, lived.branch, Role.SECRETARY)
    assert whose() == [lived.li]


def test_the_rule_of_tasks_names_the_same_leaders_as_a_notice(lived):
    assert Rule.objects.get(code="organisation-task").parsed.responsible.heads == WHOSE


def test_who_leads_both_sends_it_to_another_of_there(lived):
    post(lived.general_secretary, lived.branch, Role.SECRETARY)
    Post.objects.filter(person=lived.secretary).delete()
    notice = sent(lived)
    assert notice.event.addressee == lived.commissioner


@pytest.mark.parametrize("year", ["-5", "1", "9999", "32767", "9" * 30, "2021", "二〇二四"])
def test_a_year_that_nobody_offers_is_refused_in_words(lived, sign_in, year):
    client = sign_in(known(lived.general_secretary))
    where = f"/supervisions/new/?organisation={lived.branch.pk}&kind=occasions&year={year}"
    assert client.get(where).status_code == 200
    form = {"organisation": lived.branch.pk, "kind": "occasions", "year": year, "subject": "事", "text": "文",
            "due_on": "2026-11-30"}  # fmt: skip
    answered = client.post("/supervisions/new/", form)
    assert answered.status_code == 422
    assert "没有这一年的数" in body(answered)
    assert not Supervision.objects.exists()


def test_a_notice_keeps_the_figures_of_the_year_it_names(lived, sign_in):
    adopt_pack(lived.committee)
    event(lived.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    client = sign_in(known(lived.general_secretary))
    form = {"organisation": lived.branch.pk, "kind": "occasions", "year": "2024"}
    page = body(client.get("/supervisions/new/", form))
    assert "2024 年" in page
    for year, due in (("2024", 0), ("2026", 1)):
        wanted = form | {"year": year, "subject": f"{year} 年", "text": "文", "due_on": "2026-11-30"}
        client.post("/supervisions/new/", wanted)
        notice = Supervision.objects.get(subject=f"{year} 年")
        assert (notice.year, notice.figures["due"]) == (int(year), due)


def test_the_same_notice_again_is_refused_in_the_words_of_a_notice(lived):
    sent(lived)
    with pytest.raises(ValidationError) as no:
        sent(lived)
    assert set(no.value.message_dict) == {"subject"}
    assert "督办" in no.value.message_dict["subject"][0]
    assert Supervision.objects.count() == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("supervision:18:answer", "答复督办"), ("medals:2027:verify", "核查光荣在党50年人选"),
        ("honours", "荣誉表彰登记"), ("relief:5:step", "办理党费减免"), ("assessment:3", "书记考核"),
        ("later:3", ""), ("防汛指〔2026〕7 号",) * 2,
    ],
)  # fmt: skip
def test_where_an_event_came_from_is_said_in_words(source, words):
    assert source_words(Event(source=source)) == words

"""Notices of the demo: one that waits for its answer, one answered and accepted late, one that waits to be accepted."""

from datetime import date, timedelta

from ledgers.indicators import Asked, Span
from ledgers.supervision.acts import SOURCE, Wanted, answer, send, sender_of, settle
from ledgers.supervision.models import Supervision
from members.models import Account, Organisation, Post

BY_GENERAL, BY_CLERK = "程立新", "林清"
NOTICES = (
    (
        BY_GENERAL, "王海燕", "talks", "年度谈话要赶上进度",
        "全年时间快到了，请说明还没谈的同志怎样安排，年底前分几次谈完。", 3, 6, None, None,
    ),
    (
        BY_CLERK, "平川勘测局党总支", "occasions", "必谈没有按期谈",
        "有的必谈过了期限没有登记。请逐件核对：谈了没登记的补录，没谈的写明哪天谈。", 24, -12, -9,
        "已逐件核对：两件谈过没有登记，已补录；一件本人在外地，约好回来当天谈。以后由组织委员每周看一次应办清单。",
    ),
    (
        BY_CLERK, "离退休第一党支部", "registers", "困难党员台账复核",
        "请说明到期没复核的是哪几户，什么时候上门。", 10, 3, -1, "到期的是两户，都住在市外，已电话核实，下周上门补签。",
    ),
)  # fmt: skip
"""By whom, to whom (a branch by its secretary), about which figure, subject, words; sent how many days ago, due in how
many, answered in how many and in which words. The first answer was accepted.
"""


def enter_supervision(*, today: date) -> None:
    """Send and answer them as the product would, by the accounts of the demo and of who answers."""
    for by, to, kind, subject, text, ago, due, said_on, said in NOTICES:
        account = Account.objects.select_related("person").get(person__name=by)
        on = today - timedelta(days=ago)
        place = _place(to, today)
        asked = Asked(account, Span(on.year, today))
        (figures,) = asked.figures([place])
        wanted = Wanted(
            subject, text, today + timedelta(days=due), kind, on.year,
            {name: figures.of(kind)[name] for name in ("due", "done", "late")},
        )  # fmt: skip
        notice = send(by=account, organisation=place, sender=sender_of(account, place), wanted=wanted, today=on)
        if said:
            _answered(notice, said, today + timedelta(days=said_on))
    first = Supervision.objects.filter(event__source__startswith=SOURCE, subject=NOTICES[1][3]).get()
    settle(by=Account.objects.get(person__name=BY_CLERK), notice=first, today=today - timedelta(days=8))


def _place(to: str, today: date) -> Organisation:
    """An organisation by its short name, or where somebody is secretary."""
    found = Organisation.objects.filter(short_name=to).first()
    return found or Post.objects.on(today).get(person__name=to, role="secretary").organisation


def _answered(notice: Supervision, text: str, on: date) -> None:
    secretary = Post.objects.on(on).get(organisation=notice.organisation, role="secretary")
    by = Account.objects.select_related("person").get(person=secretary.person_id)
    answer(by=by, person=by.person, notice=notice, text=text, today=on)

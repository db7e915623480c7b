"""The demo's talks of late with all that follows one: promises, words added, the member's confirmation; and requests
for a talk: one arranged, one answered late with the reason.
"""

from datetime import date, timedelta

from duties.deeds import record_deed
from members.models import Account, Event, Person
from visits.addenda import add_words
from visits.answering import arrange_talk, explain_late
from visits.confirming import confirm, note_paper
from visits.models import Talk
from visits.promises import Promise, promise, promises_of
from visits.requesting import request_talk
from visits.services import record_talk

SECRETARY, COMMISSIONER, MEMBER = "王海燕", "张伟", "周敏"
SAID, DONE = "孙德福", "马玉珍"
LATE, ARRANGED = "赵秀兰", "郭凤英"

WORDS = {
    "生活": ("家", "身体", "孩子", "老人", "住", "病", "退休", "子女"),
    "工作": ("工作", "业务", "岗位", "值守", "项目", "巡测", "站", "考核"),
}


def themes_of(text: str) -> list[str]:
    """What the words of an invented talk are about: 思想 always, 工作 and 生活 where they say so."""
    told = ["思想", *(label for label, words in WORDS.items() if any(word in text for word in words))]
    return [theme.value for theme in Talk.Theme if theme.label in told]


def enter_talks(*, today: date) -> None:
    """Enter them by the secretary's account in the home branch."""
    by = _account(SECRETARY)
    helper = _account(COMMISSIONER).person
    first = _talk(
        by, SAID, today - timedelta(days=6), opinion="集中学习放在上午好，老同志坐公交方便。",
        text="退休两年，慢慢习惯了。上午接送孙子上学，下午想找点事做，愿意给新同志讲讲水情报汛的老经验，身体也还行。",
        wish="希望把活动室的取暖修一修。", reply="取暖的事当场给后勤打了电话，月底前答复。",
    )  # fmt: skip
    given = [
        Promise("催后勤修好活动室取暖，把结果告诉他", by.person, today + timedelta(days=5)),
        Promise("请他给新同志讲一次报汛的老经验，定好时间", helper, today + timedelta(days=14)),
    ]
    promise(by=by, act=first, promises=given, today=today - timedelta(days=6))
    add_words(by=by, record=first.record, text="后勤回话，取暖片已换，周五试水，已先告诉本人。", today=today)
    second = _talk(
        by, DONE, today - timedelta(days=16), place="家中",
        text="身体恢复得还可以，就是看报吃力。对支部送学上门很满意，说起当年建站的事，愿意给年轻人讲一次。",
    )  # fmt: skip
    bring = Promise("带一副老花镜和大字版的学习材料去", helper, today - timedelta(days=8))
    promise(by=by, act=second, promises=[bring], today=today - timedelta(days=16))
    [task] = promises_of(second, today)
    record_deed(
        by=_account(COMMISSIONER), action="handling", on=today - timedelta(days=10), people=[helper],
        today=today - timedelta(days=10), note="眼镜和材料都送到了。", member=second.record.member, event=task.event,
    )  # fmt: skip
    note_paper(by=by, record=second.record, on=today - timedelta(days=16), today=today)
    _talk(
        by, MEMBER, today - timedelta(days=3),
        text="谈了转岗以后的适应，新岗位的报表还不熟，师傅带得耐心。女儿上学接送的事，她说过几天再看要不要支部帮忙。",
    )  # fmt: skip
    earlier = Talk.objects.filter(record__member__name=MEMBER, record__on__lt=today - timedelta(days=3))
    if before := earlier.order_by("-record__on", "-pk").first():
        confirm(by=_account(MEMBER), record=before.record, right=True, text="", today=today)
    _requests(by, today)


def _account(name: str) -> Account:
    return Account.objects.select_related("person").get(person__name=name)


def _person(name: str) -> Person:
    return Person.objects.filter(name=name).order_by("pk").first()


def _requests(by: Account, today: date) -> None:
    asked = _ask(by, LATE, today - timedelta(days=24))
    on = today - timedelta(days=15)
    _talk(by, LATE, on, text="想弄清医保门诊报销的手续，谈了一个多小时，材料清单写在纸上留给她了。", event=asked)
    explain_late(by=by, event=asked, on=on, reason="汛后检查出差，回来当天就谈了")
    waiting = _ask(by, ARRANGED, today - timedelta(days=1))
    arrange_talk(by=by, request=waiting, on=today + timedelta(days=2), place="支部活动室", today=today)


def _ask(by: Account, name: str, on: date) -> Event:
    return request_talk(by=by, person=_person(name), addressee=by.person, on=on, reason="", today=on)


def _talk(by: Account, name: str, on: date, *, text: str, event=None, **more) -> Talk:
    subject = Talk.Subject.REQUEST if event else Talk.Subject.OTHER
    [made] = record_talk(
        by=by, members=[_person(name)], on=on, means=Talk.Means.FACE, subject=subject, text=text, talkers=[by.person],
        today=on, event=event, themes=themes_of(text), minutes=40, **more,
    )  # fmt: skip
    return made

"""评选公示 for a bundle: each notice of a selection as it was posted, with what became of those whom it named.

Objections are counted; who said what stays sealed. A batch at a time, as many queries for one notice as for a hundred.
"""

from collections.abc import Iterator

from django.db.models import Prefetch

from awards.models import Nominee, Selection, SelectionNotice, SelectionObjection
from base.papers import Facts, Paper, Table
from base.writing import Heading
from ledgers.bundle.asked import Asked
from ledgers.bundle.papers import Form, Section
from members.scope import path_end, sealed_at

SHOWN = (
    Heading("序号", 6), Heading("称号", 22), Heading("对象", 20), Heading("所在党组织", 28), Heading("结果", 14),
)  # fmt: skip


def postings(asked: Asked) -> Section:
    """The folder, whether anything lies in it or not: what selections at or below the organisation posted."""
    here = asked.organisation.path
    objections = SelectionObjection.objects.order_by("pk").defer("said_by", "words", "answer")
    nominees = Nominee.objects.select_related("title", "person", "organisation")
    nominees = nominees.defer("deeds", "review", "ended_words", *sealed_at("person"))
    nominees = nominees.prefetch_related(Prefetch("objections", objections))
    rows = SelectionNotice.objects.visible_to(asked.eyes).filter(from_on__range=(asked.first, asked.last))
    rows = rows.filter(
        selection__organisation__path__gte=here, selection__organisation__path__lt=path_end(here)
    ).select_related("selection__organisation")
    in_order = nominees.order_by("title__position", "path", "pk")
    return Section(
        "07 评选公示及结果", rows.prefetch_related(Prefetch("nominees", in_order)).order_by("from_on", "pk"), _forms
    )


def _forms(asked: Asked, batch: list[SelectionNotice]) -> Iterator[Form]:
    for notice in batch:
        selection, nominees = notice.selection, notice.nominees.all()
        title = f"{selection.title}拟表彰名单公示"
        until = f"{notice.from_on} 至 {notice.until_on}"
        facts = [
            ("公示期", f"{until}，{notice.days} 个工作日"), ("张贴地点", notice.place), ("受理异议", notice.contact),
            ("异议", _objected(nominees)), ("结果", _result(selection, notice, asked)),
        ]  # fmt: skip
        rows = [
            [number, each.title.name, each.whom, each.organisation.label, each.said]
            for number, each in enumerate(nominees, 1)
        ]
        words = [Facts(facts, frozenset({"结果"})), Table("公示名单", SHOWN, rows)]
        said = f"名单 {len(rows)} 个，{until}"
        yield Form(f"{notice.from_on} {title}", said, Paper(title, selection.organisation.name, words))


def _objected(nominees) -> str:
    objections = [one for each in nominees for one in each.objections.all()]
    if not objections:
        return "没有收到"
    answered = sum(one.answered_on is not None for one in objections)
    upheld = sum(bool(one.upheld) for one in objections)
    return f"收到 {len(objections)} 件，已答复 {answered} 件，属实 {upheld} 件"


def _result(selection: Selection, notice: SelectionNotice, asked: Asked) -> str:
    if selection.stage == Selection.Stage.AWARDED:
        return f"{selection.awarded_on} 表彰，{selection.document}"
    if selection.stage == Selection.Stage.CALLED_OFF:
        return "评选已撤销"
    return "公示中" if asked.reader.day <= notice.until_on else "公示期满，还没有表彰"

"""The ledgers of honours, of what was named after models and of stories told: what they print, what comes in."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from awards.honours import Granted, amiss, amiss_with_revoking, grant_honour, revoke_honour
from awards.kept import known_place
from awards.models import Honour, HonourKind, Level, Naming, Story
from base.cells import plain, squeezed
from base.dates import FAR
from base.reading import CellReader
from base.writing import Format
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry, labels
from ledgers.ledger import Column, Ledger, Part, Pick, Reader
from members.models import Organisation
from members.scope import path_end, sealed_at

ON = ("奖励日期", "批准时间", "日期")
ON_TITLE = ("奖惩标题", "奖励名称", "表彰名称")
BY = ("奖励机构", "批准党委", "批准机关")
PLACE = ("所在党支部", "党组织", "所在党组织", "党支部", "组织")


def _of(model, reader: Reader, organisation: Organisation, *, day: str, first: date, last: date) -> QuerySet:
    """Rows of the period at the organisation and below, without those taken back."""
    found = model.objects.all() if reader.account is None else model.objects.visible_to(reader.account)
    found = found.standing().filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
    found = found.filter(**{f"{day}__range": (first, last)}).select_related("person", "organisation")
    return found.defer(*sealed_at("person")).order_by(f"-{day}", "-pk")


def _honours(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    return _of(Honour, reader, organisation, day="granted_on", first=first, last=last)


def _state(honour: Honour, reader: Reader) -> str:
    return "已撤销" if honour.revoked_on else "否"


def _posthumous(honour: Honour, reader: Reader) -> str:
    return POSTHUMOUS if honour.is_posthumous else ""


POSTHUMOUS = "追授"
YES, NO = (POSTHUMOUS, "是", "√"), ("", "否", "无")
"""How a sheet says that an honour was granted after a death, or was not."""


_FIELDS = {"granted_on": "on"}


def _judge(entry: Entry, today: date) -> None:
    cells = entry.cells
    kind, level = (_word(cells, name, choices) for name, choices in (("kind", HonourKind), ("level", Level)))
    given = Granted(
        kind, cells.text("title", longest=60), level, cells.text("granted_by", longest=60), entry.on,
        cells.text("document", longest=60), cells.text("evidence", longest=200),
        is_posthumous=_said_posthumous(cells),
    )  # fmt: skip
    revoked = _revoked(cells, entry.on, today)
    if entry.member:
        try:
            entry.place = known_place(entry.member, entry.on, field="on")
        except ValidationError as no:
            _refuse(cells, no.message_dict)
            entry.place = entry.stay and entry.stay.organisation
    if kind and level and entry.place:
        _refuse(cells, amiss(entry.member, entry.place, given, today))
    entry.given = {"given": given, "revoked": revoked}


def _refuse(cells: CellReader, refused: dict[str, list[str]]) -> None:
    for name, sentences in refused.items():
        cells.wrong(_FIELDS.get(name, name), f"refused_{name}", " ".join(sentences))


def _word(cells: CellReader, name: str, choices) -> str:
    text = squeezed(plain(cells.text(name, longest=60)))
    found = HONOUR_ENTERING.words[name].get(text, "")
    if not found:
        said = f"“{text[:20]}”认不出" if text else "没有写"
        cells.wrong(name, f"bad_{name}", f"{said}，请写成：{'、'.join(choices.labels)}。")
    return found


def _said_posthumous(cells: CellReader) -> bool:
    text = squeezed(plain(cells.text("is_posthumous", longest=60)))
    if text not in YES + NO:
        cells.wrong("is_posthumous", "bad_is_posthumous", f"“{text[:20]}”认不出，追授的写“追授”，不是的空着。")
    return text in YES


def _revoked(cells: CellReader, granted_on: date, today: date) -> dict | None:
    on, reason = cells.day("revoked_on"), cells.text("revoked_reason", longest=200)
    if on is None:
        return None
    for name, sentences in amiss_with_revoking(granted_on, on, reason, today).items():
        cells.wrong({"on": "revoked_on", "reason": "revoked_reason"}[name], f"refused_{name}", " ".join(sentences))
    return {"on": on, "reason": reason}


def _enter(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    whose = {"person": entry.member} if entry.member else {"organisation": entry.place}
    with transaction.atomic():
        honour = grant_honour(by=by, given=entry.given["given"], today=today, **whose)
        if entry.given["revoked"]:
            revoke_honour(by=by, honour=honour, today=today, **entry.given["revoked"])


HONOUR_ENTERING = Entering(
    noun="荣誉",
    only=((NUMBER, TELLS_APART),),
    words={
        "kind": {
            **labels(HonourKind), "勋章": HonourKind.MEDAL, "荣誉称号": HonourKind.MEDAL, "党内": HonourKind.PARTY,
            "行政": HonourKind.WORK, "及时表彰": HonourKind.TIMELY, "通报表扬": HonourKind.PRAISE,
        },
        "level": {
            **labels(Level), "省级": Level.PROVINCE, "部级": Level.PROVINCE, "厅级": Level.BUREAU,
            "市级": Level.BUREAU, "地市级": Level.BUREAU, "县级": Level.COUNTY, "处级": Level.COUNTY,
            "校级": Level.UNIT, "单位": Level.UNIT, "支部级": Level.BRANCH,
        },
    },
    judge=_judge,
    enter=_enter,
    nobody=True,
    acted=False,
    remedy="荣誉不从表里改：请改回，或在系统里打开那一条改正、撤销。",
)  # fmt: skip

_REVOKED = Q(until__lt=FAR)

HONOURS = Ledger(
    code="honours",
    title="荣誉表彰台账",
    period="授予日期在期间内的荣誉，党员的和党组织的，不含已撤回的；所在支部是授予时所在的党组织。",
    rows=_honours,
    columns=(
        Column("姓名", "person.name", 10, leads=True, part=Part.KEY, name="name", also=("党员", "获奖人")),
        Column("所在支部", "organisation.label", 24, part=Part.KEY, name="branch", also=PLACE),
        Column("荣誉名称", "title", 24, leads=True, part=Part.KEY, name="title", also=ON_TITLE),
        Column("种类", "get_kind_display", 14, part=Part.VALUE, name="kind", also=("表彰种类", "奖惩类别", "荣誉种类")),
        Column("层级", "get_level_display", 10, part=Part.KEY, name="level", also=("表彰层级", "级别")),
        Column("授予单位", "granted_by", 22, part=Part.VALUE, name="granted_by", also=BY),
        Column("文号", "document", 20, part=Part.VALUE, name="document", also=("表彰文号",)),
        Column("授予日期", "granted_on", 12, Format.DATE, part=Part.KEY, name="on", also=ON),
        Column(POSTHUMOUS, _posthumous, 8, part=Part.VALUE, name="is_posthumous", also=("是否追授",),
               meaning=lambda text: "" if text in NO else POSTHUMOUS if text in YES else text),
        Column("是否撤销", _state, 10, part=Part.COMPUTED),
        Column("撤销日期", "revoked_on", 12, Format.DATE, part=Part.VALUE, name="revoked_on"),
        Column("撤销依据", "revoked_reason", 20, part=Part.VALUE, name="revoked_reason"),
        Column("佐证", "evidence", 24, part=Part.VALUE, name="evidence", also=("佐证材料", "备注")),
    ),
    subject="person",
    entering=HONOUR_ENTERING,
    tally=(
        ("{} 项", Count("pk")),
        ("党员 {} 人", Count("person", distinct=True)),
        ("已撤销 {} 项", Count("pk", filter=_REVOKED)),
    ),
    picks={"revoked": Pick("已撤销", _REVOKED)},
    link=lambda honour, _: reverse("honour", args=[honour.pk]),
)  # fmt: skip


def _namings(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    found = _of(Naming, reader, organisation, day="decided_on", first=first, last=last)
    return found.select_related("clause__policy")


def _basis(naming: Naming, reader: Reader) -> str:
    return f"{naming.clause}" if naming.clause else f"没有制度允许：{naming.reason}"


NAMINGS = Ledger(
    code="namings",
    title="典型命名台账",
    period="决定日期在期间内的命名，不含已撤回的；党组织是命名的党组织。",
    rows=_namings,
    columns=(
        Column("党组织", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("命名对象", "get_what_display", 12, part=Part.COMPUTED),
        Column("名称", "name", 24, leads=True, part=Part.KEY, name="title"),
        Column("以谁命名", "after", 10, part=Part.COMPUTED),
        Column("命名单位层级", "get_rank_display", 16, part=Part.COMPUTED),
        Column("决定日期", "decided_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("文号", "document", 20, part=Part.COMPUTED),
        Column("依据", _basis, 30, part=Part.COMPUTED),
        Column("结束日期", "ended_on", 12, Format.DATE, part=Part.COMPUTED),
    ),
    tally=(("{} 项", Count("pk")),),
    link=lambda naming, _: reverse("naming", args=[naming.pk]),
)


def _stories(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    return _of(Story, reader, organisation, day="on", first=first, last=last)


STORIES = Ledger(
    code="stories",
    title="典型宣传台账",
    period="日期在期间内的宣传，党员的和党组织的，不含已撤回的；所在支部是那天所在的党组织。",
    rows=_stories,
    columns=(
        Column("日期", "on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name"),
        Column("所在支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("标题", "title", 30, leads=True, part=Part.KEY, name="title"),
        Column("在哪里宣传", "outlet", 20, part=Part.COMPUTED),
        Column("链接或期号", "reference", 24, part=Part.COMPUTED),
    ),
    subject="person",
    tally=(("{} 次", Count("pk")), ("党员 {} 人", Count("person", distinct=True))),
    link=lambda story, _: reverse("story", args=[story.pk]),
)

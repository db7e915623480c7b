"""光荣在党50年台账: medals handed over, out and in. Those on the way stand on the list of their year."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from awards.fifty.listing import Award, amiss_award, enter_award
from awards.fifty.permits import may_run
from awards.fifty.review import steps_of
from awards.models.fifty import Medal, MedalStep, Stage
from base.cells import plain, squeezed
from base.writing import Format
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry, labels
from ledgers.ledger import Column, Ledger, Part, Pick, Reader
from ledgers.people import Importer
from members.enums import Precision, Standing
from members.models import Membership, Organisation
from members.scope import path_end, sealed_at
from members.services import memberships_on

ONESELF = "本人"
RELATIVE = re.compile(r"([^()]+)\(([^()]+)\)")


def _medals(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Medals handed over in the period, in the ledger of the branch that handed them over."""
    rows = Medal.objects.all() if reader.account is None else Medal.objects.visible_to(reader.account)
    path = organisation.path
    return (
        rows.handed()
        .filter(organisation__path__gte=path, organisation__path__lt=path_end(path), handed_on__range=(first, last))
        .select_related("person", "organisation")
        .defer(*(name for name in sealed_at("person") if name != "person__id_number"))
        .prefetch_related(Prefetch("steps", MedalStep.objects.defer("words")))
        .order_by("-handed_on", "-pk")
    )


def _with_stays(batch: list[Medal], reader: Reader) -> list[Medal]:
    stays = memberships_on([row.person_id for row in batch], reader.day)
    for row in batch:
        row.stay = stays.get(row.person_id)
    return batch


def _dated(name: str):
    """A day of the member as far as it is known."""
    shape = {Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}

    def value(row: Medal, reader: Reader) -> str:
        on = getattr(row.person, f"{name}_on")
        return on.strftime(shape[Precision(getattr(row.person, f"{name}_precision"))]) if on else ""

    return value


def _born(row: Medal, reader: Reader) -> str:
    return f"{row.person.birth_on:%Y-%m}" if row.person.birth_on else ""


def _alive(row: Medal, reader: Reader) -> str:
    if row.stay is None:
        return ""
    return f"{row.stay.since} 去世" if row.stay.standing == Standing.DEAD else "健在"


def _recommended(row: Medal, reader: Reader) -> date | None:
    return next((s.on for s in reversed(steps_of(row)) if s.stage == Stage.RECOMMENDED and not s.back), None)


def _late(row: Medal, reader: Reader) -> str:
    return "是" if row.late else "否"


def _fetch(entries: list[Entry], importer: Importer, today: date) -> None:
    """Where the members stand today, who has the medal already, and whether the importer runs the medals there."""
    people = [entry.member.pk for entry in entries]
    stays = {stay.person_id: stay for stay in Membership.objects.on(today).filter(person__in=people).order_by("pk")}
    live = {each.person_id: each for each in Medal.objects.live().filter(person__in=people).order_by("pk")}
    for entry in entries:
        stay, account = stays.get(entry.member.pk), importer.account
        path = stay.path if stay else ""
        if not (may_run(account, path) if account else importer.may_record(path)):
            entry.cells.wrong("name", "not_yours", f"{entry.member.name}的纪念章由党委书记和组织部登记。")
        elif known := live.get(entry.member.pk):
            said = f"{known.handed_on} 已登记颁发" if known.handed_on else f"正在 {known.year} 年名单里办理"
            entry.cells.wrong("name", "has_it", f"{entry.member.name}{said}，每人只有一次。")
        entry.given = {"stay": stay}


def _judge(entry: Entry, today: date) -> None:
    cells = entry.cells
    if cells.refused:
        return
    word = squeezed(plain(cells.text("means", longest=20)))
    if word and word not in FIFTY_ENTERING.words["means"]:
        cells.wrong("means", "bad_means", f"“{word[:20]}”认不出，请写成：集中颁发、上门颁发。")
    receiver, relation = _receiver(entry)
    award = Award(
        entry.on, means=FIFTY_ENTERING.words["means"].get(word, ""), receiver=receiver, relation=relation,
        medal_number=cells.text("medal_number", longest=40), opinion=cells.text("opinion", longest=200),
        certificate_number=cells.text("certificate_number", longest=40), note=cells.text("note", longest=200),
        published_on=cells.day("published_on"),
    )  # fmt: skip
    columns = {"member": "name", "relation": "receiver"}
    for name, sentence in amiss_award(entry.member, entry.given["stay"], award, today).items():
        cells.wrong(columns.get(name, name), f"refused_{name}", sentence)
    entry.given = {"award": award}


def _receiver(entry: Entry) -> tuple[str, str]:
    """Who received it: nobody but the member himself, or 赵明（儿子）."""
    text = squeezed(plain(entry.cells.text("receiver", longest=60)))
    if text in ("", ONESELF, entry.member.name):
        return "", ""
    found = RELATIVE.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _enter(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    try:
        enter_award(by=by, person=entry.member, today=today, **entry.given)
    except ValidationError as no:
        raise ValidationError(" ".join(no.messages)) from no


FIFTY_ENTERING = Entering(
    noun="颁发",
    only=((NUMBER, TELLS_APART),),
    words={
        "means": {
            **labels(Medal.Means), "集中": Medal.Means.CEREMONY, "上门": Medal.Means.HOME, "入户": Medal.Means.HOME,
        },
    },
    judge=_judge,
    enter=_enter,
    acted=False,
    fetch=_fetch,
    remedy="颁发登记不从表里改：请改回，或先在系统里退回、撤回那一条。",
)  # fmt: skip

_AT_HOME = Q(means=Medal.Means.HOME)

FIFTY = Ledger(
    code="fifty-years",
    title="光荣在党50年台账",
    period="颁发日期在期间内的纪念章，不含已撤回的；党支部是颁发时所在的支部。还在审核的看当年名单。",
    rows=_medals,
    columns=(
        Column("姓名", "person.name", 10, leads=True, part=Part.KEY, name="name", also=("党员", "党员姓名")),
        Column("性别", "person.sex", 6, part=Part.COMPUTED),
        Column("民族", "person.ethnicity", 8, part=Part.COMPUTED),
        Column("出生年月", _born, 10, part=Part.COMPUTED),
        Column("证件号码（部分）", "person.masked_id", 20, part=Part.COMPUTED, sealed=True, bare="person.id_number"),
        Column("入党时间", _dated("joined"), 12, part=Part.COMPUTED),
        Column("转正时间", _dated("full"), 12, part=Part.COMPUTED),
        Column("党龄（至当年7月1日）", "years", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("所在党支部", "organisation.label", 22, part=Part.KEY, name="branch", also=("所在支部", "党支部")),
        Column("是否健在", _alive, 14, part=Part.COMPUTED),
        Column("表现情况审核意见", "opinion", 22, part=Part.VALUE, name="opinion", also=("审核意见",)),
        Column("基层党委审核", _recommended, 12, Format.DATE, part=Part.COMPUTED),
        Column("公示日期", "published_on", 12, Format.DATE, part=Part.VALUE, name="published_on"),
        Column("颁发日期", "handed_on", 12, Format.DATE, part=Part.KEY, name="on", also=("颁发时间", "日期")),
        Column("颁发方式", "get_means_display", 10, part=Part.VALUE, name="means"),
        Column("领取人（代领关系）", "received_by", 16, part=Part.VALUE, name="receiver", also=("领取人", "代领人")),
        Column("佩章编号", "medal_number", 16, part=Part.VALUE, name="medal_number", also=("纪念章编号", "编号")),
        Column("证书编号", "certificate_number", 16, part=Part.VALUE, name="certificate_number"),
        Column("补发", _late, 8, part=Part.COMPUTED),
        Column("备注", "note", 20, part=Part.VALUE, name="note"),
    ),
    tally=(("{} 枚", Count("pk")), ("上门颁发 {} 枚", Count("pk", filter=_AT_HOME))),
    picks={"home": Pick("上门颁发", _AT_HOME)},
    link=lambda row, _: reverse("medal", args=[row.pk]),
    subject="person",
    prepare=_with_stays,
    entering=FIFTY_ENTERING,
)  # fmt: skip

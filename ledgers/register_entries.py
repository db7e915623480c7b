"""What a new row of a register's ledger becomes: an entry, opened, recognised and ended by the services of its page."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from base.cells import plain, squeezed, text_of
from base.fields import TableField
from base.reading import CellReader, Level
from care.entries import Given, amiss, close_entry, open_entry, recognise_entry
from care.models import Entry as Kept
from care.permissions import may_enter, may_recognise
from care.register import Register, packed
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry
from ledgers.people import Importer, called
from ledgers.spelling import Spelling, yes_or_no
from members.enums import Capability, Standing, TieKind
from members.models import Membership, Organisation, Post

DIED = "去世"
"""Why an entry ends that nobody ended."""

REMEDY = "条目不从表里改：请改回，或在系统里打开那一条修改。"
NOT_YOURS = "的条目由他现在的党组织的书记或组织部登记，不在你的范围内。"


def fact_name(name: str) -> str:
    """What the column of a fact is called, apart from those of the ledger itself."""
    return f"fact_{name}"


def is_of_organisations(register: Register) -> bool:
    """Whether the other end of its tie is an organisation."""
    return register.tie in (TieKind.SENDER, TieKind.GRANTOR)


def entering_of(register: Register) -> Entering:
    """How new rows of the register's ledger are entered."""
    return Entering(
        noun=register.noun, only=((NUMBER, TELLS_APART),), words={}, judge=partial(_judge, register),
        enter=partial(_enter, register), acted=False, fetch=partial(_fetch, register), remedy=REMEDY,
    )  # fmt: skip


def _fetch(register: Register, entries: list[Entry], importer: Importer, today: date) -> None:
    """Where the members stand today, their other entries, and what the importer may do there."""
    people = {entry.member.pk for entry in entries}
    stays = {stay.person_id: stay for stay in Membership.objects.on(today).filter(person__in=people).order_by("pk")}
    others: dict[int, list[Kept]] = {}
    kept = Kept.objects.standing().filter(register=register.code, person__in=people)
    for each in kept.defer("private", "closed_note").order_by("since", "pk"):
        others.setdefault(each.person_id, []).append(each)
    if register.reads_posts:
        posts = Prefetch("posts", Post.objects.select_related("organisation").order_by("pk"))
        prefetch_related_objects([entry.member for entry in entries], posts)
    places = _organisations(entries) if is_of_organisations(register) else {}
    for entry in entries:
        stay, account = stays.get(entry.member.pk), importer.account
        if stay is None or not (
            may_enter(account, register.code, stay.path) if account else importer.may_record(stay.path)
        ):
            entry.cells.wrong("name", "not_yours", f"{entry.member.name}{NOT_YOURS}")
            continue
        entry.given = {
            "now": stay, "others": others.get(entry.member.pk, []),
            "recognises": account is None or may_recognise(account, stay.path),
            "to": _place_named(entry, stay, places, account) if is_of_organisations(register) else None,
        }  # fmt: skip


def _organisations(entries: Iterable[Entry]) -> dict[str, list[Organisation]]:
    wanted = {squeezed(plain(text_of(entry.cells.raw("to")))) for entry in entries}
    found: dict[str, list[Organisation]] = {}
    for place in Organisation.objects.order_by("path"):
        for name in called(place) & wanted:
            found.setdefault(name, []).append(place)
    return found


def _place_named(entry: Entry, stay: Membership, places: dict[str, list[Organisation]], account) -> Organisation | None:
    """The organisation that a cell names: one of those above the member, or one in view."""
    name = squeezed(plain(entry.cells.text("to", longest=60)))
    found = [
        each for each in places.get(name, [])
        if stay.path.startswith(each.path) or account is None or account.scope.may(Capability.VIEW, each.path)
    ]  # fmt: skip
    if len(found) == 1:
        return found[0]
    entry.cells.wrong("to", "unknown_place", f"没有找到党组织“{name[:20]}”，请写全称或代码。")
    return None


def _judge(register: Register, entry: Entry, today: date) -> None:
    cells, fetched = entry.cells, entry.given
    if cells.refused:
        return
    facts = {name: _fact(cells, name, field) for name, field in register.form.facts().items()}
    grade = _grade(register, cells)
    given = Given({name: packed(value) for name, value in facts.items()}, grade, cells.day("review_on"))
    to = fetched["to"] or _person(register, entry)
    recognised, closed = _recognised(register, entry, today), _closed(register, entry, today)
    if cells.refused:
        return
    open_facts, private = register.split(given.facts)
    draft = Kept(
        register=register.code, person=entry.member, grade=grade, since=entry.on, facts=open_facts, private=private,
        review_on=given.review_on,
    )  # fmt: skip
    refused = amiss(register, draft, entry.stay, fetched["others"], today)
    columns = {name: fact_name(name) for name in facts} | {"since": "on", "grade": "grade", "review_on": "review_on"}
    for name, sentences in refused.items():
        cells.wrong(columns.get(name, "name"), f"refused_{name}", " ".join(sentences))
    entry.given = {"given": given, "to": to, "recognised": recognised, "closed": closed}


def _fact(cells: CellReader, name: str, field: forms.Field) -> Any:
    """One fact as its form's field cleans it; what is wrong with it is said at its cell."""
    column = fact_name(name)
    if isinstance(field, TableField):
        if text_of(cells.raw(column)):
            cells.say(column, "not_taken", Level.WARNING, "这一列不从表里读入，登记以后请在条目里补。")
        return []
    if isinstance(field, forms.DateField):
        read = cells.day(column)
        typed = read.isoformat() if read else ""
    else:
        text = cells.text(column, longest=getattr(field, "max_length", None) or 400)
        typed = _typed(field, text)
        if typed is None:
            cells.wrong(column, f"bad_{name}", _choices(field, text))
            return None
    try:
        return field.clean(typed)
    except ValidationError as no:
        cells.wrong(column, f"refused_{name}", " ".join(no.messages))
        return None


def _typed(field: forms.Field, text: str) -> Any:
    """What somebody would type or choose on the form for a text; ``None`` if the text means nothing there."""
    if isinstance(field, forms.MultipleChoiceField):
        values, unknown = Spelling.of(field.choices).several(text)
        return None if unknown else values
    if isinstance(field, forms.ChoiceField):
        return Spelling.of(field.choices).one(text)
    if isinstance(field, forms.BooleanField):
        return yes_or_no(text)
    return text


def _choices(field: forms.Field, text: str) -> str:
    labels = "、".join(str(label) for value, label in getattr(field, "choices", ()) if value != "") or "是、否"
    return f"“{text[:20]}”认不出，请写成：{labels}。"


def _grade(register: Register, cells: CellReader) -> str:
    if not register.grades:
        return ""
    text = cells.text("grade", longest=60)
    grade = Spelling.of((each, each) for each in register.grades).one(text)
    if not grade:
        said = f"“{text[:20]}”认不出" if text else "没有写"
        cells.wrong("grade", "bad_grade", f"{said}，请写成：{'、'.join(register.grades)}。")
    return grade or ""


def _person(register: Register, entry: Entry):
    """The other end of a tie to a person."""
    if len(entry.people) > 1:
        entry.cells.wrong("people", "several_people", "一行只写一位，另一位请另写一行。")
    if entry.people and entry.people[0] == entry.member:
        entry.cells.wrong("people", "oneself_twice", f"{entry.member.name}不能联系自己，请另选一位。")
    return entry.people[0] if register.tie and entry.people else None


def _recognised(register: Register, entry: Entry, today: date) -> dict | None:
    """Who recognised the entry and when; where the importer may not recognise, that is said and left."""
    cells = entry.cells
    on = cells.day("recognised_on") if register.recognised else None
    if on is None:
        return None
    if not entry.given["recognises"]:
        sentence = "组织认定由上一级党组织办理，这一条先按待认定登记。"
        cells.say("recognised_on", "not_recognised", Level.WARNING, sentence)
        return None
    by = cells.text("recognised_by", longest=60)
    if not by:
        cells.wrong("recognised_by", "missing_recogniser", "写了组织认定日期，请写认定单位。")
    if not entry.on <= on <= today:
        cells.wrong("recognised_on", "refused_recognised_on", f"认定日期要在 {entry.on} 到今天之间。")
    return {"on": on, "organisation": by}


def _closed(register: Register, entry: Entry, today: date) -> dict | None:
    """The last day of an entry that is over, and why; what a death or its own facts ended needs no ending."""
    cells = entry.cells
    last, why = cells.day("last"), cells.text("why", longest=60)
    if why == DIED:
        if entry.given["now"].standing != Standing.DEAD:
            cells.wrong("why", "not_dead", f"{entry.member.name}没有登记去世。请先登记，或改写为什么退出。")
        return None
    if last is None and not why:
        return None
    if last is not None and not why and register.ends:
        return None
    if last is None:
        cells.wrong("last", "missing_last", "写了退出原因，请写最后一天。")
    elif not entry.on <= last <= today:
        cells.wrong("last", "refused_last", f"最后一天要在 {entry.on} 到今天之间。")
    if why not in register.closings:
        said = f"“{why[:20]}”认不出" if why else "没有写"
        cells.wrong("why", "bad_why", f"{said}，请写成：{'、'.join(register.closings)}。")
    return {"last": last, "why": why}


def _enter(register: Register, by, entries: list[Entry], today: date) -> None:
    """Open the entry, recognise and end it: all of it, or nothing."""
    [entry] = entries
    said = entry.given
    with transaction.atomic():
        more = {"to": said["to"]} if register.tie else {}
        kept = open_entry(
            by=by, register=register, person=entry.member, since=entry.on, given=said["given"], today=today, **more
        )
        if said["recognised"]:
            recognise_entry(by=by, entry=kept, grade="", today=today, **said["recognised"])
        if said["closed"]:
            close_entry(by=by, entry=kept, note="", today=today, **said["closed"])

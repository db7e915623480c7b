"""Asking pages as one column, reading every token in every answer, and telling the class of the answer."""

import html
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode

from django.apps import apps
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from tests.access.policy import CONSTANT, Line, Who, may_read
from tests.access.town import COLUMNS, MISSING, Secret, Thing, Town

TOKEN = re.compile(r"QZ\d{4}X")
SUFFIX = re.compile(r"\*{3,}(\d{4})(?!\d)")
KEY = re.compile(r'(?<="X-CSRFToken": ")[^"]+|(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<="once" value=")[^"]+')
CURRENT = ' aria-current="page"'
DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2} ?月 ?\d{1,2} ?日( 周.)?")
TELLING = ("苗头性", "处分影响期")
"""Words that stand on a page only if it names a sensitive event, duty or category of the town's people."""

OFFERS = {"event_new", "clause", "policy", "policy_text", "rule", "fund_regulation", "evidence", "bundle"}
"""Pages that offer every kind to choose from, or say what binds everyone."""

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def patterns(resolver=None, prefix="") -> list[tuple[str, URLPattern]]:
    """Every URL pattern of the product, with those of what it includes: (name, or ``*`` for one without, pattern)."""
    found = []
    for each in (resolver or get_resolver()).url_patterns:
        found += [(each.name or "*", each)] if isinstance(each, URLPattern) else patterns(each)
    return found


@dataclass(frozen=True)
class Address:
    """One line of the policy with one object, or a missing one, or none."""

    line: Line
    thing: Thing | None
    path: str
    query: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def __str__(self):
        return f"{self.line.page} {self.line.about} {self.thing.label if self.thing else ''}".strip()


def address(line: Line, thing: Thing | None) -> Address:
    """Where the page stands, asked about ``thing``; ``None`` is a number that nothing has."""
    constant = CONSTANT.get(line.page, {})
    query, body = dict(constant.get("query", {})), dict(constant.get("body", {}))
    path = dict(constant.get("path", {}))
    if line.place == "/":
        path = dict(thing.path) if thing else _missing_path(line.page)
        query |= thing.query if thing else {}
    elif line.place:
        number = thing.number if thing else {"duty": f"{MISSING}:m{MISSING}:2026"}.get(line.kind, MISSING)
        (query if line.place == "?" else body)[line.name] = number
    where = "/no/such/page/" if line.page == "*" else reverse(line.page, kwargs=path)
    return Address(line, thing, where, query, body)


def _missing_path(page: str) -> dict:
    (pattern,) = (pattern for name, pattern in patterns() if name == page)
    return {
        name: MISSING if type(converter).__name__ == "IntConverter" else "missing"
        for name, converter in pattern.pattern.converters.items()
    }


def addresses(line: Line, town: Town, key: str) -> list[Address]:
    """Everywhere the line is asked about: each thing of its kind, one that is not there; once, if it names none.

    Of what belongs to the columns themselves, each comes upon its own; upon what is about one of them, or written or
    asked by one, that one and the two secretaries: to everybody else it is one more thing of the branch.
    """
    if not line.place:
        return [address(line, None)]
    things = [thing for thing in town.of(line.kind) if _concerns(thing, key)]
    return [address(line, thing) for thing in [*things, None]]


def _concerns(thing: Thing, key: str) -> bool:
    if thing.owner in COLUMNS:
        return thing.owner == key
    with_columns = {thing.about, thing.writer, thing.asked} & set(COLUMNS)
    return not with_columns or key in with_columns | {"secretary", "general_secretary"}


@dataclass
class Answer:
    """What came back: its class, and its text without what differs each time."""

    kind: str
    text: str
    response: object


class Browser:
    """One column at a browser. Each answer is read for tokens that the column may not read, see :attr:`leaks`, and for
    words that tell a sensitive matter, see :attr:`words`.

    It asks the product as a server does; :class:`django.test.Client` copies every template's context besides, which
    takes longer than the page.
    """

    def __init__(self, town: Town, key: str):
        self.town, self.key, self.who = town, key, Who(key, town)
        self.requests = RequestFactory()
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.asked = 0
        self.seen: set[str] = set()
        self.leaks: dict[str, str] = {}
        self.words: dict[str, str] = {}
        if key != "anonymous":
            client = Client()
            client.force_login(town.accounts[key], backend="members.backends.AccountBackend")
            self.requests.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(
        self, method: str, url: str, data: dict | None = None, *, htmx: bool = False, strict: bool = False
    ) -> Answer:
        """One request. What is unsafe is undone at once.

        :param strict: whether the token against forged forms is asked for, and none is given.
        """
        request = self.request(method, url, data, htmx=htmx, strict=strict)
        with transaction.atomic():
            response = self.handler.get_response(request)
            text = text_of(response)
            # As the server does; but the connection, in the middle of the town's transaction, stays open.
            request_finished.disconnect(close_old_connections)
            response.close()
            request_finished.connect(close_old_connections)
            if method not in ("GET", "HEAD"):
                transaction.set_rollback(True)
        self.asked += 1
        match = request.resolver_match
        invited = match.kwargs["pk"] if match and match.url_name == "account_invite" else 0
        self._read(f"{method} {url}", text, response, invited)
        self._read_words(request, text)
        return Answer(kind_of(response), text, response)

    def request(self, method: str, url: str, data: dict | None = None, *, htmx: bool = False, strict: bool = False):
        """A request as :meth:`ask` sends it."""
        headers = {"HX-Request": "true"} if htmx else {}
        make = getattr(self.requests, method.lower())
        request = make(url, data or {}, headers=headers) if method in ("GET", "POST") else make(url, headers=headers)
        request._dont_enforce_csrf_checks = not strict
        return request

    def read(self, where: str, data: bytes) -> None:
        """Read a zip of workbooks as an answer is read, but for what binds everyone (``01``)."""
        archive = zipfile.ZipFile(io.BytesIO(data))
        for name in archive.namelist():
            self._read(f"{where} {name}", text := text_in(archive.read(name), name), HttpResponse())
            if not self.who.may("SENSITIVE") and not name.startswith(("01 ", "02 ")):
                self.words |= {word: f"{where} {name}" for word in TELLING if word in text}

    def _read(self, where: str, text: str, response, invited: int = 0) -> None:
        said = f"{KEY.sub('', text)}\n{unquote(' '.join(response.headers.values()))}"  # a key may look like a token
        for token in set(TOKEN.findall(said)) - self.seen:
            secret = self.town.tokens[token]
            if may_read(self.who, secret) or self._is_invited(secret, invited):
                self.seen |= set() if invited else {token}
            else:
                self.leaks.setdefault(token, f"{where}: {secret}")
        for suffix in set(SUFFIX.findall(said)):
            owner = self.town.suffixes[suffix]
            within = self.town.homes[owner] and self.who.may("VIEW", self.town.homes[owner])
            if not (owner == self.key or within):
                self.leaks.setdefault(suffix, f"{where}: the number of {owner}")

    def _is_invited(self, secret: Secret, invited: int) -> bool:
        """A code is shown with the name of whom it is for: the one of the address, on that page alone."""
        return secret.kind == "name" and self.town.people[secret.about].pk == invited

    def _read_words(self, request, text: str) -> None:
        page = request.resolver_match.url_name if request.resolver_match else ""
        for clause in self.town.clauses:  # what binds everyone may be read by everyone
            text = text.replace(clause, "")
        if page not in OFFERS and not self.who.may("SENSITIVE"):
            self.words |= {word: f"{request.method} {request.get_full_path()}" for word in TELLING if word in text}


def text_of(response) -> str:
    """All that an answer says: a page with its entities resolved, a workbook with every part of it."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return text_in(content, ".xlsx" if response.headers.get("Content-Type") == SHEET else "")


def text_in(content: bytes, name: str) -> str:
    """What a file says, a workbook by each of its parts."""
    if name.endswith(".xlsx"):
        parts = zipfile.ZipFile(io.BytesIO(content))
        content = b"\n".join(part.encode() + parts.read(part) for part in parts.namelist())
    return unquote(html.unescape(content.decode(errors="replace")))


def kind_of(response) -> str:
    """``sign in``, ``ok`` for what was answered or refused by a form, else the number."""
    if response.status_code == 302:
        return "sign in" if response.url.startswith(f"{reverse('sign_in')}?next=") else "ok"
    return "ok" if response.status_code in (200, 204, 422) else str(response.status_code)


def plain(answer: Answer, *numbers: object) -> str:
    """The text without keys, days and the mark of the current page, and without the numbers that were asked for."""
    text = DAY.sub("DAY", KEY.sub("KEY", answer.text)).replace(CURRENT, "")
    for number in numbers:
        text = text.replace(str(number), "#")
    return text


GROWING = {"base_auditrow", "django_session"}
"""What a GET may write: that it was there, and the clock of its session."""


def contents(but: Iterable[str] = GROWING) -> dict[str, str]:
    """All rows of all tables, to be compared."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - set(but)
    with connection.cursor() as cursor:
        held = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            held[table] = repr(cursor.fetchall())
    return held

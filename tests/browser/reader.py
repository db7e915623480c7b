"""Somebody who reads and clicks: counts what is clicked and what is typed into, and notes whatever goes wrong."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, Request, expect

from members.models import Account

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
"""As root, in a small container, and without looking for its maker's hosts at every start."""


COVERED = """() => {
  const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0;
  const name = (each) => each.tagName + " " + (each.innerText || each.name || "").slice(0, 30);
  const clipped = [...document.querySelectorAll("main *")].filter((each) => seen(each) && each.clientWidth > 2
    && getComputedStyle(each).overflowX === "hidden" && each.scrollWidth > each.clientWidth + 1);
  const said = clipped.map((each) => "cut off: " + name(each));
  for (const each of document.querySelectorAll("main a, main button, main summary, main .form-control")) {
    if (!seen(each)) continue;
    each.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = each.getClientRects()[0];
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!top || !(each.contains(top) || top.contains(each))) said.push(name(each) + " under " + (top && name(top)));
  }
  return said;
}"""
"""What is cut off at its edge, and what cannot be touched because something else lies over it."""


@dataclass
class Reader:
    """One tab. ``clicks`` and ``typed`` are counted as in the table of everyday tasks: a field is typed into once."""

    page: Page
    home: str
    account: Account
    clicks: int = 0
    typed: int = 0
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.set_default_timeout(15_000)
        self.sign_in()
        self.page.on("console", lambda said: said.type in {"error", "warning"} and self._note("console", said.text))
        self.page.on("pageerror", lambda error: self._note("script", str(error)))
        self.page.on("request", self._watch)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", lambda got: got.status >= 400 and self._note(str(got.status), got.url))

    def sign_in(self) -> None:
        """Begin a session, without the sign-in page."""
        client = Client()
        client.force_login(self.account, backend="members.backends.AccountBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.home}])

    def _note(self, what: str, words: str) -> None:
        self.trouble.append(f"{what}: {words}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # whoever goes on does not wait for what the page before asked for
            self._note("failed", f"{request.url} {request.failure}")

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.home):
            self._note("another host", request.url)

    def open(self, path: str = "/") -> None:
        """Go to an address; not a click."""
        self.page.goto(self.home + path)

    def click(self, role: str, name: str, within: Locator | None = None) -> None:
        """Click on the first that is seen of this role whose name begins so."""
        self.clicks += 1
        found = (within or self.page).get_by_role(role, name=re.compile(rf"^\s*{name}")).locator("visible=true").first
        found.wait_for()
        self.page.wait_for_load_state()  # until then it scrolls to what its address names, away from under a click
        found.click()

    def choose(self, label: str) -> None:
        """Click on one of several words of which one is chosen."""
        self.clicks += 1
        self.page.locator("label:visible", has_text=label).first.click()

    def type(self, label: str, text: str) -> None:
        self.typed += 1
        found = self.page.get_by_label(re.compile(rf"^{label}(可不填)?$")).locator("visible=true")
        found.first.press_sequentially(text)

    def sees(self, words: str) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(words, timeout=15_000)

    def focused(self, what: str) -> str | None:
        """An attribute of the element that has the focus."""
        return self.page.evaluate("what => document.activeElement.getAttribute(what)", what)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")

    def hidden(self) -> list[str]:
        """What the page shows only in part, or under something else."""
        return self.page.evaluate(COVERED)

"""Pages in a real browser: Debian's Chromium, driven by playwright, against a live server on a database file.

``deploy/testbrowser.sh`` names the browser in ``CHROMIUM``; without it these tests are left out (tests/conftest.py).
"""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from tests.browser.reader import DESK, FLAGS, Reader
from tests.world import Cast, account


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """A file, so that each of the server's threads has a connection of its own, as in the product."""
    settings.DATABASES["default"]["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # playwright's loop runs in this thread, and Django would refuse to touch the database beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium, live_server, world: Cast) -> Iterator[Callable[..., Reader]]:
    """``reader(person, size)`` is that person, signed in; whatever went wrong in the browser fails the test."""
    readers = []

    def opened(person, size=DESK, **more) -> Reader:
        context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **size, **more)
        readers.append(Reader(context.new_page(), live_server.url, account(person)))
        return readers[-1]

    yield opened
    for each in readers:
        each.page.context.close()
    assert [each.trouble for each in readers if each.trouble] == []

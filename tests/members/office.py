"""Short words for the pages of those who keep organisations, posts, accounts and ties."""

import re

from members.enums import Role
from tests.world import account, person, post


def once_key(page, act="") -> str:
    """The once-key of the form on a page, or of the one among several that sends ``act``."""
    text = page.content.decode()
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        found = re.search(r'name="once" value="([^"]+)"', form)
        if found and (not act or f'name="act" value="{act}"' in form):
            return found[1]
    raise AssertionError(f"no form for {act or 'anything'}")


def administrator(cast, role: Role, name="", *, at=None, username=None):
    """An account whose person is no member and holds one of the three posts."""
    someone = person(name or role.label, joined=None, full=None)
    post(someone, at or cast.committee, role)
    return account(someone, username)


def said(response) -> str:
    return response.content.decode()

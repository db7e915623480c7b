"""Every form in which much is written keeps what was typed: under its own key, for whoever typed it."""

import re

import pytest

from base.models import Draft
from tests.world import account

pytestmark = pytest.mark.django_db
TYPED = "没写完的一句话。"


def forms(world) -> dict[str, tuple[str, str]]:
    """Where each form stands, and the field that is written in, by the key of its draft."""
    li, zhao, branch = world.li.pk, world.zhao.pk, world.branch.pk
    return {
        f"talk:m{li}": (f"/talks/new/?member={li}", "text"),
        f"talks:o{branch}": ("/talks/several/", f"text_{zhao}"),
        f"visit:m{li}": (f"/visits/new/?member={li}", "text"),
        f"greeting:m{li}": (f"/greetings/new/?member={li}", "text"),
        f"request:m{li}": (f"/requests/new/?member={li}", "reason"),
        f"event:m{li}": (f"/events/new/?member={li}", "note"),
    }


def test_each_form_names_its_draft_and_is_filled_from_it(world, sign_in):
    me, other = sign_in(account(world.secretary)), sign_in(account(world.commissioner))
    for key, (page, field) in forms(world).items():
        named = re.search(r'data-draft="([^"]+)" data-draft-url="([^"]+)"', me.get(page).content.decode())
        assert named.groups() == (key, "/drafts/"), page
        assert me.post("/drafts/", {"draft": key, field: TYPED}).status_code == 204
        body = me.get(page).content.decode()
        assert TYPED in body, page
        assert "上次没保存的内容，10:00，已填回。" in body, page
        assert f'name="next" value="{page}"' in body, page
        assert TYPED not in other.get(page).content.decode(), page
    assert Draft.objects.count() == len(forms(world))


def test_promises_not_saved_are_filled_in_again(world, sign_in):
    me = sign_in(account(world.secretary))
    typed = {"promises-rows": "3", "promises-1-what": TYPED, "promises-1-due_on": "2026-12-01"}
    me.post("/drafts/", {"draft": f"talk:m{world.li.pk}", **typed})
    body = me.get(f"/talks/new/?member={world.li.pk}").content.decode()
    assert f'value="{TYPED}"' in body
    assert 'value="2026-12-01"' in body
    assert 'id="id_promises" open' in body


def test_a_saved_talk_leaves_no_draft_and_a_refused_one_keeps_it(world, sign_in):
    me = sign_in(account(world.secretary))
    key, (page, _field) = next(iter(forms(world).items()))
    me.post("/drafts/", {"draft": key, "text": TYPED})
    once = re.search(r'name="once" value="([^"]+)"', me.get(page).content.decode())[1]
    sent = {
        "once": once, "member": world.li.pk, "on": "", "means": "face", "reason": "yearly", "text": TYPED,
        "talker": world.secretary.pk, "themes": ["life"],
    }  # fmt: skip
    assert me.post("/talks/new/", sent).status_code == 422
    assert Draft.objects.exists()
    assert me.post("/talks/new/", sent | {"on": "2026-11-23"}).status_code == 302
    assert not Draft.objects.exists()

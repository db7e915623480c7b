"""Filling in the form of a talk as a browser would."""

from tests.duties.acts import once_in


def fill(client, whom, **more) -> dict:
    """What the browser sends when the form of ``whom`` is filled in."""
    page = client.get("/talks/new/", {"member": whom.pk})
    assert page.status_code == 200
    sent = {
        "once": once_in(page), "member": whom.pk, "on": "2026-11-23", "means": "face", "reason": "yearly",
        "talker": page.wsgi_request.user.person_id, "text": "思想稳定，家里都好。",
    }  # fmt: skip
    return sent | more

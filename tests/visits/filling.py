"""Filling in the form of a talk as a browser would."""

from tests.duties.acts import once_in


def fill(client, whom, **more) -> dict:
    """What the browser sends when the form of ``whom`` is filled in."""
    page = client.get("/talks/new/", {"member": whom.pk})
    assert page.status_code == 200
    sent = {
        "once": once_in(page), "member": whom.pk, "on": "2026-11-23", "means": "face", "reason": "yearly",
        "talker": page.wsgi_request.user.person_id, "text": "思想稳定，家里都好。",
        "themes": ["thought"],
    }  # fmt: skip
    return sent | more


VISITED = {
    "/visits/new/": {"how": "home", "met": "member", "reason": "usual", "text": "家里都好，腿脚不便。"},
    "/greetings/new/": {"how": "card"},
    "/condolences/new/": {"how": "home", "met_name": "长子赵强"},
}
"""What is filled in besides the day and who went."""


def fill_visit(client, whom, address="/visits/new/", **more) -> dict:
    """What the browser sends when the form of a visit, a greeting or a condolence is filled in."""
    page = client.get(address, {"member": whom.pk})
    assert page.status_code == 200
    me = page.wsgi_request.user.person_id
    return {"once": once_in(page), "member": whom.pk, "on": "2026-11-23", "people": [me], **VISITED[address], **more}


def fill_trip(client, branch, *lines, **more) -> dict:
    """What the browser sends when the lines (member, words) of the form of several visits are ticked and filled in."""
    page = client.get("/visits/several/", {"organisation": branch.pk})
    assert page.status_code == 200
    sent = {
        "once": once_in(page), "organisation": branch.pk, "on": "2026-11-23", "how": "home",
        "people": [page.wsgi_request.user.person_id],
    }  # fmt: skip
    for whom, words in lines:
        sent |= {f"tick_{whom.pk}": "on", f"text_{whom.pk}": words, f"met_{whom.pk}": "member"}
    return sent | more


def fill_several(client, branch, *lines, **more) -> dict:
    """What the browser sends when the lines (member, words) of the form of several talks are ticked and filled in."""
    page = client.get("/talks/several/", {"organisation": branch.pk})
    assert page.status_code == 200
    sent = {
        "once": once_in(page), "organisation": branch.pk, "on": "2026-11-23", "means": "face",
        "talker": page.wsgi_request.user.person_id, "themes": ["thought", "work"],
    }  # fmt: skip
    for whom, words in lines:
        sent |= {f"tick_{whom.pk}": "on", f"text_{whom.pk}": words}
    return sent | more

"""Filling in an application page by page as a browser would."""

from fund.models import Application
from tests.duties.acts import once_in

NEW = "/fund/applications/new/"
WHAT = {
    "choice": "hardship/",
    "asked": "2000",
    "filer": "self",
    "filer_name": "",
    "filer_relation": "",
    "filer_why": "",
}
WHY = {"reason": "配偶住院，自付较多。", "helped": ""}
HOME = {
    "own_income": "1200", "family-rows": "1", "family-0-name": "许兰", "family-0-relation": "spouse",
    "family-0-born": "1970-03", "family-0-health": "chronic", "family-0-work": "无业", "family-0-income": "0",
}  # fmt: skip
ACCOUNT = {"holder": "李建国", "bank": "建设银行河东支行", "number": "6217 0000 1234 5678 901", "relation": ""}
PAGES = {"what": WHAT, "why": WHY, "home": HOME, "account": ACCOUNT}


def at(row, part: str) -> str:
    return f"/fund/applications/{row.pk}/edit/?part={part}"


def start(client, whom=None, **more) -> dict:
    """What the browser sends from the first page."""
    page = client.get(NEW, {"member": whom.pk} if whom else {})
    assert page.status_code == 200, page.content.decode()[:500]
    return {**WHAT, "once": once_in(page), "member": whom.pk if whom else "", **more}


def begun(client, whom=None, **more) -> Application:
    done = client.post(NEW, start(client, whom, **more))
    assert done.status_code == 302, done.context["form"].errors
    return Application.objects.latest("pk")


def sent(client, row, part: str, **more):
    page = client.get(at(row, part))
    assert page.status_code == 200
    return client.post(at(row, part), {**PAGES[part], "once": once_in(page), "serial": row.serial, **more})


def filled(client, whom=None, **more) -> Application:
    """A draft with all its pages."""
    row = begun(client, whom, **more)
    for part, given in (("why", {}), ("home", {}), ("account", {"holder": row.person.name})):
        assert sent(client, row, part, **given).status_code == 302
    return Application.objects.get(pk=row.pk)


def hand_in(client, row, **more):
    page = client.get(f"/fund/applications/{row.pk}/submit/")
    given = {"once": once_in(page), "serial": row.serial, "agreed": "on", **more}
    return client.post(f"/fund/applications/{row.pk}/submit/", given, follow=True)

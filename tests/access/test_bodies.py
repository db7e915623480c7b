"""What a form's body names: numbers of another scope are refused exactly as numbers that nothing has (C8, C9)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse

from duties.engine.models import Record
from fund.models import BookAccount
from members.enums import EventKind
from members.models import Event
from tests.access.browsing import Browser, plain
from tests.access.town import MISSING, Town

pytestmark = pytest.mark.anywhere

DAY = "2026-11-23"


def pk(key: str) -> Callable[[Town], object]:
    """The number of somebody, or of a place."""
    return lambda town: (town.people.get(key) or town.places[key]).pk


def name(key: str) -> Callable[[Town], str]:
    return lambda town: town.people[key].name


def event(label: str, *, of: str = "event", prefix: str = "event:") -> Callable[[Town], str]:
    return lambda town: f"{prefix}{town.of(of, label)[0].path['pk']}"


def candidate(label: str) -> Callable[[Town], int]:
    return lambda town: town.of("candidate", label)[0].path["name"]


def duty(label: str) -> Callable[[Town], str]:
    return lambda town: town.of("duty", label)[0].number


@dataclass(frozen=True)
class Form:
    """One form: who fills it in, for whom, with what; and which fields hold numbers, with foreign ones for each."""

    page: str
    key: str
    about: str
    body: dict
    foreign: dict

    def sent(self, town: Town, **other) -> dict:
        return {field: self._value(town, value) for field, value in {**self.body, **other}.items()}

    @staticmethod
    def _value(town: Town, value):
        if isinstance(value, list):
            return [Form._value(town, each) for each in value]
        return value(town) if callable(value) else value

    def url(self, town: Town) -> str:
        if self.about.startswith("of campaign "):
            return reverse(self.page, kwargs=town.of("campaign", self.about.split()[-1])[0].path)
        return reverse(self.page, args=[pk(self.about)(town)] if self.about else [])


PEOPLE = ("sibling.plain", "other_branch.plain")
"""Out of reach of the branch's secretary: next door, and in the other tree."""

ANYBODY = {field: PEOPLE for field in ("member", "talker", "people", "others", "organiser", "members", "to", "person")}
VISIT = {"member": pk("branch.plain"), "on": DAY, "people": [pk("secretary")], "text": "看望", "reason": "usual"}

DEED = {"action": "service", "on": DAY, "people": [pk("secretary")], "note": "办好了"}

FORMS = {
    "talk": Form(
        "talk_new", "secretary", "",
        {"member": pk("branch.plain"), "on": DAY, "talker": pk("secretary"), "means": "collective",
         "others": [pk("branch.helper")], "reason": "yearly", "text": "谈过", "themes": ["work"], "promises-rows": "3",
         "promises-0-what": "陪同", "promises-0-to": pk("branch.poster"), "promises-0-due_on": "2026-12-01"},
        {"member": PEOPLE, "talker": PEOPLE, "others": PEOPLE, "reason": ("sibling", "other_branch"),
         "promises-0-to": ("sibling.poster", "other_branch.poster")},
    ),
    "several talks": Form(
        "talk_several", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "talker": pk("secretary"), "means": "face", "themes": ["work"]},
        {"organisation": ("sibling", "other_branch", "general", "committee"), "talker": PEOPLE},
    ),
    "visit": Form(
        "visit_new", "secretary", "", VISIT | {"how": "home", "met": "member", "others": [pk("branch.helper")]},
        {"member": PEOPLE, "people": PEOPLE, "others": PEOPLE, "reason": ("sibling", "other_branch")},
    ),
    "several visits": Form(
        "visit_several", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "people": [pk("secretary")], "others": [pk("branch.helper")],
         "how": "home"},
        {"organisation": ("sibling", "other_branch", "general", "committee"), "people": PEOPLE, "others": PEOPLE},
    ),
    "greeting": Form(
        "greeting_new", "secretary", "", VISIT | {"how": "card"}, {"member": PEOPLE, "people": PEOPLE},
    ),
    "condolence": Form(
        "condolence_new", "secretary", "", VISIT | {"member": pk("branch.dead"), "how": "home", "met_name": "长子"},
        {"member": ("sibling.dead", "other_branch.dead"), "people": PEOPLE, "others": PEOPLE},
    ),
    "request": Form(
        "talk_request_new", "member", "", {"member": pk("member"), "addressee": pk("branch.poster")},
        {"addressee": ("sibling.poster", "other_branch.poster", "branch.plain")},
    ),
    "request for another": Form(
        "talk_request_new", "secretary", "",
        {"member": pk("branch.helper"), "addressee": pk("branch.poster"), "on": DAY},
        {"member": PEOPLE, "addressee": ("sibling.poster", "other_branch.poster")},
    ),
    "application": Form(
        "application_new", "secretary", "",
        {"member": pk("branch.helper"), "choice": "hardship/", "asked": "2000", "filer": "branch"}, {"member": PEOPLE},
    ),
    "task": Form(
        "task_new", "secretary", "",
        {"member": pk("branch.plain"), "what": "陪同复查", "to": pk("branch.poster"), "due_on": "2026-12-01"},
        {"member": PEOPLE, "to": ("sibling.poster", "other_branch.poster", "branch.scribe")},
    ),
    "study": Form(
        "study_new", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "title": "党章", "hours": "2", "organiser": pk("secretary"),
         "members": [pk("branch.helper")]},
        {"organisation": ("sibling", "other_branch", "general"), "organiser": PEOPLE, "members": PEOPLE},
    ),
    "ceremony": Form(
        "ceremony_new", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "kind": "renewal", "leader": "领誓人", "people": [pk("secretary")],
         "members": [pk("branch.helper")]},
        {"organisation": ("sibling", "other_branch", "general"), "people": PEOPLE, "members": PEOPLE},
    ),
    "sign-in sheet": Form(
        "study_roll", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "title": "党章", "hours": "2", "organiser": pk("secretary"),
         "names": name("branch.helper")},
        {"organisation": ("sibling", "other_branch", "general"), "organiser": PEOPLE},
    ),
    "assessment": Form(
        "assessment_new", "department_clerk", "",
        {"organisation": pk("general"), "assessor": pk("committee"), "year": "2026", "on": DAY, "grade": "good",
         "secretary": pk("general_secretary"), "people": [pk("department_clerk")]},
        {"organisation": ("other_branch", "other", "committee"), "assessor": ("other", "sibling"),
         "secretary": PEOPLE, "people": PEOPLE},
    ),
    "allowance": Form(
        "allowance_new", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "kind": "staff", "gift": "餐卡", "approval": "纪要",
         "names": name("branch.helper")},
        {"organisation": ("sibling", "other_branch", "general")},
    ),
    "yearly plan": Form(
        "care_plan_new", "secretary", "", {"organisation": pk("branch"), "year": "2027", "begin": "policy"},
        {"organisation": ("sibling", "other_branch", "general")},
    ),
    "activity": Form(
        "activity_new", "secretary", "",
        {"organisation": pk("branch"), "on": DAY, "kind": "culture", "title": "登山", "people": [pk("secretary")],
         "members": [pk("branch.helper")]},
        {"organisation": ("sibling", "other_branch", "general"), "people": PEOPLE, "members": PEOPLE},
    ),
    "notice of supervision": Form(
        "supervision_new", "general_secretary", "",
        {"organisation": pk("branch"), "subject": "必谈没有按期谈", "text": "请说明原因", "due_on": "2026-12-01"},
        {"organisation": ("other_branch", "direct")},
    ),
    "report upward": Form(
        "report_new", "secretary", "",
        {"organisation": pk("branch"), "kind": "matter", "title": "供暖推迟", "text": "测站供暖改造推迟",
         "happened_on": DAY},
        {"organisation": ("sibling", "other_branch", "general")},
    ),
    "contact point": Form(
        "contact_point_new", "general_secretary", "",
        {"organisation": pk("branch"), "leader": pk("general_secretary"), "since": DAY},
        {"organisation": ("other_branch", "direct"), "leader": ("other_branch.plain", "outsider")},
    ),
    "deed": Form(
        "deed_new", "secretary", "", DEED | {"member": pk("branch.plain")}, {"member": PEOPLE, "people": PEOPLE},
    ),
    "deed of an organisation": Form(
        "deed_new", "secretary", "", DEED | {"organisation": pk("branch")},
        {"organisation": ("sibling", "other_branch", "general"), "people": PEOPLE},
    ),
    "event": Form(
        "event_new", "general_secretary", "",
        {"member": pk("branch.plain"), "kind": "transfer_in", "occurred_on": DAY, "to": pk("sibling")},
        {"member": ("other_branch.plain", "general_secretary"), "to": ("other_branch", "direct")},
    ),
    "waive": Form("duty_waive", "secretary", "", {"duty": [duty("branch")], "why": "above"}, {}),
    "hand on": Form(
        "duty_hand_on", "secretary", "", {"duty": [duty("branch")], "to": pk("branch.poster")},
        {"to": ("sibling.poster", "other_branch.poster", "branch.plain", "branch.teller")},
    ),
    "arrange": Form(
        "duty_arrange", "secretary", "", {"duty": [duty("branch")], "on": DAY, "person": pk("branch.poster")},
        {"person": ("sibling.poster", "other_branch.poster", "branch.helper")},
    ),
    "tie": Form(
        "tie_new", "secretary", "branch.plain",
        {"act": "begin", "name": name("branch.poster"), "kind": "contact", "to": pk("branch.poster"), "since": DAY},
        {"to": ("sibling.helper", "other_branch.helper", "branch.scribe")},
    ),
    "campaign names": Form(
        "campaign_names", "department_clerk", "of campaign committee",
        {"act": "visitor", "name": [candidate("branch")], "visitor": pk("secretary")},
        {"visitor": ("other_branch.poster", "branch.plain")},
    ),
    "campaign name added": Form(
        "campaign_add", "secretary", "of campaign committee", {"member": pk("branch.helper"), "reason": "家中遭灾"},
        {"member": PEOPLE},
    ),
    "post": Form(
        "post_new", "department_clerk", "",
        {"act": "begin", "name": name("branch.helper"), "person": pk("branch.helper"), "organisation": pk("branch"),
         "role": "commissioner", "since": DAY},
        {"person": ("other_branch.helper", "branch.scribe"), "organisation": ("other_branch", "other")},
    ),
    "fund": Form(
        "fund_new", "department_clerk", "", {"organisation": pk("direct"), "opened_on": "2026-01-01"},
        {"organisation": ("other", "other_branch")},
    ),
    "move": Form(
        "organisation_edit", "department_clerk", "branch", {"act": "move", "to": pk("committee"), "on": DAY},
        {"to": ("other", "other_branch")},
    ),
}  # fmt: skip
"""Every form whose body names rows. What only the address names is in the policy's table."""

CASES = [(form, field, each) for form in FORMS for field in FORMS[form].foreign for each in FORMS[form].foreign[field]]


@pytest.mark.parametrize("title", FORMS)
def test_the_form_as_it_is_filled_in_is_taken(town, title):
    """Else what follows would be refused for another reason."""
    form = FORMS[title]
    sent = form.sent(town)
    ticked = {"several talks": "branch.helper", "several visits": "branch.plain"}
    if title in ticked:
        near = town.people[ticked[title]].pk
        sent |= {f"tick_{near}": "on", f"text_{near}": "去过、谈过"}
    answer = Browser(town, form.key).ask("POST", form.url(town), sent)
    assert answer.response.status_code == 302, plain(answer)[-3000:]


@pytest.mark.parametrize(("title", "field", "far"), CASES)
def test_a_number_of_another_scope_is_refused_as_one_of_nothing(town, title, field, far):
    form, many = FORMS[title], isinstance(FORMS[title].body.get(field), list)
    browser, texts = Browser(town, form.key), []
    number = event(far)(town) if field == "reason" else pk(far)(town)
    nothing = f"event:{MISSING}" if field == "reason" else MISSING
    for value in (number, nothing):
        sent = form.sent(town, **{field: [value] if many else value})
        answer = browser.ask("POST", form.url(town), sent)
        assert answer.response.status_code in (404, 422), answer.response.status_code
        texts.append((answer.response.status_code, plain(answer, f'value="{value}"', f"“{value}”")))
    assert texts[0] == texts[1]
    assert browser.leaks == {}


def test_money_goes_to_no_fund_and_comes_from_no_pot_out_of_reach(town):
    """One of another tree is refused as one of nothing."""
    browser, here = Browser(town, "cashier"), town.of("fund", "general")[0]
    far = town.of("fund", "other_branch")[0].number
    pots = {fund: BookAccount.objects.get(fund=fund, kind="available", source="dues").pk for fund in (here.number, far)}
    sent = {"lower": town.of("fund", "branch")[0].number, "pot": pots[here.number], "on": DAY, "amount": "1"}
    url = reverse("fund_pass_down", kwargs=here.path)
    assert browser.ask("POST", url, sent).response.status_code == 302
    for field, value in (("lower", far), ("pot", pots[far])):
        texts = []
        for each in (value, MISSING):
            answer = browser.ask("POST", url, sent | {field: each})
            assert answer.response.status_code == 422
            texts.append(plain(answer, f'value="{each}"'))
        assert texts[0] == texts[1]
    assert browser.leaks == {}


def test_a_mixed_selection_saves_nothing(town):
    """One foreign number among own ones refuses the whole act, be it ticked or slipped in beside the list."""
    form, browser = FORMS["talk"], Browser(town, "secretary")
    mixed = form.sent(town, others=[town.people["branch.helper"].pk, town.people["sibling.plain"].pk])
    assert browser.ask("POST", form.url(town), mixed).kind == "404"
    near, far = town.people["branch.helper"].pk, town.people["sibling.plain"].pk
    several = FORMS["several talks"]
    sent = several.sent(town) | {f"{what}_{each}": "谈过" for what in ("tick", "text") for each in (near, far)}
    before = Record.objects.filter(member=far).count()
    request = browser.request("POST", several.url(town), sent)
    assert browser.handler.get_response(request).status_code == 302
    assert Record.objects.filter(member=far).count() == before
    assert Record.objects.filter(member=near, on="2026-11-23").count() == 1


def test_what_no_form_asks_for_is_not_taken(town):
    """Who entered it, where it lies, of which day it is: a body that says so besides is not heard."""
    form, browser = FORMS["event"], Browser(town, "secretary")
    other = town.people["sibling.plain"].pk
    sent = form.sent(town, kind="setback", to="") | {
        "entered_by": other, "entered_on": "2020-01-01", "organisation": town.places["sibling"].pk, "person": other,
        "withdrawn_on": "2026-11-23", "source": "别处", "addressee": other, "path": "00001",
    }  # fmt: skip
    assert browser.handler.get_response(browser.request("POST", form.url(town), sent)).status_code == 302
    made = Event.objects.get(kind=EventKind.SETBACK)
    assert (made.person, made.entered_by) == (town.people["branch.plain"], town.people["secretary"])
    assert (made.organisation, made.withdrawn_on, made.addressee, made.source) == (None, None, None, "登记")
    assert str(made.entered_on) == "2026-11-23"
    assert browser.ask("POST", form.url(town), sent | {"member": other}).kind == "404"

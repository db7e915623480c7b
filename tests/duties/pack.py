"""The rules of the proof: one for each thing the schema can say, in small numbers so that a short world meets them."""

from pydantic import TypeAdapter

from duties.policy.models import Clause, Force, Policy, Rule
from duties.policy.schema import RuleSpec, Trigger

MEMBERS = {"condition": "standing", "standings": ["full", "probationary"]}
SECRETARY = {"role": "secretary"}
FORCES = {label: value for value, label in Force.choices}


def _rule(code, action, trigger, *more, target=(MEMBERS,), responsible=SECRETARY, force="应当", **other) -> RuleSpec:
    trigger = {"kind": trigger} | dict(zip(more[::2], more[1::2], strict=True))
    spec = {
        "code": code, "title": code, "clause": "1", "mechanism": "M01", "force": force, "action": action,
        "responsible": responsible, "target": list(target), "trigger": trigger, "set_by": {}, **other,
    }  # fmt: skip
    spec["set_by"] = dict.fromkeys(TypeAdapter(Trigger).validate_python(trigger).numbers, "organisation")
    return RuleSpec.model_validate(spec)


def _in(kind, *grades):
    return {"condition": "category", "kind": kind, "grades": list(grades)}


def _post(*roles, at=()):
    return {"condition": "post", "roles": list(roles), "at": list(at)}


def _object(where, *roles, at=()):
    return {"condition": "object", "roles": list(roles), "where": where, "at": list(at)}


RULES = {spec.code: spec for spec in (
    _rule("talk-yearly", "talk", "quota", "times", 1, "per", "year", "counted_per", "member"),
    _rule("talk-twice", "talk", "quota", "times", 2, "per", "year", "counted_per", "member", replaces="p0/talk-yearly"),
    _rule("visit-half", "visit", "quota", "times", 2, "per", "half", "counted_per", "member",
          target=[MEMBERS, _in("hardship", "一级", "二级")], or_by=["talk"],
          responsible={"role": "secretary", "with": ["deputy_secretary"]}),
    _rule("talk-monthly-may", "talk", "quota", "times", 1, "per", "month", "counted_per", "member", force="可以",
          responsible={"role": "secretary", "at": ["general_branch", "committee"]}),
    _rule("study-semester", "study", "quota", "times", 1, "per", "semester", "counted_per", "member",
          "semesters", [("02-29", "07-15"), ("09-01", "01-20")], collective_counts=True),
    _rule("study-hours", "study", "quota", "sum", 32, "per", "year", "counted_per", "member",
          collective_counts=True, responsible={"role": "secretary", "anyone": True}),
    _rule("visit-interval", "visit", "quota", "times", 1, "per", "interval", "days", 60, "category", "serious_illness",
          "counted_per", "member", responsible={"role": "secretary", "tie": "contact"}),
    _rule("pair-quarter", "talk", "quota", "times", 1, "per", "quarter", "counted_per", "pair",
          target=[MEMBERS, _post("secretary"), _object("same", "deputy_secretary", "commissioner")]),
    _rule("pair-below", "talk", "quota", "times", 1, "per", "quarter", "counted_per", "pair",
          target=[MEMBERS, _object("below", "secretary", at=["branch", "general_branch"]),
                  _post("secretary", at=["general_branch", "committee"])]),
    _rule("pair-tied", "visit", "quota", "times", 1, "per", "half", "counted_per", "pair",
          target=[MEMBERS, {"condition": "tie", "kind": "leader_contact"}, _post("secretary", "deputy_secretary"),
                  _in("elderly")]),
    _rule("pair-both", "talk", "quota", "times", 1, "per", "quarter", "counted_per", "pair",
          target=[MEMBERS, _post("secretary", "deputy_secretary", at=["general_branch", "committee"]),
                  _object("below", "secretary", "commissioner", at=["branch"]),
                  {"condition": "tie", "kind": "leader_contact"}]),
    _rule("actor-quarter", "talk", "quota", "times", 2, "per", "quarter", "counted_per", "actor",
          target=[_post("secretary", at=["branch", "committee"])], or_by=["visit"]),
    _rule("report-half", "report", "quota", "times", 1, "per", "half", "counted_per", "organisation",
          target=[{"condition": "kind", "kinds": ["branch", "general_branch"]}]),
    _rule("report-sum", "report", "quota", "sum", 3, "per", "quarter", "counted_per", "organisation",
          target=[{"condition": "kind", "kinds": ["general_branch", "committee"]}], collective_counts=True),
    _rule("spring-all", "visit", "occasion", "occasion", "spring", "opens_days_before", 30, "due_days_before", 2,
          "closes_days_after", 5, target=[MEMBERS, _in("elderly")]),
    _rule("spring-selected", "visit", "occasion", "occasion", "spring", "opens_days_before", 40, "times", 2,
          "coverage", "selected", target=[MEMBERS, _in("hardship")],
          responsible={"role": "secretary", "with": ["commissioner"]}),
    _rule("newyear-may", "greeting", "occasion", "occasion", "newyear", "opens_days_before", 12,
          "closes_days_after", 9, force="可以", or_by=["talk"], collective_counts=True),
    _rule("joined-yearly", "greeting", "date", "fact", "joined_on", "every", "year", "opens_days_before", 7,
          "closes_days_after", 7, force="可以", collective_counts=True),
    _rule("full-yearly", "talk", "date", "fact", "full_on", "every", "year", "opens_days_before", 40,
          "closes_days_after", 0),
    _rule("birth-yearly", "greeting", "date", "fact", "birth_on", "every", "year", "opens_days_before", 366,
          "closes_days_after", 30, target=[MEMBERS, _in("elderly")],
          responsible={"role": "secretary", "tie": "pairing"}),
    _rule("fifty-years", "greeting", "date", "fact", "joined_on", "every", "once", "at_years", 50,
          "opens_days_before", 60, "closes_days_after", 20, or_by=["visit"]),
    _rule("before-the-end", "talk", "date", "fact", "category_until", "every", "once", "category", "disciplined",
          "shift_days", -10, "opens_days_before", 30, "closes_days_after", 20),
    _rule("after-the-start", "visit", "date", "fact", "category_since", "every", "once", "category", "injured",
          "shift_days", 25, "opens_days_before", 25, "closes_days_after", 10,
          target=[{"condition": "standing", "standings": ["full", "dead"]}]),
    _rule("event-talk", "talk", "event", "events", ["honour", "absence"], "within_days", 7,
          responsible={"role": "secretary", "with": ["deputy_secretary"]}),
    _rule("event-may", "visit", "event", "events", ["setback"], "within_days", 10, force="可以",
          target=[MEMBERS, {"condition": "tie", "kind": "contact"}],
          responsible={"role": "secretary", "tie": "contact"}),
    _rule("event-request", "talk", "event", "events", ["request"], "within_days", 5,
          responsible={"role": "secretary", "addressee": True}),
    _rule("event-answered", "visit", "event", "events", ["illness", "disaster"], "within_days", 14, "answers", True,
          or_by=["condolence"]),
    _rule("event-death", "condolence", "event", "events", ["death"], "within_days", 3,
          target=[{"condition": "standing", "standings": ["dead"]}], responsible={"role": "secretary", "anyone": True}),
    _rule("own-event", "report", "event", "events", ["disaster"], "within_days", 9, "answers", True,
          "counted_per", "organisation", target=[{"condition": "kind", "kinds": ["branch", "general_branch"]}]),
    _rule("own-asked", "report", "event", "events", ["dues"], "within_days", 6, "answers", True,
          "counted_per", "organisation", target=[{"condition": "kind", "kinds": ["branch", "committee"]}],
          responsible={"role": "secretary", "addressee": True}),
    _rule("own-july", "report", "occasion", "occasion", "july", "opens_days_before", 30, "due_days_before", 1,
          "closes_days_after", 9, "times", 2, "counted_per", "organisation",
          target=[{"condition": "kind", "kinds": ["branch", "committee"]}]),
    _rule("aged-half", "visit", "quota", "times", 1, "per", "half", "counted_per", "member",
          target=[MEMBERS, {"condition": "dated", "fact": "birth_on", "years": 2}]),
    _rule("long-joined", "visit", "occasion", "occasion", "spring", "opens_days_before", 40, "closes_days_after", 20,
          "times", 1, "coverage", "selected",
          target=[MEMBERS, {"condition": "dated", "fact": "joined_on", "before": "2025-06-15"}]),
    _rule("any-leader", "talk", "quota", "times", 1, "per", "quarter", "counted_per", "member",
          responsible={"role": "secretary", "at": ["general_branch", "committee"], "with": ["deputy_secretary"],
                       "upward": True}),
    _rule("either-head", "talk", "quota", "times", 1, "per", "half", "counted_per", "member",
          responsible={"role": "deputy_secretary", "instead": ["commissioner"], "with": ["publicity_commissioner"]}),
    _rule("picked", "talk", "quota", "times", 1, "per", "quarter", "counted_per", "member", proposal=True),
    _rule("two-contacts", "talk", "standing", "tie", "contact", "at_least", 2, "counted_per", "member",
          "within_days", 15, target=[{"condition": "standing", "standings": ["full", "dead"]}, _in("bereaved")]),
    _rule("leader-contacts", "talk", "standing", "tie", "leader_contact", "at_least", 2, "counted_per", "actor",
          "within_days", 30, target=[_post("secretary", at=["general_branch", "committee", "branch"])]),
)}  # fmt: skip


def load_rules(codes, policy_code: str) -> Policy:
    """A policy of the named rules, as a pack would bring it into the database."""
    policy = Policy.objects.create(code=policy_code, title=policy_code, number="1", issuer="试验")
    clause = Clause.objects.create(policy=policy, code="1", printed="1", heading="1", gist="1", position=0)
    for position, code in enumerate(codes):
        spec = RULES[code]
        Rule.objects.create(
            policy=policy, clause=clause, code=code, title=spec.title, mechanism=spec.mechanism, action=spec.action,
            force=FORCES[spec.force], position=position, replaces=spec.replaces or "",
            spec=spec.model_dump(mode="json", by_alias=True) | {"own_numbers": spec.own_numbers},
        )  # fmt: skip
    return policy

"""One talk and one event, entered in their forms: with the engine listening, and with nobody listening."""

from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from urllib.parse import urlencode

from bench.database import use
from bench.measure import Promise, in_turns, median, paired, shown
from bench.pages import PORT, fetch, served, signed_in
from duties.policy.models import Rule
from members.enums import EventKind
from members.models import Account, Membership

LEVEL = "committee"


def measure(database: str, day: date, *, rounds: int):
    """Yield the promises of facts in a database under the whole pack."""
    use(database)
    rules = Rule.objects.filter(reach__isnull=False).distinct().count()
    account, cookie = Account.objects.get(username=LEVEL), signed_in(LEVEL)
    members = Membership.objects.on(day).visible_to(account).exclude(person=account.person_id).order_by("pk")
    people = iter(members.filter(since__lt=day - timedelta(days=1)).values_list("person", flat=True))
    key = count()

    def entered(port: int, path: str, **form) -> float:
        form |= {"once": f"bench-{database}-{next(key)}", "member": next(people)}
        taken, status, answer = fetch(port, cookie, path, urlencode(form))
        if status != 302:
            raise SystemExit(f"{path} answered {status} instead of saving:\n{answer}")
        return taken

    forms = {
        "a talk": ("/talks/new/", {"on": day, "talker": account.person_id, "means": "face", "reason": "other",
                                   "text": "思想稳定", "themes": "thought"}),
        "an event": ("/events/new/", {"kind": EventKind.HONOUR, "occurred_on": day, "note": ""}),
    }  # fmt: skip
    acts = {}
    with ExitStack() as stack:
        ports = {
            "with": stack.enter_context(served(database, PORT + 5)),
            "without": stack.enter_context(served(database, PORT + 6, BENCH_WITHOUT_ENGINE="1")),
        }
        for what, (path, form) in forms.items():
            for engine, port in ports.items():
                acts[what, engine] = lambda port=port, path=path, form=form: entered(port, path, **form)
        in_turns(acts, 3)  # each worker loads its code and compiles its rules
        taken = in_turns(acts, rounds)
    for what in forms:
        ours, plain = taken[what, "with"], taken[what, "without"]
        yield Promise(f"{what} entered, {rules} rules ÷ without the engine", paired(ours, plain), at_most=3, n=rounds,
                      detail=f"{shown(median(ours))} ÷ {shown(median(plain))}")  # fmt: skip

"""The other end of the tie that a new entry makes: whom the address names, who is found, for whose sake it is made."""

from dataclasses import dataclass
from datetime import date

from django.shortcuts import get_object_or_404

from base import audit
from care.models import Entry
from care.register import EntryForm, Register
from duties.engine.models import Duty
from duties.views.tying import duty_of_tie
from members.asked import number
from members.bonds import OF_LEADERS
from members.enums import Capability
from members.finding import Found, helpers, named
from members.models import Membership, Person

KEPT = ("register", "member", "duty", "instead")
"""What the address of the form says and a search by name keeps."""


@dataclass(frozen=True)
class OtherEnd:
    """Who may stand by the member.

    :ivar name: whom somebody looks for; ``found``: those of that name.
    :ivar chosen: the number, as text, of whom the form is filled in with.
    :ivar duty: the duty that waits for such a tie, to which one comes back.
    :ivar instead: the running entry of the member whose place the new one takes.
    """

    name: str = ""
    found: tuple[Found, ...] = ()
    chosen: str = ""
    duty: Duty | None = None
    instead: Entry | None = None

    def person(self, form: EntryForm) -> Person | None:
        """Whom the valid form names."""
        to = form.cleaned_data.get("to")
        return next((each.person for each in self.found if str(each.person.pk) == to), None)


def other_end(request, register: Register, membership: Membership, day: date) -> OtherEnd:
    """What the address and the sent form say of it; nothing where the register is about no tie.

    ``name`` is looked for among those who can stand by the member, of leaders among those in a post; ``to`` names
    somebody by number.
    """
    if not register.other:
        return OtherEnd()
    people = helpers(request.user, membership, in_post=register.tie in OF_LEADERS)
    typed, asked = request.GET.get("name", "").strip(), request.GET.get("to", "")
    name = (request.POST.get("name") or typed).strip()
    if asked and not name:
        name = people.filter(pk=number(asked)).values_list("name", flat=True).first() or ""
    found = named(people, name, day)
    audit.search(request, "people", typed, found=len(found))
    offered = [str(each.person.pk) for each in found]
    chosen = asked if asked in offered else offered[0] if len(offered) == 1 else ""
    return OtherEnd(name, tuple(found), chosen, duty_of_tie(request), _instead(request, register, membership, day))


def _instead(request, register: Register, membership: Membership, day: date) -> Entry | None:
    if not (asked := request.GET.get("instead")):
        return None
    running = Entry.objects.visible_to(request.user, Capability.RECORD).running(day)
    rows = running.filter(register=register.code, person=membership.person_id).select_related("person", "tie__to")
    return get_object_or_404(rows, pk=number(asked))

"""For whom somebody applies: the same for money and for less dues."""

from datetime import date

from django.core.exceptions import PermissionDenied

from fund.permissions import check_may_file_for
from members.asked import member_asked_for
from members.enums import Capability, Standing
from members.models import Membership
from members.permissions import check_may_record
from members.services import membership_on


def whose(request, day: date) -> Membership | None:
    """Whom the application is for: the member named, oneself where nobody is and one files for nobody else; ``None``
    where a member is to be chosen first.

    :raises PermissionDenied: for a person who is no member, for the dead.
    """
    account = request.user
    own = membership_on(account.person, day) if account.person else None
    named = request.POST.get("member") or request.GET.get("member")
    if not named and account.scope.may(Capability.RECORD):
        return None
    if named and not (own and str(own.person_id) == named):
        check_may_record(account)
        own = member_asked_for(request, day)
    if own is None:
        raise PermissionDenied("申请由党员本人提出，或由所在党组织的书记、副书记、组织委员代填。")
    if own.standing == Standing.DEAD:
        raise PermissionDenied(f"{own.person.name}已于 {own.since} 去世，不能再申请。慰问家属请用“登记吊唁”。")
    check_may_file_for(account, own)
    return own

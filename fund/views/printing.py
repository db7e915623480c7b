"""One application's whole file on paper."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base import audit
from base.capitals import in_capitals
from base.dates import today
from base.pictures import pictures_of, subject_of
from base.sealed import mask_phone
from care.register import told
from care.registers.difficulty import income_of
from fund.applying.filing import content_of
from fund.applying.paper import boxes_of, with_paper
from fund.applying.turns import line_of
from fund.forms.applying import HomeForm
from fund.models import Application
from fund.permissions import is_party, may_read_content, may_read_opinions
from members.enums import Capability


@require_safe
def application_print(request, pk: int):
    """专项资金申请审批表 on A4: steps taken printed, those to come left blank to sign. What the reader may not read is
    said to be left out. Audited.
    """
    account, day = request.user, today()
    found = get_object_or_404(with_paper(Application.objects.visible_to(account)), pk=pk)
    reads, page = may_read_content(account, found), "my_application" if is_party(account, found) else "application"
    audit.write(audit.Act.PRINT, f"application:{pk}", content=reads)
    line = line_of(found.organisation, found.fund, day)
    context = {
        "application": found, "person": found.person, "seniority": found.person.seniority(day), "day": day,
        "reads": reads, "file": reads or account.scope.may(Capability.VIEW, found.path),
        "opinions": may_read_opinions(account, found), "boxes": boxes_of(found, line),
        "capitals": in_capitals(found.asked), "classes": found.regulation.parsed.classes,
        "trail": found.taken.all(), "back": reverse(page, args=[pk]),
        "own": account.person_id == found.person_id, **(_content(found) if reads else {}),
    }  # fmt: skip
    return render(request, "fund/application_print.html", context)


def _content(found: Application) -> dict:
    content = content_of(found)
    return {
        "content": content, "family": told(HomeForm.base_fields["family"], content.family),
        "income": income_of(found.content), "phone": mask_phone(content.phone) or found.person.masked_phone,
        "pictures": pictures_of(subject_of(found)).count(),
    }  # fmt: skip

"""Pages of those honoured: the list with what is due next, and one member's honours, stories and namings."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from awards.treatment import honoured, honourees, of_member
from awards.views.subjects import seen_member
from base.dates import today
from duties.filters import Narrowing
from members.directory import organisation_choices, page_after
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end, sealed_at

PAGE = 50


@require_safe
def honourees_page(request):
    """功勋荣誉获得者 in scope: grades, honours, the next treatment, hardship marked."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    stays = honourees(account, day).defer(*sealed_at("person"))
    if here:
        stays = stays.filter(path__gte=here.path, path__lt=path_end(here.path))
    rows, after = page_after(stays, "path", request.GET.get("after", ""), size=PAGE)
    context = {
        "lines": honoured(rows, account, day), "after": after, "query": chosen.query(), "here": here, "day": day,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
    }  # fmt: skip
    return render(request, "awards/honourees.html", context)


@require_safe
def member_honours(request, pk: int):
    """One member's honours, what is due to him, the stories told of him and what is named after him."""
    person, stay = seen_member(request, pk)
    account, day = request.user, today()
    context = of_member(account, person, stay, day) | {"person": person, "stay": stay, "day": day}
    may = stay is not None and account.scope.may(Capability.RECORD, stay.path)
    context["may_record"] = may and person.pk != account.person_id
    return render(request, "awards/member_honours.html", context)

"""Pages of stories told of models: the list, the form, one story, correcting and taking it back."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.honours import Whose
from awards.forms.namings import StoryFilter, StoryForm
from awards.models import Story
from awards.permissions import check_may_change, may_change
from awards.stories import change_story, enter_story, withdraw_story
from awards.views.subjects import act_page, asked_for, one, pick
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.forms import WithdrawForm
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end, sealed_at

PAGE = 50


@require_safe
def stories(request):
    """Stories in scope, the latest first."""
    account, chosen = request.user, StoryFilter(request.GET)
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Story.objects.visible_to(account).select_related("organisation", "person").defer(*sealed_at("person"))
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    if year := chosen.value("year"):
        found = found.filter(on__range=(date(int(year), 1, 1), date(int(year), 12, 31)))
    found = found.filter(person__name__startswith=chosen.value("q")) if chosen.value("q") else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="on")
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here, "day": today(),
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/stories.html", context)


def story_new(request):
    """The form of a story told of one member or organisation; without either, the pick page."""
    check_may_record(request.user)
    whose = asked_for(request)
    if whose is None:
        return pick(request, "story_new", title="登记典型宣传", crumb="典型宣传", list="stories",
                    note="报道、光荣榜、宣讲，宣传一次登记一条。先选宣传的是谁。")  # fmt: skip
    day = today()
    sent = request.POST if request.method == "POST" else None
    form = StoryForm(sent, initial={"once": new_key(), "on": day})
    if where := submitted(request, form, lambda: _enter(form, request, whose, day)):
        return redirect(where)
    context = {"form": form, "cancel_url": reverse("stories"), "title": f"登记对{whose.name}的宣传"}
    return render(request, "awards/story_new.html", context, status=422 if form.errors else 200)


def _enter(form: StoryForm, request, whose: Whose, day: date) -> str:
    made = enter_story(by=request.user, told=form.told(), today=day, **whose.subject)
    messages.success(request, f"已登记“{made.title}”。")
    return reverse("story", args=[made.pk])


@require_safe
def story(request, pk: int):
    """One story: of whom, what, where, when."""
    found = one(Story.objects.visible_to(request.user), pk, "person", "organisation", "entered_by")
    context = {"story": found, "day": today(), "may_change": may_change(request.user, found)}
    return render(request, "awards/story.html", context)


def story_change(request, pk: int):
    """Correcting what was typed wrongly."""
    found = one(Story.objects.visible_to(request.user), pk, "person", "organisation")
    check_may_change(request.user, found)
    names = ("title", "outlet", "on", "reference", "version")
    initial = {name: getattr(found, name) for name in names} | {"once": new_key()}
    form = StoryForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _change(form, request, found, today())):
        return redirect(where)
    context = {"form": form, "cancel_url": reverse("story", args=[pk]), "title": f"改正对{found.whose}的宣传"}
    return render(request, "awards/story_new.html", context, status=422 if form.errors else 200)


def _change(form: StoryForm, request, found: Story, day: date) -> str:
    version = form.cleaned_data["version"] or 0
    change_story(by=request.user, story=found, told=form.told(), version=version, today=day)
    messages.success(request, "已改正。")
    return reverse("story", args=[found.pk])


def story_withdraw(request, pk: int):
    """Taking back a story that was entered wrongly."""
    found = one(Story.objects.visible_to(request.user), pk, "person", "organisation")
    return act_page(
        request, found, WithdrawForm, lambda **given: withdraw_story(story=found, **given), said="已撤回，划去保留。",
        title="撤回这一条", label="撤回", what=found.title, note="登记错了的才撤回，撤回后划去保留。",
        back=reverse("story", args=[pk]), crumb=found.title,
    )  # fmt: skip

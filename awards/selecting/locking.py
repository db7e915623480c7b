"""The lock of a selection, and sentences that several acts share."""

from django.core.exceptions import ValidationError

from awards.models import Nominee, Selection
from base.facts import facts_will_change

Stage = Selection.Stage
NO_REASON = "请写原因，一句话也可以。"


def locked_selection(selection: Selection) -> Selection:
    """The selection as it stands now, so that acts on it take turns; the engine's lock comes first."""
    facts_will_change()
    rows = Selection.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    return rows.get(pk=selection.pk)


def at_stage(selection: Selection, *stages: Stage) -> Selection:
    """The locked selection, if it stands at one of the stages.

    :raises ValidationError: saying where it stands, which is where a second click finds it too.
    """
    selection = locked_selection(selection)
    if selection.stage not in stages:
        wanted = "、".join(f"“{each.label}”" for each in stages)
        said = f"{selection.title}现在是“{selection.get_stage_display()}”，这一步要在{wanted}时办，没有再办一次。"
        raise ValidationError(said)
    return selection


def fresh(nominee: Nominee) -> Nominee:
    """The nominee as it stands, read under the lock of the selection."""
    rows = Nominee.objects.select_related("title__selection__organisation", "person", "organisation", "nominator")
    return rows.get(pk=nominee.pk)


def names(nominees) -> str:
    """张三、李四等 7 个; the first five by name."""
    shown = [each.whom for each in nominees]
    return "、".join(shown[:5]) + (f"等 {len(shown)} 个" if len(shown) > 5 else "")

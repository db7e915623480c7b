"""The lock of a campaign, taken after the engine's, and names in a sentence."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from base.facts import facts_will_change
from visits.models import Campaign, Candidate

NOBODY = "还没有勾选人。请先勾选名单里的人。"
SOME = 5


def locked_campaign(campaign: Campaign) -> Campaign:
    """The campaign as it stands now, so that acts on it take turns; the engine's lock comes first."""
    facts_will_change()
    return Campaign.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation").get(
        pk=campaign.pk
    )  # fmt: skip


def check_drafting(campaign: Campaign) -> None:
    """:raises ValidationError: saying why, where names and sums may not change any more."""
    if campaign.drafting:
        return
    said = {
        Campaign.Stage.CLOSED: f"{campaign.title}已经收尾，不再改动。",
        Campaign.Stage.CALLED_OFF: f"{campaign.title}已撤销。要办请先重新摸底。",
    }
    raise ValidationError(said.get(campaign.stage, "名单和金额已经集体研究确定，不能再改。发不出去的请登记退回。"))


def same_campaign(candidates: Collection[Candidate]) -> Campaign:
    """The locked campaign in which all of these stand.

    :raises ValidationError: for nobody, or for names of several campaigns.
    """
    campaigns = {each.campaign_id for each in candidates}
    if not campaigns:
        raise ValidationError(NOBODY)
    if len(campaigns) > 1:
        raise ValidationError("勾选的人不在同一次节日走访里，请分开办。")
    return locked_campaign(Campaign(pk=campaigns.pop()))


def names_of_some(rows: QuerySet[Candidate]) -> list[str]:
    """The names of the first few, in the order of the tree; no more are read."""
    return list(rows.order_by("path", "pk").values_list("person__name", flat=True)[: SOME + 1])


def said_names(names: list[str], count: int) -> str:
    """张三、李四等 7 人."""
    shown = "、".join(names[:SOME])
    return f"{shown}等 {count} 人" if count > SOME else shown

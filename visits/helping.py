"""What visits gave a member, and which running campaign lists him: for who weighs an application to a fund."""

from datetime import date

from base.calendar import Occasion
from base.money import Given, Source
from visits.models import Campaign, Candidate, Visit


def money_given(person: int, since: date, until: date) -> list[Given]:
    """What was handed over on visits in ``since <= day < until``; sums in fen, gifts without a sum are none."""
    rows = Visit.objects.filter(record__member=person, record__withdrawn_on__isnull=True, money__gt=0)
    rows = rows.filter(record__on__gte=since, record__on__lt=until)
    told = rows.order_by("record__on", "pk").values_list("record__on", "occasion", "source", "money")
    return [
        Given(on, f"{Occasion(festival).label}走访慰问" if festival else "走访慰问", _label(source), fen)
        for on, festival, source, fen in told
    ]


def _label(source: str) -> str:
    return Source(source).label if source else "没有写"


def running_lists(account, person: int) -> list[tuple]:
    """(words, planned fen, URL name, number) of each campaign in view that lists the member and gave nothing yet."""
    rows = Candidate.objects.visible_to(account).outstanding().filter(person=person)
    rows = rows.exclude(campaign__stage=Campaign.Stage.CLOSED).select_related("campaign").defer("campaign__summary")
    return [(f"{row.campaign.title}名单", row.fen, "campaign", row.campaign_id) for row in rows.order_by("pk")]

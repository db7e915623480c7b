"""Which applications a list shows, with all that a row says, in a fixed number of queries."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fund.models import Application, FundRegulation, Taken
from fund.regulation.schema import Regulation
from fund.regulation.steps import Move, Stage
from members.scope import sealed_at


def listed(account) -> QuerySet[Application]:
    """What the list holds: what is in view, without the drafts of others."""
    rows = Application.objects.visible_to(account)
    own = Q(person=account.person_id) | Q(filed_by=account.person_id) if account.person_id else Q(pk__in=[])
    return rows.filter(~Q(state=Stage.DRAFT) | own)


def regulations_of(account) -> list[Regulation]:
    """The regulations by which what the account sees was asked, parsed; the latest first."""
    rows = FundRegulation.objects.filter(pk__in=Application.objects.visible_to(account).values("regulation"))
    return [row.parsed for row in rows.order_by("-since", "-pk")]


def with_words(rows: QuerySet[Application]) -> QuerySet[Application]:
    """All that a row shows; ``fen`` is the sum it is at: granted, passed last, or asked."""
    passed = Taken.objects.filter(application=OuterRef("pk"), round=OuterRef("round"), move=Move.PASS, fen__gt=0)
    last = Subquery(passed.order_by("-serial").values("fen")[:1])
    return (
        rows.select_related("person", "organisation", "fund__organisation")
        .prefetch_related("regulation")
        .defer("content", *sealed_at("person"))
        .annotate(fen=Coalesce(F("granted"), last, F("asked")))
    )

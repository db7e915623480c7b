"""What the sign-in page shows of the house: its name, and in the demo its accounts."""

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Length

from members.models import PATH_SEGMENT, Account, Organisation, Post

DEMO_PREFIX = "demo-"
"""Names of the demo's accounts begin so."""


def demo_accounts() -> QuerySet[Account]:
    """The demo's accounts with their person's posts, in the order in which the demo made them."""
    posts = Post.objects.select_related("organisation").order_by("since", "pk")
    accounts = Account.objects.filter(username__startswith=DEMO_PREFIX, is_active=True).select_related("person")
    return accounts.prefetch_related(Prefetch("person__posts", posts)).order_by("pk")


def house_name() -> str:
    """The name of the one organisation at the top; nothing where there are several or none."""
    tops = Organisation.objects.annotate(depth=Length("path")).filter(depth=PATH_SEGMENT).order_by("path")[:2]
    return tops[0].name if len(tops) == 1 else ""

"""The list with which a post goes from one holder to the next, made to be printed and signed."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.dates import FAR, last_day, today
from duties.board.handing_over import beside, posts_to_hand_over
from duties.board.handing_over import handover as handed_over
from members.asked import number


@require_safe
def handover(request, pk: int):
    """What is this post's turn, what was arranged and handed on, and whom its holder stands by."""
    account, day = request.user, today()
    post = get_object_or_404(posts_to_hand_over(account), pk=number(pk))
    before, after = beside(account, post, day)
    context = {
        "post": post,
        "day": day,
        "last": None if post.until == FAR else last_day(post.until),
        "gone": post.person_id if post.until <= day else None,
        "before": before,
        "after": after,
        "list": handed_over(account, post, day, timezone.now()),
    }
    return render(request, "duties/handover.html", context)

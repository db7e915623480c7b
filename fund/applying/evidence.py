"""Papers of an application: who adds them, who takes them off, and what a meeting has seen."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Max

from base.models import Picture
from fund.applying.filing import check_own
from fund.models import Application


def seen_at(application: Application) -> datetime | None:
    """When the last decision on it was entered: what came before it was seen by the meeting."""
    return application.decisions.aggregate(last=Max("meeting__at"))["last"]


def check_may_add(application: Application) -> None:
    """Refuse further papers to what is over; who reads the content was asked before.

    :raises PermissionDenied: with the sentence.
    """
    if application.over:
        raise PermissionDenied(f"这件申请{application.state_words}，材料不再增加。")


def check_may_remove(by, application: Application, picture: Picture) -> None:
    """Refuse to take off what a meeting saw, or anything once the application was handed in.

    :raises PermissionDenied: with the sentence; for anybody but the applicant and who filed it.
    """
    check_own(by, application)
    if not application.editable:
        raise PermissionDenied("申请提交以后，材料只能补充，不能去掉。")
    seen = seen_at(application)
    if seen and picture.at <= seen:
        raise PermissionDenied("这份材料会议研究时看过，要留着备查，不能去掉。")


def may_remove(by, application: Application, picture: Picture, seen: datetime | None) -> bool:
    """The same for a page that shows many, told ``seen_at`` once."""
    own = by.person_id in (application.person_id, application.filed_by_id)
    return own and application.editable and not (seen and picture.at <= seen)

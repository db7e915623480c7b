"""What was said and done face to face, what organisations held and did, and who is in touch with which of them."""

from visits.models.activities import ACTIONS, Activity, Participant
from visits.models.acts import OfRecordQuerySet, Talk, Visit
from visits.models.after import Addendum, Confirmation, RequestAnswer
from visits.models.contact_points import ContactPoint

__all__ = [
    "ACTIONS", "Activity", "Addendum", "Confirmation", "ContactPoint", "OfRecordQuerySet", "Participant",
    "RequestAnswer", "Talk", "Visit",
]  # fmt: skip

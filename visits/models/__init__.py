"""What was said and done face to face."""

from visits.models.acts import OfRecordQuerySet, Talk, Visit
from visits.models.after import Addendum, Confirmation, RequestAnswer

__all__ = ["Addendum", "Confirmation", "OfRecordQuerySet", "RequestAnswer", "Talk", "Visit"]

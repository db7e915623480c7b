"""What was said and done face to face."""

from visits.models.acts import OfRecordQuerySet, Talk, Visit
from visits.models.after import Addendum

__all__ = ["Addendum", "OfRecordQuerySet", "Talk", "Visit"]

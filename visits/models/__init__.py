"""What was said and done face to face."""

from visits.models.acts import OfRecordQuerySet, Talk, Visit

__all__ = ["OfRecordQuerySet", "Talk", "Visit"]

"""What was said and done face to face, and what is done before festivals."""

from visits.models.acts import OfRecordQuerySet, Talk, Visit
from visits.models.campaigns import Campaign, CampaignQuerySet, Candidate, CandidateQuerySet

__all__ = ["Campaign", "CampaignQuerySet", "Candidate", "CandidateQuerySet", "OfRecordQuerySet", "Talk", "Visit"]

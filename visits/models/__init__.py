"""What was said and done face to face and before festivals, what organisations held, who is in touch with whom."""

from visits.models.activities import ACTIONS, Activity, Participant
from visits.models.acts import OfRecordQuerySet, Talk, Visit
from visits.models.after import Addendum, Confirmation, RequestAnswer
from visits.models.campaigns import Campaign, CampaignQuerySet, Candidate, CandidateQuerySet
from visits.models.contact_points import ContactPoint

__all__ = [
    "ACTIONS", "Activity", "Addendum", "Campaign", "CampaignQuerySet", "Candidate", "CandidateQuerySet",
    "Confirmation", "ContactPoint", "OfRecordQuerySet", "Participant", "RequestAnswer", "Talk", "Visit",
]  # fmt: skip

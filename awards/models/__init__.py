"""What this floor keeps, one module for each capability."""

from awards.models.allowances import Allowance, AllowanceKind
from awards.models.assessments import Assessment, Grade
from awards.models.ceremonies import Ceremony, CeremonyRecord, GreetingText
from awards.models.fifty import Medal, MedalStep, Stage
from awards.models.honours import Honour, HonourKind, Level
from awards.models.namings import Naming, Story
from awards.models.nominees import Nominee, SelectionMeeting, SelectionNotice, SelectionObjection
from awards.models.plans import CarePlan, PlanItem
from awards.models.selection import Selection, SelectionTitle, TitleQuota
from awards.models.study import Attendance, StudySession

__all__ = [
    "Allowance",
    "AllowanceKind",
    "Assessment",
    "Attendance",
    "CarePlan",
    "Ceremony",
    "CeremonyRecord",
    "Grade",
    "GreetingText",
    "Honour",
    "HonourKind",
    "Level",
    "Medal",
    "MedalStep",
    "Naming",
    "Nominee",
    "PlanItem",
    "Selection",
    "SelectionMeeting",
    "SelectionNotice",
    "SelectionObjection",
    "SelectionTitle",
    "Stage",
    "Story",
    "StudySession",
    "TitleQuota",
]

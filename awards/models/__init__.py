"""What this floor keeps, one module for each capability."""

from awards.models.allowances import Allowance, AllowanceKind
from awards.models.assessments import Assessment, Grade
from awards.models.honours import Honour, HonourKind, Level
from awards.models.namings import Naming, Story
from awards.models.plans import CarePlan, PlanItem
from awards.models.study import Attendance, StudySession

__all__ = [
    "Allowance",
    "AllowanceKind",
    "Assessment",
    "Attendance",
    "CarePlan",
    "Grade",
    "Honour",
    "HonourKind",
    "Level",
    "Naming",
    "PlanItem",
    "Story",
    "StudySession",
]

"""What this floor keeps, one module for each capability."""

from awards.models.ceremonies import Ceremony, CeremonyRecord, GreetingText
from awards.models.honours import Honour, HonourKind, Level
from awards.models.study import Attendance, StudySession

__all__ = [
    "Attendance", "Ceremony", "CeremonyRecord", "GreetingText", "Honour", "HonourKind", "Level", "StudySession",
]  # fmt: skip

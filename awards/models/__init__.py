"""What this floor keeps, one module for each capability."""

from awards.models.fifty import Medal, MedalStep, Stage
from awards.models.honours import Honour, HonourKind, Level
from awards.models.study import Attendance, StudySession

__all__ = ["Attendance", "Honour", "HonourKind", "Level", "Medal", "MedalStep", "Stage", "StudySession"]

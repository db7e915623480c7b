"""What this floor keeps, one module for each capability."""

from awards.models.honours import Honour, HonourKind, Level
from awards.models.namings import Naming, Story
from awards.models.study import Attendance, StudySession

__all__ = ["Attendance", "Honour", "HonourKind", "Level", "Naming", "Story", "StudySession"]

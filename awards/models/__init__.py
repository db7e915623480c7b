"""What this floor keeps, one module for each capability."""

from awards.models.honours import Honour, HonourKind, Level
from awards.models.nominees import Nominee, SelectionMeeting, SelectionNotice, SelectionObjection
from awards.models.selection import Selection, SelectionTitle, TitleQuota
from awards.models.study import Attendance, StudySession

__all__ = [
    "Attendance", "Honour", "HonourKind", "Level", "Nominee", "Selection", "SelectionMeeting", "SelectionNotice",
    "SelectionObjection", "SelectionTitle", "StudySession", "TitleQuota",
]  # fmt: skip

"""Honours, fifty years, political birthdays as ceremonies, study. Floor 4; filled by its own issue."""

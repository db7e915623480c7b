"""The forms of honour and encouragement."""

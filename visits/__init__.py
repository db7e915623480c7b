"""Talks and visits: what is said and done face to face. Floor 4."""

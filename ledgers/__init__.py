"""Ledgers: declarations of what goes out, and the one writer that prints them. Floor 5."""

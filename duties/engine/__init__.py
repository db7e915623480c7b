"""Duties as a function of policy, facts, records, waivers and the day."""

"""Importing the roster (党员名册): read a sheet, plan what it would do, carry the plan out in one transaction.

``columns`` says what a roster may hold, ``parse`` judges a row by itself, ``plan`` compares it with what is known,
``apply`` writes. The plan writes nothing, so preview and import are the same reading of the same sheet.
"""

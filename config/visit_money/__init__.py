"""待记账: what visits gave out of money that the fund keeps, until it stands in the books.

Visits and the fund are strangers; here both can be seen, and what they share is the record.
"""

"""The calendar: what is planned and done, by month, of everything the floors below know."""

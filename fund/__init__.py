"""The special care fund: accounts, applications, notices, payments, journal. Floor 4; filled by its own issue."""

"""The forms of talks and visits. They offer only what the account may choose; the services check what it may be."""

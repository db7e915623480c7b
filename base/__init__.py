"""The foundation that knows no member: dates, seals, audit, once-keys, facts hook, sheets. Floor 0."""

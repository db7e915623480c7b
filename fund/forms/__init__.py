"""Forms of the special care fund."""

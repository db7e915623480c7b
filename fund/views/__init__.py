"""Pages of the special care fund."""

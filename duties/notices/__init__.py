"""What people are told of their duties, once a day: counts, never names."""

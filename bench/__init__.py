"""``make bench``: the promises of speed, measured as interleaved ratios on PostgreSQL. Prints what it did."""

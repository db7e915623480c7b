"""Pages of talks, visits and requests for talks."""

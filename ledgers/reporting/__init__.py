"""情况报告: what an organisation tells the one above it, in writing, and what becomes of that."""

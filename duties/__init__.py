"""The nucleus: policy, engine, and the pages that show only duties and records. Floor 2."""

"""Festival campaigns: drafting, leading, handing over, and the checks. See ``visits/models/campaigns.py``."""

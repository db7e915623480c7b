"""Registries of the people who need care (困难、家庭、老党员、结对 …). Floor 3; filled by its own issue."""

"""督办: what an organisation above asks one below to account for by a day, and the answer."""

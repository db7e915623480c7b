"""迎检包: what an organisation shows whoever inspects it, a period as one zip, with a list of digests."""

"""The pages of honour and encouragement."""

"""Names: what they are, what their records say, and which ones are worth a try."""

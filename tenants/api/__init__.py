"""The API: its door, its manners, and what it tells of keys and the ledger."""

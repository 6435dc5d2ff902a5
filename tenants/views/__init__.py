"""Pages of tenants: who gets in, keys, the ledger."""

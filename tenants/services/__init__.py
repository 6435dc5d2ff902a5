"""Services of tenants: one use case, one function."""

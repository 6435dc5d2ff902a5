"""Services of exposure: one use case, one function."""

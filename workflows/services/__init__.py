"""Services of workflows: one use case, one function."""

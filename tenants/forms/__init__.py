"""Forms of tenants: they check input, services write."""

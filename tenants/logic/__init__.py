"""Pure rules of tenants: dataclasses in, dataclasses out, no database."""

"""What a customer may do with its own data."""

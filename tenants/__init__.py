"""Who works here, and the wall between customers."""

"""What the API tells of cases and decisions, and the re-test it asks for."""

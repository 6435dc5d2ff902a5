"""Read-only questions to one network service."""

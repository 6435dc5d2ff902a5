"""Which set of changes removes most within the hours and downtime the plant allows."""

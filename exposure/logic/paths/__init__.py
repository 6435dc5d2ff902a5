"""From a description of the plant to what an outsider reaches, and why."""

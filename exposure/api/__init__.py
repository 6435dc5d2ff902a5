"""What the API tells of plant, exposures, runs and paths."""

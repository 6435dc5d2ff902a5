"""What the start script does; needs nothing but Python's standard library."""

"""What can be attacked, and is it true."""

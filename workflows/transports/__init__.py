"""How a message leaves the house: one file for each way."""

"""Products that outsiders meet at the edge of a plant, by what their front shows."""

"""Who must act, who agreed, and whether it is fixed."""

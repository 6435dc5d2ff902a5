"""A workspace as files: export in open formats, backup, restore."""

"""Single sign-on of a workspace."""

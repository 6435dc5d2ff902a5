"""Migrations of exposure."""

"""Migrations of workflows."""

"""Decisions as pure functions: dataclasses in, dataclasses out."""

"""Tests: a workspace as files."""

"""Tests: exposure."""

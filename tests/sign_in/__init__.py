"""Tests: signing in."""

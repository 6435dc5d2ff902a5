"""Tests: a provider and its own people."""

"""Tests: the services of exposure."""

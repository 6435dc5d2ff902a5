"""Tests: the pages of exposure."""

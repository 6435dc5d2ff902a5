"""Tests: the ledger and its verifier."""

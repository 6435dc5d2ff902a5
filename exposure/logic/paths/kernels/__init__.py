"""Loops over arrays that are worth compiling."""

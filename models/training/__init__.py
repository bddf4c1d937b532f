"""Fitting the numbers that matching works with; not needed to run it."""

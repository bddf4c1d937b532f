"""Fitting the numbers that matching works with; of it only `penjaga learn` is needed to run it."""

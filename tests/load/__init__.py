"""Benchmarks over the real process tree: they print figures and assert nothing about time."""

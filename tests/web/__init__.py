"""Tests of the HTML faces."""

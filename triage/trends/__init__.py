"""Trends: what is counted by the hour and the day, and what rises."""

"""The archive of fact-checks: reading sources, storing entries, the starter archive."""

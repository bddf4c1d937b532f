"""Schema migrations; `triage.schema` runs them."""

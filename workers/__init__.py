"""Celery workers: thin tasks, each around one call of the domain."""

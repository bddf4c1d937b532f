"""Penjaga's domain and its faces: intake, assessment, review, publication, web and API."""

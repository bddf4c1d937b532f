"""Penjaga's matching library: text in, ranked and explained matches out.

Knows no web framework, no broker and no database: everything it needs comes in as arguments.
"""

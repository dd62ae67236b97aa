"""Notebooks as jobs: what they need, and whether it works without a person."""

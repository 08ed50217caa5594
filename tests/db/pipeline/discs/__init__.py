"""Discs in both databases."""

"""Paths as people and groups name them, with what a careful person would take each for, and the whole decision beside it."""

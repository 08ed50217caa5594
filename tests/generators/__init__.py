"""Makers of large inputs that look real, the same for the same seed."""

"""Every media file that was ever seen: where it is, whether it is there, what it is taken for, and how it came in."""

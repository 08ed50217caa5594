"""Films and seasons that are being made, how far each is, and how it came there."""

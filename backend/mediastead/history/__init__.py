"""What was done in all rooms is listed and taken back, each operation as one thing."""

"""What a person may change while the server runs."""

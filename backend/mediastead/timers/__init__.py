"""What is due is claimed and handed to the room that does it."""

"""What just happened, written with the change itself and read as a stream."""

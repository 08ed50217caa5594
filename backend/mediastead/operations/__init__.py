"""What was done by whom, with the values before, so that it can be taken back."""

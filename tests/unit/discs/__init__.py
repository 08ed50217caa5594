"""What is on a disc, and what its titles are."""

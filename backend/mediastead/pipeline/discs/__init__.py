"""What lies on a disc: its titles, and which film or episode each of them is."""

"""Questions that hold what is being made until a person answers."""

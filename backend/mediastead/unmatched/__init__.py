"""A person answers what a file is: match, unmatch, dismiss, refresh, restore; what was rejected or remembered."""

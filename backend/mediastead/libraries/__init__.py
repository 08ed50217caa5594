"""The folders that a person told us to look after, and who may look at one of them now."""

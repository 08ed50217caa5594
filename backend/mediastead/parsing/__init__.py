"""What a path says: titles, years, numbers, ids and roles are read from the names on it and from NFO files beside it."""

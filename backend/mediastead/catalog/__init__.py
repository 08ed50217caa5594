"""The films and series that the library knows of, with their seasons, episodes and ids elsewhere."""

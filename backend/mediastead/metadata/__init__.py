"""What the world says about films and series: asked from TMDB or the bundled catalogue, kept in a cache, written into the catalog."""

"""What the world says about films and series: asked from TMDB or the bundled catalogue, cached, written into the catalog."""

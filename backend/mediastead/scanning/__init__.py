"""One look at a library: what is there is compared with what is known, and what is new gets identified."""

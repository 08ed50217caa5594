"""Makes past decisions again with the matcher as it is now, without network; a person accepts what is to change."""

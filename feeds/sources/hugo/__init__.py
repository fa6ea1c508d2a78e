"""A Hugo site, read as Hugo 0.168 reads it."""

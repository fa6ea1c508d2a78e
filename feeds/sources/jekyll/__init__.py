"""A Jekyll site, read as Jekyll 4.3 reads it."""

"""What we remember of sources, posts, terms and feeds."""

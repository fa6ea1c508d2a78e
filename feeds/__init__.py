"""What we publish: sources become posts, posts become feeds."""

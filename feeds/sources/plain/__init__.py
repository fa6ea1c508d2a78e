"""Posts of Eleventy, Zola, Pelican and of plain folders: one reader, and what differs between them in a Profile."""

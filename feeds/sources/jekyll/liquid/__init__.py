"""Liquid in Jekyll's posts: as Jekyll 4.3 renders it, bounded, the same in every run. Import it where needed."""

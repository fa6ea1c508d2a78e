"""Upstream feeds: polling them, reading what they answer, and applying it."""

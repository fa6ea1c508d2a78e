"""Upstream feeds as sources."""

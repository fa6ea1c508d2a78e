"""Benchmarks of polling upstream feeds, beside reader."""

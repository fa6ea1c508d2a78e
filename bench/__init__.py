"""Benchmarks: Feedbell on made corpora, beside Hugo in the same run. See docs/bench.md."""

"""Delivery benchmarks: what the notifier costs beyond sending, beside task queues that do the same work."""

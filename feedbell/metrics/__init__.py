"""Numbers for Prometheus: what happened in this process, and what stands in the database."""

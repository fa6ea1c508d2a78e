"""Plumbing that knows nothing of the product: time, ids, errors, files, text, database, HTTP, logging."""

"""Whom we tell: events become deliveries, deliveries become requests. Knows nothing of posts."""

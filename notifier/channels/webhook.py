"""Webhooks: a signed POST request (Standard Webhooks)."""

from datetime import datetime

from core.http import HttpClient
from notifier.model import Claimed, Endpoint, Outcome
from notifier.signing import sign


class WebhookChannel:
    """Sends a delivery's payload as it is stored, so that every attempt has the same body."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def send(self, claimed: Claimed, endpoint: Endpoint, at: datetime) -> Outcome:
        """Send one delivery, signed with the time `at`. Raises ConfigurationError for a bad secret."""
        with_content = claimed.payload_with_content if endpoint.content else None
        body = (with_content or claimed.payload).encode()
        headers = {
            "content-type": "application/json",
            **sign(endpoint.secrets, message_id=claimed.message_id, at=at, body=body),
        }
        result = self._client.post(endpoint.url, body, headers, deadline=endpoint.timeout)
        return Outcome(
            status=result.status,
            error=result.error,
            reason=result.reason,
            retry_after=result.retry_after,
            excerpt=result.excerpt,
            latency_ms=result.latency_ms,
        )

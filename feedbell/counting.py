"""The seam to who counts: what the flow tells of each poll, each publish and each attempt to deliver."""

from collections.abc import Collection, Mapping
from typing import Protocol

from feedbell.poll import Polled
from feeds.publish import Published
from notifier.report import NO_METRICS, DeliveryMetrics


class FlowMetrics(Protocol):
    """Where the flow is counted."""

    def configured(self, channels: Mapping[str, str], sources: Collection[str]) -> DeliveryMetrics:
        """Take up these endpoints, by name their channel, and sources; return where attempts are counted."""

    def polled(self, source: str, polled: Polled | None) -> None:
        """Count one poll; None for one that the database or the disk did not let us finish."""

    def published(self, published: Published, deliveries: int) -> None:
        """Count one publish, and the deliveries that its release made."""


class _NotCounted:
    def configured(self, channels: Mapping[str, str], sources: Collection[str]) -> DeliveryMetrics:
        """Take up nothing."""
        return NO_METRICS

    def polled(self, source: str, polled: Polled | None) -> None:
        """Count nothing."""

    def published(self, published: Published, deliveries: int) -> None:
        """Count nothing."""


NOT_COUNTED: FlowMetrics = _NotCounted()

"""The metrics that we export: names after Prometheus' conventions, and what each says. docs/operating.md lists them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as _Family

Labels = tuple[str, ...]
Family = _Family

# Seconds. What an endpoint takes is a few tenths; a time-out is 20 seconds, or up to 120.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; those that end in `_total` are counters."""

    name: str
    text: str
    labels: Labels = ()

    def alone(self, value: float) -> Family:
        """Return what is exported of a metric without labels."""
        return self.family([((), value)])

    def family(self, values: Iterable[tuple[Labels, float]]) -> Family:
        """Return what is exported of a counter or gauge, by the values of its labels."""
        counts = self.name.endswith("_total")
        found = (CounterMetricFamily if counts else GaugeMetricFamily)(self.name, self.text, labels=self.labels)
        for labels, value in sorted(values):
            found.add_metric(labels, value)
        return found

    def histogram(self, values: Mapping[Labels, tuple[Sequence[int], float]]) -> Family:
        """Return what is exported of a histogram: for each bucket what fell into it alone, and the sum of all."""
        found = HistogramMetricFamily(self.name, self.text, labels=self.labels)
        for labels, (counts, total) in sorted(values.items()):
            below, buckets = 0, []
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                below += count
                buckets.append((bound, float(below)))
            found.add_metric(labels, buckets, total)
        return found


ATTEMPTS = Metric(
    "feedbell_delivery_attempts_total",
    "Attempts to deliver: delivered, retried (failed, and tried again later), exhausted (failed, and given up).",
    ("endpoint", "channel", "outcome"),
)
DURATION = Metric(
    "feedbell_delivery_attempt_duration_seconds", "How long attempts took, whatever came of them.", ("channel",)
)
DIGESTS = Metric("feedbell_digests_delivered_total", "Digests among what was delivered.", ("endpoint",))
QUEUED = Metric("feedbell_deliveries_queued_total", "Deliveries made of released events.")
POLLS = Metric(
    "feedbell_polls_total",
    "Polls: unchanged, changed, held (too much vanished at once), failed.",
    ("source", "outcome"),
)
CHANGES = Metric("feedbell_post_changes_total", "Posts that came, changed or went.", ("source",))
BUILT = Metric("feedbell_feeds_built_total", "Feeds built, whether or not a file changed by that.")
FILES = Metric("feedbell_feed_files_written_total", "Files of feeds that changed or went.")
BYTES = Metric("feedbell_feed_written_bytes_total", "Bytes in the files of feeds that changed.")
UNWRITABLE = Metric("feedbell_feed_failures_total", "Times that a feed could not be put in place.")
RESPONSES = Metric("feedbell_http_responses_total", "Answers of our own server, by their status.", ("code",))

DATABASE_UP = Metric(
    "feedbell_database_up", "Whether the database answers: 1 or 0. While it does not, what is read of it is left out."
)
DELIVERIES = Metric(
    "feedbell_deliveries",
    "Deliveries that are pending, sending or exhausted; 100000 stands for that and more.",
    ("endpoint", "state"),
)
OLDEST_DUE = Metric(
    "feedbell_oldest_due_delivery_age_seconds",
    "For how long the oldest pending delivery has been due; 0 if none is due or the endpoint is disabled.",
    ("endpoint",),
)
DISABLED = Metric(
    "feedbell_endpoint_disabled", "Whether an endpoint is disabled: nothing is sent to it.", ("endpoint",)
)
PAUSED = Metric(
    "feedbell_endpoint_paused", "Whether an endpoint is left alone for a while after failures.", ("endpoint",)
)
FAILURES = Metric("feedbell_endpoint_failures", "Failed attempts since an endpoint's last success.", ("endpoint",))
UNRELEASED = Metric(
    "feedbell_events_unreleased", "Events that wait for their feeds to be in place; 100000 stands for that and more."
)
SUBSCRIPTIONS = Metric(
    "feedbell_hub_subscriptions", "Subscriptions to feeds at the hub of our own whose lease has not ended."
)
LEASES = Metric(
    "feedbell_hub_leases",
    "Our own subscriptions at the hubs of upstream feeds: requested, active, denied, failed; replaced and leaving are"
    " given back.",
    ("state",),
)
POSTS = Metric("feedbell_posts", "Posts, live or withdrawn.", ("source", "state"))
FEEDS = Metric("feedbell_feeds", "Feeds that stand in the output folder.")
DIRTY = Metric("feedbell_feeds_dirty", "Feeds that wait to be built.")
FAILED = Metric("feedbell_feeds_failed", "Feeds that could not be put in place when they were built last.")
QUARANTINED = Metric(
    "feedbell_quarantined_files", "Files that are no posts, by the code of the reason.", ("source", "code")
)
LAST_POLL = Metric(
    "feedbell_source_last_poll_timestamp_seconds", "When a whole folder was polled last (Unix time).", ("source",)
)
NEXT_POLL = Metric(
    "feedbell_source_next_poll_timestamp_seconds",
    "When an upstream feed is due to be polled (Unix time); +Inf if it is polled no more.",
    ("source",),
)
HELD = Metric("feedbell_source_held", "Whether a source is held, because too much vanished at once.", ("source",))
FAILING = Metric("feedbell_source_failing", "Whether a source could not be read when it was polled last.", ("source",))

BUILD = Metric("feedbell_build_info", "Always 1; the version of Feedbell stands in a label.", ("version",))
LAST_RUN = Metric(
    "feedbell_last_run_timestamp_seconds", "When `feedbell once` ended last (Unix time); in its metrics file alone."
)

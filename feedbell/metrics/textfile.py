"""The metrics file of `feedbell once`: counters go on from run to run, as if it were one long process."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from core.errors import ConfigurationError, EnvironmentFault
from core.files import replace_if_different
from feedbell.metrics import catalog, stored
from feedbell.metrics.catalog import BUCKETS, Family, Labels, Metric
from feedbell.metrics.counts import COUNTERS, Counts, Durations
from feedbell.metrics.exposition import Exposition
from feedbell.metrics.stored import Numbers


class MetricsFile:
    """A file for node_exporter's textfile collector."""

    def __init__(self, path: Path, counts: Counts) -> None:
        if not path.parent.is_dir():
            raise ConfigurationError(f"--metrics-file {path}: there is no such folder; make it")
        self._path = path
        self._counts = counts

    def write(self, numbers: Numbers | None, now: datetime) -> None:
        """Put the file in place, whole. Raises EnvironmentFault if it cannot be written."""
        self._go_on()

        def collect() -> Iterator[Family]:
            yield from self._counts.families()
            yield from stored.families(numbers)
            yield catalog.LAST_RUN.alone(now.timestamp())

        try:
            replace_if_different(self._path, [Exposition(collect, of_process=False).text()])
        except OSError as error:
            raise EnvironmentFault(f"cannot write {self._path}: {error.strerror}") from error

    def _go_on(self) -> None:
        try:
            before = self._path.read_text(encoding="utf-8")
            self._counts.go_on_from(*_counted_before(before))
        except (OSError, ValueError):
            # There is none, or it is none of ours: the counters begin at zero, as they do when a process starts.
            return


def _counted_before(text: str) -> tuple[Mapping[Metric, Mapping[Labels, float]], Mapping[Labels, Durations]]:
    by_name = {metric.name: metric for metric in COUNTERS}
    values: dict[Metric, dict[Labels, float]] = {}
    below: dict[Labels, dict[float, float]] = {}
    totals: dict[Labels, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if metric := by_name.get(sample.name):
                values.setdefault(metric, {})[_labels(metric, sample.labels)] = sample.value
            elif sample.name == f"{catalog.DURATION.name}_bucket":
                of_channel = below.setdefault(_labels(catalog.DURATION, sample.labels), {})
                of_channel[float(sample.labels["le"])] = sample.value
            elif sample.name == f"{catalog.DURATION.name}_sum":
                totals[_labels(catalog.DURATION, sample.labels)] = sample.value
    return values, {labels: _apart(found, totals.get(labels, 0.0)) for labels, found in below.items()}


def _labels(metric: Metric, found: Mapping[str, str]) -> Labels:
    return tuple(found.get(label, "") for label in metric.labels)


def _apart(below: Mapping[float, float], total: float) -> Durations:
    """Return what fell into each bucket alone; nothing if another version had others."""
    bounds = (*BUCKETS, float("inf"))
    if set(below) != set(bounds):
        return Durations(buckets=(0,) * len(bounds), total=0.0)
    counts = [below[bound] for bound in bounds]
    return Durations(
        buckets=tuple(round(count - less) for count, less in zip(counts, [0.0, *counts[:-1]], strict=True)),
        total=total,
    )

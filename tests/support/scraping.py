"""Metrics as Prometheus would read them."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from feedbell.monitor import Monitor
from tests.support.site import eventually

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scrape:
    """What was read at once."""

    def __init__(self, text: str, *, openmetrics: bool = False) -> None:
        read = read_openmetrics if openmetrics else text_string_to_metric_families
        self.families = list(read(text))
        samples = [sample for family in self.families for sample in family.samples]
        self.samples: Samples = {(one.name, frozenset(one.labels.items())): one.value for one in samples}
        # Prometheus refuses a scrape that says anything twice.
        assert len(self.samples) == len(samples)
        names = [family.name for family in self.families]
        assert len(set(names)) == len(names)

    def value(self, name: str, **labels: str) -> float | None:
        """Return one value, None if it is not there."""
        return self.samples.get((name, frozenset(labels.items())))

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """Return all values of a name, by these labels."""
        return {
            tuple(dict(found)[label] for label in labels): value
            for (one, found), value in self.samples.items()
            if one == name
        }

    @property
    def names(self) -> set[str]:
        """The names of the samples."""
        return {name for name, _ in self.samples}


def whole(read: Callable[[], Scrape]) -> Scrape:
    """Scrape until the database was read in time, which it may not be each time on a busy machine."""

    def answered() -> Scrape | None:
        found = read()
        return found if found.value("feedbell_database_up") else None

    found: Scrape = eventually(answered)
    return found


def watched(monitor: Monitor, accept: str = "") -> Scrape:
    """Return all that a monitor knows, its database's numbers among them."""
    return whole(lambda: Scrape(monitor.metrics(accept)[0].decode(), openmetrics=accept == OPENMETRICS))


def scrape(address: str) -> Scrape:
    """Scrape a server, given its address with a slash at the end."""
    with urllib.request.urlopen(f"{address}metrics", timeout=30) as answer:
        return Scrape(answer.read().decode())


def scrape_whole(address: str) -> Scrape:
    """Scrape a server until its database was read in time."""
    return whole(lambda: scrape(address))


def ask_json(url: str) -> tuple[int, Any]:
    """Return status and body of a page that answers with JSON, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)

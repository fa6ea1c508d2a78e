"""Metrics as text, for `/metrics` and for node_exporter's textfile collector."""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from feedbell.metrics import catalog
from feedbell.metrics.catalog import Family


def build_family() -> Family:
    """Return what says which version this is."""
    return catalog.BUILD.family([((version("feedbell"),), 1)])


class Exposition:
    """What a process exports: our metrics as `collect` gives them, and what Prometheus' clients tell of a process."""

    def __init__(self, collect: Callable[[], Iterable[Family]], *, of_process: bool) -> None:
        # Of our own: a process may have had another configuration before.
        self._registry = CollectorRegistry()
        self._registry.register(_Collected(collect))
        if of_process:
            ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return the metrics in Prometheus' own text format."""
        return generate_latest(self._registry)

    def negotiated(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that an `Accept` field asks for, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _Collected(Collector):
    def __init__(self, collect: Callable[[], Iterable[Family]]) -> None:
        self._collect = collect

    def collect(self) -> Iterator[Family]:
        yield build_family()
        yield from self._collect()

    def describe(self) -> Iterable[Family]:
        """Describe nothing ahead: that would read the database."""
        return ()

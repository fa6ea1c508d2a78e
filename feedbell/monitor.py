"""What others watch a process by: its metrics and its readiness, through changes of the settings."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Engine

from core.clock import Clock
from core.errors import EnvironmentFault
from core.fresh import Fresh
from core.read_only import open_reader
from feedbell.metrics import stored
from feedbell.metrics.catalog import Family
from feedbell.metrics.counts import Counts
from feedbell.metrics.exposition import Exposition
from feedbell.metrics.stored import NumberReader, Numbers
from feedbell.migrations import is_current
from feedbell.pulse import Pulse
from feedbell.readiness import Check, DatabaseChecks, has_feeds, moves
from feedbell.settings import Settings
from feedbell.websub.addresses import ping_endpoints
from feedbell.wiring import App

# However many scrape, the database is asked so often (seconds); a scrape waits no longer than this for it.
_KEEP = 3.0
_PATIENCE = 2.0


class Monitor:
    """Watches `feedbell run`. What was counted stays when settings change; what is read follows them."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.pulse = Pulse()
        self.built = False  # whether the first build is done
        self._app: App | None = None
        self._database: _Database | None = None
        self._exposition = Exposition(self._families, of_process=True)

    def follow(self, app: App) -> None:
        """Watch the database, endpoints and sources of these settings from now on."""
        if app is not self._app:
            self._app = app
            self._database = _Database(app.database_url, app.settings, app.clock)

    def checks(self) -> Mapping[str, Check]:
        """Return what must be well for the process to be ready."""
        found: dict[str, Check] = {"first_build": lambda: None if self.built else "it is not done yet"}
        if self._database is not None:
            found |= {"database": self._database.checks.database, "migrations": self._database.checks.migrations}
        return {**found, "loop": moves(self.pulse)}

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that an `Accept` field asks for, and its media type."""
        return self._exposition.negotiated(accept)

    def _families(self) -> Iterator[Family]:
        yield from self.counts.families()
        yield self.counts.served()
        yield from stored.families(self._database.numbers.get() if self._database else None)


class WorkerMonitor:
    """Watches `feedbell worker`: its own attempts, and the database that it shares."""

    def __init__(self, database_url: str, settings: Settings, clock: Clock) -> None:
        self.counts = Counts()
        self._database = _Database(database_url, settings, clock)
        self._exposition = Exposition(self._families, of_process=True)

    def checks(self) -> Mapping[str, Check]:
        """Return what must be well for the process to be ready."""
        return {"database": self._database.checks.database, "migrations": self._database.checks.migrations}

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that an `Accept` field asks for, and its media type."""
        return self._exposition.negotiated(accept)

    def _families(self) -> Iterator[Family]:
        yield from self.counts.families()
        yield from stored.families(self._database.numbers.get())


class FilesMonitor:
    """Watches `feedbell serve`, which has files and nothing else."""

    def __init__(self, out: Path) -> None:
        self._counts = Counts()
        self._out = out
        self._exposition = Exposition(lambda: [self._counts.served()], of_process=True)

    @property
    def counts(self) -> Counts:
        """Where answers are counted."""
        return self._counts

    def checks(self) -> Mapping[str, Check]:
        """Return what must be well for the process to be ready."""
        return {"feeds": has_feeds(self._out)}

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that an `Accept` field asks for, and its media type."""
        return self._exposition.negotiated(accept)


def read_once(app: App) -> Numbers | None:
    """Read what the database of these settings says now; None if it does not answer."""
    return _reading(open_reader(app.database_url), app.settings, app.clock)()


class _Database:
    """What is read of one configuration's database."""

    def __init__(self, url: str, settings: Settings, clock: Clock) -> None:
        engine = open_reader(url)
        self.numbers = Fresh(_reading(engine, settings, clock), keep=_KEEP, patience=_PATIENCE)
        self.checks = DatabaseChecks(engine)


def _reading(engine: Engine, settings: Settings, clock: Clock) -> Callable[[], Numbers | None]:
    reader = NumberReader(
        engine,
        [*(one.name for one in settings.endpoints), *(one.name for one in ping_endpoints(settings))],
        [source.name for source in settings.sources],
        clock,
    )

    def read() -> Numbers | None:
        try:
            # Another version may be changing its form under us.
            return reader.read() if is_current(engine) else None
        except EnvironmentFault:
            # The readiness tells of it, and the log of who works with the database.
            return None

    return read

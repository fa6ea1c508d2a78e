"""Whether a process can do its work, as a list of checks; what is wrong is said without paths and secrets."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Engine

from core.errors import EnvironmentFault
from core.fresh import Fresh
from core.log import log_event
from feedbell.migrations import is_current
from feedbell.pulse import Pulse

logger = logging.getLogger(__name__)

Check = Callable[[], str | None]  # what is wrong, None for nothing

_STUCK = 300.0  # seconds
_KEEP = 1.0
# Those who ask wait some seconds at most: Kubernetes one, unless it is told another number.
_PATIENCE = 2.0


def problems(checks: Mapping[str, Check]) -> dict[str, str | None]:
    """Return what each check finds."""
    return {name: check() for name, check in checks.items()}


def moves(pulse: Pulse) -> Check:
    """Return the check that a loop is not stuck."""

    def check() -> str | None:
        silent = pulse.silent_for
        return None if silent < _STUCK else f"the work has not gone on for {silent:.0f} seconds"

    return check


def has_feeds(out: Path) -> Check:
    """Return the check that there is something to serve."""
    return lambda: None if (out / "feeds").is_dir() else "there are no feeds yet"


class DatabaseChecks:
    """Looks whether the database answers and has the form that this version knows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._current = Fresh(self._read, keep=_KEEP, patience=_PATIENCE)
        self._answered = True

    def database(self) -> str | None:
        """Check that it answers."""
        return "it does not answer" if self._current.get() is None else None

    def migrations(self) -> str | None:
        """Check that it is as this version wants it."""
        current = self._current.get()
        if current is None:
            return "unknown while the database does not answer"
        return None if current else "the database has another form than this version of Feedbell knows"

    def _read(self) -> bool | None:
        try:
            found = is_current(self._engine)
        except EnvironmentFault as error:
            if self._answered:
                # Once, and not each time that somebody asks.
                log_event(logger, "database-gone", logging.WARNING, reason=error)
            self._answered = False
            return None
        self._answered = True
        return found

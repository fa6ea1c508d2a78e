"""`feedbell worker`: sends what others made, on a machine that need not have the posts."""

import logging
import threading

from core.clock import utc_now
from core.db import open_engine
from core.endings import on_ending
from core.errors import ConfigurationError
from core.log import log_event
from feedbell import site_name
from feedbell.migrations import migrate
from feedbell.monitor import WorkerMonitor
from feedbell.notifying import Notifying
from feedbell.site import Options, Place
from feedbell.wiring import database_url

logger = logging.getLogger(__name__)


class Worker:
    """Sends until it is told to stop."""

    def __init__(self, place: Place, options: Options) -> None:
        url = database_url(place, options)
        self._engine = open_engine(url)
        if self._engine.dialect.name != "postgresql":
            raise ConfigurationError(
                "workers share a PostgreSQL database: name it with `database` or --database; `feedbell run` by itself"
                " sends what is in SQLite, and `feedbell migrate --to` copies that"
            )
        migrate(self._engine)
        self.monitor = WorkerMonitor(url, place.settings, utc_now)
        channels = {endpoint.name: endpoint.channel for endpoint in place.settings.endpoints}
        notifying = Notifying(
            place=place,
            engine=lambda: self._engine,
            site=lambda: site_name.recall(self._engine),
            clock=utc_now,
            metrics=self.monitor.counts.configured(channels, ()),
        )
        self.endpoints = notifying.endpoints
        self._sending = notifying.make_engine()
        self._ended = threading.Event()

    def run(self, seconds: float) -> None:
        """Send until SIGINT or SIGTERM, then finish within `seconds` what is under way."""
        on_ending(self._ended.set)
        self._sending.engine.start()
        log_event(logger, "worker-started", endpoints=len(self.endpoints))
        self._ended.wait()
        self._sending.stop(seconds)
        self._engine.dispose()

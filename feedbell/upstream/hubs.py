"""What polls and hubs tell of one another: which feeds a hub keeps us up to date with; in the caller's transaction."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.log import log_event
from feeds.store import hub_leases

logger = logging.getLogger(__name__)


class HubBook:
    """The hubs of some sources.

    A hub is relied on once it sent something, until a poll finds posts that it did not send.
    """

    def __init__(self, connection: Connection, source_ids: Sequence[int], now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._leases = hub_leases.heard(connection, source_ids, now)
        self._missed: set[int] = set()

    def sends(self, source_id: int) -> bool:
        """Tell whether a hub keeps us up to date, so that polls are the net and no more."""
        lease = self._leases.get(source_id)
        return lease is not None and lease.is_proven and source_id not in self._missed

    def sent(self, source_id: int, received_at: datetime) -> None:
        """Note that what the hub sent then has been applied."""
        hub_leases.applied(self._connection, source_id, received_at)

    def polled(self, source_id: int, asked_at: datetime, *, found: bool) -> None:
        """Note a poll that succeeded; `found` if it brought changes."""
        lease = self._leases.get(source_id)
        if lease is None:
            return
        if lease.has_unapplied and lease.received_at is not None:
            # It told that there was something; if it told after we asked, we ask once more.
            if lease.received_at <= asked_at:
                hub_leases.applied(self._connection, source_id, lease.received_at)
        elif found and lease.is_proven:
            hub_leases.missed(self._connection, source_id, self._now)
            self._missed.add(source_id)
            log_event(logger, "hub-missed", logging.WARNING, source=lease.source)

"""What we remember of endpoints: which are disabled, for which address that holds, their health and their tokens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, case, null, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches, reading, upsert, writing
from notifier.limits import Bucket
from notifier.model import Endpoint, EndpointState, Health
from notifier.tables import endpoints
from notifier.work import Defer, no_defer


class EndpointBook:
    """The endpoints table."""

    def __init__(self, engine: Engine, defer: Defer = no_defer) -> None:
        self._engine = engine
        self._defer = defer

    def sync(self, configured: Iterable[Endpoint]) -> None:
        """Make every configured endpoint known; one whose address has changed is enabled again."""
        rows = [{"name": endpoint.name, "fingerprint": endpoint.fingerprint} for endpoint in configured]
        if not rows:
            return
        with writing(self._engine) as connection:
            statement = upsert(connection, endpoints)
            same = endpoints.c.fingerprint == statement.excluded.fingerprint
            statement = statement.on_conflict_do_update(
                index_elements=[endpoints.c.name],
                set_={
                    "fingerprint": statement.excluded.fingerprint,
                    "disabled_at": case((same, endpoints.c.disabled_at), else_=null()),
                    "disabled_reason": case((same, endpoints.c.disabled_reason), else_=null()),
                    "failures": case((same, endpoints.c.failures), else_=0),
                    "failing_since": case((same, endpoints.c.failing_since), else_=null()),
                    "paused_until": case((same, endpoints.c.paused_until), else_=null()),
                },
            )
            connection.execute(statement, sorted(rows, key=lambda row: row["name"]))

    def disable(self, name: str, reason: str, now: datetime) -> None:
        """Send nothing more to an endpoint; its deliveries wait."""
        with writing(self._engine) as connection:
            disable_in(connection, name, reason, now)

    def enable(self, name: str, now: datetime) -> bool:
        """Send to an endpoint again; return whether it was disabled."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(endpoints)
                .where(endpoints.c.name == name, endpoints.c.disabled_at.is_not(None))
                .values(disabled_at=None, disabled_reason=None, **_columns(Health()))
            )
            if changed.rowcount:
                self._defer(connection, {name: now})
            return changed.rowcount > 0

    def states(self) -> dict[str, EndpointState]:
        """Return what is known, by name."""
        with reading(self._engine) as connection:
            return load_states(connection)


def disable_in(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Disable an endpoint in the caller's transaction, unless it is disabled already."""
    connection.execute(
        update(endpoints)
        .where(endpoints.c.name == name, endpoints.c.disabled_at.is_(None))
        .values(disabled_at=now, disabled_reason=reason)
    )


def load_states(
    connection: Connection, names: Sequence[str] | None = None, *, lock: bool = False
) -> dict[str, EndpointState]:
    """Return what is known of these endpoints, or of all; locked, nobody else changes it in the meantime."""
    query = select(endpoints).order_by(endpoints.c.name)
    if lock:
        query = query.with_for_update()
    queries = (
        [query] if names is None else [query.where(endpoints.c.name.in_(one)) for one in in_batches(sorted(names))]
    )
    return {row.name: _read_state(row) for one in queries for row in connection.execute(one)}


def save_health(connection: Connection, name: str, health: Health) -> None:
    """Remember how an endpoint does."""
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(_columns(health)))


def save_bucket(connection: Connection, name: str, bucket: Bucket) -> None:
    """Remember how many tokens an endpoint has."""
    connection.execute(
        update(endpoints).where(endpoints.c.name == name).values(tokens=bucket.tokens, tokens_at=bucket.at)
    )


def _columns(health: Health) -> dict[str, Any]:
    return {
        "failures": health.failures,
        "failing_since": health.failing_since,
        "paused_until": health.paused_until,
        "last_failure": health.last_failure,
    }


def _read_state(row: Row[Any]) -> EndpointState:
    return EndpointState(
        name=row.name,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        health=Health(
            failures=row.failures,
            failing_since=row.failing_since,
            paused_until=row.paused_until,
            last_failure=row.last_failure,
        ),
        tokens=row.tokens,
        tokens_at=row.tokens_at,
    )

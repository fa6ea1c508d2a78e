"""What we remember of endpoints: which are disabled, and for which address that holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, case, null, select, update
from sqlalchemy.engine import Connection

from core.db import reading, upsert, writing
from notifier.model import Endpoint, EndpointState
from notifier.tables import endpoints


class EndpointBook:
    """The endpoints table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
                },
            )
            connection.execute(statement, sorted(rows, key=lambda row: row["name"]))

    def disable(self, name: str, reason: str, now: datetime) -> None:
        """Send nothing more to an endpoint; its deliveries wait."""
        with writing(self._engine) as connection:
            disable_in(connection, name, reason, now)

    def enable(self, name: str) -> bool:
        """Send to an endpoint again; return whether it was disabled."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(endpoints)
                .where(endpoints.c.name == name, endpoints.c.disabled_at.is_not(None))
                .values(disabled_at=None, disabled_reason=None)
            )
            return changed.rowcount > 0

    def states(self) -> dict[str, EndpointState]:
        """Return what is known, by name."""
        query = select(endpoints).order_by(endpoints.c.name)
        with reading(self._engine) as connection:
            return {
                row.name: EndpointState(name=row.name, disabled_at=row.disabled_at, disabled_reason=row.disabled_reason)
                for row in connection.execute(query)
            }


def disable_in(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Disable an endpoint in the caller's transaction, unless it is disabled already."""
    connection.execute(
        update(endpoints)
        .where(endpoints.c.name == name, endpoints.c.disabled_at.is_(None))
        .values(disabled_at=now, disabled_reason=reason)
    )

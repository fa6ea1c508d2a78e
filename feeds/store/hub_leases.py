"""Our subscriptions at hubs: what was asked of them, what they promised, and what they sent (W3C WebSub)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Select, Update, and_, case, delete, func, insert, or_, select, update

from core.db import one_of
from feeds.tables import hub_leases, sources, upstreams


class LeaseState(StrEnum):
    """How a subscription stands."""

    REQUESTED = "requested"  # asked for, or about to be
    ACTIVE = "active"
    DENIED = "denied"
    FAILED = "failed"  # to be asked for again
    REPLACED = "replaced"  # by its own renewal: to be given back, and heard until then
    LEAVING = "leaving"  # not wanted any more: to be given back


_HEARD = (LeaseState.ACTIVE, LeaseState.REPLACED)
_ASKING = (LeaseState.REQUESTED, LeaseState.FAILED, LeaseState.DENIED)
_RETURNING = (LeaseState.REPLACED, LeaseState.LEAVING)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubLease:
    """A subscription of ours at a hub, as it stands."""

    id: int
    source_id: int
    source: str
    hub_url: str
    topic: str
    callback: str = field(repr=False)
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: LeaseState
    requested_at: datetime | None
    lease_until: datetime | None
    due_at: datetime
    failures: int
    reason: str | None
    received_at: datetime | None
    applied_at: datetime | None
    missed_at: datetime | None
    rejected: int

    @property
    def hub_host(self) -> str:
        """The host of the hub."""
        return (urlsplit(self.hub_url).hostname or "").lower()

    @property
    def is_returning(self) -> bool:
        """Whether it is given back, or about to be."""
        return self.state in _RETURNING

    def is_heard(self, now: datetime) -> bool:
        """Tell whether what the hub sends now counts."""
        return self.state in _HEARD and self.lease_until is not None and now < self.lease_until

    @property
    def has_unapplied(self) -> bool:
        """Whether the hub sent or told of something that has not arrived in the feeds."""
        return self.received_at is not None and (self.applied_at is None or self.applied_at < self.received_at)

    @property
    def is_proven(self) -> bool:
        """Whether the hub sends what is new: it did, and since then no poll has found anything else."""
        return self.received_at is not None and (self.missed_at is None or self.missed_at < self.received_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The hub and the topic that an upstream feed names."""

    source_id: int
    source: str
    hub_url: str
    topic: str


def by_source(connection: Connection) -> dict[str, HubLease]:
    """Return the lease that counts, by the name of its source, with what is wrong with its renewal."""
    found: dict[str, HubLease] = {}
    ranks = {state: rank for rank, state in enumerate((LeaseState.ACTIVE, *_ASKING, *_RETURNING))}
    for lease in sorted(every(connection), key=lambda one: (ranks[one.state], -one.id)):
        known = found.setdefault(lease.source, lease)
        if known.state is LeaseState.ACTIVE and lease.state in _ASKING and lease.reason:
            found[lease.source] = replace(known, reason=f"renewal: {lease.reason}", failures=lease.failures)
    return found


def every(connection: Connection) -> list[HubLease]:
    """Return every lease, the oldest first."""
    return _read(connection, _ALL.order_by(hub_leases.c.id))


def number_by_state(connection: Connection) -> dict[LeaseState, int]:
    """Count the leases in each state, also in those that none is in."""
    found = {row.state: row.number for row in connection.execute(_NUMBER_BY_STATE)}
    return {state: found.get(state, 0) for state in LeaseState}


def of_source(connection: Connection, source_id: int) -> list[HubLease]:
    """Return the leases of a source; until the transaction ends nobody else plans for it."""
    connection.execute(select(sources.c.id).where(sources.c.id == source_id).with_for_update())
    return _read(connection, _ALL.where(hub_leases.c.source_id == source_id).order_by(hub_leases.c.id))


def of_token(connection: Connection, token: str, *, lock: bool = False) -> HubLease | None:
    """Return the lease whose callback ends so; with `lock`, until the transaction ends nobody else plans for it."""
    found = _read(connection, _ALL.where(hub_leases.c.token == token))
    if found and lock:
        # The source comes first, as everywhere: those who lock in another order wait for one another.
        found = [lease for lease in of_source(connection, found[0].source_id) if lease.token == token]
    return found[0] if found else None


_NUMBER_BY_STATE = select(hub_leases.c.state, func.count().label("number")).group_by(hub_leases.c.state)
_ALL = select(hub_leases, sources.c.name.label("source")).join(sources, sources.c.id == hub_leases.c.source_id)


def _read(connection: Connection, query: Select[Any]) -> list[HubLease]:
    rows = connection.execute(query)
    return [HubLease(**{**row._mapping, "state": LeaseState(row.state)}) for row in rows]


def offered(connection: Connection, source_id: int | None = None) -> list[Offered]:
    """Return what each upstream feed, or one, offers that is polled and names both a hub and itself."""
    query = _OFFERED if source_id is None else _OFFERED.where(upstreams.c.source_id == source_id)
    return [Offered(source_id=row[0], source=row[1], hub_url=row[2], topic=row[3]) for row in connection.execute(query)]


_OFFERED = (
    select(
        upstreams.c.source_id,
        sources.c.name.label("source"),
        upstreams.c.hub_url,
        upstreams.c.self_url.label("topic"),
    )
    .join(sources, sources.c.id == upstreams.c.source_id)
    .where(
        upstreams.c.hub_url.is_not(None),
        upstreams.c.self_url.is_not(None),
        upstreams.c.stopped_reason.is_(None),
    )
)


def add(connection: Connection, offer: Offered, *, callback: str, token: str, secret: str, now: datetime) -> None:
    """Note a subscription that is to be asked for now."""
    connection.execute(
        insert(hub_leases).values(
            source_id=offer.source_id,
            hub_url=offer.hub_url,
            topic=offer.topic,
            callback=callback,
            token=token,
            secret=secret,
            state=LeaseState.REQUESTED,
            due_at=now,
        )
    )


def change(connection: Connection, ids: Collection[int], **values: object) -> None:
    """Change columns of leases."""
    if ids:
        connection.execute(update(hub_leases).where(hub_leases.c.id.in_(ids)).values(**values))


def drop(connection: Connection, ids: Collection[int]) -> None:
    """Forget leases: whoever sends to their callbacks learns that they are gone."""
    if ids:
        connection.execute(delete(hub_leases).where(hub_leases.c.id.in_(ids)))


def take_due(connection: Connection, now: datetime, until: datetime, limit: int) -> list[HubLease]:
    """Return leases that the hub is to be asked about, and let nobody else ask before `until`.

    Asking again is a failure where the hub took the request and did not ask back, and counts as a try where we leave.
    """
    free = (
        select(hub_leases.c.id)
        .where(hub_leases.c.due_at <= now, hub_leases.c.state.in_([*_ASKING, *_RETURNING]))
        .order_by(hub_leases.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    unanswered = and_(hub_leases.c.state == LeaseState.REQUESTED, hub_leases.c.requested_at.is_not(None))
    returning = hub_leases.c.state.in_(_RETURNING)
    taken = connection.execute(
        update(hub_leases)
        .where(hub_leases.c.id.in_(select(free.c.id)))
        .values(
            due_at=until,
            requested_at=now,
            state=case((returning, hub_leases.c.state), else_=LeaseState.REQUESTED),
            failures=hub_leases.c.failures + case((or_(unanswered, returning), 1), else_=0),
            reason=case((unanswered, UNANSWERED), else_=hub_leases.c.reason),
        )
        .returning(hub_leases.c.id)
    )
    ids = taken.scalars().all()
    return _read(connection, _ALL.where(one_of(hub_leases.c.id, "ids")).params(ids=ids)) if ids else []


UNANSWERED = "the hub took the request and did not ask back"


def settle(connection: Connection, lease: HubLease, **values: object) -> bool:
    """Note what came of a request, unless the hub has asked back or denied meanwhile; tell whether it was noted."""
    changed = connection.execute(
        update(hub_leases)
        .where(
            hub_leases.c.id == lease.id,
            hub_leases.c.state == lease.state,
            hub_leases.c.requested_at == lease.requested_at,
        )
        .values(**values)
    )
    return changed.rowcount > 0


def next_due(connection: Connection) -> datetime | None:
    """Return when the next thing is to be done about any lease."""
    return connection.execute(select(func.min(hub_leases.c.due_at))).scalar()


def received(connection: Connection, source_id: int, now: datetime) -> None:
    """Note that a hub sent something for a source."""
    connection.execute(_heard_of(source_id).values(received_at=now))


def applied(connection: Connection, source_id: int, received_at: datetime) -> None:
    """Note that what a hub sent then, and before, has arrived."""
    earlier = or_(hub_leases.c.applied_at.is_(None), hub_leases.c.applied_at < received_at)
    connection.execute(_heard_of(source_id).where(earlier).values(applied_at=received_at))


def missed(connection: Connection, source_id: int, now: datetime) -> None:
    """Note that a poll found posts which the hub had not sent."""
    connection.execute(_heard_of(source_id).values(missed_at=now))


def _heard_of(source_id: int) -> Update:
    return update(hub_leases).where(hub_leases.c.source_id == source_id, hub_leases.c.state.in_(_HEARD))


def reject(connection: Connection, lease_id: int) -> int:
    """Count something that was not signed as it should be; return how often that was."""
    counted = update(hub_leases).where(hub_leases.c.id == lease_id).values(rejected=hub_leases.c.rejected + 1)
    times: int = connection.execute(counted.returning(hub_leases.c.rejected)).scalar_one()
    return times


def heard(connection: Connection, source_ids: Sequence[int], now: datetime) -> dict[int, HubLease]:
    """Return, by source, the lease under which a hub sends now."""
    if not source_ids:
        return {}
    query = _ALL.where(one_of(hub_leases.c.source_id, "ids"), hub_leases.c.state == LeaseState.ACTIVE)
    found = _read(connection, query.order_by(hub_leases.c.id).params(ids=source_ids))
    return {lease.source_id: lease for lease in found if lease.is_heard(now)}


def poll_unapplied(connection: Connection, received_before: datetime, now: datetime) -> int:
    """Let feeds be polled now of which a hub sent something that never arrived; return how many.

    Not those that a poll is asking just now, or that fail and are tried again in their own time.
    """
    waiting = select(hub_leases.c.source_id).where(
        hub_leases.c.state.in_(_HEARD),
        hub_leases.c.received_at <= received_before,
        or_(hub_leases.c.applied_at.is_(None), hub_leases.c.applied_at < hub_leases.c.received_at),
    )
    changed = connection.execute(
        update(upstreams)
        .where(
            upstreams.c.source_id.in_(waiting),
            upstreams.c.next_poll_at > now,
            upstreams.c.failures == 0,
            or_(upstreams.c.claimed_until.is_(None), upstreams.c.claimed_until <= now),
        )
        .values(next_poll_at=now)
    )
    return changed.rowcount

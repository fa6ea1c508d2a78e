"""What is remembered of each upstream feed: its address, its validators, when to poll it next, and its failures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlalchemy import Connection, Row, bindparam, or_, select, update

from core.db import RowStatement, in_batches, insert_ignoring_conflicts, microseconds, one_of
from feeds.model import Origin
from feeds.sources.upstream.identity import is_iri
from feeds.tables import sources, upstreams

NOT_CONFIGURED = "it is not in the settings"
_LEAST_WAIT = timedelta(seconds=30)  # after a poll, whoever asks for another


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a read feed says of itself, and what tells whether it changed."""

    etag: str | None
    last_modified: str | None
    body_hash: str | None
    item_hashes: tuple[str, ...]
    feed_id: str | None
    title: str | None
    home_url: str | None
    self_url: str | None
    hub_url: str | None
    language: str | None
    newest_at: datetime | None
    gap_seconds: int | None
    ttl_seconds: int | None
    notice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream(Description):
    """An upstream feed as it stands."""

    source_id: int
    name: str
    configured_url: str
    url: str  # where it is asked for: as configured, else where it moved for good
    next_poll_at: datetime
    answered_at: datetime | None
    last_status: int | None
    failures: int
    failing_since: datetime | None
    stopped_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is to be remembered of one answer, or of none at all."""

    source_id: int
    url: str
    next_poll_at: datetime
    answered_at: datetime | None  # last time with success
    status: int | None
    failures: int = 0  # since the last success
    failing_since: datetime | None = None
    stopped_reason: str | None = None
    error: str | None = None  # why it brought no feed


def sync(connection: Connection, configured: Mapping[str, str], now: datetime) -> None:
    """Make every configured feed known, by name its address: new ones are due now, one with another address anew.

    What is not configured any more is polled no more.
    """
    known = {row.name: row for row in connection.execute(_KNOWN)}
    new = [name for name in configured if name not in known]
    for batch in in_batches(new):
        connection.execute(insert_ignoring_conflicts(connection, sources), [{"name": name} for name in batch])
        rows = connection.execute(select(sources.c.id, sources.c.name).where(sources.c.name.in_(batch)))
        connection.execute(
            insert_ignoring_conflicts(connection, upstreams),
            [
                {"source_id": row.id, "configured_url": configured[row.name], "url": configured[row.name]}
                | {"next_poll_at": now}
                for row in rows
            ],
        )
    for name, row in known.items():
        url = configured.get(name)
        if url is None:
            if row.stopped_reason is None:
                _change(connection, row.source_id, stopped_reason=NOT_CONFIGURED)
        elif row.configured_url != url:
            _begin_anew(connection, row.source_id, url, now)
        elif row.stopped_reason == NOT_CONFIGURED:
            _change(connection, row.source_id, stopped_reason=None, next_poll_at=now)


_KNOWN = select(sources.c.name, upstreams.c.source_id, upstreams.c.configured_url, upstreams.c.stopped_reason).join(
    sources, sources.c.id == upstreams.c.source_id
)


def _begin_anew(connection: Connection, source_id: int, url: str, now: datetime) -> None:
    """Poll another address under the same name; what stands there now is no news."""
    empty = dict.fromkeys(column.name for column in upstreams.c if column.nullable)
    _change(connection, source_id, **empty | {"configured_url": url, "url": url, "next_poll_at": now, "failures": 0})
    connection.execute(update(sources).where(sources.c.id == source_id).values(baselined_at=None, error=None))


def _change(connection: Connection, source_id: int, **values: object) -> None:
    connection.execute(update(upstreams).where(upstreams.c.source_id == source_id).values(**values))


def take_due(connection: Connection, token: str, now: datetime, until: datetime, limit: int) -> list[Upstream]:
    """Return the feeds that have been due longest, and let nobody else have them before `until`."""
    wanted = {"now": now, "until": until, "limit": limit, "token": token}
    taken = connection.execute(_TAKE, wanted).scalars().all()
    return of_ids(connection, taken) if taken else []


_FREE = (
    select(upstreams.c.source_id)
    .where(
        upstreams.c.next_poll_at <= bindparam("now", type_=upstreams.c.next_poll_at.type),
        or_(
            upstreams.c.claimed_until.is_(None),
            upstreams.c.claimed_until <= bindparam("now", type_=upstreams.c.next_poll_at.type),
        ),
        upstreams.c.stopped_reason.is_(None),
    )
    .order_by(upstreams.c.next_poll_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("free")  # evaluated once: PostgreSQL may run a plain subquery twice, past its limit
)
_TAKE = (
    update(upstreams)
    .where(upstreams.c.source_id.in_(select(_FREE.c.source_id)))
    .values(claimed_until=bindparam("until", type_=upstreams.c.claimed_until.type), claimed_by=bindparam("token"))
    .returning(upstreams.c.source_id)
)


def claimants(connection: Connection) -> list[str]:
    """Return the tokens of those who have claimed feeds."""
    query = select(upstreams.c.claimed_by).where(upstreams.c.claimed_by.is_not(None)).distinct()
    return [token for token in connection.execute(query).scalars() if token]


def let_go(connection: Connection, tokens: Collection[str]) -> None:
    """Let others have what was claimed with these tokens."""
    connection.execute(
        update(upstreams).where(upstreams.c.claimed_by.in_(tokens)).values(claimed_until=None, claimed_by=None)
    )


def of_ids(connection: Connection, source_ids: Collection[int]) -> list[Upstream]:
    """Return these feeds."""
    return [_read(row) for row in connection.execute(_OF_IDS, {"ids": source_ids})]


def named(connection: Connection, name: str) -> Upstream | None:
    """Return the feed of this name, if there is one."""
    row = connection.execute(_ALL.where(sources.c.name == name)).first()
    return _read(row) if row is not None else None


def listing(connection: Connection) -> list[Upstream]:
    """Return every feed that was ever configured, by name."""
    return [_read(row) for row in connection.execute(_ALL.order_by(sources.c.name))]


_CLAIM = ("claimed_until", "claimed_by")
_ALL = select(sources.c.name, *(c for c in upstreams.c if c.name not in _CLAIM)).join(
    sources, sources.c.id == upstreams.c.source_id
)
_OF_IDS = _ALL.where(one_of(upstreams.c.source_id, "ids"))


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next feed is due that nobody polls now; one whose claim ends later counts when it has ended."""
    free = or_(upstreams.c.claimed_until.is_(None), upstreams.c.claimed_until <= now)
    query = select(upstreams.c.next_poll_at).where(free, upstreams.c.stopped_reason.is_(None))
    return connection.execute(query.order_by(upstreams.c.next_poll_at).limit(1)).scalar()


def next_polls(connection: Connection) -> dict[str, datetime | None]:
    """Return when each feed is due, by its name; None for one that is polled no more."""
    return {row.name: row.next_poll_at if row.stopped_reason is None else None for row in connection.execute(_NEXT)}


_NEXT = select(sources.c.name, upstreams.c.next_poll_at, upstreams.c.stopped_reason).join(
    sources, sources.c.id == upstreams.c.source_id
)


def poll_soon(connection: Connection, source_id: int, now: datetime) -> None:
    """Let a feed be polled now, but not right after its last poll."""
    polled_at = connection.execute(select(sources.c.polled_at).where(sources.c.id == source_id)).scalar()
    at = max(now, polled_at + _LEAST_WAIT) if polled_at is not None else now
    connection.execute(
        update(upstreams)
        .where(upstreams.c.source_id == source_id, upstreams.c.next_poll_at > at)
        .values(next_poll_at=at)
    )


def save_answers(connection: Connection, answers: Sequence[Answered], now: datetime) -> None:
    """Note what feeds answered, and when they are due again."""
    if not answers:
        return
    _SAVE.execute(
        connection,
        [
            (
                one.url,
                microseconds(one.next_poll_at),
                None,
                None,
                _stored(one.answered_at),
                one.status,
                one.failures,
                _stored(one.failing_since),
                one.stopped_reason,
                one.source_id,
            )
            for one in answers
        ],
    )
    at = microseconds(now)
    _POLLED.execute(connection, [(at, one.error, one.source_id) for one in answers])


def _stored(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)


_SAVED = (
    "url",
    "next_poll_at",
    "claimed_until",
    "claimed_by",
    "answered_at",
    "last_status",
    "failures",
    "failing_since",
    "stopped_reason",
)
_SAVE = RowStatement(
    lambda _: (
        update(upstreams)
        .where(upstreams.c.source_id == bindparam("b_source"))
        .values({name: bindparam(name) for name in _SAVED})
    ),
    [*_SAVED, "b_source"],
)
_POLLED = RowStatement(
    lambda _: (
        update(sources)
        .where(sources.c.id == bindparam("b_source"))
        .values(polled_at=bindparam("polled_at"), error=bindparam("error"))
    ),
    ["polled_at", "error", "b_source"],
)


def describe(connection: Connection, source_id: int, description: Description) -> None:
    """Note what a feed said of itself when it was read last."""
    values = {name: getattr(description, name) for name in _DESCRIBED}
    _change(connection, source_id, **values, item_hashes=orjson.dumps(description.item_hashes).decode())


_DESCRIBED = (
    *("etag", "last_modified", "body_hash", "feed_id", "title", "home_url", "self_url", "hub_url", "language"),
    *("newest_at", "gap_seconds", "ttl_seconds", "notice"),
)


def keep_validators(connection: Connection, upstream: Upstream, etag: str | None, last_modified: str | None) -> None:
    """Note the validators of an answer that brought nothing new."""
    if (etag, last_modified) != (upstream.etag, upstream.last_modified):
        _change(connection, upstream.source_id, etag=etag, last_modified=last_modified)


def origins(connection: Connection) -> dict[str, Origin]:
    """Return how entries name the feeds that posts come from, by source."""
    return {row.name: _origin(row) for row in connection.execute(_ORIGINS)}


def _origin(row: Any) -> Origin:
    feed_url = _publishable(row.self_url or row.url)
    own_id = row.feed_id if row.feed_id and is_iri(row.feed_id) else None
    return Origin(
        title=row.title or row.name,
        feed_id=_publishable(own_id) or feed_url or f"urn:uuid:{uuid5(NAMESPACE_URL, row.configured_url)}",
        feed_url=feed_url,
        home_url=_publishable(row.home_url),
    )


def _publishable(url: str | None) -> str | None:
    """Return an address unless it has a query or a user: those of private feeds have their token there."""
    return url if url and "?" not in url and "@" not in url.partition("://")[2].partition("/")[0] else None


_ORIGINS = select(
    sources.c.name,
    upstreams.c.title,
    upstreams.c.configured_url,
    upstreams.c.self_url,
    upstreams.c.url,
    upstreams.c.feed_id,
    upstreams.c.home_url,
).join(sources, sources.c.id == upstreams.c.source_id)


def _read(row: Row[Any]) -> Upstream:
    found = dict(row._mapping)
    return Upstream(**found | {"item_hashes": tuple(orjson.loads(row.item_hashes or "[]"))})

"""What hubs get that come to our callbacks: the answer to their questions, and thanks for what they send."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from core.clock import Clock, rfc3339
from core.db import reading, writing
from core.exchange import Fetched
from core.log import log_event
from feedbell.web.answer import Answer
from feedbell.web.receiver import Call, plain
from feedbell.websub.plan import ask_again_after_denial, term_of
from feedbell.websub.signature import is_signed
from feedbell.websub.spelling import same_url
from feedbell.websub.words import words_of
from feeds.store import hub_leases, upstreams
from feeds.store.hub_leases import HubLease, LeaseState

logger = logging.getLogger(__name__)

_IN_FLIGHT = timedelta(minutes=1)  # for what was sent to the callback that another one replaced

# Takes a source's name, what a hub sent, and when; False if there is too much to read already.
Deliver = Callable[[str, Fetched, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Whom the callback tells: `leases` when one changed, `polls` when a feed is to be polled soon."""

    leases: Callable[[], None] = lambda: None
    polls: Callable[[], None] = lambda: None


class Callback:
    """Answers at every callback; the path of a call is the token."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        deliver: Deliver,
        notices: Notices,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._deliver = deliver
        self._notices = notices
        self._chance = chance

    def __call__(self, call: Call) -> Answer:
        """Answer a request: GET asks or tells, POST brings content."""
        return self._take(call) if call.method == "POST" else self._reply(call)

    def _reply(self, call: Call) -> Answer:
        asked: dict[str, str] = {}
        for name, value in call.query:
            asked.setdefault(name, value)
        with reading(self._engine) as connection:
            # Whoever guesses addresses gets no lock.
            if hub_leases.of_token(connection, call.path) is None:
                return _unknown()
        with writing(self._engine) as connection:
            lease = hub_leases.of_token(connection, call.path, lock=True)
            fits = lease is not None and same_url(asked.get("hub.topic", ""), lease.topic)
            reply = self._agree(connection, lease, asked) if lease is not None and fits else None
        if reply is None:
            return _unknown()
        self._notices.leases()
        if asked["hub.mode"] == "denied":
            self._notices.polls()
        fields = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        return Answer(200, fields, reply.encode())

    def _agree(self, connection: Connection, lease: HubLease, asked: Mapping[str, str]) -> str | None:
        """Do what a hub asks, and return what it is to hear; None where we do not want that."""
        now, mode, challenge = self._clock(), asked.get("hub.mode"), asked.get("hub.challenge")
        if mode == "denied":
            return "" if self._note_denial(connection, lease, asked.get("hub.reason"), now) else None
        agreed = False
        if challenge and mode == "subscribe":
            agreed = self._confirm(connection, lease, asked.get("hub.lease_seconds"), now)
        elif challenge and mode == "unsubscribe":
            agreed = _let_go(connection, lease)
        return challenge if agreed else None

    def _confirm(self, connection: Connection, lease: HubLease, lease_seconds: str | None, now: datetime) -> bool:
        # Also when it said no before, or asks again of its own accord: we want it still.
        asked = lease.state in (LeaseState.REQUESTED, LeaseState.FAILED) and lease.requested_at is not None
        term = term_of(lease_seconds, now, self._chance())
        if term is None or not (asked or lease.is_heard(now)) or lease.state is LeaseState.REPLACED:
            return False
        hub_leases.change(
            connection,
            [lease.id],
            state=LeaseState.ACTIVE,
            lease_until=term.until,
            due_at=term.renew_at,
            failures=0,
            reason=None,
        )
        _take_over(connection, lease, now)
        log_event(logger, "hub-active", source=lease.source, hub=lease.hub_host, until=rfc3339(term.until))
        return True

    def _note_denial(self, connection: Connection, lease: HubLease, reason: str | None, now: datetime) -> bool:
        if lease.requested_at is None or lease.state is LeaseState.DENIED:
            return False
        words = words_of(reason or "")
        said = f"the hub refuses: {words}" if words else "the hub refuses"
        log_event(logger, "hub-denied", logging.WARNING, source=lease.source, hub=lease.hub_host, reason=said)
        if lease.is_returning:
            hub_leases.drop(connection, [lease.id])
            return True
        hub_leases.change(
            connection,
            [lease.id],
            state=LeaseState.DENIED,
            lease_until=None,
            due_at=now + ask_again_after_denial(self._chance()),
            failures=lease.failures + 1,
            reason=said,
        )
        if lease.state is LeaseState.ACTIVE:
            upstreams.poll_soon(connection, lease.source_id, now)
        return True

    def _take(self, call: Call) -> Answer:
        now = self._clock()
        with reading(self._engine) as connection:
            lease = hub_leases.of_token(connection, call.path)
            upstream = upstreams.named(connection, lease.source) if lease is not None else None
        if lease is None or upstream is None or lease.state is LeaseState.LEAVING or _has_ended(lease, now):
            return plain(410, "This subscription has ended.")
        if not lease.is_heard(now):
            return plain(404, "There is no such subscription yet.")
        if not is_signed(call.headers.get("x-hub-signature"), call.body, lease.secret):
            self._reject(lease)
        else:
            self._receive(lease, call, now, is_current=upstream.self_url == lease.topic)
        # The same for all: who guesses secrets learns nothing.
        return plain(202, "Taken.")

    def _reject(self, lease: HubLease) -> None:
        with writing(self._engine) as connection:
            times = hub_leases.reject(connection, lease.id)
        if times == 1:
            log_event(logger, "hub-signature-wrong", logging.WARNING, source=lease.source, hub=lease.hub_host)

    def _receive(self, lease: HubLease, call: Call, now: datetime, *, is_current: bool) -> None:
        with writing(self._engine) as connection:
            # First of all: should we be killed now, the feed is polled by who comes next.
            hub_leases.received(connection, lease.source_id, now)
        content_type = call.headers.get("content-type", "")
        fetched = Fetched(status=200, headers={"content-type": content_type}, body=call.body)
        # Content of another feed than the one which is polled under this name by now is no content of it.
        if is_current and self._deliver(lease.source, fetched, now):
            return
        with writing(self._engine) as connection:
            upstreams.poll_soon(connection, lease.source_id, now)
        self._notices.polls()


def _unknown() -> Answer:
    return plain(404, "This was not asked for.")


def _let_go(connection: Connection, lease: HubLease) -> bool:
    if not lease.is_returning:
        return False
    hub_leases.drop(connection, [lease.id])
    log_event(logger, "hub-left", source=lease.source, hub=lease.hub_host)
    return True


def _take_over(connection: Connection, lease: HubLease, now: datetime) -> None:
    """Let a lease take the place of the one that it renews, with what that one knew."""
    for other in hub_leases.of_source(connection, lease.source_id):
        if other.id != lease.id and other.state is LeaseState.ACTIVE:
            known = {"received_at": other.received_at, "applied_at": other.applied_at, "missed_at": other.missed_at}
            hub_leases.change(connection, [lease.id], **known)
            hub_leases.change(
                connection, [other.id], state=LeaseState.REPLACED, due_at=now + _IN_FLIGHT, failures=0, reason=None
            )


def _has_ended(lease: HubLease, now: datetime) -> bool:
    return lease.lease_until is not None and lease.lease_until <= now

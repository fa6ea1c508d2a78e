"""The queue under every order of things that can happen, compared with a model of it that fits on a page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from core.db import open_engine, reading, writing
from notifier import outbox
from notifier.courier import Settlement
from notifier.endpoints import EndpointBook
from notifier.health import HealthPolicy
from notifier.limits import Breaker
from notifier.match import facts_of
from notifier.model import Attempt, Claimed, DeliveryState, Event, Outcome, Release, Target, Verdict, Want
from notifier.queue import DatabaseQueue
from notifier.store import Chosen, DeliveryBook
from notifier.tables import metadata
from tests.integration.notifier.conftest import NOW, endpoint_named

LEASE = timedelta(seconds=60)
NAMES = ("a", "b")
# Pauses have tests of their own.
NEVER_PAUSED = HealthPolicy(breaker=Breaker(failures=10**6), disable_after=timedelta(days=10**4))


@dataclass
class Known:
    """What the model knows of a delivery."""

    endpoint: str
    message_id: str
    state: str = "pending"
    due: datetime = NOW
    attempts: int = 0
    holder: str | None = None  # the claim token
    until: datetime = NOW
    tried: int = 0  # over all replays
    arrived: int = 0


@dataclass
class Hands:
    """Claims that somebody holds and has not settled."""

    claims: list[Claimed] = field(default_factory=list)


class QueueMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.engine = open_engine(f"sqlite:///{Path(self.folder.name) / 'queue.db'}")
        metadata.create_all(self.engine)
        self.endpoints = {name: endpoint_named(name) for name in NAMES}
        EndpointBook(self.engine).sync(self.endpoints.values())
        self.queue = DatabaseQueue(self.engine, health=NEVER_PAUSED)
        self.book = DeliveryBook(self.engine)
        self.now = NOW
        self.known: dict[int, Known] = {}
        self.held = Hands()
        self.number = 0
        self.closed: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    @rule(count=st.integers(1, 4), later=st.sampled_from([0, 0, 30]))
    def publish(self, count: int, later: int) -> None:
        due = self.now + timedelta(seconds=later)
        new = [f"msg_{self.number + n}" for n in range(count)]
        self.number += count
        with writing(self.engine) as connection:
            outbox.add(
                connection,
                [Event(message_id=one, type="x", subject=one, occurred_at=self.now, facts=facts_of("")) for one in new],
            )
            releases = [
                Release(
                    event_id=event.id or 0,
                    payload="{}",
                    payload_with_content=None,
                    targets=tuple(Target(endpoint=name, due_at=due) for name in NAMES),
                )
                for event in outbox.unreleased(connection)
            ]
            outbox.release(connection, releases, self.now)
        for delivery in self.book.listing(limit=10_000):
            if delivery.id not in self.known:
                known = Known(endpoint=delivery.endpoint, message_id=delivery.message_id, due=due)
                self.known[delivery.id] = known

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 5))
    def claim(self, name: str, count: int) -> None:
        taken = self.queue.claim([Want(endpoint=self.endpoints[name], count=count)], self.now, LEASE)
        free = [
            one
            for one in self.known.values()
            if one.endpoint == name and one.state == "pending" and one.due <= self.now
        ]
        assert len(taken) == (0 if name in self.closed else min(count, len(free)))
        for claimed in taken:
            known = self.known[claimed.delivery_id]
            assert (known.state, known.endpoint, known.message_id) == ("pending", name, claimed.message_id)
            assert known.due <= self.now
            assert claimed.attempt == known.attempts + 1
            known.state, known.holder, known.until = "sending", claimed.token, self.now + LEASE
        self.held.claims += taken

    @rule(index=st.integers(0, 50), how=st.sampled_from(["delivered", "pending", "exhausted"]))
    def settle(self, index: int, how: str) -> None:
        if not self.held.claims:
            return
        claimed = self.held.claims.pop(index % len(self.held.claims))
        known = self.known[claimed.delivery_id]
        holds = known.state == "sending" and known.holder == claimed.token
        due = self.now + timedelta(seconds=5) if how == "pending" else None
        status = 200 if how == "delivered" else 500
        attempt = Attempt(
            number=claimed.attempt, started_at=self.now, latency_ms=1, status=status, error=None, excerpt=""
        )
        settlement = Settlement(
            claimed=claimed,
            attempt=attempt,
            verdict=Verdict(state=DeliveryState(how), due_at=due),
            outcome=Outcome(status=status),
        )
        self.queue.settle([settlement], self.now, 0.0)
        known.tried += 1
        if how == "delivered":
            known.arrived += 1
            if known.state != "delivered":
                known.state, known.holder, known.attempts = "delivered", None, claimed.attempt
        elif holds:
            known.state, known.holder, known.attempts = how, None, claimed.attempt
            known.due = due or known.due

    @rule(index=st.integers(0, 50))
    def give_back(self, index: int) -> None:
        if not self.held.claims:
            return
        claimed = self.held.claims.pop(index % len(self.held.claims))
        self.queue.give_back([claimed], self.now)
        known = self.known[claimed.delivery_id]
        if known.state == "sending" and known.holder == claimed.token:
            known.state, known.holder = "pending", None

    @rule()
    def crash(self) -> None:
        """Whoever held claims is gone; of this very process the leases tell, as its tokens do not."""
        self.held.claims.clear()

    @rule(seconds=st.sampled_from([1, 5, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def release_abandoned(self) -> None:
        over = [one for one in self.known.values() if one.state == "sending" and one.until <= self.now]
        assert self.queue.release_abandoned(self.now) == len(over)
        for known in over:
            known.state, known.holder, known.due = "pending", None, self.now

    @rule(index=st.integers(0, 50))
    def replay(self, index: int) -> None:
        if not self.known:
            return
        number = sorted(self.known)[index % len(self.known)]
        known = self.known[number]
        done = known.state in ("delivered", "exhausted", "cancelled")
        assert self.book.replay(Chosen(ids=[number]), self.now) == ([number] if done else [])
        if done:
            known.state, known.due, known.attempts = "pending", self.now, 0

    @rule(index=st.integers(0, 50))
    def cancel(self, index: int) -> None:
        if not self.known:
            return
        number = sorted(self.known)[index % len(self.known)]
        waits = self.known[number].state == "pending"
        assert self.book.cancel([number], self.now) == ([number] if waits else [])
        if waits:
            self.known[number].state = "cancelled"

    @rule(name=st.sampled_from(NAMES))
    def disable_or_enable(self, name: str) -> None:
        book = EndpointBook(self.engine)
        if name in self.closed:
            assert book.enable(name, self.now)
            self.closed.discard(name)
        else:
            book.disable(name, "because", self.now)
            self.closed.add(name)

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        if not hasattr(self, "known"):
            return
        with reading(self.engine) as connection:
            rows = connection.execute(text("SELECT id, state, attempts, claim_token FROM deliveries")).all()
            tried = connection.execute(text("SELECT delivery_id, count(*) FROM attempts GROUP BY 1")).all()
        assert {row.id: (row.state, row.attempts, row.claim_token) for row in rows} == {
            number: (one.state, one.attempts, one.holder) for number, one in self.known.items()
        }
        # No attempt is ever forgotten, whoever made it.
        assert {row[0]: row[1] for row in tried} == {n: one.tried for n, one in self.known.items() if one.tried}

    @invariant()
    def when_there_is_work_is_known(self) -> None:
        if not hasattr(self, "known"):
            return
        expected = {
            name: min(one.due for one in self.known.values() if one.endpoint == name and one.state == "pending")
            for name in NAMES
            if name not in self.closed
            and any(one.endpoint == name and one.state == "pending" for one in self.known.values())
        }
        assert self.queue.due_times(self.endpoints.values(), self.now) == expected


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

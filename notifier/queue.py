"""The delivery rows as a queue: claiming with a lease, and settling what came of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine, update
from sqlalchemy.engine import Connection

from core.claimant import make_token
from core.db import in_batches, reading, writing
from notifier import leases, settling
from notifier.claims import Capacity, Claims
from notifier.courier import Settlement
from notifier.endpoints import disable_in, load_states, save_health
from notifier.health import HealthPolicy, diagnose
from notifier.model import Claimed, DeliveryState, Endpoint, EndpointState, Outcome, Want
from notifier.tables import endpoints
from notifier.work import Defer, no_defer

OnDisabled = Callable[[Connection, str, str, datetime], None]  # the endpoint's name and the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Endpoints that nothing may be sent to for now, and those among them that got disabled."""

    closed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()


class DeliveryQueue(Protocol):
    """Where who sends gets the work from."""

    def settle_and_claim(
        self, settlements: Sequence[Settlement], wants: Sequence[Want], now: datetime, lease: timedelta, chance: float
    ) -> tuple[Settled, list[Claimed]]:
        """Record attempts and what follows from them, and take due deliveries, all or nothing.

        At most as many are taken as wanted, and nobody else gets them until the lease ends. `chance` is a number from 0
        to 1.
        """

    def give_back(self, claims: Sequence[Claimed], now: datetime) -> None:
        """Let go of what was claimed and not sent."""

    def due_times(self, wanted: Collection[Endpoint], now: datetime) -> dict[str, datetime]:
        """Return when each of these endpoints has work again; those without any are left out."""

    def release_abandoned(self, now: datetime) -> int:
        """Make due what was claimed by who has ended since, or whose lease is over; return how many deliveries."""


def _do_nothing(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Tell nobody that an endpoint got disabled."""


class DatabaseQueue:
    """A DeliveryQueue in the deliveries table.

    `capacity` says how many events a digest to an endpoint holds. `on_disabled` is called in the transaction that
    disables one, `defer` in the one that lets go of claims. One that `is_kept` is not disabled for failing alone.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        capacity: Capacity = lambda endpoint, payloads: 100,
        health: HealthPolicy | None = None,
        on_disabled: OnDisabled = _do_nothing,
        defer: Defer = no_defer,
        is_kept: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._engine = engine
        self._claims = Claims(capacity)
        self._health = health or HealthPolicy()
        self._on_disabled = on_disabled
        # Those whose row says that they failed, as far as we have seen: a success is news for them alone.
        self._failing: set[str] = set()
        self._defer = defer
        self._is_kept = is_kept

    def settle_and_claim(
        self, settlements: Sequence[Settlement], wants: Sequence[Want], now: datetime, lease: timedelta, chance: float
    ) -> tuple[Settled, list[Claimed]]:
        wanted = {want.endpoint.name: want for want in wants if want.count > 0}
        if not settlements and not wanted:
            return Settled(), []
        # One transaction for both: on a disk it costs more than what is done in it.
        with writing(self._engine) as connection:
            settled = self._settle_in(connection, settlements, now, chance) if settlements else Settled()
            return settled, self._claim_in(connection, wanted, now, lease) if wanted else []

    def claim(self, wants: Sequence[Want], now: datetime, lease: timedelta) -> list[Claimed]:
        """Take due deliveries alone."""
        return self.settle_and_claim((), wants, now, lease, 0.0)[1]

    def settle(self, settlements: Sequence[Settlement], now: datetime, chance: float) -> Settled:
        """Record attempts alone."""
        return self.settle_and_claim(settlements, (), now, timedelta(), chance)[0]

    def _settle_in(
        self, connection: Connection, settlements: Sequence[Settlement], now: datetime, chance: float
    ) -> Settled:
        settling.record(connection, settlements, now)
        return self._settle_health(connection, settlements, now, chance)

    def _claim_in(
        self, connection: Connection, wanted: Mapping[str, Want], now: datetime, lease: timedelta
    ) -> list[Claimed]:
        token, until = make_token(), now + lease
        states = load_states(connection, list(wanted))
        found: list[Claimed] = []
        short: dict[str, int] = {}
        for name, want in wanted.items():
            state = states.get(name)
            if state is not None and state.health.failures:
                self._failing.add(name)
            if state is None or not is_open(want.endpoint, state, now):
                continue
            count = want.count if state.health.failures < self._health.breaker.failures else 1
            if want.endpoint.rate is not None:
                found += self._claims.take_paced(connection, want.endpoint, count, token, now, until)
                continue
            taken = self._claims.take(connection, want.endpoint, count, token, now, until)
            found += taken
            if len(taken) < count:
                short[name] = count - len(taken)
        # What waits for a digest is looked for where there was nothing else.
        for name in leases.with_digests(connection, list(short), now):
            found += self._claims.take_paced(connection, wanted[name].endpoint, short[name], token, now, until)
        return found

    def give_back(self, claims: Sequence[Claimed], now: datetime) -> None:
        if not claims:
            return
        with writing(self._engine) as connection:
            for batch in in_batches(sorted({claimed.delivery_id for claimed in claims})):
                leases.release(connection, batch, {claimed.token for claimed in claims})
            self._defer(connection, dict.fromkeys({claimed.endpoint for claimed in claims}, now))

    def due_times(self, wanted: Collection[Endpoint], now: datetime) -> dict[str, datetime]:
        policies = {endpoint.name: endpoint for endpoint in wanted}
        with reading(self._engine) as connection:
            states = load_states(connection, list(policies))
            times = leases.due_times(connection, list(policies))
        return {
            name: opens_at(policies[name], states[name], due, now)
            for name, due in times.items()
            if name in states and states[name].disabled_at is None
        }

    def release_abandoned(self, now: datetime) -> int:
        with reading(self._engine) as connection:
            ids, tokens = leases.abandoned(connection, now)
        if not ids:
            return 0
        with writing(self._engine) as connection:
            freed = [
                name
                for batch in in_batches(sorted(ids))
                for name in leases.release(connection, batch, tokens, due_at=now)
            ]
            self._defer(connection, dict.fromkeys(freed, now))
        return len(freed)

    def _settle_health(
        self, connection: Connection, settlements: Sequence[Settlement], now: datetime, chance: float
    ) -> Settled:
        outcomes: dict[str, list[Outcome]] = {}
        gone: dict[str, str] = {}
        failing: set[str] = set()
        for settlement in settlements:
            name = settlement.claimed.endpoint
            outcomes.setdefault(name, []).append(settlement.outcome)
            if settlement.verdict.state is not DeliveryState.DELIVERED:
                failing.add(name)
            if settlement.verdict.disable_reason:
                gone[name] = settlement.verdict.disable_reason
        recovered = [name for name in outcomes if name in self._failing and name not in failing]
        for batch in in_batches(recovered):
            _recover(connection, batch)
        self._failing -= set(recovered)
        self._failing |= failing
        states = load_states(connection, sorted(failing), lock=True) if failing else {}
        closed: list[str] = []
        disabled: list[str] = []
        for name in sorted(failing):
            if name not in states:
                continue
            found = diagnose(states[name].health, outcomes[name], now=now, chance=chance, policy=self._health)
            save_health(connection, name, found.health)
            reason = gone.get(name) or (None if self._is_kept(name) else found.disable_reason)
            if reason and states[name].disabled_at is None:
                disable_in(connection, name, reason, now)
                self._on_disabled(connection, name, reason, now)
                disabled.append(name)
            if reason or (found.health.paused_until is not None and found.health.paused_until > now):
                closed.append(name)
        return Settled(closed=tuple(closed), disabled=tuple(disabled))


def is_open(endpoint: Endpoint, state: EndpointState, now: datetime) -> bool:
    """Tell whether anything may be sent to an endpoint now."""
    paused = state.health.paused_until is not None and state.health.paused_until > now
    quiet = endpoint.quiet_hours is not None and endpoint.quiet_hours.ends_at(now) is not None
    return state.disabled_at is None and not paused and not quiet


def opens_at(endpoint: Endpoint, state: EndpointState, due: datetime, now: datetime) -> datetime:
    """Return when something that is due at a time may be sent."""
    at = max(due, state.health.paused_until or due)
    if endpoint.rate is not None:
        at = max(at, state.bucket(endpoint.rate, now).next_token(endpoint.rate))
    quiet_until = endpoint.quiet_hours.ends_at(max(at, now)) if endpoint.quiet_hours is not None else None
    return max(at, quiet_until or at)


def _recover(connection: Connection, names: Sequence[str]) -> None:
    connection.execute(
        update(endpoints)
        .where(endpoints.c.name.in_(names), endpoints.c.failures > 0)
        .values(failures=0, failing_since=None, paused_until=None, last_failure=None)
    )

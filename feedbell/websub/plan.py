"""What to do about the subscriptions of one upstream feed: ask, renew, give back, forget. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.store.hub_leases import HubLease, LeaseState, Offered

ASKED_LEASE = timedelta(days=10)  # a good length, says the Recommendation (section 8.2)
_LONGEST_LEASE = timedelta(days=60)
_UNSAID_LEASE = timedelta(days=1)  # for hubs that do not say what they must
_LEAST_WAIT = timedelta(minutes=1)
_RENEWAL = 0.8
_SPREAD = 0.05
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440))
_JITTER = 0.1
_ASKING_BACK = timedelta(minutes=15)
_MOST_RETRY_AFTER = timedelta(days=1)
_DENIED = timedelta(days=1)
_TRIES_TO_LEAVE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done. Numbers are those of leases."""

    ask: bool = False  # for a new subscription
    renewing: tuple[int, ...] = ()  # active ones that the new subscription will replace
    leave: tuple[int, ...] = ()
    forget: tuple[int, ...] = ()
    lost: bool = False  # the hub sends no more, although it should

    def __bool__(self) -> bool:
        return self.ask or bool(self.leave) or bool(self.forget)


def plan(offer: Offered | None, base_url: str, leases: Sequence[HubLease], now: datetime) -> Plan:
    """Return what to do about the leases of a source that offers a hub, or none; `base_url` begins our callbacks."""
    over = {lease.id for lease in leases if _is_over(lease, now)}
    going = [lease for lease in leases if lease.id not in over and not lease.is_returning]
    fitting = [lease for lease in going if offer is not None and _fits(lease, offer, base_url)]
    active = [lease for lease in fitting if lease.state is LeaseState.ACTIVE]
    pending = [lease for lease in fitting if lease.state is not LeaseState.ACTIVE]
    # The newest stays, should there be several.
    unwanted = [lease for lease in going if lease not in fitting] + active[:-1] + pending[:-1]
    lost = any(lease.id in over and lease.state is LeaseState.ACTIVE for lease in leases) and not active
    return Plan(
        ask=offer is not None and not pending and all(lease.due_at <= now for lease in active[-1:]),
        renewing=tuple(lease.id for lease in active[-1:]),
        leave=tuple(lease.id for lease in unwanted if lease.requested_at is not None),
        forget=(*over, *(lease.id for lease in unwanted if lease.requested_at is None)),
        lost=lost,
    )


def _is_over(lease: HubLease, now: datetime) -> bool:
    ended = lease.lease_until is not None and lease.lease_until <= now
    if lease.is_returning:
        return ended or (lease.failures >= _TRIES_TO_LEAVE and lease.due_at <= now)
    return lease.state is LeaseState.ACTIVE and ended


def _fits(lease: HubLease, offer: Offered, base_url: str) -> bool:
    wanted = (offer.hub_url, offer.topic, f"{base_url}{lease.token}")
    return (lease.hub_url, lease.topic, lease.callback) == wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a hub promises to send, and when to ask it again."""

    until: datetime
    renew_at: datetime


def term_of(lease_seconds: str | None, now: datetime, chance: float) -> Term | None:
    """Read `hub.lease_seconds`; None for what is no positive number. `chance` from 0 to 1 spreads the renewals."""
    lease = _UNSAID_LEASE
    if lease_seconds is not None:
        digits = lease_seconds.lstrip("0")
        if not (lease_seconds.isascii() and lease_seconds.isdigit() and digits):
            return None
        lease = min(timedelta(seconds=int(digits)), _LONGEST_LEASE) if len(digits) < 10 else _LONGEST_LEASE
    wait = lease * (_RENEWAL + _SPREAD * (2 * chance - 1))
    return Term(until=now + lease, renew_at=now + max(wait, min(lease, _LEAST_WAIT)))


def ask_again_after(failures: int, chance: float, retry_after: timedelta | None = None) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    wait = _WAITS[min(max(failures, 1), len(_WAITS)) - 1] * (1 + _JITTER * chance)
    return max(wait, min(retry_after, _MOST_RETRY_AFTER)) if retry_after is not None else wait


def await_asking_back(failures: int, chance: float) -> timedelta:
    """Return how long a hub that took a request has to ask back, before it is asked again."""
    return max(_ASKING_BACK, ask_again_after(failures, chance)) if failures else _ASKING_BACK


def ask_again_after_denial(chance: float) -> timedelta:
    """Return how long a denial holds."""
    return _DENIED * (1 + _JITTER * chance)

"""What is done about the subscriptions of a feed, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbell.websub.plan import Plan, ask_again_after, await_asking_back, plan, term_of
from feeds.store.hub_leases import HubLease, LeaseState, Offered

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = "https://us.example/websub/"
OFFER = Offered(source_id=7, source="a", hub_url="https://hub.example/", topic="https://up.example/feed")
S = LeaseState


def lease(number: int = 1, state: LeaseState = S.ACTIVE, **more: object) -> HubLease:
    """Return a lease that was renewed yesterday and is to be renewed in a week."""
    values: dict[str, object] = {
        "id": number,
        "source_id": 7,
        "source": "a",
        "hub_url": OFFER.hub_url,
        "topic": OFFER.topic,
        "callback": f"{BASE}t{number}",
        "token": f"t{number}",
        "secret": "s",
        "state": state,
        "requested_at": NOW - DAY,
        "lease_until": NOW + 9 * DAY if state in (S.ACTIVE, S.REPLACED) else None,
        "due_at": NOW + 7 * DAY,
        "failures": 0,
        "reason": None,
        "received_at": None,
        "applied_at": None,
        "missed_at": None,
        "rejected": 0,
    }
    return HubLease(**values | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("offer", "leases", "ask", "leave", "forget", "lost"),
    [
        # Nothing named, nothing there; a hub that is new; one that is known.
        (None, [], False, (), (), False),
        (OFFER, [], True, (), (), False),
        (OFFER, [lease()], False, (), (), False),
        (OFFER, [lease(1, S.REQUESTED)], False, (), (), False),
        (OFFER, [lease(1, S.DENIED, due_at=NOW - DAY)], False, (), (), False),
        # To be renewed, beside the one that holds still; not twice.
        (OFFER, [lease(due_at=NOW)], True, (), (), False),
        (OFFER, [lease(due_at=NOW), lease(2, S.FAILED)], False, (), (), False),
        # It ended: asked anew, and polled for what was missed.
        (OFFER, [lease(lease_until=NOW, due_at=NOW)], True, (), (1,), True),
        (OFFER, [lease(lease_until=NOW, due_at=NOW), lease(2, S.FAILED)], False, (), (1,), True),
        (OFFER, [lease(lease_until=NOW, due_at=NOW), lease(2)], False, (), (1,), False),
        # The feed names another hub, another topic, none; our own address changed.
        (replace(OFFER, hub_url="https://other.example/"), [lease()], True, (1,), (), False),
        (replace(OFFER, topic="https://up.example/new"), [lease()], True, (1,), (), False),
        (None, [lease()], False, (1,), (), False),
        (OFFER, [lease(callback="https://old.example/websub/t1")], True, (1,), (), False),
        # Whoever was never asked is not told that it is over.
        (None, [lease(1, S.REQUESTED, requested_at=None)], False, (), (1,), False),
        (None, [lease(1, S.FAILED)], False, (1,), (), False),
        # Left behind: asked five times at most, and no longer than the lease.
        (OFFER, [lease(), lease(2, S.REPLACED, failures=4, due_at=NOW)], False, (), (), False),
        (OFFER, [lease(), lease(2, S.REPLACED, failures=5, due_at=NOW)], False, (), (2,), False),
        (OFFER, [lease(), lease(2, S.LEAVING, lease_until=NOW)], False, (), (2,), False),
        (None, [lease(1, S.LEAVING)], False, (), (), False),
        # What two processes did at once is put right.
        (OFFER, [lease(1), lease(2)], False, (1,), (), False),
        (OFFER, [lease(1, S.REQUESTED, requested_at=None), lease(2, S.REQUESTED)], False, (), (1,), False),
    ],
)
def test_the_plan(
    offer: Offered | None,
    leases: list[HubLease],
    ask: bool,
    leave: tuple[int, ...],
    forget: tuple[int, ...],
    lost: bool,
) -> None:
    found = plan(offer, BASE, leases, NOW)
    assert (found.ask, found.leave, found.forget, found.lost) == (ask, leave, forget, lost)
    assert bool(found) == (ask or bool(leave) or bool(forget))


def test_which_lease_is_renewed() -> None:
    assert plan(OFFER, BASE, [lease(due_at=NOW)], NOW).renewing == (1,)
    assert not Plan()


@pytest.mark.parametrize("written", ["", "0", "00", "-5", "+5", "1.5", "ten", "५", " 5"])
def test_what_is_no_lease(written: str) -> None:
    assert term_of(written, NOW, 0.5) is None


@given(st.integers(1, 10**30), st.floats(0, 1))
def test_a_lease_is_renewed_at_about_four_fifths(seconds: int, chance: float) -> None:
    term = term_of(str(seconds), NOW, chance)
    assert term is not None
    lasts = term.until - NOW
    assert lasts <= timedelta(seconds=min(seconds, 10**8))
    assert lasts <= 60 * DAY
    assert NOW < term.renew_at <= term.until
    if lasts > timedelta(minutes=2):
        assert 0.749 < (term.renew_at - NOW) / lasts < 0.851


def test_a_lease_of_unsaid_length_is_short() -> None:
    term = term_of(None, NOW, 0.5)
    assert term is not None
    assert term.until == NOW + DAY


def test_failures_wait_longer_and_longer() -> None:
    waits = [ask_again_after(failures, 0.0).total_seconds() for failures in range(1, 9)]
    assert waits == [60, 300, 1800, 7200, 21600, 86400, 86400, 86400]
    assert ask_again_after(1, 1.0) == timedelta(seconds=66)
    # Retry-After counts, but not for ever.
    assert ask_again_after(1, 0.0, timedelta(hours=1)) == timedelta(hours=1)
    assert ask_again_after(2, 0.0, timedelta(seconds=1)) == timedelta(seconds=300)
    assert ask_again_after(1, 0.0, timedelta(days=900)) == DAY
    assert await_asking_back(0, 0.0) == await_asking_back(2, 0.0) == timedelta(minutes=15)
    assert await_asking_back(6, 0.0) == DAY

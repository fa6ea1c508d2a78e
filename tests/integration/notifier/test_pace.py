"""Limits, digests, quiet hours and room between updates, on both databases and against a real receiver."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from core.db import reading, writing
from notifier import outbox
from notifier.endpoints import EndpointBook
from notifier.health import HealthPolicy
from notifier.limits import QuietHours, Rate
from notifier.match import Matcher, facts_of
from notifier.model import DeliveryState, Endpoint, Event, Release
from notifier.routing import Router
from notifier.store import Chosen, DeliveryBook
from notifier.subscription import Subscription
from tests.integration.notifier.conftest import NOW, claim, endpoint_named
from tests.support.dispatching import Hands, dispatching, endpoint_at
from tests.support.receiver import Receiver, Reply, running_receiver

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def tell(
    store: Engine,
    endpoints: list[Endpoint],
    subscriptions: list[Subscription],
    subjects: list[str],
    now: datetime,
    *,
    type_: str = "post.published",
    state: str = "",
    quiet: Mapping[str, timedelta] | None = None,
) -> Mapping[str, datetime]:
    """Let something happen to each subject, and release it as the subscriptions say."""
    router = Router(Matcher(subscriptions), endpoints)
    EndpointBook(store).sync(endpoints)
    with writing(store) as connection:
        outbox.add(
            connection,
            [
                Event(
                    message_id=f"{type_}:{subject}:{state}",
                    type=type_,
                    subject=subject,
                    occurred_at=now,
                    facts=facts_of(""),
                )
                for subject in subjects
            ],
        )
        releases = [
            Release(
                event_id=event.id or 0,
                payload=json.dumps({"type": type_, "data": {"n": event.subject, "state": state}}),
                payload_with_content=None,
                targets=router.targets(event, now),
            )
            for event in outbox.unreleased(connection, limit=10_000)
        ]
        return outbox.release(connection, releases, now, quiet=quiet).due


def said(receiver: Receiver) -> list[list[str]]:
    """Return the subjects of each message that came, in order."""
    bodies: list[dict[str, Any]] = [json.loads(request.body) for request in receiver.received()]
    return [
        [event["data"]["n"] for event in body["data"]["events"]] if body["type"] == "digest" else [body["data"]["n"]]
        for body in bodies
    ]


def test_a_burst_of_500_posts_keeps_to_20_a_minute_and_loses_none(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"), rate=Rate(count=20, seconds=60), concurrency=1)
    subjects = [f"{number}" for number in range(500)]
    sent_at: list[datetime] = []
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], subjects, clock.now)
        for _ in range(120):
            before = len(receiver.received())
            dispatcher.run_until_idle(60)
            sent_at += [clock.now] * (len(receiver.received()) - before)
            clock.now += timedelta(seconds=1)
    messages = said(receiver)
    assert sorted(subject for message in messages for subject in message) == sorted(subjects)
    assert [len(message) for message in messages] == [1, 1, 1, 1, 100, 100, 100, 100, 96]
    for first in sent_at:
        assert sum(first <= moment < first + timedelta(seconds=60) for moment in sent_at) <= 20
    ids = [request.headers["webhook-id"] for request in receiver.received()]
    assert len(set(ids)) == len(ids)
    counts = DeliveryBook(store).counts()
    assert (counts[DeliveryState.DELIVERED], counts[DeliveryState.DIGESTED]) == (9, 496)
    [digested] = DeliveryBook(store).listing(Chosen(states=[DeliveryState.DIGESTED]), limit=1)
    [digest] = DeliveryBook(store).listing(Chosen(ids=[digested.digest_id or 0]))
    assert (digest.event_type, digest.state) == ("digest", DeliveryState.DELIVERED)


def test_a_digest_that_fails_is_sent_again_as_it_was(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(), Reply(status=500), Reply())
    endpoint = endpoint_at(url, rate=Rate(count=3, seconds=60, burst=2), concurrency=1)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1", "2", "3"], clock.now)
        dispatcher.run_until_idle(60)
        tell(store, [endpoint], [Subscription(endpoint="a")], ["4"], clock.now)
        clock.now += timedelta(seconds=200)
        dispatcher.run_until_idle(60)
    assert said(receiver) == [["1"], ["2", "3"], ["2", "3"], ["4"]] or said(receiver) == [
        ["1"],
        ["2", "3"],
        ["4"],
        ["2", "3"],
    ]
    digests = [request for request in receiver.received() if b"digest" in request.body]
    assert digests[0].body == digests[1].body
    assert digests[0].headers["webhook-id"] == digests[1].headers["webhook-id"]


def test_who_wants_no_digest_gets_everything_one_by_one(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"), rate=Rate(count=10, seconds=60), overflow=False)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], [f"{n}" for n in range(20)], clock.now)
        for _ in range(150):
            dispatcher.run_until_idle(60)
            clock.now += timedelta(seconds=1)
    assert said(receiver) == [[f"{n}"] for n in range(20)]


def test_a_digest_by_schedule_goes_out_at_its_time_in_the_endpoint_s_zone(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    clock.now = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
    endpoint = endpoint_at(receiver.url("/hook"), zone=SHANGHAI)
    daily = Subscription(endpoint="a", digest="daily at 08:00")
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        due = tell(store, [endpoint], [daily], ["1", "2"], clock.now)
        assert due == {"a": datetime(2024, 5, 2, 0, 0, tzinfo=UTC)}
        tell(store, [endpoint], [daily], ["3"], clock.now + HOUR)
        clock.now = datetime(2024, 5, 1, 23, 59, 59, tzinfo=UTC)
        dispatcher.run_until_idle(60)
        assert receiver.received() == []
        clock.now += timedelta(seconds=1)
        dispatcher.run_until_idle(60)
    assert said(receiver) == [["1", "2", "3"]]


def test_a_digest_by_number_goes_out_when_it_is_full(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"))
    by_number = Subscription(endpoint="a", digest="daily at 08:00", digest_count=3)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [by_number], ["1", "2"], clock.now)
        dispatcher.run_until_idle(60)
        assert receiver.received() == []
        tell(store, [endpoint], [by_number], ["3"], clock.now)
        dispatcher.run_until_idle(60)
    assert said(receiver) == [["1", "2", "3"]]


def test_what_is_wanted_at_once_and_in_a_digest_goes_out_at_once_and_once(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"))
    both = [Subscription(endpoint="a", digest="hourly"), Subscription(endpoint="a")]
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], both, ["1"], clock.now)
        dispatcher.run_until_idle(60)
        clock.now += 2 * HOUR
        dispatcher.run_until_idle(60)
    assert said(receiver) == [["1"]]


def test_nothing_is_sent_in_quiet_hours_and_all_of_it_after(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    clock.now = datetime(2024, 5, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    quiet = QuietHours(begins=time(22), ends=time(7), zone=SHANGHAI)
    url = receiver.script("/hook", Reply())
    endpoint = endpoint_at(url, quiet_hours=quiet, zone=SHANGHAI)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1"], clock.now)
        clock.now += HOUR
        tell(store, [endpoint], [Subscription(endpoint="a")], ["2"], clock.now)
        dispatcher.run_until_idle(60)
        assert receiver.received() == []
        clock.now = datetime(2024, 5, 1, 23, 0, tzinfo=UTC)
        dispatcher.run_until_idle(60)
    assert said(receiver) == [["1", "2"]]


def test_a_retry_that_falls_into_quiet_hours_waits_for_their_end(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    clock.now = datetime(2024, 5, 1, 13, 59, 58, tzinfo=UTC)  # two seconds before 22:00 in Shanghai
    quiet = QuietHours(begins=time(22), ends=time(7), zone=SHANGHAI)
    url = receiver.script("/hook", Reply(status=500), Reply())
    endpoint = endpoint_at(url, quiet_hours=quiet, zone=SHANGHAI)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1"], clock.now)
        dispatcher.run_until_idle(60)
        clock.now += timedelta(seconds=5)
        dispatcher.run_until_idle(60)
        assert len(receiver.received()) == 1
        clock.now = datetime(2024, 5, 1, 23, 0, tzinfo=UTC)
        dispatcher.run_until_idle(60)
    assert len(receiver.received()) == 2


def test_a_post_that_changes_again_and_again_is_told_of_once_an_hour_in_its_last_state(
    store: Engine, receiver: Receiver
) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"))
    everything = [Subscription(endpoint="a", events=("post.published", "post.updated"))]
    room = {"post.updated": HOUR}
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], everything, ["1"], clock.now, quiet=room)
        dispatcher.run_until_idle(60)
        for minute in range(8):
            tell(
                store,
                [endpoint],
                everything,
                ["1", "other"] if not minute else ["1"],
                clock.now,
                type_="post.updated",
                state=f"{minute}",
                quiet=room,
            )
            dispatcher.run_until_idle(60)
            clock.now += timedelta(minutes=5)
        assert [json.loads(request.body)["data"]["state"] for request in receiver.received()] == ["", "0", "0"]
        clock.now += HOUR
        dispatcher.run_until_idle(60)
    told = [json.loads(request.body) for request in receiver.received()]
    assert [(one["data"]["n"], one["data"]["state"]) for one in told[3:]] == [("1", "7")]
    reasons = {one.last_reason for one in DeliveryBook(store).listing(Chosen(states=[DeliveryState.CANCELLED]))}
    assert reasons == {"a newer state replaced it"}


def test_the_breaker_spares_a_failing_endpoint_and_one_probe_opens_it_again(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(status=500))
    endpoint = endpoint_at(url)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], [f"{n}" for n in range(50)], clock.now)
        dispatcher.run_until_idle(60)
        tried = len(receiver.received())
        assert 5 <= tried <= 7
        dispatcher.run_until_idle(60)
        assert len(receiver.received()) == tried
        clock.now += timedelta(minutes=3)
        dispatcher.run_until_idle(60)
        assert len(receiver.received()) == tried + 1
        receiver.script("/hook", Reply())
        clock.now += timedelta(minutes=20)
        dispatcher.run_until_idle(60)
    assert DeliveryBook(store).counts()[DeliveryState.DELIVERED] == 50
    attempts = [len(DeliveryBook(store).attempts(one.id)) for one in DeliveryBook(store).listing()]
    assert sum(attempts) == 50 + tried + 1


def test_who_is_asked_too_much_is_left_alone_as_long_as_it_says(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(status=429, headers={"Retry-After": "600"}), Reply())
    endpoint = endpoint_at(url, concurrency=1)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1", "2", "3"], clock.now)
        dispatcher.run_until_idle(60)
        clock.now += timedelta(seconds=599)
        dispatcher.run_until_idle(60)
        assert len(receiver.received()) == 1
        clock.now += timedelta(seconds=1)
        dispatcher.run_until_idle(60)
    assert DeliveryBook(store).counts()[DeliveryState.DELIVERED] == 3


def test_an_endpoint_that_fails_for_days_is_disabled_and_that_is_said_in_the_same_transaction(
    store: Engine, receiver: Receiver
) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.script("/hook", Reply(status=500)))
    policy = HealthPolicy(disable_after=timedelta(days=5))
    with dispatching(store, endpoint, clock=clock, schedule=(3600.0,) * 200, health=policy) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1"], clock.now)
        for _ in range(130):
            dispatcher.run_until_idle(60)
            clock.now += HOUR
        state = EndpointBook(store).states()["a"]
        assert state.disabled_at is not None
        assert "5.0 days" in str(state.disabled_reason)
        assert len(receiver.received()) in range(119, 123)
        assert EndpointBook(store).enable("a", NOW)
        receiver.script("/hook", Reply())
        dispatcher.wake()
        dispatcher.run_until_idle(60)
    assert DeliveryBook(store).counts()[DeliveryState.DELIVERED] == 1
    with reading(store) as connection:
        assert outbox.newest_id(connection) is None


def test_a_disabled_endpoint_is_told_of_in_the_transaction_that_disables_it(store: Engine) -> None:
    from notifier.model import Verdict
    from notifier.queue import DatabaseQueue
    from tests.integration.notifier.test_queue import settlement

    told: list[tuple[str, str]] = []

    def failing(connection: object, name: str, reason: str, now: datetime) -> None:
        told.append((name, reason))
        raise LookupError

    endpoint = endpoint_named("a")
    queue = DatabaseQueue(store, on_disabled=failing)
    now = datetime(2024, 5, 1, tzinfo=UTC)
    tell(store, [endpoint], [Subscription(endpoint="a")], ["1"], now)
    [claimed] = claim(queue, "a", now=now)
    verdict = Verdict(state=DeliveryState.EXHAUSTED, disable_reason="gone")
    with pytest.raises(LookupError):
        queue.settle([settlement(claimed, verdict, 410)], now, 0.0)
    assert told == [("a", "gone")]
    # Nothing of it stands: neither the attempt nor that the endpoint is disabled.
    assert EndpointBook(store).states()["a"].disabled_at is None
    assert DeliveryBook(store).attempts(claimed.delivery_id) == []


def test_what_is_old_is_forgotten_and_what_waited_in_vain_is_cancelled(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"))
    book = DeliveryBook(store)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [Subscription(endpoint="a")], ["1", "2"], clock.now)
        dispatcher.run_until_idle(60)
        EndpointBook(store).disable("a", "because", clock.now)
        tell(store, [endpoint], [Subscription(endpoint="a")], ["3"], clock.now)
        clock.now += timedelta(days=20)
        tell(store, [endpoint], [Subscription(endpoint="a")], ["4"], clock.now)
        clock.now += timedelta(days=11)
        assert book.prune(clock.now - timedelta(days=30), clock.now) == 2
    assert [(one.message_id, one.state.value) for one in book.listing()] == [
        ("post.published:4:", "pending"),
        ("post.published:3:", "cancelled"),
    ]
    with reading(store) as connection:
        assert outbox.subjects(connection, "post.published", ["1", "2", "3", "4"]) == {"3", "4"}
    # What it cancelled is as old as the moment it did so: it stays for as long again.
    assert book.prune(clock.now, clock.now + timedelta(seconds=1)) == 0


def test_a_replay_of_a_time_sends_again_what_went_out_and_as_it_went_out(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoint = endpoint_at(receiver.url("/hook"))
    digest = Subscription(endpoint="a", digest="hourly")
    book = DeliveryBook(store)
    with dispatching(store, endpoint, clock=clock) as dispatcher:
        tell(store, [endpoint], [digest], ["1", "2", "3"], clock.now)
        clock.now += HOUR
        dispatcher.run_until_idle(60)
        tell(store, [endpoint], [Subscription(endpoint="a")], ["4", "5"], clock.now)
        book.cancel([one.id for one in book.listing(Chosen(states=[DeliveryState.PENDING]), limit=1)], clock.now)
        dispatcher.run_until_idle(60)
        assert said(receiver) == [["1", "2", "3"], ["4"]]
        assert len(book.replay(Chosen(since=clock.now - 2 * HOUR), clock.now)) == 2
        dispatcher.wake()
        dispatcher.run_until_idle(60)
    again = said(receiver)[2:]
    assert sorted(again) == [["1", "2", "3"], ["4"]]
    ids = [request.headers["webhook-id"] for request in receiver.received()]
    assert sorted(ids[:2]) == sorted(ids[2:])

"""Subscriptions at a real hub, on both databases: asked for, confirmed, renewed, given back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedbell.monitor import Monitor
from tests.support.hub import Hub, running_hub
from tests.support.listening import RSS, Listening, running_listening
from tests.support.planet import numbered, rss
from tests.support.receiver import Reply
from tests.support.scraping import watched


@pytest.fixture
def us(tmp_path: Path, database_url: str) -> Iterator[Listening]:
    with running_listening(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def other_hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


def test_a_feed_that_names_a_hub_is_subscribed_to(us: Listening) -> None:
    us.subscribe(*numbered(1))
    [asked] = us.hub.asked
    assert asked.content_type == "application/x-www-form-urlencoded"
    assert asked.mode == "subscribe"
    # The address that the feed gives as its own, not the one at which it is polled.
    assert asked.topic == us.topic != us.planet.server.url("/a")
    assert asked.callback.startswith(f"{us.base}websub/")
    assert len(asked.callback.rpartition("/")[2]) >= 40
    assert 40 <= len(asked.fields["hub.secret"].encode()) < 200
    assert asked.fields["hub.lease_seconds"] == "864000"
    assert set(us.hub.subscriptions) == {(us.topic, asked.callback)}
    lease = us.lease()
    assert lease.lease_until == us.planet.clock.now + timedelta(days=10)
    assert us.subscriber.turn() == 0


def test_headers_come_before_the_document(us: Listening, other_hub: Hub) -> None:
    body = rss(*numbered(1), head=us.head(hub=other_hub.url, topic="http://up.example/other"))
    links = f'<{us.hub.url}>; rel="hub", <{us.topic}>; rel="self"'
    us.planet.answer("a", Reply(body=body, headers={"Content-Type": RSS, "Link": links}))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert [one.topic for one in us.hub.asked] == [us.topic]
    assert not other_hub.asked


def test_a_page_names_the_feed_that_names_the_hub(us: Listening) -> None:
    page = f'<html><head><link rel="alternate" type="{RSS}" href="/feed"></head></html>'
    us.planet.answer("a", Reply(body=page.encode(), headers={"Content-Type": "text/html"}))
    us.planet.answer("feed", Reply(body=rss(*numbered(1), head=us.head()), headers={"Content-Type": RSS}))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert [one.topic for one in us.hub.asked] == [us.topic]


@pytest.mark.parametrize("missing", ["hub", "self"])
def test_without_a_hub_or_an_address_of_its_own_a_feed_is_polled(us: Listening, missing: str) -> None:
    present = {
        "hub": f'<atom:link rel="self" href="{us.topic}"/>',
        "self": f'<atom:link rel="hub" href="{us.hub.url}"/>',
    }
    us.planet.serve("a", *numbered(1), head=present[missing])
    us.configure()
    us.planet.run()
    assert us.subscriber.turn() == 0
    assert not us.leases()


def test_without_a_public_address_nobody_is_asked(us: Listening) -> None:
    us.serve(*numbered(1))
    us.planet.configure({"a": ""})
    us.planet.run()
    assert us.planet.state().hub_url == us.hub.url
    assert us.app.upstreams.subscribing is None


def test_a_hub_that_asks_back_later(us: Listening) -> None:
    us.hub.manners.verifies = False
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.state() == "requested"
    us.later(minutes=5)
    assert us.subscriber.turn() == 0
    answered = us.hub.verify(us.hub.asked[0])
    assert answered.status == 200
    assert answered.content_type.startswith("text/plain")
    assert us.state() == "active"


def test_a_hub_that_never_asks_back_is_asked_again(us: Listening) -> None:
    us.hub.manners.verifies = False
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    waits = []
    for _ in range(4):
        before = us.planet.clock.now
        us.planet.clock.now = us.lease().due_at
        waits.append((us.planet.clock.now - before) / timedelta(minutes=1))
        assert us.subscriber.turn() == 1
    assert waits[:3] == [15, 15, 15]
    assert 30 <= waits[3] <= 33
    assert us.lease().reason == "the hub took the request and did not ask back"
    # It is one subscription, asked for again.
    assert len({(one.callback, one.fields["hub.secret"]) for one in us.hub.asked}) == 1
    us.hub.verify(us.hub.asked[-1])
    assert (us.state(), us.lease().failures, us.lease().reason) == ("active", 0, None)


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_a_hub_that_refuses_is_asked_again_later_and_later(us: Listening, status: int) -> None:
    us.hub.manners.status = status
    us.hub.manners.headers = {"Location": us.hub.url}
    us.hub.manners.body = b"not\ttoday"
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    lease = us.lease()
    assert (lease.state, lease.failures, lease.reason) == ("failed", 1, f"the hub answered {status}: not today")
    assert len(us.hub.asked) == 1
    us.planet.clock.now = lease.due_at
    us.subscriber.turn()
    assert us.lease().due_at - us.planet.clock.now >= timedelta(minutes=5)
    us.hub.manners.status = 202
    us.planet.clock.now = us.lease().due_at
    us.subscriber.turn()
    assert us.state() == "active"


def test_any_success_will_do(us: Listening) -> None:
    us.hub.manners.status = 204
    us.subscribe(*numbered(1))


def test_another_hub_takes_its_place(us: Listening, other_hub: Hub) -> None:
    us.hub.manners.status = 307
    us.hub.manners.headers = {"Location": other_hub.url}
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.state() == "active"
    assert other_hub.asked[0].fields == us.hub.asked[0].fields


def test_a_hub_at_an_address_that_may_not_be_contacted(us: Listening) -> None:
    us.serve(*numbered(1), hub="http://10.1.2.3/hub")
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.state() == "failed"
    assert "private" in (us.lease().reason or "")


def test_who_does_not_answer_is_not_asked_for_each_feed(us: Listening) -> None:
    with running_hub() as gone:
        pass
    names = {f"f{number}": "" for number in range(5)}
    for name in names:
        us.planet.serve(name, *numbered(1), head=us.head(hub=gone.url, topic=f"http://up.example/{name}"))
    us.configure(names)
    us.planet.run()
    us.subscriber.turn()
    assert [lease.state for lease in us.leases()] == ["failed"] * 5
    assert len({lease.reason for lease in us.leases()}) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"hub_topic": "http://up.example/something-else"},
        {"hub_mode": "unsubscribe"},
        {"hub_mode": "publish"},
        {"hub_challenge": ""},
        {"hub_lease_seconds": "0"},
        {"hub_lease_seconds": "soon"},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(us: Listening, other: dict[str, str]) -> None:
    us.hub.manners.verifies = False
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.hub.verify(us.hub.asked[0], **other).status == 404
    assert us.state() == "requested"


def test_nobody_else_is_confirmed_anything(us: Listening) -> None:
    us.subscribe(*numbered(1))
    parameters = {"hub.mode": "subscribe", "hub.topic": us.topic, "hub.challenge": "c", "hub.lease_seconds": "60"}
    assert us.hub.question(f"{us.base}websub/guessed", parameters).status == 404
    assert us.hub.question(f"{us.base}websub/", parameters).status == 404
    assert us.hub.question(us.hub.asked[0].callback, {}).status == 404


def test_a_topic_that_is_spelled_otherwise_is_the_same(us: Listening) -> None:
    us.hub.manners.topic = f"{us.topic}/~x"
    us.serve(*numbered(1), topic=f"{us.topic}/%7ex")
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.state() == "active"


def test_a_hub_may_ask_again_whether_we_still_want_it(us: Listening) -> None:
    us.subscribe(*numbered(1))
    us.later(days=3)
    us.hub.manners.lease_seconds = "1000"
    assert us.hub.verify(us.hub.asked[0]).status == 200
    assert us.lease().lease_until == us.planet.clock.now + timedelta(seconds=1000)


def test_a_lease_is_renewed_before_it_ends(us: Listening) -> None:
    us.subscribe(*numbered(1))
    us.later(days=7)
    assert us.subscriber.turn() == 0
    us.later(days=2)
    old = us.lease()
    assert us.subscriber.turn() == 1
    new = us.lease()
    # Another callback and another secret; what the hub still sends to the old ones counts.
    assert new.lease_until == us.planet.clock.now + timedelta(days=10)
    assert new.id != old.id
    assert (new.secret, new.token) != (old.secret, old.token)
    assert {lease.state for lease in us.leases()} == {"active", "replaced"}
    monitor = Monitor()
    monitor.follow(us.app)
    counted = watched(monitor).by("feedbell_hub_leases", "state")
    assert {state for (state,), number in counted.items() if number == 1} == {"active", "replaced"}
    assert {state for (state,), number in counted.items() if number == 0} == {
        "requested",
        "denied",
        "failed",
        "leaving",
    }
    assert us.hub.modes() == ["subscribe", "subscribe"]
    us.later(minutes=2)
    assert us.subscriber.turn() == 1
    assert us.hub.asked[-1].mode == "unsubscribe"
    assert us.hub.asked[-1].callback == old.callback
    assert set(us.hub.subscriptions) == {(us.topic, new.callback)}
    assert [lease.id for lease in us.leases()] == [new.id]


def test_the_old_lease_holds_while_its_renewal_fails(us: Listening) -> None:
    us.subscribe(*numbered(1))
    until = us.lease().lease_until
    us.later(days=9)
    us.hub.manners.status = 500
    us.subscriber.turn()
    lease = us.lease()
    assert (lease.state, lease.lease_until) == ("active", until)
    assert lease.reason == "renewal: the hub answered 500"
    # Asked again and again, but no more than once a day.
    for _ in range(6):
        us.later(hours=3)
        us.subscriber.turn()
    assert len(us.hub.asked) <= 6
    us.later(hours=10)
    us.subscriber.turn()
    # It has ended; the feed is polled at once, as something may have been missed.
    assert us.state() == "failed"
    assert us.wait_for_poll(0)
    us.hub.manners.status = 202
    us.later(days=1, hours=3)
    us.subscriber.turn()
    assert us.state() == "active"


def test_a_denial_is_remembered_for_a_day(us: Listening) -> None:
    us.hub.manners.verifies = False
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    assert us.hub.deny(us.hub.asked[0], "no feeds\r\nof yours").status == 200
    lease = us.lease()
    assert (lease.state, lease.reason) == ("denied", "the hub refuses: no feeds of yours")
    # It has said no: a question that comes late finds no agreement.
    assert us.hub.verify(us.hub.asked[0]).status == 404
    us.later(hours=23)
    assert us.subscriber.turn() == 0
    us.later(hours=4)
    us.hub.manners.verifies = True
    assert us.subscriber.turn() == 1
    assert us.state() == "active"


def test_a_subscription_may_be_denied_that_was_accepted(us: Listening) -> None:
    us.subscribe(*numbered(1))
    assert us.hub.question(us.hub.asked[0].callback, {"hub.mode": "denied", "hub.topic": "x:y"}).status == 404
    us.later(hours=1)
    assert us.hub.deny(us.hub.asked[0]).status == 200
    assert us.state() == "denied"
    assert us.lease().lease_until is None
    assert us.wait_for_poll(0)


def test_a_feed_that_changes_its_hub(us: Listening, other_hub: Hub) -> None:
    us.subscribe(*numbered(1))
    us.serve(*numbered(1, 2), hub=other_hub.url)
    us.planet.run()
    us.subscriber.turn()
    assert us.hub.modes() == ["subscribe", "unsubscribe"]
    assert not us.hub.subscriptions
    assert len(other_hub.subscriptions) == 1
    assert us.lease().hub_url == other_hub.url
    assert len(us.leases()) == 1


def test_a_feed_that_has_no_hub_any_more(us: Listening) -> None:
    us.subscribe(*numbered(1))
    us.planet.serve("a", *numbered(1, 2))
    us.planet.run()
    us.subscriber.turn()
    assert not us.hub.subscriptions
    assert not us.leases()


def test_a_source_that_is_not_in_the_settings_any_more(us: Listening) -> None:
    us.subscribe(*numbered(1))
    us.planet.serve("b", *numbered(1))
    us.configure({"b": ""})
    us.planet.run()
    us.subscriber.turn()
    assert not us.hub.subscriptions
    assert not us.leases()


def test_an_unsubscription_is_confirmed_only_if_we_want_it(us: Listening) -> None:
    us.subscribe(*numbered(1))
    [asked] = us.hub.asked
    assert us.hub.verify(asked, hub_mode="unsubscribe").status == 404
    us.hub.manners.verifies = False
    us.planet.serve("a", *numbered(1))
    us.planet.run()
    us.subscriber.turn()
    assert us.hub.asked[-1].mode == "unsubscribe"
    assert us.hub.verify(asked).status == 404
    # Whatever lease it may name.
    assert us.hub.verify(us.hub.asked[-1], hub_lease_seconds="-1").status == 200
    assert not us.leases()


def test_a_hub_that_does_not_let_us_go_is_left(us: Listening) -> None:
    us.subscribe(*numbered(1))
    us.hub.manners.status = 500
    us.planet.serve("a", *numbered(1))
    us.planet.run()
    for _ in range(10):
        us.subscriber.turn()
        us.later(hours=7)
    assert us.hub.modes() == ["subscribe"] + ["unsubscribe"] * 5
    assert not us.leases()
    # What it sends now is told that it is over.
    assert us.hub.distribute(us.topic, b"x") == [410]
    assert not us.hub.subscriptions


def test_another_public_address_is_another_subscription(us: Listening) -> None:
    us.subscribe(*numbered(1))
    elsewhere = us.base.replace("127.0.0.1", "localhost").rstrip("/")
    us.configure(url=elsewhere)
    us.subscriber.turn()
    assert sorted(us.hub.modes()) == ["subscribe", "subscribe", "unsubscribe"]
    [(_, callback)] = us.hub.subscriptions
    assert callback.startswith(f"{elsewhere}/websub/")


def test_two_processes_subscribe_once(us: Listening) -> None:
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    other = us.planet.another().upstreams.subscribing
    assert other is not None
    us.hub.manners.verifies = False
    assert (us.subscriber.turn(), other.subscriber.turn()) == (1, 0)
    assert len(us.leases()) == 1


def test_a_process_that_dies_with_its_request_under_way(us: Listening) -> None:
    us.hub.manners.verifies = False
    us.serve(*numbered(1))
    us.configure()
    us.planet.run()
    us.subscriber.turn()
    us.deafen()
    assert us.hub.verify(us.hub.asked[0]).status not in (200, 410)
    # The next one answers the hub that asks again.
    us.listen(us.planet.another())
    assert us.hub.verify(us.hub.asked[0]).status == 200
    assert us.state() == "active"

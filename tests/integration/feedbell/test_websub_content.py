"""What hubs send, on both databases: what of it counts, what becomes of it, and what polls are for then."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedbell.websub.pushes import Pushes
from tests.support.listening import RSS, Listening, running_listening
from tests.support.planet import numbered, rss
from tests.support.receiver import Reply
from tests.support.site import eventually

# A feed whose newest post is as old as these is asked about once a day; a hub's net is wider.
POLLING = '[polling]\nmin_wait = "5m"\nmax_wait = "1h"\nhub_wait = "12h"\n'
HOUR = 3600.0


@pytest.fixture
def us(tmp_path: Path, database_url: str) -> Iterator[Listening]:
    with running_listening(tmp_path, database_url) as made:
        made.serve(*numbered(1))
        made.configure(settings=POLLING)
        made.planet.run()
        made.subscriber.turn()
        assert made.state() == "active"
        yield made


def test_what_a_hub_sends_is_published_and_told(us: Listening) -> None:
    polls = len(us.planet.asked())
    assert us.hub.distribute(us.topic, us.serve(*numbered(2, 1))) == [202]
    sent_at = us.planet.clock.now
    assert us.take_pushes() == 1
    assert us.planet.titles() == ["n2", "n1"]
    assert us.planet.events() == [("published", "n2")]
    assert len(us.planet.asked()) == polls
    lease = us.lease()
    assert lease.received_at == lease.applied_at == sent_at
    # The same once more, as hubs do when they missed our answer.
    assert us.hub.distribute(us.topic, us.serve(*numbered(2, 1))) == [202]
    assert us.take_pushes() == 0
    assert us.planet.events() == [("published", "n2")]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_every_algorithm_counts(us: Listening, algorithm: str) -> None:
    us.hub.manners.algorithm = algorithm
    us.hub.distribute(us.topic, rss(*numbered(2)))
    assert us.take_pushes() == 1


def test_new_items_alone_are_enough(us: Listening) -> None:
    us.hub.distribute(us.topic, rss(*numbered(2)))
    us.take_pushes()
    # The whole feed, which a poll finds later, has nothing new; what the poll is told by is as it was before.
    us.serve(*numbered(2, 1))
    us.planet.run()
    assert us.planet.events() == [("published", "n2")]
    assert us.lease().missed_at is None


@pytest.mark.parametrize("signature", [None, "", "sha256=" + "0" * 64, "sha256", "md5=abc"])
def test_what_is_not_signed_is_taken_and_ignored(
    us: Listening, caplog: pytest.LogCaptureFixture, signature: str | None
) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert us.hub.distribute(us.topic, rss(*numbered(2)), signature=signature) == [202]
    assert us.lease().rejected == 3
    assert us.lease().received_at is None
    assert [record.getMessage() for record in caplog.records if "signature" in record.getMessage()] == [
        "hub-signature-wrong source=a hub=127.0.0.1"
    ]
    assert us.app.pipeline.turn_upstreams(0.2) == []
    assert us.planet.events() == []


def test_the_secret_of_another_subscription_signs_nothing(us: Listening) -> None:
    body = rss(*numbered(2))
    assert us.hub.distribute(us.topic, body, signature=us.hub.sign(body, "x" * 43)) == [202]
    assert us.lease().rejected == 1


def test_the_same_is_answered_whatever_the_signature(us: Listening) -> None:
    [asked] = us.hub.asked
    body = rss(*numbered(2))
    good = us.hub.sign(body, us.lease().secret)
    found = {us.hub.send(asked.callback, body, {"x-hub-signature": one}) for one in (good, "sha256=" + "0" * 64)}
    assert len(found) == 1


def test_links_in_the_headers_say_nothing(us: Listening) -> None:
    # Nobody has signed them, and they may name another topic than the one that was subscribed to (section 7).
    links = '<http://elsewhere.example/hub>; rel="hub", <http://elsewhere.example/feed>; rel="self"'
    us.hub.distribute(us.topic, rss(*numbered(2)), {"link": links})
    assert us.take_pushes() == 1
    state = us.planet.state()
    assert (state.hub_url, state.self_url) == (us.hub.url, us.topic)
    us.subscriber.turn()
    assert us.hub.modes() == ["subscribe"]


def test_validators_of_polls_stay(us: Listening) -> None:
    headers = {"Content-Type": RSS, "ETag": '"one"'}
    us.planet.answer("a", Reply(body=rss(*numbered(2, 1), head=us.head()), headers=headers))
    us.planet.run()
    us.hub.distribute(us.topic, rss(*numbered(3, 2, 1), head=us.head()), {"etag": '"nobody signed this"'})
    us.take_pushes()
    assert us.planet.state().etag == '"one"'
    us.hub.distribute(us.topic, rss(*numbered(3, 2, 1), head=us.head()))
    us.take_pushes()
    assert us.planet.state().etag == '"one"'


def test_a_charset_in_the_headers_counts(us: Listening) -> None:
    body = '<rss version="2.0"><channel><title>x</title><item><guid>9</guid><title>上海</title></item></channel></rss>'
    us.hub.distribute(us.topic, body.encode("gb18030"), {"content-type": "application/rss+xml; charset=gb18030"})
    us.take_pushes()
    assert "上海" in us.planet.titles()


@pytest.mark.parametrize("body", [b"", b" \n", b"something changed", b"<html><body>hello</body></html>"])
def test_a_thin_ping_lets_the_feed_be_polled(us: Listening, body: bytes) -> None:
    us.serve(*numbered(2, 1))
    assert us.hub.distribute(us.topic, body) == [202]
    # Not right after the last poll.
    eventually(lambda: us.wait_for_poll(30))
    assert us.planet.poll(later=timedelta(seconds=31))[0].changes == 1
    # That was no miss of the hub's: it told us.
    lease = us.lease()
    assert lease.missed_at is None
    assert not lease.has_unapplied
    assert not us.wait_for_poll(10 * HOUR)


def test_until_a_hub_has_sent_something_the_feed_is_polled_as_ever(us: Listening) -> None:
    us.planet.poll()
    assert us.wait_for_poll(1.1 * HOUR)
    us.hub.distribute(us.topic, us.serve(*numbered(2, 1)))
    us.take_pushes()
    us.planet.poll(later=timedelta(hours=2))
    # From then on polls are the net.
    assert not us.wait_for_poll(10 * HOUR)
    assert us.wait_for_poll(14 * HOUR)


def test_a_hub_that_forgets_us_is_relied_on_no_more(us: Listening, caplog: pytest.LogCaptureFixture) -> None:
    us.hub.distribute(us.topic, us.serve(*numbered(2, 1)))
    us.take_pushes()
    us.planet.poll(later=timedelta(hours=2))
    us.serve(*numbered(3, 2, 1))
    with caplog.at_level(logging.WARNING):
        us.planet.poll(later=timedelta(hours=14))
    assert "hub-missed source=a" in caplog.text
    assert us.lease().missed_at == us.planet.clock.now
    assert us.wait_for_poll(1.1 * HOUR)
    # Until it sends again.
    us.later(minutes=1)
    us.hub.distribute(us.topic, us.serve(*numbered(4, 3, 2, 1)))
    us.take_pushes()
    us.planet.poll(later=timedelta(hours=2))
    assert not us.wait_for_poll(10 * HOUR)


def test_what_is_known_of_a_hub_outlives_the_renewal(us: Listening) -> None:
    us.hub.distribute(us.topic, us.serve(*numbered(2, 1)))
    us.take_pushes()
    us.later(days=9)
    us.subscriber.turn()
    us.planet.poll()
    assert not us.wait_for_poll(10 * HOUR)


def test_both_callbacks_are_heard_while_one_replaces_the_other(us: Listening) -> None:
    us.later(days=9)
    us.subscriber.turn()
    assert len(us.hub.subscriptions) == 2
    assert us.hub.distribute(us.topic, rss(*numbered(2))) == [202, 202]
    us.take_pushes()
    assert us.planet.events() == [("published", "n2")]
    assert us.lease().rejected == 0
    us.later(minutes=2)
    us.subscriber.turn()
    assert us.hub.distribute(us.topic, rss(*numbered(3))) == [202]
    # Whoever forgot that we left is told so.
    assert us.hub.send(us.hub.asked[0].callback, b"x", {}) == 410


def test_the_renewal_counts_from_its_verification_on(us: Listening) -> None:
    us.hub.manners.verifies = False
    us.later(days=9)
    us.subscriber.turn()
    asked = us.hub.asked[-1]
    # The old secret signs until the hub has verified the new one, and the new one signs nothing before.
    assert us.hub.distribute(us.topic, rss(*numbered(2))) == [202]
    assert us.take_pushes() == 1
    body = rss(*numbered(3))
    signed = {"x-hub-signature": us.hub.sign(body, asked.fields["hub.secret"])}
    assert us.hub.send(asked.callback, body, signed) == 404
    us.hub.verify(asked)
    assert us.hub.send(asked.callback, body, signed) == 202


def test_an_ended_lease_is_gone(us: Listening) -> None:
    us.later(days=11)
    assert us.hub.distribute(us.topic, rss(*numbered(2))) == [410]
    assert not us.hub.subscriptions
    assert us.hub.send(f"{us.base}websub/guessed", b"x", {}) == 410


def test_what_came_for_a_feed_that_is_another_by_now_is_no_content_of_it(us: Listening) -> None:
    us.planet.serve("b", *numbered(7))
    text = (us.planet.folder / "feedbell.toml").read_text().replace('/a"', '/b"')
    (us.planet.folder / "feedbell.toml").write_text(text)
    us.planet.app = us.planet.another()
    us.listen()
    _ = us.app.upstreams.poller
    us.hub.distribute(us.topic, rss(*numbered(2)))
    us.planet.run()
    assert us.planet.events() == []
    assert "n2" not in us.planet.titles()


def test_a_body_has_a_limit(us: Listening) -> None:
    text = (us.planet.folder / "feedbell.toml").read_text()
    (us.planet.folder / "feedbell.toml").write_text(text.replace("[polling]", "[polling]\nmax_bytes = 10000"))
    us.planet.app = us.planet.another()
    us.listen()
    assert us.hub.distribute(us.topic, rss(replace(numbered(2)[0], text="x" * 10_000))) == [413]
    assert us.hub.distribute(us.topic, rss(replace(numbered(2)[0], text="x" * 9_000))) == [202]


def test_what_was_taken_and_not_applied_is_polled(us: Listening) -> None:
    body = us.serve(*numbered(2, 1))
    # It is taken, and then the process is killed: nobody applies it.
    assert us.hub.distribute(us.topic, body) == [202]
    assert us.lease().has_unapplied
    us.later(seconds=1)
    us.planet.app = us.planet.another()
    us.subscriber.turn()
    us.listen()
    assert us.planet.poll(later=timedelta(seconds=1))[0].changes == 1
    assert us.planet.events() == [("published", "n2")]
    lease = us.lease()
    assert not lease.has_unapplied
    assert lease.missed_at is None


def test_what_is_too_much_to_read_is_polled(us: Listening) -> None:
    # As where others wait to be read already.
    us.listen_with(deliver=Pushes(us.app.upstreams.poller.push, most_bytes=100).put)
    assert us.hub.distribute(us.topic, us.serve(*numbered(2, 1))) == [202]
    assert us.wait_for_poll(30)
    assert us.planet.poll(later=timedelta(minutes=1))[0].changes == 1
    assert us.lease().missed_at is None


def test_nothing_secret_is_logged(us: Listening, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        us.hub.manners.body = us.lease().secret.encode()
        us.hub.manners.status = 403
        us.later(days=9)
        us.subscriber.turn()
        us.hub.distribute(us.topic, rss(*numbered(2)), signature="sha1=00")
        us.hub.distribute(us.topic, rss(*numbered(2)))
        us.take_pushes()
        us.hub.deny(us.hub.asked[0], f"no {us.lease().secret}")
    assert "hub-failed" in caplog.text
    for lease in us.leases():
        assert lease.secret not in caplog.text
        assert lease.token not in caplog.text
        assert lease.secret not in repr(lease)
        assert lease.token not in repr(lease)

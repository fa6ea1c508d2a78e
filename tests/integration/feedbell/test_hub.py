"""The hub, requirement by requirement of the Recommendation (W3C WebSub of 23 January 2018); see docs/websub.md."""

import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.site import eventually
from tests.support.websub import Callback, HubSite, Subscribers, running_subscribers


@pytest.fixture
def subscribers() -> Iterator[Subscribers]:
    with running_subscribers() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[HubSite]:
    made = HubSite(tmp_path, database_url)
    yield made
    made.close()


def hmac_of_openssl(algorithm: str, secret: str, body: bytes) -> str:
    """Return what another implementation computes."""
    command = ["openssl", "dgst", f"-{algorithm}", "-mac", "HMAC", "-macopt", f"hexkey:{secret.encode().hex()}"]
    ended = subprocess.run(command, input=body, capture_output=True, check=True)
    return ended.stdout.decode().strip().rpartition(" ")[2]


def test_a_subscriber_gets_the_very_bytes(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    assert site.ask("subscribe", url) == (202, "Taken; the callback will be asked.\n")
    # The answer depends on nothing that comes later.
    assert not callback.came
    site.verify()
    (asked,) = callback.asked()
    assert {name: value for name, value in asked.fields.items() if name != "hub.challenge"} == {
        "hub.mode": ["subscribe"],
        "hub.topic": [site.topic()],
        "hub.lease_seconds": ["864000"],
    }
    assert site.change() == 1
    assert site.deliver().delivered == 1
    (got,) = callback.got()
    assert got.body == site.file()
    assert b"News" in got.body
    assert got.headers["content-type"] == site.get("/feeds/all.atom").headers["content-type"]
    assert got.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert got.headers["link"] == f'<{site.hub_url}>; rel="hub", <{site.topic()}>; rel="self"'
    assert "x-hub-signature" not in got.headers
    # What did not change is not sent.
    assert site.flow.run()[1] == 0


@pytest.mark.parametrize("format_", ["rss", "json"])
def test_each_format_has_its_media_type(site: HubSite, subscribers: Subscribers, format_: str) -> None:
    url, callback = subscribers.make()
    site.subscribe(url, site.topic("category/news", format_))
    site.change(name="two", category="other")
    site.deliver()
    assert not callback.got()
    site.change()
    site.deliver()
    (got,) = callback.got()
    assert got.body == site.file("category/news", format_)
    assert got.headers["content-type"] == site.get(f"/feeds/category/news.{format_}").headers["content-type"]


@pytest.mark.parametrize("secret", ["s3cret", "文 &=%\n", "x" * 199])
def test_content_is_signed_with_the_subscribers_secret(site: HubSite, subscribers: Subscribers, secret: str) -> None:
    url, callback = subscribers.make()
    site.subscribe(url, secret=secret)
    site.change()
    site.deliver()
    (got,) = callback.got()
    assert got.headers["x-hub-signature"] == f"sha256={hmac_of_openssl('sha256', secret, got.body)}"


def test_a_callbacks_own_query_is_kept(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make("/callback?foo=bar&red=fish%20&hub.mode=mine&empty")
    site.subscribe(url)
    (asked,) = callback.asked()
    assert asked.path.startswith("/callback?foo=bar&red=fish%20&hub.mode=mine&empty&hub.mode=subscribe&")
    site.change()
    site.deliver()
    (got,) = callback.got()
    assert got.path == "/callback?foo=bar&red=fish%20&hub.mode=mine&empty"
    assert got.body == site.file()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b""),
        (404, None),
        (500, None),
        (301, None),
        (302, None),
        (307, None),
        (200, b"other"),
        (200, b""),
        (304, b""),
    ],
)
def test_what_is_not_confirmed_is_no_subscription(
    site: HubSite, subscribers: Subscribers, status: int, body: bytes | None
) -> None:
    elsewhere, other = subscribers.make("/elsewhere")
    url, callback = subscribers.make(verified=(status, {"Location": elsewhere}, body or b"x"))
    assert site.ask("subscribe", url)[0] == 202
    site.verify()
    assert len(callback.asked()) == 1
    assert site.subscriptions() == site.requests() == []
    # No redirect is followed.
    assert not other.came
    assert site.change() == 0


@pytest.mark.parametrize("answer", [b"{}\n", b" {}", b"{}x"])
def test_the_challenge_is_to_be_answered_exactly(site: HubSite, subscribers: Subscribers, answer: bytes) -> None:
    class Inexact(Callback):
        pass

    url, callback = subscribers.make()
    ordinary = subscribers.answer

    def inexact(came):  # type: ignore[no-untyped-def]
        status, fields, body = ordinary(came)
        return status, fields, answer.replace(b"{}", body)

    subscribers.answer = inexact  # type: ignore[method-assign]
    site.ask("subscribe", url)
    site.verify()
    assert len(callback.asked()) == 1
    assert site.subscriptions() == []


def test_any_2xx_with_the_challenge_confirms(site: HubSite, subscribers: Subscribers) -> None:
    url, _callback = subscribers.make()
    ordinary = subscribers.answer
    subscribers.answer = lambda came: (202, *ordinary(came)[1:])  # type: ignore[method-assign]
    site.subscribe(url)
    assert len(site.subscriptions()) == 1


def test_challenges_are_random_and_used_once(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    site.subscribe(url)
    site.subscribe(url)
    challenges = {one.fields["hub.challenge"][0] for one in callback.asked()}
    assert len(challenges) == 2
    assert all(len(one) >= 32 for one in challenges)


def test_unsubscribing_is_verified_too(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    site.subscribe(url, secret="s")
    callback.verified = (404, {}, b"")
    # A parameter that has no meaning here is ignored, whatever it is.
    assert site.ask("unsubscribe", url, lease_seconds="-1", secret="x" * 500)[0] == 202
    site.verify()
    assert callback.asked()[-1].fields["hub.mode"] == ["unsubscribe"]
    assert callback.asked()[-1].fields["hub.topic"] == [site.topic()]
    assert len(site.subscriptions()) == 1
    assert site.change() == 1
    callback.verified = None
    assert site.ask("unsubscribe", url)[0] == 202
    site.verify()
    assert site.subscriptions() == []
    # What waited is not sent either.
    assert site.deliver().delivered == 0
    assert not callback.got()
    assert site.change("Again") == 0


def test_asking_again_replaces_secret_and_lease_once_it_is_verified(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    site.subscribe(url, secret="first", lease_seconds="3600")
    before = site.subscriptions()
    site.flow.clock.now += timedelta(minutes=30)
    callback.verified = (404, {}, b"")
    site.ask("subscribe", url, secret="second", lease_seconds="7200")
    site.verify()
    assert site.subscriptions() == before
    callback.verified = None
    site.ask("subscribe", url, secret="second", lease_seconds="7200")
    site.verify()
    (after,) = site.subscriptions()
    assert after.id == before[0].id
    assert after.lease_until - before[0].lease_until == (3600 + 1800) * 1_000_000
    site.change()
    site.deliver()
    assert (
        callback.got()[0]
        .headers["x-hub-signature"]
        .endswith(hmac_of_openssl("sha256", "second", callback.got()[0].body))
    )
    # And one may go on without a secret.
    site.subscribe(url)
    site.change("Again")
    site.deliver()
    assert "x-hub-signature" not in callback.got()[1].headers
    assert len(callback.got()) == 2


@pytest.mark.parametrize(("asked", "given"), [("7200", "7200"), ("31536000", "864000"), ("1", "60"), ("", "864000")])
def test_leases_are_asked_for_and_have_bounds(site: HubSite, subscribers: Subscribers, asked: str, given: str) -> None:
    url, callback = subscribers.make()
    site.subscribe(url, lease_seconds=asked)
    assert callback.asked()[0].fields["hub.lease_seconds"] == [given]
    (stored,) = site.subscriptions()
    assert stored.lease_until == round(site.flow.clock.now.timestamp() * 1_000_000) + int(given) * 1_000_000


def test_a_lease_ends(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make(status=500)
    site.subscribe(url, lease_seconds="600")
    site.flow.clock.now += timedelta(seconds=599)
    assert site.change() == 1
    assert site.deliver().retrying == 1
    site.flow.clock.now += timedelta(seconds=1)
    # Nothing new is sent from that moment on, whether or not somebody has looked yet.
    assert site.change("Again") == 0
    site.verify()
    assert site.subscriptions() == []
    # What was to be tried again is not.
    site.flow.clock.now += timedelta(hours=1)
    assert site.deliver().delivered == 0
    assert len(callback.got()) == 1
    assert site.flow.rows("SELECT state FROM deliveries WHERE state IN ('pending', 'sending')") == []
    assert site.flow.rows("SELECT name FROM endpoints") == []


def test_a_failing_subscriber_stays_until_its_lease_ends(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make(status=500)
    site.subscribe(url)
    site.change()
    for _ in range(9):
        # Longer than any endpoint may fail that somebody configured.
        site.deliver()
        site.flow.clock.now += timedelta(days=1)
    assert len(callback.got()) > 5
    assert len(site.subscriptions()) == 1
    callback.status = 200
    assert site.change("Again") == 1
    site.flow.clock.now += timedelta(hours=2)
    site.deliver()
    assert callback.got()[-1].body == site.file()
    # The newer state took the place of the one that waited to be tried again.
    tries = len(callback.got())
    site.flow.clock.now += timedelta(hours=12)
    site.deliver()
    assert len(callback.got()) == tries


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_any_other_answer_to_content_is_a_failure_and_tried_again(
    site: HubSite, subscribers: Subscribers, status: int
) -> None:
    url, callback = subscribers.make(status=status)
    site.subscribe(url)
    site.change()
    assert site.deliver().retrying == 1
    assert len(site.subscriptions()) == 1
    callback.status = 204
    site.flow.clock.now += timedelta(minutes=1)
    assert site.deliver().delivered == 1
    assert [one.body for one in callback.got()] == [site.file()] * 2


def test_410_ends_the_subscription_and_is_no_news(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make(status=410)
    other_url, other = subscribers.make("/other")
    site.subscribe(url)
    site.subscribe(other_url)
    assert site.change() == 2
    site.deliver()
    assert [one.callback for one in site.subscriptions()] == [other_url]
    assert site.change("Again") == 1
    site.deliver()
    assert (len(callback.got()), len(other.got())) == (1, 2)
    assert site.flow.rows("SELECT 1 FROM events WHERE type = 'endpoint.disabled'") == []


def test_what_waits_is_replaced_and_sent_as_it_is_then(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    site.subscribe(url)
    for title in ("First", "Second", "Third"):
        assert site.change(title) == 1
    assert site.deliver().delivered == 1
    (got,) = callback.got()
    assert b"Third" in got.body
    assert got.body == site.file()


REFUSED = [
    ({"hub.mode": "subscribe"}, 400),
    ({"hub.mode": "", "hub.topic": "T", "hub.callback": "C"}, 400),
    ({"hub.topic": "T", "hub.callback": "C"}, 400),
    ({"hub.mode": "denied", "hub.topic": "T", "hub.callback": "C"}, 400),
    ({"hub.mode": "subscribe", "hub.callback": "C"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "ftp://127.0.0.1/"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://a:b@127.0.0.1/"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://127.0.0.1/#part"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://127.0.0.1/a b"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://127.0.0.1/\r\nX: y"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://127.0.0.1/文"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://127.0.0.1/" + "x" * 2000}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "//127.0.0.1/"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.secret": "x" * 200}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.secret": "文" * 67}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.lease_seconds": "0"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.lease_seconds": "-5"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.lease_seconds": "1.5"}, 400),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "C", "hub.lease_seconds": "٣"}, 400),
    # Addresses are looked at as those of webhooks are.
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://10.0.0.1/"}, 403),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://169.254.169.254/latest"}, 403),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://[::ffff:10.0.0.1]/"}, 403),
    ({"hub.mode": "subscribe", "hub.topic": "T", "hub.callback": "http://0x0a.1/"}, 403),
]


def test_errors_are_told_at_once_as_plain_text(site: HubSite, subscribers: Subscribers) -> None:
    from urllib.parse import urlencode

    url, callback = subscribers.make()
    for fields, expected in REFUSED:
        real = {key: {"T": site.topic(), "C": url}.get(value, value) for key, value in fields.items()}
        status, reason = site.send(urlencode(real).encode())
        assert status == expected, fields
        assert len(reason) > 10, fields
        assert "s3cret" not in reason
    assert site.requests() == []
    assert not callback.came


TOPICS = [
    "https://site.example/feeds/none.atom",
    "https://site.example/feeds/index.html",
    "https://site.example/feeds/all.html",
    "https://site.example/feeds/opml.xml",
    "https://site.example/feeds/../feeds/all.atom",
    "https://site.example/feeds//all.atom",
    "https://site.example/feeds/all.atom?x=y",
    "https://site.example/feeds/all.atom#x",
    "http://site.example/feeds/all.atom",
    "https://other.example/feeds/all.atom",
    "feeds/all.atom",
    "https://site.example/%2e%2e/site/_config.yml",
    "https://site.example/feeds/%00",
    "https://site.example/feeds/%ff.atom",
]


def test_topics_are_feeds_of_ours(site: HubSite, subscribers: Subscribers) -> None:
    url, _ = subscribers.make()
    for topic in TOPICS:
        status, reason = site.ask("subscribe", url, topic)
        assert (status, "no feed of this hub" in reason) == (404, True), topic
    for feed in ("all", "category/news"):
        for format_ in ("rss", "atom", "json"):
            assert site.ask("subscribe", url, site.topic(feed, format_))[0] == 202
    assert site.ask("subscribe", url, "https://site.example/feed.xml")[0] == 202


def test_characters_that_need_no_encoding_may_be_encoded(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    asked = "https://site.example/feeds/%61ll%2Eatom"
    site.subscribe(url, asked)
    # The callback is asked of what it wrote itself.
    assert callback.asked()[0].fields["hub.topic"] == [asked]
    assert site.change() == 1
    site.deliver()
    assert callback.got()[0].headers["link"].endswith(f'<{site.topic()}>; rel="self"')
    # It is the same subscription as that of the plain address.
    site.subscribe(url)
    assert len(site.subscriptions()) == 1


def test_forms_are_read_as_they_come(site: HubSite, subscribers: Subscribers) -> None:
    from urllib.parse import urlencode

    url, _ = subscribers.make()
    form = urlencode({"hub.mode": "subscribe", "hub.topic": site.topic(), "hub.callback": url})
    # Parameters that we do not know are ignored.
    assert site.send(f"{form}&hub.verify=async&x=y&hub.mode=unsubscribe".encode())[0] == 202
    assert site.send(form.encode(), "application/x-www-form-urlencoded; charset=UTF-8")[0] == 202
    assert [one.mode for one in site.requests()] == ["subscribe"]
    for content_type in ("application/json", "multipart/form-data; boundary=x", ""):
        assert site.send(form.encode(), content_type)[0] == 415
    assert site.send(b"hub.mode=%ff")[0] == 400
    assert site.send(b"\xff\xfe")[0] == 400
    assert site.send(b"&".join([b"a=b"] * 200))[0] == 400
    assert site.send(form.encode() + b"&x=" + b"y" * 20_000)[0] == 413
    assert site.send(b"", method="GET")[0] == 405
    # Of our own feeds we know when they change.
    assert site.send(urlencode({"hub.mode": "publish", "hub.url": site.topic()}).encode())[0] == 204


def test_the_last_word_counts(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make(waits=threading.Event())
    assert site.ask("subscribe", url, secret="first")[0] == 202
    run = site.run()
    run.turn()
    # While the first is asked about, another request comes.
    assert site.ask("unsubscribe", url)[0] == 202
    assert callback.waits is not None
    callback.waits.set()
    site.verify()
    assert [one.fields["hub.mode"] for one in callback.asked()] == [["subscribe"], ["unsubscribe"]]
    assert site.subscriptions() == []


def test_where_nobody_answers_it_is_asked_again(site: HubSite) -> None:
    url = "http://127.0.0.1:9/callback"  # the port of `discard`, where nobody listens
    assert site.ask("subscribe", url)[0] == 202
    for wait in (10, 60):
        site.verify()
        assert len(site.requests()) == 1
        site.flow.clock.now += timedelta(seconds=wait)
    site.verify()
    assert site.requests() == []
    assert site.subscriptions() == []


def test_a_subscription_is_denied_that_has_no_place_any_more(
    tmp_path: Path, database_url: str, subscribers: Subscribers
) -> None:
    site = HubSite(tmp_path, database_url, hub="max_per_topic = 1")
    try:
        made = dict([subscribers.make("/1?x=y"), subscribers.make("/2?x=y")])
        # Both are taken, and asked, before either has the place.
        for url in made:
            assert site.ask("subscribe", url)[0] == 202
        site.verify()
        (stands,) = (stored.callback for stored in site.subscriptions())
        (other,) = set(made) - {stands}
        denied = made[other].asked()[-1]
        assert denied.fields["hub.mode"] == ["denied"]
        assert denied.fields["hub.topic"] == [site.topic()]
        assert denied.fields["hub.reason"] == ["This hub takes 1 subscriptions to one feed"]
        assert "hub.challenge" not in denied.fields
        assert "?x=y&hub.mode=denied&" in denied.path
        assert [one.fields["hub.mode"] for one in made[stands].asked()] == [["subscribe"]]
        # One that comes later is refused at once, and who stands may renew.
        assert site.ask("subscribe", other)[0] == 403
        assert site.ask("subscribe", stands)[0] == 202
    finally:
        site.close()


def test_a_subscription_ends_with_its_feed_and_is_told_so(
    tmp_path: Path, database_url: str, subscribers: Subscribers
) -> None:
    site = HubSite(tmp_path, database_url)
    try:
        url, callback = subscribers.make()
        stays, other = subscribers.make("/other")
        site.subscribe(url, site.topic("category/other"))
        site.subscribe(stays)
        site.configure("[feeds.category]\nexclude = ['other']\n")
        site.flow.run()
        site.close_runs()
        site.verify()
        assert [one.callback for one in site.subscriptions()] == [stays]
        assert callback.asked()[-1].fields["hub.mode"] == ["denied"]
        assert len(other.asked()) == 1
        assert site.ask("subscribe", url, site.topic("category/other"))[0] == 404
    finally:
        site.close()


def test_hosts_have_a_limit(tmp_path: Path, database_url: str, subscribers: Subscribers) -> None:
    site = HubSite(tmp_path, database_url, hub="max_per_host = 2")
    try:
        for number in range(2):
            site.subscribe(subscribers.make(f"/{number}")[0])
        status, reason = site.ask("subscribe", subscribers.make("/2")[0])
        assert (status, "2 subscriptions" in reason) == (403, True)
        assert site.ask("unsubscribe", subscribers.base + "/0")[0] == 202
        site.verify()
        site.subscribe(subscribers.make("/2")[0])
        assert len(site.subscriptions()) == 2
    finally:
        site.close()


def test_a_flood_neither_fills_the_database_nor_floods_others(site: HubSite, subscribers: Subscribers) -> None:
    statuses = [site.ask("subscribe", subscribers.make(f"/{number}")[0])[0] for number in range(130)]
    assert statuses == [202] * 100 + [429] * 30
    assert len(site.requests()) == 100
    run = site.run()
    # Sixty within a minute, two at once, whatever there is to do.
    eventually(lambda: run.turn() and len(site.subscriptions()) == 60)
    for _ in range(10):
        run.turn()
    assert len(site.subscriptions()) == 60
    asked = sum(len(one.asked()) for one in subscribers.callbacks.values())
    assert asked == 60


def test_requests_and_subscriptions_outlive_the_process(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    assert site.ask("subscribe", url, secret="kept")[0] == 202
    site.close_runs()
    site.configure()
    site.verify()
    assert len(site.subscriptions()) == 1
    site.change()
    site.configure()
    site.deliver()
    assert callback.got()[0].headers["x-hub-signature"] == f"sha256={hmac_of_openssl('sha256', 'kept', site.file())}"


def test_a_claim_of_who_was_killed_ends(site: HubSite, subscribers: Subscribers) -> None:
    url, callback = subscribers.make()
    site.ask("subscribe", url)
    with site.flow.engine.begin() as connection:
        from notifier import hub_requests

        now = site.flow.clock.now
        assert len(hub_requests.claim(connection, "token", now, now + timedelta(seconds=30), 5)) == 1
    site.run().turn()
    assert not callback.came
    site.flow.clock.now += timedelta(seconds=30)
    site.verify()
    assert len(site.subscriptions()) == 1

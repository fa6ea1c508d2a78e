"""What hubs and subscribers are sent. The signatures are of RFC 4231 and of the Recommendation's own form."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from core.errors import ConfigurationError, EnvironmentFault
from core.exchange import HttpResult, Request
from notifier.channels.registry import CHANNEL_NAMES, channel_named, websub_channels
from notifier.channels.websub import WebSubChannel, signature
from notifier.channels.websub_ping import WebSubPingChannel
from notifier.courier import Courier
from notifier.digest import digest_payload
from notifier.model import Claimed, Content, Endpoint, Message

NOW = datetime(2022, 2, 23, 10, 46, 18, tzinfo=UTC)
SUBSCRIBER = Endpoint(
    name="websub:7",
    url="https://a.example/callback?x=y",
    channel="websub",
    options={"topic": "https://b.example/feeds/all.atom", "hub": "https://b.example/hub"},
)
CONTENT = Content(body="<feed>文</feed>".encode(), media_type="application/atom+xml; charset=utf-8")


def claimed(payload: str, type_: str = "feed.updated") -> Claimed:
    return Claimed(
        delivery_id=1,
        endpoint="websub:7",
        token="t",
        lease_until=NOW,
        attempt=1,
        message_id="msg_1",
        event_type=type_,
        payload=payload,
    )


def answered(status: int) -> HttpResult:
    return HttpResult(status=status, error=None, reason="", retry_after=None, excerpt=b"secret words", latency_ms=1)


@pytest.mark.parametrize(
    ("secret", "body", "digest"),
    [
        # RFC 4231, sections 4.2 and 4.3.
        ("\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        ("Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ],
)
def test_signatures(secret: str, body: bytes, digest: str) -> None:
    assert signature(secret, body) == f"sha256={digest}"


def test_content_is_read_when_it_is_sent() -> None:
    contents = {"https://b.example/feeds/all.atom": CONTENT}
    courier = Courier({"websub": WebSubChannel()}, contents=contents.get)
    first = courier.request(claimed("{}"), SUBSCRIBER, NOW)
    assert isinstance(first, Request)
    assert (first.url, first.body) == (SUBSCRIBER.url, CONTENT.body)
    assert first.headers == (
        "content-type: application/atom+xml; charset=utf-8",
        'link: <https://b.example/hub>; rel="hub", <https://b.example/feeds/all.atom>; rel="self"',
    )
    contents["https://b.example/feeds/all.atom"] = replace(CONTENT, body=b"new")
    assert courier.request(claimed("{}"), SUBSCRIBER, NOW).body == b"new"
    contents.clear()
    with pytest.raises(EnvironmentFault, match="not there"):
        courier.request(claimed("{}"), SUBSCRIBER, NOW)


def test_410_ends_a_subscription_and_not_a_public_hub() -> None:
    assert WebSubChannel().outcome(answered(410)).gone
    assert not WebSubPingChannel().outcome(answered(410)).gone
    # What a subscriber writes is not even kept.
    assert WebSubChannel().outcome(answered(200)).excerpt == b""
    for status in (301, 302, 307, 404, 500):
        assert not WebSubChannel().outcome(answered(status)).succeeded


def test_pings_name_each_feed_once() -> None:
    urls = ["https://b.example/a.atom?x=1&y=文", "https://b.example/b.atom", "https://b.example/a.atom?x=1&y=文"]
    bodies = [("m", json.dumps({"type": "feed.updated", "data": {"feed": {"url": url}}})) for url in urls]
    endpoint = Endpoint(name="hub:h", url="https://h.example/", channel="websub-ping")
    whole = digest_payload(bodies, NOW)
    made = WebSubPingChannel().request(Message(id="m", type="digest", payload=whole, digest=True), endpoint, NOW)
    expected = [("hub.mode", "publish"), ("hub.url", urls[0]), ("hub.url", urls[1])]
    assert parse_qsl(made.body.decode(), strict_parsing=True) == expected
    one = WebSubPingChannel().request(Message(id="m", type="feed.updated", payload=bodies[1][1]), endpoint, NOW)
    assert parse_qsl(one.body.decode(), strict_parsing=True) == [expected[0], expected[2]]


def test_nobody_configures_these_channels() -> None:
    for name in websub_channels():
        assert name not in CHANNEL_NAMES
        with pytest.raises(ConfigurationError, match="there is no channel"):
            channel_named(name)

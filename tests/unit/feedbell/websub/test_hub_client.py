"""What a hub is asked, where, and what its answer means."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from core.exchange import HttpError, HttpResult
from feedbell.websub.hub_client import HubClient, next_hub
from feedbell.websub.spelling import same_url
from feeds.store.hub_leases import HubLease, LeaseState
from tests.unit.feedbell.websub.test_plan import NOW, lease

NONE = HttpResult(status=None, error=HttpError.CONNECT, reason="nobody", retry_after=None, excerpt=b"", latency_ms=1)
TAKEN = replace(NONE, status=202, error=None, reason="")


class Wire:
    """Gives each address its answer."""

    def __init__(self, answers: Mapping[str, HttpResult]) -> None:
        self.answers = answers
        self.sent: list[tuple[str, bytes, Mapping[str, str]]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None) -> HttpResult:
        assert deadline is not None
        self.sent.append((url, body, headers))
        return self.answers.get(url, NONE)

    @property
    def client(self) -> HubClient:
        return HubClient(self.post, lambda: NOW)

    @property
    def urls(self) -> list[str]:
        return [url for url, _, _ in self.sent]


def asking(hub_url: str, state: LeaseState = LeaseState.REQUESTED) -> HubLease:
    return lease(1, state, hub_url=hub_url, topic="https://up.example/f?a=1&b=ü", secret="s3cret-" * 6)


def test_what_is_asked() -> None:
    wire = Wire({"https://hub.example/": TAKEN})
    assert wire.client.ask(asking("https://hub.example/")).accepted
    [(_, body, headers)] = wire.sent
    assert headers == {"content-type": "application/x-www-form-urlencoded"}
    assert body.isascii()
    assert parse_qs(body.decode()) == {
        "hub.mode": ["subscribe"],
        "hub.topic": ["https://up.example/f?a=1&b=ü"],
        "hub.callback": ["https://us.example/websub/t1"],
        "hub.secret": ["s3cret-" * 6],
        "hub.lease_seconds": ["864000"],
    }


@pytest.mark.parametrize("state", [LeaseState.LEAVING, LeaseState.REPLACED])
def test_what_is_asked_to_end_it(state: LeaseState) -> None:
    wire = Wire({"https://hub.example/": TAKEN})
    wire.client.ask(asking("https://hub.example/", state))
    assert parse_qs(wire.sent[0][1].decode()).keys() == {"hub.mode", "hub.topic", "hub.callback"}
    assert b"hub.mode=unsubscribe" in wire.sent[0][1]


def test_https_comes_first() -> None:
    wire = Wire({"https://hub.example/h?x=1": TAKEN, "http://hub.example/h?x=1": TAKEN})
    assert wire.client.ask(asking("http://hub.example/h?x=1")).accepted
    assert wire.urls == ["https://hub.example/h?x=1"]
    for elsewhere in (NONE, replace(NONE, status=404, error=None)):
        wire = Wire({"https://hub.example/": elsewhere, "http://hub.example/": TAKEN})
        assert wire.client.ask(asking("http://hub.example/")).accepted
        assert wire.urls == ["https://hub.example/", "http://hub.example/"]
    # What stands at another port says nothing of https there.
    wire = Wire({"http://hub.example:8080/": TAKEN})
    assert wire.client.ask(asking("http://hub.example:8080/")).accepted
    assert wire.urls == ["http://hub.example:8080/"]


@pytest.mark.parametrize("status", [307, 308])
def test_another_hub_is_asked_instead(status: int) -> None:
    moved = replace(NONE, status=status, error=None, location="/there")
    wire = Wire({"https://hub.example/": moved, "https://hub.example/there": TAKEN})
    assert wire.client.ask(asking("https://hub.example/")).accepted
    first, second = wire.sent
    assert first[1:] == second[1:]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 400, 404, 500])
def test_everything_else_is_a_failure(status: int) -> None:
    said = replace(NONE, status=status, error=None, location="https://else.example/", retry_after="90")
    wire = Wire({"https://hub.example/": said, "https://else.example/": TAKEN})
    answer = wire.client.ask(asking("https://hub.example/"))
    assert not answer.accepted
    assert not answer.silent
    assert answer.retry_after == timedelta(seconds=90)
    assert str(status) in (answer.reason or "")
    assert wire.urls == ["https://hub.example/"]


def test_hubs_that_name_one_another_come_to_an_end() -> None:
    wire = Wire({"https://hub.example/": replace(NONE, status=307, error=None, location="https://hub.example/")})
    answer = wire.client.ask(asking("https://hub.example/"))
    assert (answer.accepted, len(wire.sent)) == (False, 5)


@pytest.mark.parametrize(
    ("url", "location", "found"),
    [
        ("https://a.example/x", "/y", "https://a.example/y"),
        ("https://a.example/x", "//b.example/", "https://b.example/"),
        ("http://a.example/", "https://b.example/", "https://b.example/"),
        ("http://a.example/", "http://b.example/", "http://b.example/"),
        # The secret does not go out in the clear where it was asked for over https.
        ("https://a.example/", "http://a.example/", None),
        ("https://a.example/", None, None),
        ("https://a.example/", "", None),
        ("https://a.example/", "file:///etc/passwd", None),
        ("https://a.example/", "https://me:pw@b.example/", None),
        ("https://a.example/", "https://b.example/ x", None),
    ],
)
def test_where_a_hub_sends_us(url: str, location: str | None, found: str | None) -> None:
    assert next_hub(url, location) == found


def test_the_words_of_a_hub_are_repeated_without_what_is_secret() -> None:
    def said(words: str) -> str | None:
        wire = Wire({"https://hub.example/": replace(NONE, status=403, error=None, excerpt=words.encode())})
        return wire.client.ask(asking("https://hub.example/")).reason

    assert said("no\nfeed \x1b[31mlike this") == "the hub answered 403: no feed [31mlike this"
    assert said(f"bad secret {'s3cret-' * 6}") == "the hub answered 403: bad secret …"
    assert said(f"bad callback=https%3A%2F%2Fus.example%2Fwebsub%2F{'t-' * 21}!") == (
        "the hub answered 403: bad callback=https%3A%2F%2Fus.example%2Fwebsub%…!"
    )
    assert said("<html>403</html>") == "the hub answered 403"
    assert len(said("no " * 1000) or "") < 250


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/~b", "https://a.example/%7Eb", True),
        ("https://a.example/%e4%b8%ad", "https://a.example/%E4%B8%AD", True),
        ("https://a.example/?q=a%26b", "https://a.example/?q=a&b", False),
        ("https://a.example/A", "https://a.example/a", False),
        ("https://a.example/", "http://a.example/", False),
    ],
)
def test_two_spellings_of_a_topic(one: str, other: str, same: bool) -> None:
    assert same_url(one, other) is same

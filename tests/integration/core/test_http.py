"""The two outbound doors, for single calls and for many at once, against a real receiver that misbehaves."""

import threading
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

import pytest

from core.addresses import AddressPolicy, IpAddress
from core.exchange import HttpError, HttpResult, Request
from core.http import HttpClient
from core.transport import Transport
from tests.support.certificates import make_certificate
from tests.support.receiver import Manner, Receiver, Reply, running_receiver

LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])
SECRET = "/secret-path"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


class Door(Protocol):
    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None
    ) -> HttpResult: ...

    def close(self) -> None: ...


class Many:
    """The door for many at once, used for one."""

    def __init__(self, policy: AddressPolicy, ca_file: Path | None) -> None:
        self._transport = Transport(policy=policy, ca_file=ca_file)
        self.close = self._transport.close

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None) -> HttpResult:
        lines = tuple(f"{name}: {value}" for name, value in headers.items())
        return self._transport.exchange(Request(url=url, body=body, headers=lines, deadline=deadline))


@pytest.fixture(params=["single", "many"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def open_door(kind: str, policy: AddressPolicy = LOOPBACK, ca_file: Path | None = None) -> Door:
    return HttpClient(policy=policy, threads=4, ca_file=ca_file) if kind == "single" else Many(policy, ca_file)


@pytest.fixture
def client(kind: str) -> Iterator[Door]:
    opened = open_door(kind)
    yield opened
    opened.close()


def send(client: Door, receiver: Receiver, reply: Reply, deadline: float | None = None) -> HttpResult:
    return client.post(receiver.script(SECRET, reply), b"{}", {"x-test": "1"}, deadline=deadline)


def test_an_answer_is_told_with_the_first_bytes_of_its_body(client: Door, receiver: Receiver) -> None:
    result = send(client, receiver, Reply(status=503, headers={"Retry-After": "7"}, body=b"x" * 9000))
    assert (result.status, result.error, result.retry_after) == (503, None, "7")
    assert result.excerpt == b"x" * 4096
    [request] = receiver.received()
    assert request.body == b"{}"
    assert request.headers["x-test"] == "1"
    assert request.headers["user-agent"].startswith("Feedbell/")


@pytest.mark.parametrize(
    ("manner", "error"),
    [
        (Manner.RESET, HttpError.CONNECT),
        (Manner.CLOSE, HttpError.CONNECT),
        (Manner.GARBAGE, HttpError.PROTOCOL),
        (Manner.MANY_HEADERS, HttpError.PROTOCOL),
    ],
)
def test_what_is_no_answer_is_an_error_without_secrets(
    client: Door, receiver: Receiver, manner: Manner, error: HttpError
) -> None:
    result = send(client, receiver, Reply(manner=manner))
    assert (result.status, result.error) == (None, error)
    assert result.reason
    assert SECRET not in result.reason


@pytest.mark.parametrize(
    "manner", [Manner.HANG, Manner.DRIP_STATUS, Manner.DRIP_HEADERS, Manner.DRIP_BODY], ids=lambda manner: manner.value
)
def test_the_deadline_holds_however_busy_the_other_side_is(client: Door, receiver: Receiver, manner: Manner) -> None:
    result = send(client, receiver, Reply(manner=manner), deadline=0.3)
    assert (result.status, result.error) == (None, HttpError.TIMEOUT)
    assert 250 <= result.latency_ms < 5000


def test_the_deadline_holds_on_a_connection_that_is_used_again(client: Door, receiver: Receiver) -> None:
    assert send(client, receiver, Reply()).status == 200
    assert send(client, receiver, Reply(manner=Manner.DRIP_HEADERS), deadline=0.3).error is HttpError.TIMEOUT
    assert send(client, receiver, Reply()).status == 200


@pytest.mark.parametrize("manner", [Manner.ENDLESS_BODY, Manner.GZIP_BOMB, Manner.SHORT_BODY])
@pytest.mark.parametrize("status", [200, 302])
def test_a_body_of_any_kind_takes_nothing_from_the_status(
    client: Door, receiver: Receiver, manner: Manner, status: int
) -> None:
    location = {"Location": receiver.url("/elsewhere")}
    result = send(client, receiver, Reply(status=status, manner=manner, headers=location))
    assert (result.status, result.error) == (status, None)
    assert len(result.excerpt) <= 4096
    assert receiver.received("/elsewhere") == []


def test_cookies_and_proxies_and_netrc_are_ignored(
    client: Door, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    send(client, receiver, Reply(headers={"Set-Cookie": "a=b"}))
    send(client, receiver, Reply())
    assert all("cookie" not in r.headers and "authorization" not in r.headers for r in receiver.received())
    assert len(receiver.received()) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"])
def test_a_loopback_address_in_any_form_is_refused_at_connect(kind: str, receiver: Receiver, host: str) -> None:
    client = open_door(kind, AddressPolicy())
    result = client.post(f"http://{host}:{receiver.port}{SECRET}", b"", {})
    client.close()
    assert result.error is HttpError.REFUSED_ADDRESS
    assert SECRET not in result.reason
    assert receiver.received() == []


def test_a_name_that_changes_its_address_is_judged_by_the_one_that_is_connected_to(receiver: Receiver) -> None:
    answers: list[IpAddress] = [ip_address("127.0.0.1"), ip_address("127.0.0.2"), ip_address("127.0.0.1")]
    asked: list[str] = []

    def rebinding(host: str) -> tuple[IpAddress, ...]:
        asked.append(host)
        return (answers[len(asked) - 1],)

    client = HttpClient(policy=AddressPolicy.parse(["127.0.0.1/32"]), threads=1, resolver=rebinding)
    url = f"http://rebinding.test:{receiver.port}/"
    receiver.script("/", Reply(headers={"Connection": "close"}))
    results = [client.post(url, b"", {}) for _ in range(3)]
    client.close()
    assert [result.error for result in results] == [None, HttpError.REFUSED_ADDRESS, None]
    assert asked == ["rebinding.test"] * 3
    assert len(receiver.received()) == 2


def test_names_without_an_address_or_an_answer_are_errors() -> None:
    asleep = threading.Event()

    def slow(host: str) -> tuple[IpAddress, ...]:
        if host == "none.test":
            raise OSError("no such name")
        asleep.wait(20)
        return ()

    client = HttpClient(policy=LOOPBACK, threads=1, resolver=slow, connect_timeout=0.1)
    assert client.post("http://none.test/", b"", {}).error is HttpError.RESOLVE
    assert client.post("http://slow.test/", b"", {}).error is HttpError.RESOLVE
    asleep.set()
    client.close()


@pytest.mark.parametrize("url", ["http://", "gopher://example.com/", "http://a..b/", "http://[::1/", "nonsense"])
def test_a_broken_url_is_an_error(client: Door, url: str) -> None:
    assert client.post(url, b"", {}).error in (HttpError.BAD_URL, HttpError.RESOLVE)


def test_nobody_listening_is_an_error(client: Door) -> None:
    with running_receiver() as gone:
        url = gone.url()
    result = client.post(url, b"", {})
    assert (result.error, result.reason) == (HttpError.CONNECT, "cannot connect: connection refused")


def test_tls_is_verified(kind: str, tmp_path: Path) -> None:
    context, certificate = make_certificate(tmp_path)
    with running_receiver(context) as receiver:
        distrusting = open_door(kind)
        trusting = open_door(kind, ca_file=certificate)
        assert distrusting.post(receiver.url(), b"", {}).error is HttpError.TLS
        assert trusting.post(receiver.url(), b"", {}).status == 200
        receiver.script("/", Reply(manner=Manner.DRIP_HEADERS))
        assert trusting.post(receiver.url(), b"", {}, deadline=0.3).error is HttpError.TIMEOUT
        distrusting.close()
        trusting.close()

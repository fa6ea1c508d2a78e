"""GET requests through the real client, against servers that say exactly what a test tells them."""

import gzip
import os
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import brotli
import pytest

from core.addresses import AddressPolicy
from core.exchange import Fetched, HttpError
from core.http import HttpClient
from tests.support.certificates import make_certificate
from tests.support.raw_server import RawServer, http, raw_server, redirect
from tests.support.receiver import Manner, Receiver, Reply, running_receiver
from tests.support.site import eventually

LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])
SECRET = "/secret-path"
TEXT = b"<rss>\xe4\xb8\xad</rss>" * 100
LIMIT = 100_000


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def client() -> Iterator[HttpClient]:
    opened = HttpClient(policy=LOOPBACK, threads=4, user_agent="Feedbell/1.2 (+https://example.org/about)")
    yield opened
    opened.close()


def get(client: HttpClient, url: str, *, deadline: float = 10, redirects: int = 10) -> Fetched:
    return client.get(url, {}, max_bytes=LIMIT, deadline=deadline, redirects=redirects)


def said(fetched: Fetched) -> tuple[int | None, HttpError | None]:
    """Return status and error, of which there is always exactly one."""
    assert (fetched.status is None) == (fetched.error is not None) == bool(fetched.reason)
    assert SECRET not in fetched.reason
    return fetched.status, fetched.error


def test_an_answer_is_told_whole(client: HttpClient, server: RawServer) -> None:
    url = server.answer("/feed", http(TEXT, 'ETag: W/"a"', "X-Two: 1", "Vary: b", "X-TWO: 2", "X-Folded: a,\r\n b"))
    fetched = client.get(url + "#part", {"If-None-Match": '"é"', "Accept": "*/*"}, max_bytes=LIMIT)
    assert said(fetched) == (200, None)
    assert (fetched.body, fetched.url, fetched.moved_to) == (TEXT, url, None)
    assert fetched.headers["etag"] == 'W/"a"'
    assert fetched.headers["x-two"] == "1, 2"
    assert " ".join(fetched.headers["x-folded"].split()) == "a, b"
    assert fetched.latency_ms >= 0
    lines = server.requests[0][1].split("\r\n")
    assert lines[0] == "GET /feed HTTP/1.1"
    assert {line.lower() for line in lines[1:] if line} == {
        f"host: 127.0.0.1:{server.port}",
        "user-agent: feedbell/1.2 (+https://example.org/about)",
        "accept-encoding: gzip, deflate, br",
        'if-none-match: "é"',
        "accept: */*",
    }


@pytest.mark.parametrize("status", ["304 Not Modified", "404 Not Found", "410 Gone", "500 Broken", "300 Many"])
def test_the_body_of_anything_else_than_success_is_not_read(client: HttpClient, server: RawServer, status: str) -> None:
    # It never ends, so who reads it waits.
    url = server.answer("/", http(b"<rss>", "Retry-After: 7", status=status, length=10**9))
    fetched = get(client, url)
    assert said(fetched) == (int(status[:3]), None)
    assert (fetched.body, fetched.headers["retry-after"]) == (b"", "7")


def encodings() -> dict[str, tuple[str, bytes]]:
    raw = zlib.compressobj(wbits=-15)
    return {
        "gzip": ("gzip", gzip.compress(TEXT)),
        "capitals": ("GZip", gzip.compress(TEXT)),
        "x-gzip": ("x-gzip", gzip.compress(TEXT)),
        "gzip in members": ("gzip", gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:])),
        "gzip, padded": ("gzip", gzip.compress(TEXT) + b"\0" * 500),
        "deflate": ("deflate", zlib.compress(TEXT)),
        "deflate without its header": ("deflate", raw.compress(TEXT) + raw.flush()),
        "brotli": ("br", brotli.compress(TEXT)),
        "one in the other": ("br, gzip", gzip.compress(brotli.compress(TEXT))),
        "identity": ("identity", TEXT),
        "no coding at all": ("UTF-8", TEXT),
    }


@pytest.mark.parametrize("name", encodings())
@pytest.mark.parametrize("chunked", [False, True], ids=["at once", "in chunks of three bytes"])
def test_every_coding_is_undone(client: HttpClient, server: RawServer, name: str, chunked: bool) -> None:
    coding, body = encodings()[name]
    answer = http(body, f"Content-Encoding: {coding}")
    if chunked:
        chunks = b"".join(b"3\r\n%b\r\n" % body[at : at + 3] for at in range(0, len(body) - 2, 3))
        rest = len(body) % 3
        chunks += b"%d\r\n%b\r\n" % (rest, body[-rest:]) if rest else b""
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = head.encode() + chunks + b"0\r\n\r\n"
    assert get(client, server.answer("/", answer)).body == TEXT


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate without its header", "brotli", "one in the other"])
def test_a_coded_body_without_its_end_is_an_error(client: HttpClient, server: RawServer, name: str) -> None:
    coding, body = encodings()[name]
    for cut in (1, len(body) // 2, len(body) - 1):
        fetched = get(client, server.answer(SECRET, http(body[:cut], f"Content-Encoding: {coding}")))
        assert said(fetched) == (None, HttpError.PROTOCOL), cut
    assert said(get(client, server.answer(SECRET, http(b"", f"Content-Encoding: {coding}")))) == (200, None)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip, gzip"])
def test_a_body_that_is_not_in_its_coding_is_an_error(client: HttpClient, server: RawServer, coding: str) -> None:
    fetched = get(client, server.answer(SECRET, http(b"\x1f\x8b no, no" * 9, f"Content-Encoding: {coding}")))
    assert said(fetched) == (None, HttpError.PROTOCOL)


def bombs() -> dict[str, bytes]:
    zeros = b"\0" * 50_000_000
    return {
        "gzip": http(gzip.compress(zeros), "Content-Encoding: gzip"),
        "deflate": http(zlib.compress(zeros), "Content-Encoding: deflate"),
        "brotli": http(brotli.compress(zeros, quality=5), "Content-Encoding: br"),
        "gzip twice": http(gzip.compress(gzip.compress(zeros)), "Content-Encoding: gzip, gzip"),
        "many members": http(gzip.compress(b"\0" * 50_000) * 1000, "Content-Encoding: gzip"),
        "said in advance": http(b"x", length=LIMIT + 1),
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 9,
        "until closed": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LIMIT + 1),
        "compressed and nothing comes out": http(
            b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"n" * 2 * LIMIT, "Content-Encoding: gzip"
        ),
    }


@pytest.mark.parametrize("name", bombs())
def test_what_is_larger_than_the_limit_is_stopped(client: HttpClient, server: RawServer, name: str) -> None:
    fetched = get(client, server.answer(SECRET, bombs()[name], close=True))
    assert said(fetched) == (None, HttpError.TOO_LARGE)


@pytest.mark.parametrize("coding", ["gzip, " * 50 + "gzip", "gzip"])
def test_codings_and_members_without_end_are_errors(client: HttpClient, server: RawServer, coding: str) -> None:
    fetched = get(client, server.answer(SECRET, http(gzip.compress(b"") * 4000, f"Content-Encoding: {coding}")))
    assert said(fetched) == (None, HttpError.PROTOCOL)


def test_exactly_the_limit_is_within_it(client: HttpClient, server: RawServer) -> None:
    body = os.urandom(LIMIT // 2) * 2
    assert get(client, server.answer("/", http(body))).body == body
    assert get(client, server.answer("/gzip", http(gzip.compress(body, 1), "Content-Encoding: gzip"))).status is None
    repeated = b"x" * LIMIT
    assert get(client, server.answer("/gz", http(gzip.compress(repeated), "Content-Encoding: gzip"))).body == repeated


def short_answers() -> dict[str, bytes]:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        "less than its length": http(TEXT, length=len(TEXT) + 1),
        "no last chunk": chunked + b"5\r\n<rss>\r\n",
        "inside a chunk": chunked + b"50\r\n<rss>",
        "nonsense for a chunk": chunked + b"5\r\n<rss>\r\nzz\r\n\r\n",
        "chunk of a negative length": chunked + b"-5\r\n<rss>\r\n0\r\n\r\n",
        "in the head": b"HTTP/1.1 200 OK\r\nContent-Type: text/xml",
        "only the status": b"HTTP/1.1 200 OK\r\n",
        "in the status": b"HTTP/1.",
        "a part": http(TEXT, "Content-Range: bytes 0-9/900", status="206 Partial Content"),
        "early hints": b"HTTP/1.1 103 Early Hints\r\n\r\n",
        "switched": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/0.9": b"<rss></rss>",
        "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    }


@pytest.mark.parametrize("name", short_answers())
def test_an_answer_that_is_cut_short_is_never_taken_for_whole(client: HttpClient, server: RawServer, name: str) -> None:
    fetched = get(client, server.answer(SECRET, short_answers()[name], close=True))
    assert fetched.body == b""
    if name in ("in the head", "only the status"):  # then this is an empty answer that the closed connection ends
        assert fetched.headers.get("content-type") in (None, "text/xml")
    else:
        assert said(fetched)[1] in (HttpError.PROTOCOL, HttpError.CONNECT)


@pytest.mark.parametrize("manner", [Manner.RESET, Manner.CLOSE, Manner.GARBAGE, Manner.MANY_HEADERS, Manner.SHORT_BODY])
def test_what_is_no_answer_is_an_error(client: HttpClient, receiver: Receiver, manner: Manner) -> None:
    fetched = get(client, receiver.script(SECRET, Reply(manner=manner)))
    assert said(fetched)[1] in (HttpError.PROTOCOL, HttpError.CONNECT)
    assert fetched.latency_ms < 5000


def test_a_header_line_without_end_is_an_error(client: HttpClient, server: RawServer) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with suppress(OSError):
            while True:
                connection.sendall(b"x" * 65536)

    fetched = get(client, server.answer(SECRET, endless))
    assert said(fetched) == (None, HttpError.PROTOCOL)


@pytest.mark.parametrize(
    "manner", [Manner.HANG, Manner.DRIP_STATUS, Manner.DRIP_HEADERS, Manner.DRIP_BODY], ids=lambda manner: manner.value
)
def test_the_deadline_holds_however_busy_the_other_side_is(
    client: HttpClient, receiver: Receiver, manner: Manner
) -> None:
    fetched = get(client, receiver.script(SECRET, Reply(manner=manner)), deadline=0.3)
    assert said(fetched) == (None, HttpError.TIMEOUT)
    assert 250 <= fetched.latency_ms < 5000


def test_the_deadline_is_for_all_redirects_together(client: HttpClient, receiver: Receiver) -> None:
    slow = Reply(status=302, headers={"Location": receiver.url(SECRET)}, delay=0.2)
    fetched = get(client, receiver.script(SECRET, slow), deadline=0.7, redirects=100)
    assert said(fetched) == (None, HttpError.TIMEOUT)
    assert len(receiver.received()) < 6


def test_redirects_are_followed_and_counted(client: HttpClient, server: RawServer) -> None:
    for number in range(10):
        server.answer(f"/{number}", redirect(f"/{number + 1}", (301, 302, 303, 307, 308)[number % 5]))
    server.answer("/10", http(TEXT))
    fetched = client.get(server.url("/0"), {"If-None-Match": '"a"'}, max_bytes=LIMIT)
    assert (fetched.body, fetched.url) == (TEXT, server.url("/10"))
    assert all('If-None-Match: "a"' in request for _, request in server.requests)
    assert said(get(client, server.url("/0"), redirects=9)) == (None, HttpError.REDIRECTS)
    assert get(client, server.url("/10"), redirects=0).body == TEXT
    assert said(get(client, server.url("/9"), redirects=0)) == (None, HttpError.REDIRECTS)
    server.answer(SECRET, redirect(SECRET))
    assert said(get(client, server.url(SECRET))) == (None, HttpError.REDIRECTS)
    assert server.paths().count(SECRET) == 11


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((301, 302), "/1"),
        ((302, 301), None),
        ((301, 307, 301), "/1"),
        ((303,), None),
    ],
)
@pytest.mark.parametrize("ending", ["200 OK", "304 Not Modified", "404 Not Found"])
def test_what_moved_for_good_is_told(
    client: HttpClient, server: RawServer, statuses: tuple[int, ...], moved_to: str | None, ending: str
) -> None:
    for number, status in enumerate(statuses):
        server.answer(f"/{number}", redirect(f"/{number + 1}#part", status))
    server.answer(f"/{len(statuses)}", http(status=ending))
    fetched = get(client, server.url("/0"))
    assert fetched.status == int(ending[:3])
    # An address at which nothing is found is none to remember.
    expected = server.url(moved_to) if moved_to and fetched.status != 404 else None
    assert (fetched.url, fetched.moved_to) == (server.url(f"/{len(statuses)}"), expected)


@pytest.mark.parametrize(("forbidden", "error", "requests"), [("none", None, 3), ("/2", HttpError.TIMEOUT, 2)])
def test_whoever_asks_may_have_a_say_before_a_redirect(
    client: HttpClient, server: RawServer, forbidden: str, error: HttpError | None, requests: int
) -> None:
    server.answer("/0", redirect("/1"))
    server.answer("/1", redirect("/2"))
    server.answer("/2", http(TEXT))
    asked: list[str] = []

    def may_go(url: str, seconds: float) -> bool:
        assert 0 < seconds <= 5
        asked.append(url)
        return not url.endswith(forbidden)

    fetched = client.get(server.url("/0"), {}, max_bytes=LIMIT, deadline=5, may_go=may_go)
    assert (fetched.error, len(server.requests)) == (error, requests)
    assert asked == [server.url("/1"), server.url("/2")]


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("next", "/a/next"),
        ("../next?x=1#y", "/next?x=1"),
        ("?page=2", "/a/b?page=2"),
        ("//127.0.0.1:{port}/other", "/other"),
        ("  http://127.0.0.1:{port}/spaces \t", "/spaces"),
        ("/with space/中?q=中 文", "/with%20space/%E4%B8%AD?q=%E4%B8%AD%20%E6%96%87"),
        ("/kept%20%2F%e4?a=%zz", "/kept%20%2F%E4?a=%25zz"),
        ("\\back\\slash?x=\\", "/back/slash?x=%5C"),
        ('/"<>`{{}}|^', "/%22%3C%3E%60%7B%7D%7C%5E"),
        ("http:/one-slash", "/one-slash"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(
    client: HttpClient, server: RawServer, location: str, asked: str
) -> None:
    server.answer(asked, http(TEXT))
    url = server.answer("/a/b", redirect(location.format(port=server.port)))
    fetched = get(client, url)
    assert server.paths()[1:] == [asked]
    assert fetched.body == TEXT


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("file:///etc/passwd", HttpError.BAD_URL),
        ("ftp://127.0.0.1/feed", HttpError.BAD_URL),
        ("javascript:alert(1)", HttpError.BAD_URL),
        ("data:text/xml,<rss/>", HttpError.BAD_URL),
        ("http://me:secret@127.0.0.1:{port}/", HttpError.BAD_URL),
        ("http://", HttpError.REDIRECTS),  # to itself
        ("http://[::1", HttpError.BAD_URL),
        ("http://127.0.0.1:99999/", HttpError.BAD_URL),
        ("/" + "x" * 9000, HttpError.BAD_URL),
        ("http://10.0.0.1/", HttpError.REFUSED_ADDRESS),
        ("http://169.254.169.254/latest/meta-data/", HttpError.REFUSED_ADDRESS),
        ("http://[::1]:{port}/", HttpError.REFUSED_ADDRESS),
        ("http://[::ffff:10.0.0.1]/", HttpError.REFUSED_ADDRESS),
        ("http://167772161/", HttpError.REFUSED_ADDRESS),
        ("http://0xa.1/", HttpError.REFUSED_ADDRESS),
        ("http://１０.0.0.1/", HttpError.BAD_URL),
    ],
)
def test_no_redirect_leads_where_a_request_may_not_go(
    client: HttpClient, server: RawServer, location: str, error: HttpError
) -> None:
    fetched = get(client, server.answer(SECRET, redirect(location.format(port=server.port), 301)))
    assert said(fetched) == (None, error)
    assert fetched.moved_to is None
    assert "secret@" not in fetched.reason
    assert len(server.requests) == 1 or error is HttpError.REDIRECTS


@pytest.mark.parametrize(
    "url", ["http://", "file:///etc/passwd", "http://a:b@127.0.0.1/", "nonsense", "http://[::1/", ""]
)
def test_a_url_that_cannot_be_asked_is_an_error(client: HttpClient, url: str) -> None:
    assert said(get(client, url)) == (None, HttpError.BAD_URL)


def test_a_redirect_without_a_target_is_the_answer(client: HttpClient, server: RawServer) -> None:
    assert said(get(client, server.answer("/", http(status="302 Found")))) == (302, None)


def test_a_line_break_in_a_header_is_not_sent(client: HttpClient, server: RawServer) -> None:
    fetched = client.get(server.answer("/", http(TEXT)), {"If-None-Match": '"a"\r\nX-Evil: 1'}, max_bytes=LIMIT)
    assert said(fetched) == (None, HttpError.PROTOCOL)
    assert server.requests == []


def test_connections_are_used_again_and_asked_anew_when_they_turn_out_closed(
    client: HttpClient, server: RawServer
) -> None:
    server.answer("/", http(TEXT))
    server.answer("/304", http(status="304 Not Modified"))
    for path in ("/", "/304", "/"):
        assert get(client, server.url(path)).error is None
    assert server.connections == 1

    def vanish(connection: socket.socket) -> None:
        """Close as servers do whose patience ends just as a request comes."""

    server.answer("/", vanish, http(TEXT))
    assert get(client, server.url("/")).body == TEXT
    assert server.connections == 2
    # A new connection that is closed at once is an answer of its kind.
    server.answer("/new", vanish)
    client.close_idle()
    assert said(get(client, server.url("/new"))) == (None, HttpError.CONNECT)
    assert server.connections == 3


def test_what_follows_an_answer_is_never_the_next_one(client: HttpClient, server: RawServer) -> None:
    server.answer("/", http(TEXT) + http(b"smuggled"))
    assert [get(client, server.url("/")).body for _ in range(3)] == [TEXT] * 3


def test_no_cookie_is_kept(client: HttpClient, server: RawServer) -> None:
    url = server.answer("/", http(TEXT, "Set-Cookie: a=b"))
    assert [get(client, url).status for _ in range(2)] == [200, 200]
    assert all("cookie" not in request.lower() for _, request in server.requests)


def silence(seconds: float) -> Callable[[socket.socket], None]:
    def wait(_: socket.socket) -> None:
        threading.Event().wait(seconds)

    return wait


def open_sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(entry).startswith("socket:")
    return found


def test_two_thousand_hosts_leave_few_connections_and_none_when_idle(client: HttpClient, server: RawServer) -> None:
    server.answer("/", http(TEXT))
    server.answer("/hang", silence(0.05))
    before = open_sockets()
    urls = [server.url("/" if n % 10 else "/hang", f"127.0.{n // 250 + 1}.{n % 250 + 1}") for n in range(2000)]
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda url: get(client, url).status, urls))
    assert found.count(200) == 1800
    eventually(lambda: open_sockets() - before <= 2 * 100 + 16 + server.open_connections)
    client.close_idle()
    # Fewer, where an earlier test's were still there.
    eventually(lambda: open_sockets() <= before)


def test_an_answer_over_tls_is_verified_and_the_connection_used_again(tmp_path: Path) -> None:
    context, certificate = make_certificate(tmp_path)
    with raw_server(context) as server:
        distrusting, trusting = HttpClient(policy=LOOPBACK), HttpClient(policy=LOOPBACK, ca_file=certificate)
        url = server.answer("/", http(TEXT))
        server.answer("/hang", silence(5))
        assert said(get(distrusting, url)) == (None, HttpError.TLS)
        before = server.connections
        assert [get(trusting, url).body for _ in range(3)] == [TEXT] * 3
        assert server.connections == before + 1
        assert said(get(trusting, server.url("/hang"), deadline=0.3)) == (None, HttpError.TIMEOUT)
        server.answer(SECRET, redirect(f"http://127.0.0.1:{server.port}/"))  # plain HTTP to where TLS is spoken
        assert said(get(trusting, server.url(SECRET)))[0] is None
        distrusting.close()
        trusting.close()


def test_tls_that_is_no_tls_is_an_error(client: HttpClient, server: RawServer) -> None:
    server.answer("/", http(TEXT))
    assert said(get(client, server.url("/").replace("http:", "https:"), deadline=1))[0] is None

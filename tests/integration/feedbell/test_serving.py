"""The server over real sockets: what the specifications say of conditional requests, ranges, encodings and deltas."""

import gzip
import http.client
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import brotli
import feedparser
import pytest
from lxml import etree

from feedbell.web.server import FeedServer
from feedbell.web.status import status_pages
from tests.support.site import Flow, post, write

FORMATS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Flow]:
    made = Flow(tmp_path, f"sqlite:///{tmp_path}/serving.db")
    made.write(
        **{f"p{number}": post(f"P{number}", body=f"文字 {number} " * 30, categories="[news]") for number in range(8)}
    )
    made.run()
    yield made
    made.close()


@pytest.fixture
def server(flow: Flow) -> Iterator[FeedServer]:
    made = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom")
    made.start()
    yield made
    made.stop()


def ask(server: FeedServer, path: str, method: str = "GET", **headers: str) -> Answer:
    """Send one request; `_` in names of headers stands for `-`."""
    port = int(server.url.rpartition(":")[2].rstrip("/"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_feed_is_told_from_what_the_reader_has(flow: Flow, server: FeedServer, format_: str) -> None:
    path = f"/feeds/all.{format_}"
    status, fields, body = ask(server, path)
    assert (status, body) == (200, (flow.out / path[1:]).read_bytes())
    assert fields["content-type"] == f"{FORMATS[format_]}; charset=utf-8"
    assert fields["etag"].startswith('"')
    assert fields["access-control-allow-origin"] == "*"
    assert fields["x-content-type-options"] == "nosniff"
    for none_match in (fields["etag"], f'"x", W/{fields["etag"]}', "*"):
        again = ask(server, path, If_None_Match=none_match)
        assert (again[0], again[2]) == (304, b"")
        # RFC 9110, section 15.4.5
        kept = ("etag", "cache-control", "vary", "last-modified", "access-control-allow-origin")
        assert {name: again[1][name] for name in kept} == {name: fields[name] for name in kept}
    assert ask(server, path, If_None_Match='"x"')[0] == 200
    # The tag comes before the time (section 13.2.2).
    assert ask(server, path, If_None_Match='"x"', If_Modified_Since=fields["last-modified"])[0] == 200
    assert ask(server, path, If_Modified_Since=fields["last-modified"])[0] == 304
    earlier = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert ask(server, path, If_Modified_Since=earlier)[0] == 200
    assert ask(server, path, If_Modified_Since="yesterday")[0] == 200


def test_the_same_bytes_have_the_same_tag_whenever_they_were_written(flow: Flow, server: FeedServer) -> None:
    _, fields, body = ask(server, "/feeds/all.rss")
    file = flow.out / "feeds/all.rss"
    file.unlink()
    file.write_bytes(body)
    os.utime(file, (1, 1))
    assert ask(server, "/feeds/all.rss")[1]["etag"] == fields["etag"]
    file.write_bytes(body + b"\n")
    assert ask(server, "/feeds/all.rss", If_None_Match=fields["etag"])[0] == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("GZIP; Q=1.0", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("deflate", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("gzip;q=nonsense", None),
        ("", None),
    ],
)
def test_encodings(server: FeedServer, accepted: str, encoding: str | None) -> None:
    plain = ask(server, "/feeds/all.atom")[2]
    status, fields, body = ask(server, "/feeds/all.atom", Accept_Encoding=accepted)
    assert (status, fields.get("content-encoding")) == (200, encoding)
    decoded = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[encoding](body)
    assert decoded == plain
    assert "accept-encoding" in fields["vary"].lower()
    assert len(body) == int(fields["content-length"])
    # Each is a representation of its own (RFC 9110, section 8.8.3.3), known again by who has it.
    assert (fields["etag"] == ask(server, "/feeds/all.atom")[1]["etag"]) == (encoding is None)
    assert ask(server, "/feeds/all.atom", Accept_Encoding=accepted, If_None_Match=fields["etag"])[0] == 304


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=0-99999999", 206, 0, None),
        ("bytes=-99999999", 206, 0, None),
        ("bytes=99999999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=0-1,3-4", 200, 0, None),
        ("bytes=9-5", 200, 0, None),
        ("lines=1-2", 200, 0, None),
        ("bytes=a-b", 200, 0, None),
    ],
)
def test_ranges(server: FeedServer, asked: str, status: int, start: int, end: int | None) -> None:
    whole = ask(server, "/feeds/all.rss")[2]
    answer = ask(server, "/feeds/all.rss", Range=asked, Accept_Encoding="gzip" if status == 206 else "identity")
    assert answer[0] == status
    if status == 416:
        assert answer[1]["content-range"] == f"bytes */{len(whole)}"
        return
    assert answer[2] == whole[start:end]
    if status == 206:
        first = start if start >= 0 else len(whole) + start
        assert answer[1]["content-range"] == f"bytes {first}-{first + len(answer[2]) - 1}/{len(whole)}"


def test_a_range_of_something_else_is_the_whole(server: FeedServer) -> None:
    _, fields, body = ask(server, "/feeds/all.rss")
    assert ask(server, "/feeds/all.rss", Range="bytes=0-9", If_Range=fields["etag"])[0] == 206
    assert ask(server, "/feeds/all.rss", Range="bytes=0-9", If_Range=fields["last-modified"])[0] == 206
    for other in ('"x"', f"W/{fields['etag']}", "Sun, 06 Nov 1994 08:49:37 GMT"):
        answer = ask(server, "/feeds/all.rss", Range="bytes=0-9", If_Range=other)
        assert (answer[0], answer[2]) == (200, body)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_delta_has_what_is_new_to_the_reader(flow: Flow, server: FeedServer, format_: str, encoding: str) -> None:
    path = f"/feeds/all.{format_}"
    wants = {"A_IM": "feed", "Accept_Encoding": encoding}
    _, had, _ = ask(server, path, **wants)
    flow.write(new=post("New"), p3=post("P3, changed", categories="[news]"))
    flow.path("p5").unlink()
    flow.run()
    status, fields, body = ask(server, path, If_None_Match=had["etag"], **wants)
    assert (status, fields["im"]) == (226, "feed")
    assert {word.strip() for word in fields["cache-control"].split(",")} == {"no-store", "im"}
    body = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}[encoding](body)
    assert _titles(body) == {"New", "P3, changed"}
    assert (b"deleted-entry" in body) == (format_ == "atom")
    # It is the new version that the reader has now.
    whole = ask(server, path, Accept_Encoding=encoding)
    assert fields["etag"] == whole[1]["etag"] != had["etag"]
    assert ask(server, path, If_None_Match=fields["etag"], **wants)[0] == 304
    assert ask(server, path, If_None_Match='"forgotten"', **wants)[0] == 200
    assert ask(server, path, If_None_Match=had["etag"], Accept_Encoding=encoding)[0] == 200
    assert ask(server, path, **wants)[0] == 200


def _titles(body: bytes) -> set[str]:
    if body.startswith(b"{"):
        return {item["title"] for item in json.loads(body)["items"]}
    root = etree.fromstring(body)
    return {
        entry.findtext("{*}title")
        for entry in root.iter("{*}item", "{*}entry")
        if etree.QName(entry).localname in ("item", "entry")
    }


def test_feedparser_asks_with_what_it_has(server: FeedServer) -> None:
    first = feedparser.parse(f"{server.url}feeds/all.rss")
    assert (first.status, len(first.entries)) == (200, 8)
    again = feedparser.parse(f"{server.url}feeds/all.rss", etag=first.etag)
    assert (again.status, len(again.entries)) == (304, 0)


def test_a_feed_names_itself_and_its_other_formats(server: FeedServer) -> None:
    link = ask(server, "/feeds/category/news.atom", "HEAD")[1]["link"]
    assert '<news.atom>; rel="self"' in link
    assert '<news.rss>; rel="alternate"; type="application/rss+xml"' in link
    assert '<news.json>; rel="alternate"; type="application/feed+json"' in link


def test_head_says_what_get_says_without_the_body(server: FeedServer) -> None:
    got, head = ask(server, "/feeds/all.rss"), ask(server, "/feeds/all.rss", "HEAD")
    dates = {"date"}
    assert head[0] == 200
    assert {k: v for k, v in head[1].items() if k not in dates} == {k: v for k, v in got[1].items() if k not in dates}
    assert head[2] == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_it_only_reads(server: FeedServer, method: str) -> None:
    status, fields, _ = ask(server, "/feeds/all.rss", method)
    assert (status, fields["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/feeds/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/feeds/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/.hidden",
        "/feeds/.all.rss.1.tmp",
        "/link.txt",
        "/folder-link/secret.txt",
        "/feeds/all.rss%00.html",
        "/feeds/all.rss/",
        "/nothing.rss",
        "/pipe",
        "/" + "a" * 5000,
        "/" + "a/" * 2000,
    ],
)
def test_nothing_else_is_served(flow: Flow, server: FeedServer, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("A secret")
    write(flow.out, {".hidden": "A secret", "feeds/.all.rss.1.tmp": "A secret"})
    (flow.out / "link.txt").symlink_to(tmp_path / "secret.txt")
    (flow.out / "folder-link").symlink_to(tmp_path)
    os.mkfifo(flow.out / "pipe")
    status, _, body = ask(server, path)
    assert status == 404
    assert b"secret" not in body


def test_folders_lead_to_their_pages(server: FeedServer) -> None:
    assert ask(server, "/")[1]["location"] == "feeds/"
    assert ask(server, "/feeds")[1]["location"] == "/feeds/"
    status, fields, body = ask(server, "/feeds/")
    assert (status, fields["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<html" in body
    assert ask(server, "/feeds/category")[1]["location"] == "/feeds/category/"
    assert ask(server, "/feeds/category/")[0] == 404
    assert ask(server, "/feeds/opml.xml")[1]["content-type"] == "text/x-opml; charset=utf-8"


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 60), (10, 300), (60 * 24, 3600)])
def test_feeds_are_fresh_for_half_of_the_time_between_posts(tmp_path: Path, minutes: int, seconds: int) -> None:
    flow = Flow(tmp_path, f"sqlite:///{tmp_path}/rate.db")
    for number in range(30):
        when = datetime(2024, 5, 1, tzinfo=UTC) - timedelta(minutes=minutes * number)
        write(flow.site, {f"_posts/{when:%Y-%m-%d}-p{number}.md": post("P", date=f"{when:%Y-%m-%d %H:%M:%S} +0000")})
    flow.run()
    server = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom")
    server.start()
    for format_ in FORMATS:
        assert f"max-age={seconds}," in ask(server, f"/feeds/all.{format_}")[1]["cache-control"]
    server.stop()
    flow.close()


def test_two_changes_in_one_second_have_two_times(flow: Flow, server: FeedServer) -> None:
    file = flow.out / "feeds/all.rss"
    seconds = [int(file.stat().st_mtime)]
    for number in range(3):
        before = ask(server, "/feeds/all.rss")[1]["last-modified"]
        flow.write(again=post(f"Again {number}"))
        flow.run()
        assert ask(server, "/feeds/all.rss", If_Modified_Since=before)[0] == 200
        seconds.append(int(file.stat().st_mtime))
    # As hosts see it that know no more.
    assert len(set(seconds)) == 4
    # What is dated ahead is not said to be (RFC 9110, section 8.8.2.1).
    fields = ask(server, "/feeds/all.rss")[1]
    assert parsedate_to_datetime(fields["last-modified"]) <= parsedate_to_datetime(fields["date"])


def test_two_hundred_readers_at_once_are_all_served(server: FeedServer) -> None:
    """Most have the feed already, some take all of it, some are slow to ask; nobody is left out."""
    port = int(server.url.rpartition(":")[2].rstrip("/"))
    tag = ask(server, "/feeds/all.rss")[1]["etag"]
    slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(50)]
    for connection in slow:
        connection.sendall(b"GET /feeds/all.rss HTTP/1.1\r\nHost")

    def read(number: int) -> list[int]:
        asked = {"If_None_Match": tag} if number % 4 else {"Accept_Encoding": ("gzip", "br", "identity")[number % 3]}
        return [ask(server, "/feeds/all.rss", **asked)[0] for _ in range(5)]

    with ThreadPoolExecutor(200) as readers:
        found = list(readers.map(read, range(200)))
    assert found == [[304] * 5 if number % 4 else [200] * 5 for number in range(200)]
    for connection in slow:
        connection.sendall(b": a\r\nConnection: close\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        connection.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /feeds/all.rss HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET " + b"/a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /feeds/%ff%fe.rss HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b'GET /feeds/all.rss HTTP/1.1\r\nHost: a\r\nIf-None-Match: "\xff\r\nRange: \xff\r\nConnection: close\r\n\r\n',
        b"GET http://other.example/feeds/all.rss HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
def test_odd_requests_do_no_harm(server: FeedServer, request_: bytes) -> None:
    port = int(server.url.rpartition(":")[2].rstrip("/"))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request_)
        answered = b""
        try:
            while piece := connection.recv(65536):
                answered += piece
        except ConnectionResetError:
            pass
    assert b"500" not in answered[:20]
    assert ask(server, "/feeds/all.rss")[0] == 200


def test_pages_of_ours_come_before_files(flow: Flow) -> None:
    for name in ("healthz", "readyz", "metrics", "other"):
        (flow.out / name).write_text("a file")
    (flow.out / "metrics.html").write_text("a file")
    answered: Counter[int] = Counter()
    pages = status_pages(lambda: {"loop": lambda: "stuck"}, lambda accept: (accept.encode(), "text/plain"))
    made = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom", pages=pages, answered=answered)
    made.start()
    try:
        assert ask(made, "/healthz")[2] == b'{"alive": true}\n'
        status, fields, body = ask(made, "/readyz")
        assert (status, json.loads(body)["checks"]) == (503, {"loop": "stuck"})
        assert (fields["cache-control"], "etag" in fields) == ("no-store", False)
        assert ask(made, "/metrics", Accept="text/x")[2] == b"text/x"
        assert ask(made, "/readyz", If_None_Match="*")[0] == 503
        assert ask(made, "/healthz", Range="bytes=0-1")[0] == 200
        assert ask(made, "/healthz", "HEAD")[2] == b""
        assert ask(made, "/healthz", "POST")[0] == 405
        # These are no pages of ours.
        for path in ("/other", "/metrics.html"):
            assert ask(made, path)[2] == b"a file"
        tag = ask(made, "/feeds/all.rss")[1]["etag"]
        assert ask(made, "/feeds/all.rss", If_None_Match=tag)[0] == 304
        assert ask(made, "/feeds/all.rss", If_None_Match=tag)[0] == 304
        assert ask(made, "/none")[0] == 404
    finally:
        made.stop()
    assert dict(answered) == {200: 7, 503: 2, 405: 1, 304: 2, 404: 1}


def test_without_metrics_a_file_of_that_name_is_a_file(flow: Flow) -> None:
    (flow.out / "metrics").write_text("a file")
    made = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom", pages=status_pages(dict, None))
    made.start()
    try:
        assert ask(made, "/metrics")[2] == b"a file"
        assert json.loads(ask(made, "/readyz")[2]) == {"ready": True, "checks": {}}
    finally:
        made.stop()

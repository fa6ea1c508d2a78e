"""The configurations of nginx and Caddy that we ship, on the real servers."""

import gzip
import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from feedbell.web.server import FeedServer
from tests.support.site import Flow, post, write
from tests.support.web_servers import running_caddy, running_nginx

DOCUMENT = Path(__file__).parents[2] / "docs/websub.md"
SETTINGS = """\
public_url = "https://feeds.example.org/"
[hub]
enabled = true
[feeds]
precompress = ["gzip"]
count = 4
hours = 0
"""


def _said(language: str) -> str:
    """Return the lines for a server that the document about WebSub gives."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return str(found).replace("https://example.org", "https://site.example")


def _nginx(folder: Path, feeds: Path) -> AbstractContextManager[int]:
    return running_nginx(folder, feeds, http=_said("nginx"), server="add_header Link $hub_links;\n")


def _caddy(folder: Path, feeds: Path) -> AbstractContextManager[int]:
    return running_caddy(folder, feeds, server=_said("caddyfile"))


@pytest.fixture(scope="module", params=[_nginx, _caddy], ids=["nginx", "caddy"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flow, int]]:
    """A site's feeds behind a server, and its port."""
    folder = tmp_path_factory.mktemp("server")
    flow = Flow(folder, f"sqlite:///{folder}/a.db", SETTINGS)
    flow.write(**{f"p{number}": post(f"P{number}", categories="[新闻]", body="文字 " * 200) for number in range(12)})
    flow.run()
    start: Callable[[Path, Path], AbstractContextManager[int]] = request.param
    try:
        with start(folder, flow.out) as port:
            yield flow, port
    finally:
        flow.close()


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("/feed.xml", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json; charset=utf-8"),
        ("/feeds/opml.xml", "text/x-opml; charset=utf-8"),
        ("/feeds/archive/all/1.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/", "text/html; charset=utf-8"),
        ("/feeds/style.css", "text/css; charset=utf-8"),
    ],
)
def test_files_are_what_they_are(served: tuple[Flow, int], path: str, media_type: str) -> None:
    status, fields, _ = ask(served[1], path)
    assert (status, fields["content-type"]) == (200, media_type)
    assert fields["access-control-allow-origin"] == "*"
    assert fields["x-content-type-options"] == "nosniff"
    assert "max-age=" in fields["cache-control"]


def test_the_compressed_file_is_sent(served: tuple[Flow, int]) -> None:
    flow, port = served
    _, fields, body = ask(port, "/feeds/all.rss", Accept_Encoding="gzip")
    assert fields["content-encoding"] == "gzip"
    assert body == (flow.out / "feeds/all.rss.gz").read_bytes()
    assert gzip.decompress(body) == ask(port, "/feeds/all.rss")[2]


def test_a_change_is_seen_within_the_second(served: tuple[Flow, int]) -> None:
    flow, port = served
    for number in range(3):
        fields = ask(port, "/feeds/all.rss")[1]
        assert ask(port, "/feeds/all.rss", If_None_Match=fields["etag"])[0] == 304
        flow.write(new=post(f"New {number}", body="文字 " * 200))
        flow.run()
        assert ask(port, "/feeds/all.rss", If_Modified_Since=fields["last-modified"])[0] == 200
        assert ask(port, "/feeds/all.rss", If_None_Match=fields["etag"])[0] == 200


def test_files_on_their_way_are_not_shown(served: tuple[Flow, int]) -> None:
    flow, port = served
    write(flow.out, {"feeds/.all.rss.1.tmp": "half a feed", ".secret": "x"})
    assert [ask(port, path)[0] for path in ("/feeds/.all.rss.1.tmp", "/.secret")] == [404, 404]
    assert ask(port, "/../a.db")[0] in (400, 404)
    assert ask(port, "/")[1]["location"].endswith("/feeds/")


def followed(port: int, path: str) -> list[str]:
    """Return the hub and the topic that the headers of a file name."""
    link = ask(port, path)[1].get("link", "")
    return re.findall(r'<[^>]*>; rel="(?:hub|self)"', link) if 'rel="hub"' in link else []


def test_headers_name_the_hub_as_our_own_server_does(served: tuple[Flow, int]) -> None:
    flow, port = served
    files = (path.relative_to(flow.out) for path in flow.out.rglob("*") if path.is_file() and path.suffix != ".gz")
    paths = [f"/{quote(str(path))}" for path in files if not path.name.startswith(".")]
    own = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom", hub_links=flow.app.websub.links)
    own.start()
    try:
        expected = {path: followed(urlsplit(own.url).port or 0, path) for path in paths}
    finally:
        own.stop()
    assert {path: followed(port, path) for path in paths} == expected
    # The whole site's four, and the category's three.
    assert sum(len(named) == 2 for named in expected.values()) == 7
    # One topic, however it is asked for.
    assert followed(port, "/feeds/all.rss?a=b") in ([], expected["/feeds/all.rss"])

"""The nginx configuration that we ship, on the real nginx."""

import gzip
import http.client
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import Flow, eventually, post, write

SHIPPED = Path(__file__).parents[2] / "config/nginx.conf"
_HTTP = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {server}
}}
"""


def _program() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found is not None, "nginx is needed: apt-get install nginx-light"
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flow, int]]:
    """A site's feeds behind nginx, and its port."""
    folder = tmp_path_factory.mktemp("nginx")
    flow = Flow(folder, f"sqlite:///{folder}/nginx.db", '[feeds]\nprecompress = ["gzip"]\ncount = 4\nhours = 0\n')
    flow.write(**{f"p{number}": post(f"P{number}", body="文字 " * 200) for number in range(12)})
    flow.run()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = SHIPPED.read_text().replace("listen 8080", f"listen 127.0.0.1:{port}").replace("/srv/feeds", str(flow.out))
    os.chmod(folder, 0o755)
    config = folder / "nginx.conf"
    # As root it would else drop its rights and may not read the test's folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    config.write_text(user + _HTTP.format(folder=folder, server=server))
    process = subprocess.Popen([_program(), "-c", str(config), "-p", str(folder)], stderr=subprocess.PIPE, text=True)
    try:
        eventually(lambda: _answers(port) or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield flow, port
    finally:
        process.terminate()
        process.communicate()
        flow.close()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


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
    assert [ask(port, path)[0] for path in ("/feeds/.all.rss.1.tmp", "/.secret", "/../nginx.conf")] == [404, 404, 400]
    assert ask(port, "/")[1]["location"].endswith("/feeds/")

"""`feedbell serve` and `feedbell snippet`, as their users have them."""

import socket
import urllib.request
from pathlib import Path

import pytest
from lxml import html

from tests.support.program import Program
from tests.support.site import copy_of_sample, write

HOST = "https://finews.withounder.com"


@pytest.fixture
def site(program: Program, tmp_path: Path) -> Path:
    """The sample site with its feeds."""
    made = copy_of_sample(tmp_path)
    assert program.call("once", cwd=made).code == 0
    return made


def test_it_serves_what_another_process_writes(program: Program, site: Path, tmp_path: Path) -> None:
    with program.running("serve", "--port", "0", cwd=site, log=tmp_path / "log") as running:
        address = running.await_said(r"serving on (\S+)")

        def titles() -> str:
            with urllib.request.urlopen(f"{address[1]}feeds/all.rss") as answer:
                return str(answer.read().decode())

        assert "New words" not in titles()
        write(site, {"_posts/2024-01-01-new.md": "---\ntitle: New words\n---\nText.\n"})
        assert program.call("once", cwd=site).code == 0
        assert "New words" in titles()
        assert running.stop() == 0


def test_a_request_that_never_comes_is_given_up(program: Program, site: Path, tmp_path: Path) -> None:
    with program.running("serve", "--port", "0", cwd=site, log=tmp_path / "log") as running:
        address = running.await_said(r"serving on http://127.0.0.1:(\d+)/")
        with socket.create_connection(("127.0.0.1", int(address[1])), timeout=90) as connection:
            connection.sendall(b"GET /feeds/all.rss HTTP/1.1\r\nHo")
            assert connection.recv(100) == b""


def test_a_snippet_leads_to_the_feeds(program: Program, site: Path) -> None:
    said = program.call("snippet", "--category", "emnews", cwd=site)
    assert said.code == 0
    links = html.fragment_fromstring(said.out, create_parent=True).findall("link")
    assert [(link.get("rel"), link.get("type"), link.get("href")) for link in links] == [
        ("alternate", f"application/{media}", f"{HOST}/feeds/{stem}.{format_}")
        for stem in ("all", "category/emnews")
        for media, format_ in (("rss+xml", "rss"), ("atom+xml", "atom"), ("feed+json", "json"))
    ]
    assert links[3].get("title") == "东财滚动新闻 – 金融消息"
    assert "_includes/head.html" in said.out
    every = program.call("snippet", "--all", "--json", cwd=site).json()
    assert len(every) == 3 * 8
    assert {one["href"].partition("/feeds/")[0] for one in every} == {HOST}


def test_a_snippet_of_what_is_not_there_says_what_to_do(program: Program, site: Path, tmp_path: Path) -> None:
    wrong = program.call("snippet", "--tag", "nothing", cwd=site)
    assert (wrong.code, wrong.out) == (2, "")
    assert "'nothing'" in wrong.err
    assert "feeds/index.html" in wrong.err
    early = program.call("snippet", cwd=copy_of_sample(tmp_path / "other"))
    assert early.code == 2
    assert "run feedbell once" in early.err

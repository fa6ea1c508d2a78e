"""Real feed readers, as the judges of what a subscriber sees as new: newsboat, rss2email and feedparser."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser

_MISSING = "the program `{}` is needed to ask a real reader: apt-get install newsboat rss2email"


class _Static(SimpleHTTPRequestHandler):
    """Says 304 by what a file holds: its time has whole seconds in HTTP, and a second sees two publishes."""

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        body = file.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        known = self.headers.get("If-None-Match") == tag
        self.send_response(304 if known else 200)
        self.send_header("ETag", tag)
        if not known:
            self.send_header("Content-Type", self.guess_type(str(file)))
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not known:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Host:
    """A web server on loopback whose folder can be exchanged, as when a site moves to another program."""

    def __init__(self) -> None:
        self.folder = Path()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve until the block ends; give the address."""

        def answer(*arguments: object) -> None:
            partial(_Static, directory=str(self.folder))(*arguments)

        with ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()


class Newsboat:
    """A subscriber with newsboat."""

    def __init__(self, folder: Path, urls: list[str]) -> None:
        folder.mkdir()
        self._folder = folder
        (folder / "urls").write_text("\n".join(urls) + "\n")
        (folder / "config").write_text("")

    def poll(self) -> int:
        """Reload every feed, read everything, and return how many articles were new."""
        files = [f"--{name}={self._folder / file}" for name, file in _NEWSBOAT_FILES.items()]
        _run([_program("newsboat"), *files, "-x", "reload"], self._folder)
        with sqlite3.connect(self._folder / "cache.db") as cache:
            (unread,) = cache.execute("SELECT count(*) FROM rss_item WHERE unread = 1").fetchone()
            cache.execute("UPDATE rss_item SET unread = 0")
        cache.close()
        return int(unread)


_NEWSBOAT_FILES = {"url-file": "urls", "cache-file": "cache.db", "config-file": "config"}


class Rss2Email:
    """A subscriber with rss2email, which writes a mail into a folder for each new entry."""

    def __init__(self, folder: Path, urls: list[str]) -> None:
        folder.mkdir()
        self._folder = folder
        self._mails = folder / "mails"
        for name in ("new", "cur", "tmp"):
            (self._mails / "inbox" / name).mkdir(parents=True)
        self._call("new", "reader@example.org")
        config = ConfigParser(interpolation=None)
        config.read(folder / "config")
        config["DEFAULT"].update(
            {"email-protocol": "maildir", "maildir-path": f"{self._mails}", "maildir-mailbox": "inbox"}
        )
        with open(folder / "config", "w") as file:
            config.write(file)
        for number, url in enumerate(urls):
            self._call("add", f"feed{number}", url)

    def poll(self) -> int:
        """Fetch every feed and return how many mails that made."""
        self._call("run")
        mails = list((self._mails / "inbox" / "new").iterdir())
        for mail in mails:
            mail.unlink()
        return len(mails)

    def _call(self, *arguments: str) -> None:
        files = ["-c", str(self._folder / "config"), "-d", str(self._folder / "state.json")]
        _run([_program("r2e"), *files, *arguments], self._folder)


class Feedparser:
    """A subscriber that knows entries by their ids, as most do."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._seen: set[tuple[str, str]] = set()

    def poll(self) -> int:
        """Fetch every feed and return how many entries were new."""
        found = set()
        for url in self._urls:
            with urllib.request.urlopen(url) as answer:
                parsed = feedparser.parse(answer.read())
            assert not parsed.bozo, (url, parsed.bozo_exception)
            found |= {(url, entry.id) for entry in parsed.entries}
        new = found - self._seen
        self._seen |= found
        return len(new)


def _run(command: list[str], home: Path) -> None:
    environment = {**os.environ, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    ended = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, f"{command} failed: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, _MISSING.format(name)
    return found

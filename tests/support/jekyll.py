"""The real Jekyll and the real Ruby, as the judges of how we read a site."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_MISSING = "the program `{}` is needed to compare with the real Jekyll: apt-get install jekyll ruby-jekyll-feed"
_ATOM = "{http://www.w3.org/2005/Atom}"
_DUMP = """---
layout: null
---
[{% for post in site.posts %}{% unless forloop.first %},{% endunless %}
{ "path": {{ post.path | jsonify }}, "id": {{ post.id | absolute_url | jsonify }},
  "url": {{ post.url | absolute_url | jsonify }}, "published": {{ post.date | date_to_xmlschema | jsonify }},
  "categories": {{ post.categories | jsonify }}, "tags": {{ post.tags | jsonify }},
  "title": {{ post.title | jsonify }} }
{% endfor %}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What Jekyll made of a site: every post as Liquid sees it, and jekyll-feed's entries as (id, link, published)."""

    posts: list[dict[str, Any]]
    entries: set[tuple[str, str, str]]


def write_site(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, given by their paths relative to `folder`."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())


def build(site: Path, scratch: Path) -> Built:
    """Build a site with Jekyll and jekyll-feed in a copy under `scratch`."""
    copy = scratch / "site"
    shutil.copytree(site, copy)
    (copy / "dump.json").write_text(_DUMP)
    config = (copy / "_config.yml").read_text()
    kept = [line for line in config.splitlines() if not line.startswith("theme:")]
    (copy / "_config.yml").write_text("\n".join(kept) + "\n")
    override = "safe: false\nplugins: [jekyll-feed]\nfeed: {posts_limit: 100000}\n"
    (copy / "override.yml").write_text(override)
    run_jekyll(copy, scratch / "out", "_config.yml,override.yml")
    posts = json.loads((scratch / "out" / "dump.json").read_text())
    feed = scratch / "out" / "feed.xml"
    entries = {(entry.id, entry.link, entry.published) for entry in read_atom(feed)} if feed.exists() else set()
    return Built(posts=posts, entries=entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomEntry:
    """An entry of jekyll-feed's."""

    id: str
    link: str
    published: str
    updated: str
    author: tuple[str, str | None, str | None]  # name, email, uri
    terms: tuple[str, ...]
    summary: str | None  # what a reader sees
    image: str | None
    content: str | None  # HTML


def read_atom(path: Path) -> list[AtomEntry]:
    """Read a feed of jekyll-feed's. Version 0.17 does not escape the `&` of a link, so its feed may be no XML."""
    feed = re.sub(r"&(?!\w+;|#\d+;)", "&amp;", path.read_text())
    return [_entry(entry) for entry in ElementTree.fromstring(feed).iter(f"{_ATOM}entry")]


def run_jekyll(site: Path, out: Path, config: str = "_config.yml") -> None:
    """Build a site where it stands."""
    _run([_program("jekyll"), "build", "-q", "--config", config, "-d", str(out)], cwd=site)


def _entry(entry: ElementTree.Element) -> AtomEntry:
    link, author = entry.find(f"{_ATOM}link"), entry.find(f"{_ATOM}author")
    assert link is not None
    assert author is not None
    image = entry.find("{http://search.yahoo.com/mrss/}thumbnail")
    summary = entry.findtext(f"{_ATOM}summary")
    return AtomEntry(
        id=entry.findtext(f"{_ATOM}id", ""),
        link=link.get("href", ""),
        published=entry.findtext(f"{_ATOM}published", ""),
        updated=entry.findtext(f"{_ATOM}updated", ""),
        author=(
            author.findtext(f"{_ATOM}name", ""),
            author.findtext(f"{_ATOM}email"),
            author.findtext(f"{_ATOM}uri"),
        ),
        terms=tuple(term.get("term", "") for term in entry.findall(f"{_ATOM}category")),
        summary=None if summary is None else html.unescape(summary),
        image=None if image is None else image.get("url"),
        content=entry.findtext(f"{_ATOM}content"),
    )


def ask_ruby(script: str, question: object) -> Any:
    """Run a Ruby script that reads JSON from standard input and writes JSON to standard output."""
    answer = _run([_program("ruby"), "-rjson", "-e", script], stdin=json.dumps(question))
    return json.loads(answer)


def _run(command: list[str], *, cwd: Path | None = None, stdin: str = "") -> str:
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(command, cwd=cwd, input=stdin, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, f"{command[0]} failed: {ended.stderr[-2000:]}"
    return ended.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, _MISSING.format(name)
    return found

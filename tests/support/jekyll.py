"""The real Jekyll and the real Ruby, as the judges of how we read a site."""

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
    _run(
        [_program("jekyll"), "build", "-q", "--config", "_config.yml,override.yml", "-d", str(scratch / "out")],
        cwd=copy,
    )
    posts = json.loads((scratch / "out" / "dump.json").read_text())
    # jekyll-feed 0.17 does not escape the `&` of a link, so its feed may be no XML.
    feed = re.sub(r"&(?!\w+;|#\d+;)", "&amp;", (scratch / "out" / "feed.xml").read_text())
    return Built(posts=posts, entries=set(map(_entry, ElementTree.fromstring(feed).iter(f"{_ATOM}entry"))))


def _entry(entry: ElementTree.Element) -> tuple[str, str, str]:
    link = entry.find(f"{_ATOM}link")
    assert link is not None
    return entry.findtext(f"{_ATOM}id", ""), link.get("href", ""), entry.findtext(f"{_ATOM}published", "")


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

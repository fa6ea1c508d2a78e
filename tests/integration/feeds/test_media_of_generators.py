"""A podcast's front matter in sites of other generators: the same feeds come of it."""

import json
from pathlib import Path

import pytest

from tests.support.site import Flow, write

HUGO = 'baseURL = "https://site.example/"\ntitle = "T"\n'
ZOLA = 'base_url = "https://site.example"\ntitle = "T"\n'


@pytest.mark.parametrize(
    ("config_name", "config", "path", "text", "file", "url"),
    [
        ("hugo.toml", HUGO, "content/posts/a/index.md",
         '+++\ntitle = "A"\ndate = 2024-05-01T10:00:00Z\n'
         '[enclosure]\nurl = "one.mp3"\ntype = "audio/mpeg"\n+++\nWords.\n',
         "content/posts/a/one.mp3", "https://site.example/posts/a/one.mp3"),
        ("hugo.toml", HUGO, "content/posts/a.md",
         '+++\ntitle = "A"\ndate = 2024-05-01T10:00:00Z\n[params]\naudio = "/one.mp3"\n+++\nWords.\n',
         "static/one.mp3", "https://site.example/one.mp3"),
        ("zola.toml", ZOLA, "content/a.md",
         '+++\ntitle = "A"\ndate = 2024-05-01T10:00:00Z\n[extra]\naudio = "/one.mp3"\n+++\nWords.\n',
         "static/one.mp3", "https://site.example/one.mp3"),
    ],
    ids=["bundle", "static", "zola"],
)  # fmt: skip
def test_the_file_is_an_attachment(
    tmp_path: Path, config_name: str, config: str, path: str, text: str, file: str, url: str
) -> None:
    write(tmp_path / "site", {path: text, file: b"x" * 77})
    flow = Flow(tmp_path, f"sqlite:///{tmp_path / 'f.db'}", config=config, config_name=config_name)
    flow.run()
    (item,) = json.loads((flow.out / "feeds/all.json").read_bytes())["items"]
    assert item["attachments"] == [{"url": url, "mime_type": "audio/mpeg", "size_in_bytes": 77}]
    flow.close()

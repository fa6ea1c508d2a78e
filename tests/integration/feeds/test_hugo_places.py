"""Feeds of a Hugo site stand where Hugo puts its own, and say the addresses that Hugo's say."""

from pathlib import Path

import pytest
from lxml import etree

from tests.support.hugo import build
from tests.support.site import ATOM, Flow, write

POST = "---\ntitle: A\ndate: 2024-05-01T10:00:00Z\ntags: [Big News]\ncategories: [über]\n---\nText.\n"
SITE = """
baseURL = "https://site.example/sub/"
title = "T"
disableKinds = ["section", "taxonomy"]
defaultContentLanguage = "en"
"""
TWO = """
[languages.en]
weight = 1
[languages.de]
weight = 2
"""
HOSTS = (
    SITE
    + """
[languages.en]
baseURL = "https://en.example/x/"
[languages.de]
baseURL = "https://de.example/"
"""
)
ONE_HOST = SITE + TWO.replace("weight = 2", 'baseURL = "https://de.example/"')
IN_FOLDER = f"{SITE}defaultContentLanguageInSubdir = true\n"


def flow_of(folder: Path, database_url: str, config: str, settings: str = "") -> Flow:
    flow = Flow(folder, database_url, settings, config=config, config_name="hugo.toml")
    write(flow.site, {"content/posts/a.md": POST, "content/posts/a.de.md": POST})
    flow.run()
    flow.close()
    return flow


def self_links(out: Path) -> dict[str, str]:
    """Return the address that each RSS feed of Hugo's name says of itself, by its path."""
    return {
        str(file.relative_to(out)): next(
            link.get("href") for link in etree.parse(file).iter(f"{ATOM}link") if link.get("rel") == "self"
        )
        for file in out.rglob("index.xml")
    }


@pytest.mark.parametrize(
    "config",
    [
        SITE,
        SITE + TWO,
        IN_FOLDER,
        IN_FOLDER + TWO,
        HOSTS,
        ONE_HOST,
        f"{HOSTS}disabled = true\n",
    ],
)
def test_former_feeds_have_hugos_places_and_addresses(tmp_path: Path, database_url: str, config: str) -> None:
    flow = flow_of(tmp_path, database_url, config)
    build(flow.site, tmp_path)
    theirs = self_links(tmp_path / "public")
    assert len(theirs) >= 3
    assert self_links(flow.out) == theirs


def test_a_language_in_a_folder_leaves_the_addresses_of_files_alone(tmp_path: Path, database_url: str) -> None:
    out = flow_of(tmp_path, database_url, IN_FOLDER + TWO).out
    english, german = ((out / path).read_text() for path in ("feeds/all.atom", "de/feeds/all.atom"))
    assert 'href="https://site.example/sub/feeds/all.atom" rel="self"' in english
    assert 'href="https://site.example/sub/en/" rel="alternate"' in english
    assert 'href="https://site.example/sub/de/feeds/all.atom" rel="self"' in german
    assert 'xmlUrl="https://site.example/sub/feeds/all.atom"' in (out / "feeds/opml.xml").read_text()


@pytest.mark.parametrize("config", [IN_FOLDER + TWO, HOSTS])
def test_the_address_that_the_owner_says_comes_first(tmp_path: Path, database_url: str, config: str) -> None:
    settings = '[site]\nfeeds_url = "https://feeds.example/x"\n'
    out = flow_of(tmp_path, database_url, config, settings).out
    assert self_links(out)["de/index.xml"] == "https://feeds.example/x/de/index.xml"
    assert 'href="https://feeds.example/x/feeds/all.atom" rel="self"' in (out / "feeds/all.atom").read_text()


def test_each_host_serves_the_feeds_of_its_language(tmp_path: Path, database_url: str) -> None:
    out = flow_of(tmp_path, database_url, HOSTS).out
    german = (out / "de/feeds/all.atom").read_text()
    assert 'href="https://de.example/feeds/all.atom" rel="self"' in german
    assert 'href="https://de.example/" rel="alternate"' in german
    assert 'href="https://en.example/x/feeds/all.atom" rel="self"' in (out / "en/feeds/all.atom").read_text()
    # No host serves what stands above the folders of the languages.
    assert {path.relative_to(out).parts[0] for path in out.rglob("*") if path.is_file()} == {"de", "en"}
    assert "https://en.example/x/feeds/index.html" in (out / "de/feeds/index.html").read_text()
    assert "https://de.example/feeds/index.html" in (out / "en/feeds/index.html").read_text()
    assert 'xmlUrl="https://de.example/feeds/tag/Big-News.atom"' in (out / "de/feeds/opml.xml").read_text()

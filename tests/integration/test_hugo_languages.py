"""The languages, folders and configuration files of a Hugo site are read as the real Hugo reads them."""

from pathlib import Path
from urllib.parse import urljoin

import pytest
from lxml.html import fromstring

from feeds.sources.hugo.site import open_site
from feeds.sources.site import Overrides, ReadingOptions
from tests.integration.test_hugo_differential import BASE, DAY, assert_same, post
from tests.support.hugo import build
from tests.support.jekyll import write_site

BASE_URL = "https://example.org/blog/posts/a/"
SUFFIXED = {
    "content/posts/a.md": post(f"title: A\n{DAY}"),
    "content/posts/a.de.md": post(f"title: A\n{DAY}"),
    "content/posts/a.fr.md": post(f"title: A\n{DAY}"),
    "content/posts/b.de.md": post(f"title: A\n{DAY}"),
    "content/posts/c.en.md": post(f"title: A\n{DAY}"),
    "content/posts/x.de.y.md": post(f"title: A\n{DAY}"),
    "content/posts/de.md": post(f"title: A\n{DAY}"),
    "content/posts/de.b.md": post("title: A"),
    "content/posts/DE.DE.md": post("title: A"),
    "content/posts/k.DE.md": post(f"title: A\n{DAY}"),
    "content/posts/a.b.c.de.md": post(f"title: A\n{DAY}"),
    "content/posts/z.zz.md": post(f"title: A\n{DAY}"),
    "content/posts/_language_de_.md": post("title: A"),
    "content/posts/w._language_de_.md": post("title: A"),
    "content/posts/bun/index.md": post(f"title: A\n{DAY}"),
    "content/posts/bun/index.de.md": post(f"title: A\n{DAY}"),
    "content/posts/bun/other.de.md": post("x: y"),
    "content/posts/bun2/index.de.md": post(f"title: A\n{DAY}"),
    "content/posts/bun2/o.md": post(f"title: A\n{DAY}"),
    "content/posts/u.de.md": post(f"title: A\nurl: /abs/x/\n{DAY}"),
    "content/posts/u2.de.md": post(f"title: A\nurl: rel/x/\n{DAY}"),
    "content/posts/u3.de.md": post(f"title: A\nurl: /de/x/\n{DAY}"),
    "content/named/_index.de.md": post("title: A\nslug: benannt"),
    "content/named/x.md": post("title: A"),
    "content/named/x.de.md": post("title: A"),
}
TWO = """
defaultContentLanguage = 'en'
[languages.en]
weight = 2
[languages.de]
weight = 1
languageCode = 'de-AT'
title = 'TD'
"""
HOSTS = TWO.replace("weight = 1", "weight = 1\nbaseURL = 'https://de.example.org/'").replace(
    "weight = 2", "weight = 2\nbaseURL = 'https://en.example.org/x/'"
)
OWN = (
    "locale = 'en-GB'\n[permalinks]\nposts = '/:year/:filename/'\nq = '/q/'\n"
    + TWO
    + "timeZone = 'Asia/Tokyo'\n[languages.de.permalinks]\nposts = '/d/:filename/'\n"
    + "[languages.de.taxonomies]\nx = 'xs'\n"
)


@pytest.mark.parametrize(
    ("config", "default"),
    [
        (TWO, "en"),
        (TWO.replace("Language = 'en'", "Language = 'de'"), "de"),
        ("defaultContentLanguageInSubdir = true\n" + TWO, "en"),
        ("disableLanguages = ['de']\n" + TWO, "en"),
        (TWO + "disabled = true\n[languages.fr]\nweight = 3\n", "en"),
        (HOSTS, "en"),
        ("defaultContentLanguageInSubdir = true\n", "en"),
        ("defaultContentLanguage = 'de'\nlocale = 'de-CH'\n", "de"),
        (OWN, "en"),
        ("[languages.de]\n[languages.fr]\n", "de"),
    ],
)
def test_languages_in_names_are_hugos(tmp_path: Path, config: str, default: str) -> None:
    write_site(tmp_path / "site", {"hugo.toml": BASE + config, **SUFFIXED})
    assert_same(tmp_path / "site", build(tmp_path / "site", tmp_path), default)


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[languages.en]\ntitle = 'x'\n",
        "[languages.en]\n[languages.de]\n",
        "[languages.en]\n[languages.de]\ndisabled = true\n",
        "disableLanguages = ['de']\n[languages.en]\n[languages.de]\n",
        "[languages.en]\nbaseURL = 'https://en.example.org/'\n",
    ],
)
def test_links_between_files_lead_where_hugo_leads_them(tmp_path: Path, config: str) -> None:
    text = "---\ntitle: A\n---\n[a](/posts/b) [b](b.md) [c](b.md#x) [d](/posts/b.md) [e](gone.md) [f](./b)\n"
    text += "[g](cased-one) [h](/posts/CASED-ONE.md)\n"
    site = tmp_path / "site"
    others = {f"content/posts/{name}.md": post("title: B") for name in ("b", "Cased One")}
    write_site(site, {"hugo.toml": BASE + config, "content/posts/a.md": text, **others})
    theirs = {found["file"]: found["summary"] for found in build(site, tmp_path).posts}["content/posts/a.md"]
    opened = open_site(site, Overrides(), ReadingOptions(root=str(site)))
    ours = opened.reader.body("content/posts/a.md", text.encode()).html
    leads = [[urljoin(BASE_URL, href) for href in fromstring(html).xpath("//a/@href")] for html in (ours, theirs)]
    assert leads[0] == leads[1]


FOLDERS = {
    "content/en/posts/a.md": post(f"title: A\n{DAY}"),
    "content/de/posts/a.md": post(f"title: A\n{DAY}"),
    "content/de/posts/b.md": post(f"title: A\n{DAY}"),
    "content/en/posts/bun/index.md": post(f"title: A\n{DAY}"),
    "content/de/posts/bun/other.md": post(f"title: A\n{DAY}"),
    "content/en/posts/c.de.md": post(f"title: A\n{DAY}"),
    "content/fr/x.md": post("title: A"),
    "content/top.md": post("title: A"),
    "site/texts/a.md": post("title: A"),
    "more/m.md": post("title: A"),
    "more/no.md": post("title: A"),
    "more/no2.md": post("title: A"),
    "more/k/no.md": post("title: A"),
    "more/dir/x.md": post("title: A"),
}
MOUNTS = """
[languages.en]
[languages.de]
[[module.mounts]]
source = 'content/en'
target = 'content'
[[module.mounts]]
source = 'content/de'
target = 'content/sub'
[module.mounts.sites.matrix]
languages = ['de']
[[module.mounts]]
source = 'more'
target = 'content/posts'
files = ['! **/no.md', '! /no2.md', '! /dir']
"""


@pytest.mark.parametrize(
    "config",
    [
        "[languages.en]\ncontentDir = 'content/en'\n[languages.de]\ncontentDir = 'content/de'\n",
        "contentDir = 'site/texts'\n",
        MOUNTS,
        MOUNTS.replace("['! **/no.md', '! /no2.md', '! /dir']", "['k/**', 'no2.md']"),
    ],
)
def test_languages_in_folders_and_mounts_are_hugos(tmp_path: Path, config: str) -> None:
    write_site(tmp_path / "site", {"hugo.toml": BASE + config, **FOLDERS})
    assert_same(tmp_path / "site", build(tmp_path / "site", tmp_path))


ZH = "baseurl: https://example.org/\ndefaultContentLanguage: zh-cn\nLanguages:\n  en: {title: x}\n"


@pytest.mark.parametrize(
    ("files", "default"),
    [
        ({"hugo.yaml": "baseurl: https://example.org/\nLanguages:\n  en: {title: x}\n  ZH-cn: {title: y}\n"}, "en"),
        ({"config.yml": ZH + "  zh-cn: {title: y, languageCode: zh-Hans}\n"}, "zh-cn"),
        ({"config.json": '{"BaseURL": "https://example.org/j/", "uglyurls": true}'}, "en"),
        (
            {
                "config/_default/hugo.toml": BASE,
                "config/_default/languages.toml": "[en]\ntitle = 'E'\n[de]\ntitle = 'D'\n",
                "config/_default/params.yaml": "author: X\n",
                "config/_default/permalinks.toml": "posts = '/x/:filename/'\n",
                "config/_default/params.de.toml": "description = 'DD'\n",
                "config/production/config.json": '{"baseURL": "https://prod.example.org/"}',
                "config/staging/hugo.toml": "baseURL = 'https://st.example.org/'",
            },
            "en",
        ),
        (
            {
                "hugo.toml": "baseURL = 'https://a.example/'\ntitle = 'x'",
                "config/_default/config.yml": "baseURL: https://b.example/\n",
                "config.toml": "baseURL = 'https://c.example/'",
                "config/_default/cascade.yaml": "cascade:\n  - tags: [all]\n",
            },
            "en",
        ),
        (
            {
                "config/_default/hugo.toml": BASE,
                "config/_default/languages/de.toml": "title = 'D'\n",
                "config/_default/languages.en.toml": "title = 'E'\nweight = 1\n",
                "config/_default/languages.de.toml": "locale = 'de-DE'\n",
            },
            "en",
        ),
    ],
)
def test_configuration_files_are_hugos(tmp_path: Path, files: dict[str, str], default: str) -> None:
    chinese = {"content/b.zh-cn.md": post("title: A"), "content/b.md": post("title: A")}
    write_site(tmp_path / "site", {**files, **SUFFIXED, **chinese})
    assert_same(tmp_path / "site", build(tmp_path / "site", tmp_path), default)

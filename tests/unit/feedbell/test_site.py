"""What feedbell.toml and the site say together: whose word counts, and what is refused with which advice."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from feedbell.settings import FieldSettings, Settings, SiteSettings, SourceSettings
from feedbell.site import Place, Site, main_profile, read_site, site_facts
from tests.support.site import write

HUGO = {"hugo.toml": 'baseURL = "https://hugo.example/sub/"\ntitle = "Hugo"\n', "content/a.md": "---\ntitle: A\n---\n"}
JEKYLL = {"_config.yml": "title: Jekyll\nurl: https://jekyll.example\nbaseurl: /blog\n"}


def read(
    folder: Path, files: dict[str, str], site: SiteSettings | None = None, **source: object
) -> tuple[Site, Settings]:
    write(folder, files)
    settings = Settings(site=site or SiteSettings(), sources=(SourceSettings.model_validate(source),))
    return read_site(Place(folder=folder, config=None, settings=settings), settings.sources[0]), settings


@pytest.mark.parametrize(
    ("files", "said", "home"),
    [
        (HUGO, None, "https://hugo.example/sub/"),
        (HUGO, "https://other.example", "https://other.example/"),
        (JEKYLL, None, "https://jekyll.example/blog/"),
        # An address without a path leaves the site's own base path, one with a path does not.
        (JEKYLL, "https://other.example", "https://other.example/blog/"),
        (JEKYLL, "https://other.example/new/", "https://other.example/new/"),
    ],
)
def test_the_owners_address_comes_first(tmp_path: Path, files: dict[str, str], said: str | None, home: str) -> None:
    site, settings = read(tmp_path, files, SiteSettings(url=said, title="Ours"))
    facts = site_facts(main_profile([site], settings), [site], settings)
    assert (facts.home_url, facts.title) == (home, "Ours")


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({"_config.yml": "title: x\n"}, "Write `url: https://example.org` into _config.yml"),
        (
            {"hugo.toml": 'title = "x"\n', "content/a.md": "a"},
            'Write `baseURL = "https://example.org/"` into hugo.toml',
        ),
        ({"pelicanconf.py": "SITENAME = 'x'\n", "content/a.md": "Title: a\n\na"}, "into publishconf.py"),
        ({"a.md": "# A\n"}, 'Write `url = "https://example.org"` below [site] into feedbell.toml'),
    ],
)
def test_a_missing_address_is_told_with_its_place(tmp_path: Path, files: dict[str, str], advice: str) -> None:
    site, settings = read(tmp_path, files)
    with pytest.raises(ConfigurationError) as caught:
        site_facts(main_profile([site], settings), [site], settings)
    assert "no absolute address" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("files", "source", "told"),
    [
        (JEKYLL, {"fields": FieldSettings(title="headline")}, "sources.site.fields"),
        (HUGO, {"fields": FieldSettings(title="headline")}, "sources.site.fields"),
        (HUGO, {"url_pattern": "/:path/"}, "permalinks"),
        ({"a.md": "# A\n"}, {"url_pattern": "/:what/"}, ":what is no token. Known are"),
        ({}, {}, "no site here"),
    ],
)
def test_what_has_no_effect_is_refused(
    tmp_path: Path, files: dict[str, str], source: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, files, SiteSettings(url="https://x.example"), **source)
    assert told in str(caught.value)


def test_a_relative_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not absolute"):
        read(tmp_path, JEKYLL, SiteSettings(url="example.org"))

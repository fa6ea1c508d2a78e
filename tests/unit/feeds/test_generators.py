"""Which generator made a site is seen from what its own documentation says a site has."""

from pathlib import Path

import pytest

from feeds.sources.generators import recognise

POST = "---\ntitle: A\n---\nText.\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"_config.yml": "title: x\n"}, "jekyll"),
        ({"_posts/2024-01-01-a.md": POST}, "jekyll"),
        ({"hugo.toml": 'baseURL = "https://x/"\n', "content/a.md": POST}, "hugo"),
        ({"config.toml": 'baseURL = "https://x/"\n', "content/a.md": POST}, "hugo"),
        ({"config.yaml": "baseURL: https://x/\n", "content/a.md": POST}, "hugo"),
        ({"config/_default/hugo.toml": 'baseURL = "https://x/"\n', "content/a.md": POST}, "hugo"),
        ({"config.toml": 'base_url = "https://x"\n', "content/a.md": POST}, "zola"),
        # Both generators know the key; Zola's is a list of tables.
        (
            {"config.toml": 'base_url = "https://x"\ntaxonomies = [{name = "tags"}]\n', "content/a.md": POST},
            "zola",
        ),
        ({".eleventy.js": "module.exports = {};\n", "posts/a.md": POST}, "eleventy"),
        ({"eleventy.config.mjs": "export default {};\n", "posts/a.md": POST}, "eleventy"),
        ({"pelicanconf.py": "SITENAME = 'x'\n", "content/a.md": POST}, "pelican"),
        ({"notes/a.md": "# A\n"}, "plain"),
    ],
)
def test_a_site_is_recognised(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = recognise(tmp_path)
    assert found is not None
    assert found.type == expected


def test_an_empty_folder_is_no_site(tmp_path: Path) -> None:
    assert recognise(tmp_path) is None

"""Which generator made a site is seen from what its own documentation says a site has."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from feeds.sources.generators import open_site, recognise
from feeds.sources.site import Overrides, ReadingOptions

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


@pytest.mark.parametrize(
    ("files", "expected", "said"),
    [
        ({"config.toml": 'base_url = "https://x"\ntitle = "a\n'}, "zola", r"config\.toml, line 2, column 11: "),
        ({"config.toml": 'title = "a\nbaseURL = "https://x"\n'}, "hugo", r"config\.toml, line 1, column 11: "),
        ({"config.toml": 'title = "a\nbaseurl = "https://x"\n'}, "hugo", r"config\.toml, line 1, column 11: "),
        ({"config.yaml": "baseURL: https://x\ntitle: [\n"}, "hugo", r"config\.yaml, line "),
        ({"config.json": '{"baseURL": "https://x",\n "title": }'}, "hugo", r"config\.json, line 2, column 11: "),
        ({"config.json": '{"title": "a", "baseURL": "https://x",}'}, "hugo", r"config\.json, line 1, "),
        (
            {"config.toml": 'baseURL = "https://x"\n', "config/_default/params.toml": "a = \n"},
            "hugo",
            r"config/_default/params\.toml, line 1, ",
        ),
        ({"config.toml": b'base_url = "https://x"\ntitle = "\xe4"\n'}, "zola", r"config\.toml, line 2: is not UTF-8"),
        ({"config.toml": b'baseURL = "https://x"\ntitle = "\xe4"\n'}, "hugo", r"config\.toml: cannot be read"),
        ({"zola.toml": "title = \n"}, "zola", r"zola\.toml, line 1, "),
        ({"hugo.toml": "title = \n"}, "hugo", r"hugo\.toml, line 1, "),
    ],
)
def test_a_slip_in_the_configuration_makes_no_plain_folder(
    tmp_path: Path, files: dict[str, str | bytes], expected: str, said: str
) -> None:
    for path, content in {"content/a.md": POST, **files}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = recognise(tmp_path)
    assert found is not None
    assert found.type == expected
    with pytest.raises(ConfigurationError, match=said):
        open_site(found.type, tmp_path, Overrides(), ReadingOptions(root=str(tmp_path)))

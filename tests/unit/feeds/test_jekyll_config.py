"""What `_config.yml` says."""

import pytest

from core.errors import ConfigurationError
from feeds.model import Author
from feeds.sources.jekyll.config import JekyllConfig, read_jekyll_config


def test_an_empty_file_means_jekylls_defaults() -> None:
    assert read_jekyll_config("") == JekyllConfig()
    assert read_jekyll_config("# nothing\n") == JekyllConfig()


def test_every_key_that_counts_is_read() -> None:
    config = read_jekyll_config(
        "\ufefftitle: 金融消息\r\nlang: zh-CN\r\nurl: https://a.example\r\nbaseurl: /b/\r\ndescription: News\r\n"
        "timezone: Asia/Shanghai\r\npermalink: pretty\r\nexclude: [x, y/]\r\nfuture: yes\r\nunpublished: 'yes'\r\n"
        "author: {name: A, email: a@b.c, uri: https://a.b}\r\n"
    )
    assert (config.title, config.language, config.url, config.baseurl) == (
        "金融消息",
        "zh-CN",
        "https://a.example",
        "/b",
    )
    assert (config.description, config.timezone, config.permalink) == ("News", "Asia/Shanghai", "pretty")
    assert config.exclude[:2] == ("x", "y/")
    assert (config.future, config.unpublished) == (True, False)
    assert config.author == Author(name="A", email="a@b.c", uri="https://a.b")


def test_a_source_elsewhere_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="--site src"):
        read_jekyll_config("source: ./src\n")
    assert read_jekyll_config("source: .\n").url == ""


@pytest.mark.parametrize(("written", "base"), [("", ""), ("/", ""), ("b", "/b"), ("/b/", "/b"), ("/b/c", "/b/c")])
def test_baseurl_is_normalised_as_jekyll_does(written: str, base: str) -> None:
    assert read_jekyll_config(f"baseurl: '{written}'\n").baseurl == base


def test_name_stands_in_for_a_missing_title() -> None:
    assert read_jekyll_config("name: N\nlanguage: en\nauthor: Ann\n") == JekyllConfig(
        title="N", language="en", author=Author(name="Ann")
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("title: x\nurl: [a\n", ["line 3", "Mend"]),
        ("- a\n", ["line 1", "key: value"]),
        ("title: x\ntimezone: Mars/Olympus\n", ["line 2", "Mars/Olympus", "Asia/Shanghai"]),
        ("timezone: ../../etc/passwd\n", ["line 1"]),
        ("a: !!python/name:os.system x\n", ["line 1", "tag"]),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_jekyll_config(text)
    for part in parts:
        assert part in str(caught.value)

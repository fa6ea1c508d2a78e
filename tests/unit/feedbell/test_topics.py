"""Topics are the public addresses of feeds and nothing else."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbell.websub.topics import Topics
from feeds.layout import Layout, SiteFacts

FACTS = SiteFacts(
    title="T",
    description="",
    home_url="https://a.example/b c/",
    served_at={"": "https://a.example/b%20c/", "de/": "https://de.example/"},
    language=None,
    zone=ZoneInfo("UTC"),
    authors=(),
    labels={},
)
TOPICS = Topics(Layout(Path("out"), FACTS))
NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)


@given(st.lists(NAMES, min_size=1, max_size=4).map("/".join))
def test_there_and_back(path: str) -> None:
    topic = TOPICS.topic(path)
    assert TOPICS.path(topic) == path
    # Nothing but reserved characters needs its encoding, and none is wrong.
    start = "https://de.example/" if path.startswith("de/") else "https://a.example/b%20c/"
    rest = topic.removeprefix(start)
    everything = "".join(
        f"%{byte:02x}" if chr(byte).isalnum() and byte < 128 else quote(bytes([byte]), safe="/-._~")
        for byte in unquote(rest).encode()
    )
    assert TOPICS.path(start + everything) == path


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("https://a.example/b%20c/feeds/all.atom", "feeds/all.atom"),
        ("https://a.example/%62%20c/feeds/all.atom", "feeds/all.atom"),
        ("https://de.example/feeds/all.atom", "de/feeds/all.atom"),
        # A folder that has an address of its own has no other.
        ("https://a.example/b%20c/de/feeds/all.atom", None),
        ("https://a.example/b c/feeds/all.atom", None),
        ("https://a.example/feeds/all.atom", None),
        ("https://a.example/b%20c/", None),
        ("https://a.example/b%20c/../x", None),
        ("https://a.example/b%20c/%2e%2e/x", None),
        ("https://a.example/b%20c/x%2Fy", None),
        ("https://a.example/b%20c//x", None),
        ("https://a.example/b%20c/x?y", None),
        ("https://a.example/b%20c/x#y", None),
        ("https://a.example/b%20c/%ff", None),
        ("https://a.example.org/b%20c/x", None),
        ("HTTPS://a.example/b%20c/x", None),
        ("https://a.example/b%20c/" + "x" * 2000, None),
        ("", None),
    ],
)
def test_what_is_a_topic(topic: str, path: str | None) -> None:
    assert TOPICS.path(topic) == path


def test_another_address_is_another_topic() -> None:
    moved = Topics(Layout(Path("out"), replace(FACTS, served_at={"": "https://new.example/"})))
    assert moved.path(TOPICS.topic("feeds/all.atom")) is None

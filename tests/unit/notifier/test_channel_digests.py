"""Whatever is told: it is taken by the service, and a digest of as many items as it holds shows every one of them."""

import unicodedata
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.exchange import Mail, Request
from notifier.channels.channel import Channel
from notifier.channels.digest import fitting, largest, latest
from notifier.channels.links import link
from notifier.channels.registry import channel_named
from notifier.channels.text import plain
from notifier.model import Item
from tests.support.items import HOSTILE, POST, digest, message, posts
from tests.support.service_rules import RULES, Mood, Posted, Shown
from tests.support.services import AT, SERVICES, endpoint, mail_shown

SIZES = st.sampled_from([0, 1, 20, 80, 300, 3000])
PIECES = st.sampled_from(["央行", "a ", HOSTILE, "😀", "👨‍👩‍👧‍👦", "\u202e", "\n", '"', "é", "&", "[x](y)", "@all"])
TEXTS = st.builds(lambda piece, size: (piece * (size // len(piece) + 1))[:size], PIECES, SIZES)
ITEMS = st.builds(
    Item,
    kind=st.sampled_from(["published", "updated", "withdrawn", "disabled", "test"]),
    title=TEXTS,
    url=st.one_of(st.just(""), TEXTS.map(lambda text: f"https://example.org/{text}"), TEXTS),
    summary=TEXTS,
    published=st.sampled_from([None, POST.published]),
    authors=st.lists(TEXTS, max_size=3).map(tuple),
    categories=st.lists(TEXTS, max_size=3).map(tuple),
    image=st.one_of(st.none(), TEXTS.map(lambda text: f"https://example.org/{text}")),
    language=st.sampled_from([None, "en", "zh-CN"]),
    id=st.sampled_from(["", "one", "two"]),
)


def channel_of(name: str) -> Channel:
    found = channel_named(name)
    assert hasattr(found, "request")
    return found


def shown_by(name: str, request: Request | Mail) -> Shown:
    """What readers see; the service's rules must be kept."""
    if isinstance(request, Mail):
        return mail_shown(request.body)
    parts = urlsplit(request.url)
    headers = dict(line.split(": ", 1) for line in request.headers)
    answer = RULES[name](Posted(path=parts.path, query=parts.query, headers=headers, body=request.body), Mood.WELL)
    assert answer.shown is not None, answer.body[:300]
    return answer.shown


def channel_link(name: str, item: Item) -> str:
    """The address as it stands in a service's markup, where some characters would end a link."""
    return link(item.url, avoid="()*_~';" if name in {"discord", "dingtalk", "wecom"} else "")


def place(name: str) -> str:
    return "https://api.telegram.org" if name == "telegram" else "https://service.example"


@pytest.mark.parametrize("name", SERVICES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(item=ITEMS)
def test_any_item_is_taken(name: str, item: Item) -> None:
    target = endpoint(name, place(name))
    shown = shown_by(name, channel_of(name).request(message(item), target, AT))
    assert shown.text.strip()


@pytest.mark.parametrize("name", SERVICES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(items=st.lists(ITEMS, min_size=1, max_size=60), title=TEXTS)
def test_any_digest_is_taken_and_shows_all_that_it_has_room_for(name: str, items: list[Item], title: str) -> None:
    target, channel = endpoint(name, place(name)), channel_of(name)
    count = channel.capacity(items, target)
    assert 1 <= count <= len(items)
    shown = shown_by(name, channel.request(digest(items[:count], title=title), target, AT))
    told = latest(items[:count])
    # Discord and ntfy show what has no title as a bare address.
    named = [item for item in told if plain(item.title) or name not in {"discord", "ntfy"}]
    assert sorted(url for _, url in shown.links) == sorted(filter(None, (channel_link(name, item) for item in named)))
    assert "and " not in shown.text[-12:]
    # More than there is room for is taken as well.
    shown_by(name, channel.request(digest(items, title=title), target, AT))


@pytest.mark.parametrize("name", SERVICES)
def test_one_more_than_the_capacity_would_not_fit(name: str) -> None:
    items, target = posts(300), endpoint(name, place(name))
    channel = channel_of(name)
    count = channel.capacity(items, target)
    assert "还有" not in shown_by(name, channel.request(digest(items[:count]), target, AT)).text
    assert "还有 1 篇" in shown_by(name, channel.request(digest(items[: count + 1]), target, AT)).text


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "email"])
def test_a_digest_template_is_asked_how_much_of_it_fits(name: str) -> None:
    template = "{{ site.title }}\n{% for item in items %}{{ item.title }} {{ item.url }}\n{% endfor %}"
    target = endpoint(name, place(name), digest_template=template)
    items, channel = posts(100), channel_of(name)
    count = channel.capacity(items, target)
    shown = shown_by(name, channel.request(digest(items[:count]), target, AT))
    text = unicodedata.normalize("NFKC", shown.text)
    assert items[count - 1].url in text.replace("\\", "")
    assert not text.endswith("…")
    over = shown_by(name, channel.request(digest(items[: count + 5]), target, AT))
    assert count == 100 or over.text.rstrip().endswith("…")


def test_the_last_state_of_a_thing_stands_where_it_came() -> None:
    first, second = posts(2)
    again = replace(first, kind="withdrawn")
    assert latest([first, second, again]) == (second, again)
    nameless = Item(kind="test", title="x", url="")
    assert latest([nameless, nameless]) == (nameless, nameless)


def test_fitting_counts_a_thing_once() -> None:
    one = posts(1)[0]
    assert fitting([one] * 50, lambda _: 10, room=15, most=2) == 50
    assert fitting(posts(9), lambda _: 10, room=35, most=9) == 3
    assert fitting(posts(9), lambda _: 10, room=1000, most=4) == 4
    assert fitting(posts(9), lambda _: 10, room=0, most=4) == 1


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 250))
def test_largest_finds_the_border(count: int, border: int) -> None:
    assert largest(count, lambda number: number <= border) == max(min(count, border), 1)

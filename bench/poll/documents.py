"""Feeds as blogs have them: fifty entries with their whole texts, RSS and Atom in turn; always the same bytes."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape

from bench.poll.plan import ENTRIES

_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_APART = timedelta(hours=7)
_WORDS = str.split(
    "the of and to in for that with over from market harbour engine release kernel garden query index morning river "
    "compiler draft council museum train battery signal paper letter winter summer bridge recipe camera history "
    "protocol archive network library station server editor review question answer travel music field weather"
)
_TERMS = ("Technology", "Open source", "Notes", "Travel", "Books", "Photos", "Economy", "Science", "Food", "Python")
_PARAGRAPHS = 600


def is_changed(feed: int, round_: int) -> bool:
    """Tell whether a feed got an entry in a warm round (from 1): every tenth feed, others each time."""
    return feed % 10 == round_ % 10


def entries_of(feed: int, round_: int) -> int:
    """Return how many entries a feed ever had by a round; round 0 is the cold one."""
    return ENTRIES + sum(is_changed(feed, one) for one in range(1, round_ + 1))


def etag(feed: int, round_: int) -> str:
    """Return the entity tag of a feed in a round."""
    return f'"{feed:x}-{entries_of(feed, round_):x}"'


def modified(feed: int, round_: int) -> str:
    """Return the time of its newest entry, as HTTP writes it."""
    return format_datetime(_time(feed, entries_of(feed, round_) - 1), usegmt=True)


def media_type(feed: int) -> str:
    """Return the media type of a feed."""
    return "application/atom+xml; charset=utf-8" if feed % 2 else "application/rss+xml; charset=utf-8"


def document(feed: int, round_: int) -> bytes:
    """Return a feed as it stands in a round: its newest fifty entries, the newest first."""
    last = entries_of(feed, round_) - 1
    numbers = range(last, last - ENTRIES, -1)
    return (_atom(feed, numbers) if feed % 2 else _rss(feed, numbers)).encode()


def _rss(feed: int, numbers: range) -> str:
    items = "".join(
        f"<item><title>{_title(feed, number)}</title><link>{_link(feed, number)}</link>"
        f'<guid isPermaLink="false">{_link(feed, number)}</guid>'
        f"<pubDate>{format_datetime(_time(feed, number))}</pubDate><dc:creator>Writer {number % 3}</dc:creator>"
        + "".join(f"<category>{term}</category>" for term in _terms(feed, number))
        + f"<description>{escape(_summary(feed, number))}</description>"
        f"<content:encoded><![CDATA[{_text(feed, number)}]]></content:encoded></item>\n"
        for number in numbers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>Blog {feed}</title><link>https://blog-{feed}.example/</link><description>What I write</description>"
        f'<atom:link href="https://blog-{feed}.example/feed.xml" rel="self" type="application/rss+xml"/>'
        f"<lastBuildDate>{format_datetime(_time(feed, numbers[0]))}</lastBuildDate><language>en</language>\n"
        f"{items}</channel></rss>"
    )


def _atom(feed: int, numbers: range) -> str:
    entries = "".join(
        f"<entry><title>{_title(feed, number)}</title><id>{_link(feed, number)}</id>"
        f'<link href="{_link(feed, number)}"/>'
        f"<published>{_time(feed, number).isoformat()}</published><updated>{_time(feed, number).isoformat()}</updated>"
        f"<author><name>Writer {number % 3}</name></author>"
        + "".join(f'<category term="{term}"/>' for term in _terms(feed, number))
        + f"<summary>{escape(_summary(feed, number))}</summary>"
        f'<content type="html">{escape(_text(feed, number), quote=False)}</content></entry>\n'
        for number in numbers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f'<title>Blog {feed}</title><id>https://blog-{feed}.example/</id><link href="https://blog-{feed}.example/"/>'
        f'<link href="https://blog-{feed}.example/feed.xml" rel="self"/>'
        f"<updated>{_time(feed, numbers[0]).isoformat()}</updated>\n{entries}</feed>"
    )


def _time(feed: int, number: int) -> datetime:
    return _BEGAN + number * _APART + timedelta(seconds=feed)


def _link(feed: int, number: int) -> str:
    return f"https://blog-{feed}.example/posts/{number}"


def _title(feed: int, number: int) -> str:
    at = (feed * 31 + number * 7) % len(_WORDS)
    return f"{' '.join((_WORDS * 2)[at : at + 6])} {number}"


def _terms(feed: int, number: int) -> tuple[str, ...]:
    return _TERMS[(feed + number) % 10], _TERMS[(feed + number * 3 + 1) % 10]


def _summary(feed: int, number: int) -> str:
    return f"{_title(feed, number)}: {_title(number, feed)}."


def _text(feed: int, number: int) -> str:
    """Return two to seven kB of HTML."""
    paragraphs = _paragraphs()
    at, count = (feed * 131 + number * 17) % _PARAGRAPHS, 4 + (feed + number * 5) % 10
    picture = f'<p><img src="/pictures/{number}.jpg" alt="{_title(feed, number)}" width="640" height="480"></p>\n'
    return picture + "".join(paragraphs[at : at + count])


@cache
def _paragraphs() -> tuple[str, ...]:
    chance = random.Random(2000)
    found = tuple(_paragraph(chance, number) for number in range(_PARAGRAPHS))
    return found + found[:20]


def _paragraph(chance: random.Random, number: int) -> str:
    words = [chance.choice(_WORDS) for _ in range(chance.randrange(40, 100))]
    words[3] = f'<a href="https://elsewhere.example/{number}?a=1&amp;b=2">{words[3]}</a>'
    words[9], words[20] = f"<em>{words[9]}</em>", f"&ldquo;{words[20]}&rdquo; &mdash; 中文 café"
    if number % 7 == 0:
        return "<ul>" + "".join(f"<li>{word}</li>" for word in words[:12]) + "</ul>\n"
    if number % 11 == 0:
        return f"<pre><code>{' '.join(words[10:40])}\n</code></pre>\n"
    return f"<p>{' '.join(words)}.</p>\n"

"""What an owner wants done with the texts of one source: parts dropped, the original page and authors taken.

Rules run on the HTML as the generator made it, since the sanitiser takes out the classes that selectors go by. Only
who has rules pays for the tree. The time is bounded: texts with more than 5,000 tags are left alone, selectors and
patterns need no more than a step for each two elements and each character.
"""

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.text import one_line
from feeds.model import Author, Ruled, RuleTexts
from feeds.selectors import Selector, above
from feeds.text_pattern import TextPattern
from feeds.urls import absolute_url

_MOST_TAGS = 5000
# What an owner means by a line or a paragraph is short; longer texts are no footers.
_LONGEST_BLOCK = 2000
_MOST_AUTHORS = 20
_BLOCK_NAMES = (
    "p div li td th dt dd h1 h2 h3 h4 h5 h6 blockquote pre section article aside header footer nav main figure "
    "figcaption center address details table tr ul ol dl"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())


class Rules:
    """The rules of one source; safe to share between threads."""

    def __init__(self, texts: RuleTexts) -> None:
        self._drop_parts = [Selector(one) for one in texts.drop]
        self._via_parts = [Selector(one) for one in texts.via]
        self._author_parts = [Selector(one) for one in texts.author]
        self._drop_text = [TextPattern(one) for one in texts.drop_text]
        self._via_text = [TextPattern(one) for one in texts.via_text]
        self._author_text = [TextPattern(one) for one in texts.author_text]

    def apply(self, html: str, base_url: str) -> Ruled:
        """Return the HTML without what is to be dropped, and what the whole of it says of its origin.

        `html` must not be nested deeper than the sanitiser takes.
        """
        if html.count("<") > _MOST_TAGS:
            return Ruled(html=html)
        # With the tag written out, nothing in a post takes the body's place or goes into a head.
        tree = LexborHTMLParser(f"<body>{html}")
        body = tree.body
        if body is None:
            return Ruled(html=html)
        blocks = list(_blocks(body)) if self._drop_text or self._via_text or self._author_text else []
        via = self._via(body, blocks, base_url)
        authors = tuple(Author(name=name) for name in self._names(body, blocks))
        if not self._drop(body, blocks):
            return Ruled(html=html, via=via, authors=authors)
        return Ruled(html=body.inner_html or "", via=via, authors=authors)

    def _via(self, body: LexborNode, blocks: Sequence[tuple[LexborNode, str]], base_url: str) -> str | None:
        chosen = (node for selector in self._via_parts for node in selector.find(body))
        matching = (node for pattern in self._via_text for node, text in blocks if pattern.match(text))
        addresses = (_address(node, base_url) for nodes in (chosen, matching) for node in nodes)
        return next((address for address in addresses if address), None)

    def _names(self, body: LexborNode, blocks: Sequence[tuple[LexborNode, str]]) -> list[str]:
        found = [_text(node) for selector in self._author_parts for node in selector.find(body)[:_MOST_AUTHORS]]
        for pattern in self._author_text:
            matches = (pattern.match(text) for _, text in blocks)
            found += [match.name for match in matches if match is not None and match.name]
        names = (one_line(name, 200) for name in found)
        return list(dict.fromkeys(name for name in names if name))[:_MOST_AUTHORS]

    def _drop(self, body: LexborNode, blocks: Sequence[tuple[LexborNode, str]]) -> bool:
        """Take the parts out of the tree; return whether there were any."""
        chosen = {node.mem_id: node for selector in self._drop_parts for node in selector.find(body)}
        if self._drop_text:
            matching = [node for node, text in blocks if any(pattern.match(text) for pattern in self._drop_text)]
            around = {outer.mem_id for node in matching for outer in above(node)}
            chosen.update({node.mem_id: node for node in matching if node.mem_id not in around})
        chosen.pop(body.mem_id, None)
        # A part inside of another goes with it, and must not be touched again.
        outermost = [node for node in chosen.values() if not any(outer.mem_id in chosen for outer in above(node))]
        for node in outermost:
            node.decompose()
        return bool(outermost)


def _blocks(body: LexborNode) -> Iterator[tuple[LexborNode, str]]:
    """Yield the blocks whose text is short, and their text."""
    for node in body.traverse():
        text = _text(node) if node.tag in _BLOCKS else ""
        if 0 < len(text) <= _LONGEST_BLOCK:
            yield node, text


def _text(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _address(node: LexborNode, base_url: str) -> str | None:
    """Return where a link leads, the first one in a part, or the address that is its text."""
    links = [node] if node.tag == "a" else node.css("a[href]")
    written = next((href for link in links if (href := link.attributes.get("href"))), None)
    text = _text(node)
    if written is None and text.startswith(("http://", "https://")) and " " not in text:
        written = text
    return absolute_url(base_url, written, fetched=True) if written else None

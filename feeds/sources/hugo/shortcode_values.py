"""What a shortcode's template works with: texts, numbers, truth values, lists and maps of them."""

from collections.abc import Callable, Mapping
from html import escape
from typing import NamedTuple, TypeAlias

from feeds.sources.hugo.shortcode_syntax import Tag


class Unreadable(Exception):
    """The template does more than we read."""


class Value(NamedTuple):
    """Text on its way into HTML."""

    text: str
    is_html: bool = False


class Items(NamedTuple):
    """A list."""

    items: tuple["Data", ...]


# `bool` before `int`: one is an instance of the other.
Data: TypeAlias = Value | bool | int | Items | Mapping[str, "Data"]


class Call(NamedTuple):
    """One use of a shortcode, as its template sees it."""

    tag: Tag
    inner: str
    inner_deindented: str
    markdown: Callable[[str], str]  # without the paragraph around a single line
    markdown_block: Callable[[str], str]
    relative_url: Callable[[str], str]
    absolute_url: Callable[[str], str]
    site_parameter: Callable[[str], str | bool | None]
    page_parameter: Callable[[str], str | bool | None]

    def argument(self, key: str | int) -> Data:
        """Return an argument as it is typed: without quotes `true` is a truth value and `1` a number."""
        written = self.tag.get(key)
        return Value("") if written is None else self._typed(key, written)

    def arguments(self) -> Data:
        """Return all of them, by name or in their order."""
        if self.tag.named:
            return {key: self._typed(key, written) for key, written in self.tag.named.items()}
        return Items(tuple(self._typed(place, written) for place, written in enumerate(self.tag.positional)))

    def _typed(self, key: str | int, written: str) -> Data:
        if key in self.tag.bare:
            if written in ("true", "false"):
                return written == "true"
            if written.isascii() and written.isdigit() and len(written) < 10 and str(int(written)) == written:
                return int(written)
        return Value(written)


def is_true(value: Data) -> bool:
    """Whether Go takes it for true: what is empty or zero is not."""
    if isinstance(value, Value):
        return bool(value.text)
    return bool(value.items) if isinstance(value, Items) else bool(value)


def text_of(value: Data) -> str:
    """Return what is printed for it. Raises Unreadable for lists and maps."""
    if isinstance(value, Value):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise Unreadable


def html_of(value: Data) -> str:
    """Return it as it stands in HTML."""
    return value.text if isinstance(value, Value) and value.is_html else escape(text_of(value))

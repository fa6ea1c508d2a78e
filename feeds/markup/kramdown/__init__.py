"""Markdown as kramdown reads it, Jekyll's own converter: the same text and links for readers."""

from feeds.markup.kramdown.budget import TooCostlyError
from feeds.markup.kramdown.fast import fast_html
from feeds.markup.kramdown.options import KramdownOptions

__all__ = ["DEFAULTS", "KramdownOptions", "kramdown_to_html"]

DEFAULTS = KramdownOptions()
# Beyond this, even a plain parser written in Python would take more than a second.
_LONGEST = 400_000


def kramdown_to_html(text: str, options: KramdownOptions = DEFAULTS) -> str:
    """Return the text as HTML, not yet sanitised.

    A text that would take too much work, by its length or by what it nests, is read as CommonMark: there is always
    an answer, and soon.
    """
    html = _by_kramdown(text, options)
    return _by_commonmark(text) if html is None else html


def _by_kramdown(text: str, options: KramdownOptions) -> str | None:
    html = fast_html(text, options)
    if html is not None or len(text) > _LONGEST:
        return html
    # Most posts of most sites never need it.
    from feeds.markup.kramdown.full import full_html

    try:
        return full_html(text, options)
    except TooCostlyError:
        return None


def _by_commonmark(text: str) -> str:
    from feeds.markup.commonmark import CommonMark

    # Rust knows no lone surrogates.
    return CommonMark()(text.encode("utf-8", "replace").decode())

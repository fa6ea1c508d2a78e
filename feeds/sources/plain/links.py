"""Links inside a site, which name a file: in HTML, so that what only looks like one in a code block stays."""

import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from feeds.model import Notice
from feeds.sources.plain.profile import Resolved

_MOST = 20  # notices of one post


def replaced(
    text: str, mark: str, pattern: re.Pattern[str], resolve: Callable[[re.Match[str]], str | None]
) -> Resolved:
    """Return HTML with the URLs in attributes that `pattern` finds replaced; `mark` is in every text that has one.

    The pattern's group `url` is what is replaced, and what a notice names where `resolve` finds nothing.
    """
    if mark not in text:
        return Resolved(text)
    lost: dict[str, None] = {}

    def one(match: re.Match[str]) -> str:
        url = resolve(match)
        whole = match[0]
        if url is None:
            lost[html.unescape(match["url"])] = None
            return whole
        start = match.start("url") - match.start()
        return whole[:start] + html.escape(url) + whole[start + len(match["url"]) :]

    text = pattern.sub(one, text)
    reason = "the link {} names no file of the site; mend it"
    return Resolved(
        text, tuple(Notice(code="lost-link", reason=reason.format(url[:200])) for url in list(lost)[:_MOST])
    )


def written_path(text: str) -> str:
    """Return the path as its author wrote it, from a part of an attribute."""
    return unquote(html.unescape(text))

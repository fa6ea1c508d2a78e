"""The short way through plain posts: paragraphs of text, and HTML whose elements stand well inside one another.

It answers only what it is certain of, and says nothing (None) to the rest: a test holds it equal to the full parser.
"""

import re

from feeds.markup.kramdown.escapes import escape_all
from feeds.markup.kramdown.options import KramdownOptions
from feeds.markup.kramdown.quotes import with_signs

# Only single characters are repeated possessively: for groups, Python before 3.11.5 gives wrong answers.

# Each of these may mean something inside a line.
_MARKS = "*_`[]<>&\\~|${}"
# What begins a line may begin a block.
_FIRST = r"(?:[A-Za-z(\u00a1-\U0010ffff]|[0-9]++(?![.0-9]))"
_BEGIN = re.compile(_FIRST)
_BAD_LINE_END = re.compile(rf"\n(?:(?<=  \n)|(?!{_FIRST}))")
_URL = r"[A-Za-z0-9/:.,?=#%+@\u00a1-\U0010ffff-]++"
_AUTO_LINK = re.compile(rf"<(https?:{_URL})>\Z")
_QUIET = r"(?:[ !#%(),/0-9:;=?@A-Za-z+\u00a1-\U0010ffff]|-(?!-)|\.(?!\.\.))"
_LINK = rf"\[({_QUIET}+)\]\(({_URL})\)"  # no typography: it would change the address too
_LINKS = re.compile(rf"{_LINK}(?:(?:(?<!  )\n)?(?:{_LINK}|[\u00a1-\U0010ffffA-Za-z, ]))*\Z")
_ONE_LINK = re.compile(_LINK)

# An address that an element says twice is left to the full parser: HTML takes the first, kramdown the last.
_OTHERS = r"(?: (?![hms](?:ref|arkdown|rc))[a-z][a-z-]*+(?:=\"[^\"]*+\")?)*"
_ATTRIBUTES = rf"{_OTHERS}(?: (?:href|src)=\"[^\"]*+\"{_OTHERS})?"
_EMPTY = rf"<(?:br|img{_ATTRIBUTES}) ?/?>"


def _element(names: tuple[str, ...], content: str) -> str:
    return "|".join(rf"<{name}{_ATTRIBUTES}>{content}</{name}>" for name in names)


def _content(inner: str) -> str:
    return rf"[^<]*+(?:(?:{_EMPTY}|{_element(('a', 'span', 'strong'), inner)})[^<]*+)*"


_HTML = re.compile(
    rf"(?:{_element(('p',), _content(_content(rf'[^<]*+(?:{_EMPTY}[^<]*+)*')))}|<!--[^<>-]*+-->| (?=<p)|\n(?= ?<p))*"
    r" *+(?:\n|\Z)"
)
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z0-9_:][A-Za-z0-9_.:-]*|#[0-9]+|#x[0-9a-fA-F]+);)")


def fast_html(text: str, options: KramdownOptions) -> str | None:
    """Return the text as HTML, or None if it takes the full parser."""
    if (
        not options.gfm
        or options.hard_wrap
        or options.parse_block_html
        or options.remove_line_breaks_for_cjk
        or not options.typographic
    ):
        return None
    if "\r" in text or "\0" in text:
        return None
    parts: list[str] = []
    at, length = 0, len(text)
    while at < length:
        if text[at] == "\n":
            at += 1
            continue
        found = _HTML.match(text, at) if text.startswith(("<p", " <p"), at) else None
        if found:
            html: str | None = _with_references(found[0])
            at = found.end()
        else:
            end = _end_of_block(text, at)
            html = _block(text[at:end], options)
            at = end
        if html is None:
            return None
        parts.append(html)
    return "\n".join(parts)


def _with_references(html: str) -> str:
    return _BARE_AMPERSAND.sub("&amp;", html) if "&" in html else html


def _end_of_block(text: str, at: int) -> int:
    # Twice a search for one character is faster than one for two.
    end = text.find("\n", at)
    while end >= 0 and not text.startswith("\n", end + 1):
        if end + 1 == len(text):
            return end
        end = text.find("\n", end + 1)
    return end if end >= 0 else len(text)


def _block(block: str, options: KramdownOptions) -> str | None:
    first = block[0]
    if first == "<":
        link = _AUTO_LINK.match(block)
        return f'<p><a href="{link[1]}">{link[1]}</a></p>' if link else None
    if first == "[":
        return f"<p>{_ONE_LINK.sub(_link, block)}</p>" if _LINKS.match(block) else None
    if first != ">":
        return f"<p>{_signs(block, options)}</p>" if _is_text(block) else None
    if "\n" in block or not block.startswith("> ") or not _is_text(block[2:]):
        return None
    return f"<blockquote>\n<p>{_signs(block[2:], options)}</p>\n</blockquote>"


def _is_text(block: str) -> bool:
    """Return whether the block is nothing but words, with typography at most."""
    if not _BEGIN.match(block):
        return False
    # A search for one character is many times faster than one for any of them.
    for mark in _MARKS:
        if mark in block:
            return False
    return "\n" not in block or not _BAD_LINE_END.search(block)


def _signs(text: str, options: KramdownOptions) -> str:
    if '"' in text or "'" in text or ("-" in text and "--" in text) or ("." in text and "..." in text):
        return escape_all(with_signs(text, options))
    return text


def _link(found: re.Match[str]) -> str:
    return f'<a href="{found[2]}">{found[1]}</a>'

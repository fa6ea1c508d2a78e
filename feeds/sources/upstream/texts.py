"""Texts of upstream feeds: markup made plain, plain text made HTML, languages and addresses checked. Pure."""

import re
from html import escape, unescape

from core.text import one_line, xml_legal
from feeds.body import plain_paragraphs
from feeds.html_tokens import TOKEN
from feeds.urls import absolute_url, percent_encoded

_LONGEST_TITLE = 500
_LONGEST_SUMMARY = 1000
_LONGEST_URL = 4000
_LOOKED_AT = 20_000  # characters of HTML, for one line of text
_APART = frozenset(
    {"address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption"}
    | {"figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"}
    | {"section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
# HTML reads `</br>` as one more line break, and none of the others.
_ENDS_OF_VOID = re.compile(r"</(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)>")
_MARKUP = re.compile(r"<[a-zA-Z!/]|&(?:[a-zA-Z]|#[0-9xX])")


def line_of_html(html: str, limit: int = _LONGEST_TITLE) -> str:
    """Return what HTML says as one line of plain text."""
    text = unescape(TOKEN.sub(_between, html[:_LOOKED_AT])) if _MARKUP.search(html) else html
    return one_line(text, limit)


def _between(token: re.Match[str]) -> str:
    name = token[3]
    return " " if name and name.lower() in _APART else ""


def line_of_text(text: str, limit: int = _LONGEST_TITLE) -> str:
    """Return plain text as one line."""
    return one_line(text[:_LOOKED_AT], limit)


def line(text: str, media_type: str, limit: int = _LONGEST_TITLE) -> str:
    """Return a text of a feed as one line, read as its media type says."""
    return line_of_text(text, limit) if media_type == "text/plain" else line_of_html(text, limit)


def summary_line(text: str, media_type: str) -> str | None:
    """Return a summary as one line of plain text; None if nothing is left of it."""
    return line(text, media_type, _LONGEST_SUMMARY) or None


def html_of(text: str, media_type: str) -> str:
    """Return a text of a feed as HTML: plain text escaped, and what has no markup but blank lines as paragraphs."""
    text = xml_legal(text)
    if media_type == "application/xhtml+xml":
        return _ENDS_OF_VOID.sub("", text)
    if media_type == "text/plain":
        return plain_paragraphs(text) if "\n" in text else escape(text, quote=False)
    if "<" not in text and "\n" in text.strip():
        return plain_paragraphs(unescape(text))
    return text


def web_url(base_url: str, value: object) -> str | None:
    """Return a reference as an absolute http(s) URI; None if it is none."""
    if not isinstance(value, str) or not (value := value.strip()) or len(value) > _LONGEST_URL:
        return None
    found = absolute_url(base_url, xml_legal(value), fetched=True)
    return percent_encoded(found) if found else None


def language_tag(value: object) -> str | None:
    """Return a language as BCP 47 writes it; None if it is no such tag."""
    if not isinstance(value, str):
        return None
    tag = value.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None

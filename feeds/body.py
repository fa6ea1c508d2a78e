"""A post's body as readers get it: sanitised HTML, summary, picture, media files, and where its text came from."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

from core.text import one_line, xml_legal
from feeds.clean import Sanitizer, is_too_deep
from feeds.enclosures import LengthOf, enclosures_of
from feeds.model import Body, Enclosure, Rendering, Ruled
from feeds.summary import first_image, plain_text, shortened, summary_of
from feeds.urls import absolute_url, percent_encoded

_PARAGRAPHS = re.compile(r"\n\s*\n")
_LONGEST_SUMMARY = 1000  # of an author's own
ApplyRules = Callable[[str, str], Ruled]  # HTML and the URL of its page


class BodyRenderer:
    """The configured sanitiser; made once, safe to share between threads."""

    def __init__(
        self,
        *,
        rules: ApplyRules | None = None,
        keep_trackers: bool = False,
        length_of: LengthOf = lambda _: None,
    ) -> None:
        self._apply_rules = rules
        self._sanitizer = Sanitizer(keep_trackers=keep_trackers)
        self._length_of = length_of

    def render_body(
        self, body: Body, *, base_url: str, image: str | None, summary: str | None, title: str = ""
    ) -> Rendering:
        """Turn a post's body into its Rendering, in time linear in its length.

        `base_url` is the post's own URL; `image` and `summary` are the author's, which come first; a summary made of
        the text leaves out a first line that repeats `title`. A body whose elements stand more than 200 deep is
        published as plain text: no reader shows such a page, and parsers need time that grows with the square of its
        depth.
        """
        ruled = self._ruled(body.html, base_url)
        content = self._clean(ruled, body.text, base_url)
        return Rendering(
            content_html=content,
            summary=_own(summary) or self._excerpt(body.excerpt_html, base_url, title) or summary_of(content, title),
            image=percent_encoded(found) if (found := image or first_image(content)) else None,
            enclosures=enclosures_of(content, _absolute(body.enclosures, base_url), self._length_of),
            via=percent_encoded(via) if (via := (ruled and ruled.via) or body.via) else None,
            authors=ruled.authors if ruled else (),
        )

    def _ruled(self, html: str, base_url: str) -> Ruled | None:
        """Apply the source's rules; None for what is nested too deep."""
        html = xml_legal(html)
        if is_too_deep(html):
            return None
        return self._apply_rules(html, base_url) if self._apply_rules else Ruled(html=html)

    def _clean(self, ruled: Ruled | None, text: str, base_url: str) -> str:
        if ruled is None:
            return plain_paragraphs(xml_legal(text))
        clean = self._sanitizer.clean(ruled.html, base_url)
        # A character reference can name what XML forbids.
        return xml_legal(clean) if "&#" in text else clean

    def _excerpt(self, html: str | None, base_url: str, title: str) -> str:
        if not html:
            return ""
        text = plain_text(self._clean(self._ruled(html, base_url), html, base_url))
        # Jekyll's excerpt is the first block, which may be a heading.
        return _own(text) if text != title else ""


def _absolute(enclosures: Sequence[Enclosure], base_url: str) -> list[Enclosure]:
    found = ((one, absolute_url(base_url, one.url, fetched=True)) for one in enclosures)
    return [replace(one, url=percent_encoded(url)) for one, url in found if url]


def _own(summary: str | None) -> str:
    return shortened(one_line(summary, limit=len(summary) + 1), _LONGEST_SUMMARY) if summary else ""


def plain_paragraphs(text: str) -> str:
    """Return the text as paragraphs of escaped characters, cut at its blank lines."""
    paragraphs = (paragraph.strip() for paragraph in _PARAGRAPHS.split(text))
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs if paragraph)

"""A post's body as readers get it: sanitised HTML, summary, picture."""

import re
from html import escape

from core.text import one_line, xml_legal
from feeds.clean import Sanitizer, is_too_deep
from feeds.model import Body, Rendering
from feeds.summary import first_image, plain_text, shortened, summary_of

_PARAGRAPHS = re.compile(r"\n\s*\n")
_LONGEST_SUMMARY = 1000  # of an author's own


class BodyRenderer:
    """The configured sanitiser; made once, safe to share between threads."""

    def __init__(self) -> None:
        self._sanitizer = Sanitizer()

    def render_body(self, body: Body, *, base_url: str, image: str | None, summary: str | None) -> Rendering:
        """Turn a post's body into its Rendering, in time linear in its length.

        `base_url` is the post's own URL; `image` and `summary` are the author's, which come first. A body whose
        elements stand more than 200 deep is published as plain text: no reader shows such a page, and parsers
        need time that grows with the square of its depth.
        """
        content = self._clean(body.html, body.text, base_url)
        return Rendering(
            content_html=content,
            summary=_own(summary) or self._excerpt(body.excerpt_html, base_url) or summary_of(content),
            image=image or first_image(content),
        )

    def _clean(self, html: str, text: str, base_url: str) -> str:
        html = xml_legal(html)
        if is_too_deep(html):
            return plain_paragraphs(xml_legal(text))
        clean = self._sanitizer.clean(html, base_url)
        # A character reference can name what XML forbids.
        return xml_legal(clean) if "&#" in text else clean

    def _excerpt(self, html: str | None, base_url: str) -> str:
        return _own(plain_text(self._clean(html, html, base_url))) if html else ""


def _own(summary: str | None) -> str:
    return shortened(one_line(summary, limit=len(summary) + 1), _LONGEST_SUMMARY) if summary else ""


def plain_paragraphs(text: str) -> str:
    """Return the text as paragraphs of escaped characters, cut at its blank lines."""
    paragraphs = (paragraph.strip() for paragraph in _PARAGRAPHS.split(text))
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs if paragraph)

"""A post's body as readers get it: Liquid, Markdown, sanitised HTML, summary, picture."""

import re
from html import escape

from core.text import one_line, xml_legal
from feeds.clean import Sanitizer, is_too_deep
from feeds.liquid import has_liquid, without_liquid
from feeds.markdown import make_markdown, markdown_to_html
from feeds.model import Rendering
from feeds.summary import first_image, shortened, summary_of

_PARAGRAPHS = re.compile(r"\n\s*\n")
_LONGEST_SUMMARY = 1000  # of an author's own


class BodyRenderer:
    """The configured parser and sanitiser; made once, safe to share between threads."""

    def __init__(self) -> None:
        self._markdown = make_markdown()
        self._sanitizer = Sanitizer()

    def render_body(
        self, body: str, *, base_url: str, is_markdown: bool, image: str | None, summary: str | None
    ) -> Rendering:
        """Turn the text below a post's front matter into its Rendering, in time linear in its length.

        `base_url` is the post's own URL; `image` and `summary` are the author's, which come first. A body whose
        elements stand more than 200 deep is published as plain text: no reader shows such a page, and parsers
        need time that grows with the square of its depth.
        """
        content = self._content(xml_legal(body), base_url, is_markdown)
        return Rendering(
            content_html=content,
            summary=_own(summary) or summary_of(content),
            image=image or first_image(content),
        )

    def _content(self, text: str, base_url: str, is_markdown: bool) -> str:
        if has_liquid(text):
            text = without_liquid(text, is_markdown=is_markdown)
        html = markdown_to_html(self._markdown, text) if is_markdown else text
        if is_too_deep(html):
            return plain_paragraphs(text)
        clean = self._sanitizer.clean(html, base_url)
        # A character reference can name what XML forbids.
        return xml_legal(clean) if "&#" in text else clean


def _own(summary: str | None) -> str:
    return shortened(one_line(summary, limit=len(summary) + 1), _LONGEST_SUMMARY) if summary else ""


def plain_paragraphs(text: str) -> str:
    """Return the text as paragraphs of escaped characters, cut at its blank lines."""
    paragraphs = (paragraph.strip() for paragraph in _PARAGRAPHS.split(text))
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs if paragraph)

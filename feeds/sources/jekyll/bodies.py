"""A post's text as Jekyll makes it: Liquid first, then the converter of its ending; the excerpt likewise."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from feeds.frontmatter import Scalar
from feeds.liquid import has_liquid, without_liquid
from feeds.model import Body, Notice
from feeds.sources.fields import is_true
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.excerpt import excerpt_of
from feeds.sources.jekyll.liquid.model import LiquidSite, PostLookup, Rendered
from feeds.sources.jekyll.post_file import PostFile

MakePage = Callable[[PostFile], Mapping[str, object]]  # a post as Liquid sees it


class _Converters(Protocol):
    def is_markdown(self, extension: str) -> bool: ...
    def html(self, text: str, extension: str) -> str: ...
    def markdown(self, text: str) -> str: ...


class BodyMaker:
    """Makes the bodies of one site's posts. Without a `root` no Liquid is run: its tags are taken out."""

    def __init__(self, config: JekyllConfig, *, root: str | None, lookup: PostLookup, page: MakePage) -> None:
        self._config = config
        self._root = root
        self._lookup = lookup
        self._page = page

    def make(self, file: PostFile) -> Body:
        """Return the body of a post."""
        written = file.front.body
        notices: list[Notice] = []
        text, html = self._convert(file, written, notices)
        if not self._wants_excerpt(file):
            return Body(html=html, text=text, notices=tuple(notices))
        # Jekyll cuts the file as it is: in one with line ends of Windows no two of them follow each other.
        own = file.values.get("excerpt_separator")
        separator = own.text if isinstance(own, Scalar) and not own.null else self._config.excerpt_separator
        excerpt_html = None
        if separator:
            beginning = excerpt_of(written, separator)
            # What is wrong in the excerpt is wrong in the text, and has been said.
            excerpt_html = html if beginning == written else self._convert(file, beginning, [])[1]
        if excerpt_html is not None and _is_excerpt_only(file):
            html = excerpt_html
        return Body(html=html, text=text, excerpt_html=excerpt_html, notices=tuple(notices))

    def _wants_excerpt(self, file: PostFile) -> bool:
        if "feed" in file.values and _is_excerpt_only(file):
            return True
        return not (file.text("description") or file.text("excerpt"))

    def _convert(self, file: PostFile, text: str, notices: list[Notice]) -> tuple[str, str]:
        """Return a text with its Liquid run, and its HTML."""
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if has_liquid(text) and file.has_liquid:
            text = self._render(file, text, notices)
        return text, self._converters.html(text, file.parts.extension)

    def _render(self, file: PostFile, text: str, notices: list[Notice]) -> str:
        is_markdown = self._converters.is_markdown(file.parts.extension)
        if self._root is None:
            return without_liquid(text, is_markdown=is_markdown)
        rendered = self._run_liquid(
            text, page=self._page(file), first_line=file.front.body_line, is_markdown=is_markdown
        )
        notices += rendered.notices
        return rendered.text

    @cached_property
    def _converters(self) -> _Converters:
        # Slow to load, and many runs render nothing.
        from feeds.sources.jekyll.converters import Converters

        return Converters(self._config)

    @cached_property
    def _run_liquid(self) -> Callable[..., Rendered]:
        # Slow to load, and many sites have no Liquid in their posts.
        from feeds.sources.jekyll.liquid.engine import LiquidEngine

        config = self._config
        site = LiquidSite(
            root=self._root or "",
            config=config.values,
            url=config.url,
            baseurl=config.baseurl,
            zone=ZoneInfo(config.timezone),
            lookup=self._lookup,
            markdownify=self._converters.markdown,
        )
        return LiquidEngine(site).render


def _is_excerpt_only(file: PostFile) -> bool:
    feed = file.values.get("feed")
    return isinstance(feed, dict) and is_true(feed.get("excerpt_only"))

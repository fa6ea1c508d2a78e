"""The text of a Hugo post as its readers see it: shortcodes resolved, Markdown read as goldmark reads it."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from feeds.markup.goldmark import Goldmark, GoldmarkOptions
from feeds.markup.goldmark_text import Typography
from feeds.model import Body, Notice
from feeds.sources.hugo.content_site import HugoContentSite
from feeds.sources.hugo.shortcode_template import ShortcodeTemplate
from feeds.sources.hugo.shortcode_values import Unreadable
from feeds.sources.hugo.shortcodes import Expanded, ShortcodeExpander
from feeds.sources.hugo.summary import CJK, DIVIDER, MARK, automatic_summary, divided
from feeds.yaml_text import Node, Scalar

_NAME = re.compile(r"[\w-]+(?:/[\w-]+){0,8}")
_LARGEST_TEMPLATE = 65_536  # bytes
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class HugoContent:
    """How the posts of one site, in one language, are rendered; safe to share between threads."""

    def __init__(
        self, site: HugoContentSite, *, is_multilingual: bool = False, counts_cjk: bool = False, emoji: bool = False
    ) -> None:
        self._site = site
        self._counts_cjk = counts_cjk  # `hasCJKLanguage`
        self._goldmark = Goldmark(goldmark_options(site.goldmark, emoji=emoji))
        self._hooked_links = _uses_hook(site.goldmark, "link", is_multilingual)
        self._templates: dict[str, ShortcodeTemplate | None] = {}

    def render(
        self,
        text: str,
        *,
        path: str,
        page: Mapping[str, Node],
        first_line: int,
        markup: Literal["markdown", "html"],
    ) -> Body:
        """Return a post's text, which begins in line `first_line` of the file at `path`, as HTML."""
        has_mark = MARK in text
        notices: tuple[Notice, ...] = ()
        expanded: Expanded | None = None
        source = text
        if "{{<" in text or "{{%" in text:
            expanded = ShortcodeExpander(text, _Page(self, path, page), first_line).expand()
            source, notices = expanded.text, expanded.notices
        if has_mark:
            source = source.replace(MARK, f"\n\n{DIVIDER}\n\n" if markup == "markdown" else DIVIDER, 1)
        html = self.markdown(source, path) if markup == "markdown" else source
        if expanded is not None:
            html = expanded.put_into(html)
            source = expanded.put_into(source)
        if has_mark:
            source = source.replace(DIVIDER, "")
            if (found := divided(html)) is not None:
                return Body(html=found.html, text=source, excerpt_html=found.before, notices=notices)
        excerpt = automatic_summary(html, self._site.summary_length, is_cjk=self._is_cjk(text, page))
        return Body(html=html, text=source, excerpt_html=excerpt, notices=notices)

    def markdown(self, text: str, path: str) -> str:
        """Return Markdown as HTML, its links as seen from the page at `path`."""
        if not self._hooked_links:
            return self._goldmark(text)
        return self._goldmark(text, lambda target, is_image: self._target(target, is_image, path))

    def _target(self, target: str, is_image: bool, path: str) -> str:
        if is_image or not target or target.startswith("#") or _SCHEME.match(target):
            return target
        return self.resolve(target.removeprefix("./"), path) or target

    def resolve(self, reference: str, path: str) -> str | None:
        """Return the absolute URL that a reference on the page at `path` stands for."""
        return self._site.resolve(reference, path)

    def _is_cjk(self, text: str, page: Mapping[str, Node]) -> bool:
        said = page.get("iscjklanguage")
        if isinstance(said, Scalar):
            return said.text.lower() == "true"
        return self._counts_cjk and CJK.search(text) is not None

    @property
    def site(self) -> HugoContentSite:
        """The site that the posts stand in."""
        return self._site

    def template(self, name: str) -> ShortcodeTemplate | None:
        """Return the site's own template of a shortcode, None if there is none that can be read."""
        if name not in self._templates:
            self._templates[name] = self._read_template(name)
        return self._templates[name]

    def _read_template(self, name: str) -> ShortcodeTemplate | None:
        if _NAME.fullmatch(name) is None:
            return None
        root = Path(self._site.root).resolve()
        for folder in self._site.shortcode_folders:
            path = root / folder / f"{name}.html"
            try:
                if not path.is_file() or not path.resolve().is_relative_to(root):
                    continue
                if path.stat().st_size > _LARGEST_TEMPLATE:
                    return None
                return ShortcodeTemplate(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, Unreadable):
                return None
        return None


class _Page:
    """A page as its shortcodes ask for it."""

    def __init__(self, content: HugoContent, path: str, page: Mapping[str, Node]) -> None:
        self._content = content
        self._path = path
        self._page = page

    def template(self, name: str) -> ShortcodeTemplate | None:
        return self._content.template(name)

    def reference(self, written: str, *, is_relative: bool) -> str | None:
        found = self._content.resolve(written, self._path)
        if found is None or not is_relative:
            return found
        parts = urlsplit(found)
        return found[len(f"{parts.scheme}://{parts.netloc}") :] or "/"

    @property
    def missing_page_url(self) -> str:
        return self._content.site.missing_page_url

    def parameter(self, name: str) -> str | None:
        for params in (self._page, self._page.get("params"), self._content.site.params):
            if isinstance(params, Mapping) and (found := _found(params, name)) is not None:
                return found
        return None

    def site_parameter(self, name: str) -> str | bool | None:
        return _typed(self._content.site.params, name)

    def page_parameter(self, name: str) -> str | bool | None:
        own = self._page.get("params")
        found = _typed(own, name) if isinstance(own, Mapping) else None
        return _typed(self._page, name) if found is None else found

    def markdown(self, text: str) -> str:
        return self._content.markdown(text, self._path)

    def relative_url(self, path: str) -> str:
        if _SCHEME.match(path):
            return path
        return urlsplit(self._content.site.base_url).path.rstrip("/") + "/" + path.lstrip("/")

    def absolute_url(self, path: str) -> str:
        if _SCHEME.match(path):
            return path
        return self._content.site.base_url.rstrip("/") + "/" + path.lstrip("/")


def _found(params: Mapping[str, Node], name: str) -> str | None:
    node = _node(params, name)
    if isinstance(node, list):
        return "[" + " ".join(item.text for item in node if isinstance(item, Scalar)) + "]"
    return node.text if isinstance(node, Scalar) else None


def _typed(params: Mapping[str, Node], name: str) -> str | bool | None:
    node = _node(params, name)
    if isinstance(node, Scalar):
        return node.text == "true" if node.plain and node.text in ("true", "false") else node.text
    if node is not None:
        raise Unreadable  # a list or a map: more than our templates work with
    return None


def _node(params: Mapping[str, Node], name: str) -> Node | Mapping[str, Node] | None:
    node: Node | Mapping[str, Node] | None = params
    for key in name.split("."):
        if not isinstance(node, Mapping):
            return None
        lowered = key.lower()
        node = next((value for written, value in node.items() if written.lower() == lowered), None)
    return node


def _setting(node: Mapping[str, Node], *keys: str) -> str | None:
    found: Node | Mapping[str, Node] | None = node
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found.text if isinstance(found, Scalar) else None


def _uses_hook(goldmark: Mapping[str, Node], kind: str, is_multilingual: bool) -> bool:
    said = (_setting(goldmark, "renderhooks", kind, "useembedded") or "auto").lower()
    if _setting(goldmark, "renderhooks", kind, "enabledefault") == "true":
        said = "fallback"
    return said in ("always", "fallback") or (said == "auto" and is_multilingual)


def goldmark_options(goldmark: Mapping[str, Node], *, emoji: bool = False) -> GoldmarkOptions:
    """Read what stands below `markup.goldmark`, its keys in lower case."""

    def on(*keys: str, usual: bool = False) -> bool:
        said = _setting(goldmark, *keys)
        return usual if said is None else said.lower() == "true"

    signs = {name: _setting(goldmark, "extensions", "typographer", name) for name in Typography.NAMES}
    return GoldmarkOptions(
        unsafe=on("renderer", "unsafe"),
        hard_wraps=on("renderer", "hardwraps"),
        typographer=not on("extensions", "typographer", "disable") and on("extensions", "typographer", usual=True),
        typography={name: unescape(sign) for name, sign in signs.items() if sign is not None},
        linkify=on("extensions", "linkify", usual=True),
        linkify_protocol=_setting(goldmark, "extensions", "linkifyprotocol") or "https",
        tables=on("extensions", "table", usual=True),
        strikethrough=on("extensions", "strikethrough", usual=True),
        task_lists=on("extensions", "tasklist", usual=True),
        definition_lists=on("extensions", "definitionlist", usual=True),
        footnotes=on("extensions", "footnote", usual=True) and on("extensions", "footnote", "enable", usual=True),
        superscript=on("extensions", "extras", "superscript", "enable"),
        subscript=on("extensions", "extras", "subscript", "enable"),
        inserted=on("extensions", "extras", "insert", "enable") or on("extensions", "extras", "mark", "enable"),
        joins_wide_lines=on("extensions", "cjk", "enable") and on("extensions", "cjk", "eastasianlinebreaks"),
        emoji=emoji,
        block_attributes=on("parser", "attribute", "block"),
        passthrough=_delimiters(goldmark),
    )


def _delimiters(goldmark: Mapping[str, Node]) -> tuple[tuple[str, str], ...]:
    if _setting(goldmark, "extensions", "passthrough", "enable") != "true":
        return ()
    found: Node | Mapping[str, Node] | None = goldmark
    for key in ("extensions", "passthrough", "delimiters"):
        found = found.get(key) if isinstance(found, Mapping) else None
    pairs = []
    for kind in ("block", "inline"):
        listed = found.get(kind) if isinstance(found, Mapping) else None
        for pair in listed if isinstance(listed, list) else ():
            marks = [mark.text for mark in pair if isinstance(mark, Scalar)] if isinstance(pair, list) else []
            if len(marks) == 2:
                pairs.append((marks[0], marks[1]))
    return tuple(pairs)

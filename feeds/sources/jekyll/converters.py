"""The converters of a site: what makes HTML of a text, by the ending of its file and by `_config.yml`."""

from collections.abc import Mapping
from html import escape

from feeds.frontmatter import Node, Scalar
from feeds.markup.commonmark import CommonMark
from feeds.markup.kramdown.options import KramdownOptions
from feeds.sources.fields import is_false, is_true, text_of
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.words import texts


class Converters:
    """Makes HTML as one site does; safe to share between threads."""

    def __init__(self, config: JekyllConfig) -> None:
        self._endings = frozenset(config.markdown_ext)
        self._common = CommonMark() if config.markdown != "kramdown" else None
        self._options = kramdown_options(config.kramdown)

    def is_markdown(self, extension: str) -> bool:
        """Whether a file with this extension, which begins with a dot, is Markdown."""
        return extension.lower() in self._endings

    def html(self, text: str, extension: str) -> str:
        """Return a text, whose Liquid has been run, as HTML."""
        if self.is_markdown(extension):
            return self.markdown(text)
        # Any other text is HTML to Jekyll; one that says by its name that it is plain stays so.
        return f"<pre>{escape(text, quote=False)}</pre>" if extension.lower() == ".txt" else text

    def markdown(self, text: str) -> str:
        """Return Markdown as HTML."""
        if self._common is not None:
            return self._common(text)
        # Slow to load, and many runs render nothing.
        from feeds.markup.kramdown import kramdown_to_html

        return kramdown_to_html(text, self._options)


def kramdown_options(node: Mapping[str, Node]) -> KramdownOptions:
    """Read the map `kramdown` of `_config.yml`."""
    usual = KramdownOptions()
    quirks = _words(node, "gfm_quirks", ("paragraph_end",))
    return KramdownOptions(
        gfm=(text_of(node, "input") or "GFM") == "GFM",
        hard_wrap=is_true(node.get("hard_wrap")),
        paragraph_end="paragraph_end" in quirks,
        typographic="no_auto_typographic" not in quirks,
        smart_quotes=",".join(_words(node, "smart_quotes", tuple(usual.smart_quotes.split(",")))),
        typographic_symbols=_map(node, "typographic_symbols"),
        parse_block_html=is_true(node.get("parse_block_html")),
        parse_span_html=not is_false(node.get("parse_span_html")),
        auto_ids=not is_false(node.get("auto_ids")),
        auto_id_prefix=text_of(node, "auto_id_prefix") or "",
        toc_levels=_levels(node) or usual.toc_levels,
        header_offset=_integer(node, "header_offset", 0),
        mathjax="math_engine" not in node or not is_false(node["math_engine"]),
        footnote_nr=_integer(node, "footnote_nr", 1),
        footnote_backlink=_text(node, "footnote_backlink", usual.footnote_backlink),
        footnote_backlink_inline=is_true(node.get("footnote_backlink_inline")),
        footnote_prefix=text_of(node, "footnote_prefix") or "",
        link_defs=_link_definitions(node.get("link_defs")),
        remove_line_breaks_for_cjk=is_true(node.get("remove_line_breaks_for_cjk")),
    )


def _words(node: Mapping[str, Node], key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Read a list, which may be written as one text with commas."""
    if key not in node:
        return usual
    written = texts(node[key])
    return tuple(word.strip() for text in written for word in text.split(",") if word.strip())


def _text(node: Mapping[str, Node], key: str, usual: str) -> str:
    value = node.get(key)
    return value.text if isinstance(value, Scalar) and not value.null else usual


def _map(node: Mapping[str, Node], key: str) -> dict[str, str]:
    value = node.get(key)
    if isinstance(value, dict):
        return {name: text.text for name, text in value.items() if isinstance(text, Scalar)}
    pairs = (pair.partition("=>") for pair in _words(node, key, ()))
    return {name.strip(): text.strip() for name, arrow, text in pairs if arrow}


def _levels(node: Mapping[str, Node]) -> tuple[int, ...]:
    found: set[int] = set()
    for word in _words(node, "toc_levels", ()):
        first, dots, last = word.partition("..")
        if first.isdecimal() and (last.isdecimal() or not dots):
            found.update(level for level in range(1, 7) if int(first) <= level <= int(last or first))
    return tuple(sorted(found))


def _integer(node: Mapping[str, Node], key: str, usual: int) -> int:
    written = text_of(node, key) or ""
    try:
        return int(written) if len(written) < 9 else usual
    except ValueError:
        return usual


def _link_definitions(node: Node | None) -> dict[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for name, value in node.items() if isinstance(node, dict) else ():
        parts = texts(value)
        if parts:
            found[name.lower()] = (parts[0], parts[1] if len(parts) > 1 else None)
    return found

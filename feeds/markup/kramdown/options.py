"""What a site may say of kramdown, as far as readers see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KramdownOptions:
    """The `kramdown:` map of a site; the defaults are Jekyll's."""

    gfm: bool = True
    hard_wrap: bool = False  # each line end is a line break; only GFM knows it
    paragraph_end: bool = True  # GFM: a list, header, quote or fence ends a paragraph without a blank line
    typographic: bool = True  # GFM: dashes, dots and angle quotes become signs
    smart_quotes: str = "lsquo,rsquo,ldquo,rdquo"
    typographic_symbols: Mapping[str, str] = field(default_factory=dict)
    parse_block_html: bool = False
    parse_span_html: bool = True
    auto_ids: bool = True
    auto_id_prefix: str = ""
    toc_levels: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    header_offset: int = 0
    mathjax: bool = True  # the math engine: formulas stand in \( \) and \[ \], else in dollars
    footnote_nr: int = 1
    footnote_backlink: str = "&#8617;"
    footnote_backlink_inline: bool = False
    footnote_prefix: str = ""
    link_defs: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    remove_line_breaks_for_cjk: bool = False

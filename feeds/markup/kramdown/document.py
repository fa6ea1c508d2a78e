"""What a whole document knows: its definitions, its options as they stand, its budget."""

import re
from dataclasses import dataclass, field, replace

from feeds.markup.kramdown.budget import Budget
from feeds.markup.kramdown.nodes import AttributeList, Node
from feeds.markup.kramdown.options import KramdownOptions

_SPACES = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(slots=True, kw_only=True)
class LinkTarget:
    """Where a reference such as `[text][name]` leads."""

    url: str
    title: str | None
    mark: Node | None = None  # stands where the definition stood; its attribute list is the link's


@dataclass(slots=True)
class Document:
    """The state of one conversion."""

    options: KramdownOptions
    budget: Budget = field(default_factory=Budget)
    footnotes: dict[str, Node] = field(default_factory=dict)
    links: dict[str, LinkTarget] = field(default_factory=dict)
    abbreviations: dict[str, tuple[str, Node]] = field(default_factory=dict)
    named_lists: dict[str, AttributeList] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (url, title) in self.options.link_defs.items():
            self.links[link_name(name)] = LinkTarget(url=url, title=title)

    def set_option(self, name: str, value: str) -> None:
        """Set an option from inside the text (`{::options key="value" /}`); what readers cannot see is ignored."""
        is_true = value.lower() in ("true", "yes", "1")
        match name:
            case "auto_ids":
                self.options = replace(self.options, auto_ids=is_true)
            case "parse_block_html":
                self.options = replace(self.options, parse_block_html=is_true)
            case "parse_span_html":
                self.options = replace(self.options, parse_span_html=is_true)
            case "smart_quotes":
                self.options = replace(self.options, smart_quotes=value)
            case "footnote_backlink":
                self.options = replace(self.options, footnote_backlink=value)
            case "footnote_nr" if value.isdecimal():
                self.options = replace(self.options, footnote_nr=int(value[:6]))
            case "toc_levels":
                self.options = replace(self.options, toc_levels=read_levels(value))


def link_name(text: str) -> str:
    """Return a link's name as it counts: without regard to case and to the width of spaces."""
    return _SPACES.sub(" ", text).lower()


def read_levels(text: str) -> tuple[int, ...]:
    """Return the levels that `1..3` or `1,2,3` names."""
    first, dots, last = text.partition("..")
    if dots and first.strip().isdecimal() and last.strip().isdecimal():
        return tuple(range(int(first), min(int(last), 6) + 1))
    return tuple(int(part) for part in text.split(",") if part.strip().isdecimal())

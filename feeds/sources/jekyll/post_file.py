"""One file of a post while it is read: its front matter on the site's defaults, and its text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from feeds.frontmatter import Fault, FrontMatter, Node, Scalar, read_fields
from feeds.model import Notice
from feeds.sources.fields import UnreadableError
from feeds.sources.jekyll.paths import PostPath

_TEXT_KEYS = ("title", "permalink", "slug", "description", "excerpt")


@dataclass(slots=True)
class PostFile:
    """What is known of the file being read. Positional, as one is made for every post."""

    path: str
    raw: bytes
    content_hash: str
    parts: PostPath
    front: FrontMatter
    own: Mapping[str, Node]  # what its front matter says
    values: Mapping[str, Node]  # that, on the site's defaults
    categories: tuple[str, ...]  # of its folders and of the site's defaults
    notices: list[Notice] = field(default_factory=list)

    @property
    def has_liquid(self) -> bool:
        """Whether Jekyll would run Liquid over the text."""
        if b"{" not in self.raw:  # bytes are searched faster than text, and most posts are plain
            return False
        text = self.front.text
        start = self.front.body_start
        if text.find("{%", start) < 0 and text.find("{{", start) < 0:
            return False
        node = self.values.get("render_with_liquid")
        return not (isinstance(node, Scalar) and node.plain and node.text.lower() in ("false", "no", "off"))

    def text(self, key: str) -> str | None:
        """Return a key's text; None for none."""
        node = self.values.get(key)
        return node.text if isinstance(node, Scalar) and not node.null else None

    def line_of(self, key: str) -> int | None:
        """Return the line of the file on which a key stands."""
        match = re.search(rf"^{key}[ \t]*:", self.front.block or "", re.MULTILINE)
        return (self.front.block or "").count("\n", 0, match.start()) + 2 if match else None

    def read_front_matter(self) -> None:
        """Fill `own` and `values`. Raises UnreadableError for what is no front matter."""
        front = self.front
        if not front.closed:
            # Jekyll takes such a file for text without front matter and would show the author's keys to readers. It
            # is a slip or half a file, so it waits until the mark is there.
            reason = "its front matter begins with --- and never ends; write --- on a line of its own below it"
            raise UnreadableError("unclosed-front-matter", reason, 1)
        if front.block is None:
            return
        fields = read_fields(front.block)
        if isinstance(fields, Fault):
            reason = f"its front matter {fields.reason}; mend that line"
            raise UnreadableError("invalid-front-matter", reason, fields.line, fields.column)
        self.own = self.values = fields.values
        if fields.notice is not None:
            self.notices.append(fields.notice)
        for key in _TEXT_KEYS:
            if key in fields.values and not isinstance(fields.values[key], Scalar):
                reason = f"{key} is a list or a map and is passed over; write one text"
                self.notices.append(Notice(code="not-a-text", reason=reason, line=self.line_of(key)))

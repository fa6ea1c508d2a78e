"""What the rules of blocks and of spans know of the reader that asks them: where it stands, and what it can do."""

import re
from typing import Protocol

from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.nodes import AttributeList, Kind, Node


class Blocks(Protocol):
    """The reader of blocks."""

    document: Document
    text: str
    at: int
    node: Node  # what we read into
    waiting: AttributeList | None  # an attribute list that stood before its block
    stopped: bool  # by the end tag of the element that we are in

    def read_into(self, node: Node) -> bool:
        """Read to the end of the text, or of the element that the node is; return whether its end tag came."""

    def read_part(self, text: str, node: Node) -> None:
        """Read another text, such as a quote's, into a node."""

    def new(self, kind: Kind, value: str = "") -> Node:
        """Return a new block with the attributes that wait for it."""

    def append(self, kind: Kind, value: str = "") -> Node:
        """Append a new block and return it."""

    def is_after_boundary(self) -> bool:
        """Return whether a block may begin here that needs a blank line before it."""

    def is_before_boundary(self) -> bool:
        """Return whether what begins here may follow a block that needs a blank line behind it."""


class Accepts(Protocol):
    """Whether a node may end here."""

    def __call__(self, node: Node, /) -> bool:
        """Answer for the node that was read so far."""


class Spans(Protocol):
    """The reader of spans."""

    document: Document
    text: str
    at: int
    node: Node  # what we read into

    def read_into(
        self,
        node: Node,
        stop: re.Pattern[str] | None = None,
        accepts: Accepts | None = None,
        *,
        has_brackets: bool = False,
    ) -> bool:
        """Read up to where `stop` fits and is accepted, or to the end; return whether the stop was found."""

    def read_html_into(self, node: Node, stop: re.Pattern[str]) -> bool:
        """Read as `read_into` does, but nothing is Markdown."""

    def add(self, text: str) -> None:
        """Add plain text to the node that we read into."""

    def append(self, kind: Kind, value: str = "") -> Node:
        """Append a node to the one that we read into."""

    def is_inside(self, *kinds: Kind) -> bool:
        """Return whether the place where we read stands in a node of such a kind."""

    def read_apart(self, text: str, node: Node) -> None:
        """Read another text, which knows nothing of where it stands."""

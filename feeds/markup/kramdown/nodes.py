"""The tree of a kramdown document."""

from dataclasses import dataclass, field
from enum import Enum, auto

# What Ruby strips from the ends of a string; other spaces, such as the ideographic one, are text.
SPACES = " \t\n\v\f\r\0"


class Kind(Enum):
    """What a node is."""

    ROOT = auto()
    BLANK = auto()
    END = auto()  # nothing to show; the block before has ended
    PARAGRAPH = auto()
    HEADER = auto()
    QUOTE = auto()
    CODE_BLOCK = auto()
    RULE = auto()
    UL = auto()
    OL = auto()
    ITEM = auto()
    DL = auto()
    TERM = auto()
    DEFINITION = auto()
    TABLE = auto()
    HEAD = auto()
    BODY = auto()
    FOOT = auto()
    ROW = auto()
    CELL = auto()
    HTML = auto()
    VERBATIM = auto()  # goes out as it stands: comments, instructions, what `nomarkdown` holds
    MATH = auto()
    SOURCE = auto()  # text whose spans are not parsed yet
    TEXT = auto()
    LINK = auto()
    IMAGE = auto()
    BREAK = auto()
    CODE = auto()
    EMPHASIS = auto()
    STRONG = auto()
    SIGN = auto()  # a character that markup stands for: an entity, a dash, a quote
    FOOTNOTE = auto()
    ABBREVIATION = auto()


class Model(Enum):
    """How the content of an HTML element is read."""

    RAW = auto()
    SPAN = auto()
    BLOCK = auto()


@dataclass(slots=True)
class AttributeList:
    """What stands in `{: }`: attributes, and references to lists that have a name."""

    attributes: dict[str, str] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Node:
    """A block or a span."""

    kind: Kind
    value: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    attribute_list: AttributeList | None = None
    level: int = 0  # of a header
    transparent: bool = False  # a paragraph whose tags are not shown, as in a tight list
    spaced: bool = False  # a definition after a blank line: its first paragraph is shown as one
    is_block: bool = False
    is_closed: bool = False
    model: Model = Model.SPAN
    alignment: list[str] = field(default_factory=list)  # of a table's columns

    def list_of_attributes(self) -> AttributeList:
        """Return the node's attribute list, made if it has none."""
        if self.attribute_list is None:
            self.attribute_list = AttributeList()
        return self.attribute_list


def add_text(node: Node, text: str, kind: Kind = Kind.TEXT) -> None:
    """Append text to a node, to its last text if it ends with one."""
    if not text:
        return
    children = node.children
    if children and children[-1].kind is kind:
        children[-1].value += text
    else:
        children.append(Node(kind, text))

"""YAML as the text that its author wrote: scalars keep their characters and whether they were quoted.

Built from libyaml's events, never from constructors: nothing is executed, nothing is guessed to be a number or a date,
and depth, size and aliases are bounded while the events arrive.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, Union

import yaml

DEPTH_LIMIT = 32
NODE_LIMIT = 10_000
SIZE_LIMIT = 64_000

_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_KNOWN_TAGS = _TEXT_TAGS | {
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "timestamp", "binary", "map", "seq")
}


class Scalar(NamedTuple):
    """A value as written. A tuple rather than a dataclass: half a million are made for 100,000 posts."""

    text: str
    plain: bool  # neither quoted nor a block scalar: YAML may read it as null, a number, a date

    @property
    def null(self) -> bool:
        return self.plain and (self.text in ("", "~") or self.text.lower() == "null")


Node: TypeAlias = Union[Scalar, list["Node"], dict[str, "Node"]]  # noqa: UP007


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a text is no YAML that we read. Lines and columns count from 1."""

    reason: str
    line: int | None = None
    column: int | None = None
    syntax: bool = False  # a slip of the pen, as opposed to something that we refuse


class _RefusedError(Exception):
    def __init__(self, reason: str, event: Any, *, syntax: bool = False) -> None:
        super().__init__(reason)
        mark = event.start_mark
        self.fault = Fault(reason=reason, line=mark.line + 1, column=mark.column + 1, syntax=syntax)


def read_yaml(text: str, *, size_limit: int = SIZE_LIMIT, node_limit: int = NODE_LIMIT) -> Node | Fault | None:
    """Read one YAML document; None if it is empty.

    Duplicate keys: the last one wins, as in Psych. Refused: tags other than YAML's own scalar, map and list ones, more
    than DEPTH_LIMIT levels, more than `node_limit` values (aliases count as what they stand for), aliases to what
    contains them, and a second document.
    """
    if len(text) > size_limit:
        return Fault(reason=f"is longer than {size_limit} characters")
    builder = _Builder(node_limit=node_limit)
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            builder.take(event)
    except _RefusedError as refused:
        return refused.fault
    except yaml.MarkedYAMLError as error:
        return _syntax_fault(error)
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        return _character_fault(text)
    return builder.root


def _syntax_fault(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    reason = f"is not valid YAML: {error.problem or error.context or 'unreadable'}"
    if mark is None:
        return Fault(reason=reason, syntax=True)
    return Fault(reason=reason, line=mark.line + 1, column=mark.column + 1, syntax=True)


def _character_fault(text: str) -> Fault:
    # libyaml names a byte offset, PyYAML a character: we look for the character itself.
    place = next((i for i, c in enumerate(text) if not _allowed(c)), 0)
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return Fault(reason="holds a character that YAML forbids", line=line, column=column, syntax=True)


def _allowed(character: str) -> bool:
    code = ord(character)
    return code in (9, 10, 13, 0x85) or 32 <= code <= 126 or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFFFE != code


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    node: list[Node] | dict[str, Node]
    anchor: str | None
    nodes_before: int
    key: Scalar | None = None


@dataclass(slots=True)
class _Builder:
    node_limit: int
    root: Node | None = None
    documents: int = 0
    nodes: int = 0
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    open_anchors: set[str] = field(default_factory=set)

    def take(self, event: Any) -> None:
        """Add one event of libyaml to the tree."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _RefusedError("holds a second YAML document", event)

    def _scalar(self, event: Any) -> None:
        self._check_tag(event)
        plain = event.style in (None, "") and event.tag not in _TEXT_TAGS
        scalar = Scalar(event.value, plain)
        self._count(1, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (scalar, 1)
        self._add(scalar, event)

    def _alias(self, event: Any) -> None:
        if event.anchor in self.open_anchors:
            raise _RefusedError(f"has an alias to what contains it (*{event.anchor})", event)
        if event.anchor not in self.anchors:
            raise _RefusedError(f"has an alias to nothing (*{event.anchor})", event, syntax=True)
        node, weight = self.anchors[event.anchor]
        self._count(weight, event)
        self._add(node, event)

    def _open(self, event: Any) -> None:
        self._check_tag(event)
        if len(self.stack) >= DEPTH_LIMIT:
            raise _RefusedError(f"is nested deeper than {DEPTH_LIMIT} levels", event)
        self._count(1, event)
        if self.stack and isinstance(self.stack[-1].node, dict) and self.stack[-1].key is None:
            raise _RefusedError("has a list or a map as a key", event)
        node: list[Node] | dict[str, Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)
        self.stack.append(_Open(node=node, anchor=event.anchor, nodes_before=self.nodes - 1))

    def _close(self, event: Any) -> None:
        closed = self.stack.pop()
        if closed.anchor is not None:
            self.open_anchors.discard(closed.anchor)
            self.anchors[closed.anchor] = (closed.node, self.nodes - closed.nodes_before)
        self._add(closed.node, event)

    def _add(self, node: Node, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent.node, list):
            parent.node.append(node)
        elif parent.key is None:
            if not isinstance(node, Scalar):
                raise _RefusedError("has a list or a map as a key", event)
            parent.key = node
        else:
            _put(parent.node, parent.key, node)
            parent.key = None

    def _count(self, weight: int, event: Any) -> None:
        self.nodes += weight
        if self.nodes > self.node_limit:
            raise _RefusedError(f"holds more than {self.node_limit} values", event)

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag not in _KNOWN_TAGS:
            raise _RefusedError(f"has a tag that is not allowed ({event.tag[:80]})", event)


def _put(target: dict[str, Node], key: Scalar, value: Node) -> None:
    if key == ("<<", True):  # Psych's merge: a map's keys override those before it
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict):
                target.update(source)
        return
    target.pop(key.text, None)  # the last duplicate wins, and stands where it was written
    target[key.text] = value

"""What stands before a document's root element: skipped, with the entities that it declares. Pure.

Nothing that a document type names is ever fetched or read. Short texts that it declares stand for their names; what
makes entities out of entities or of files is refused, as only attacks do so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Enough for the copyright texts that feeds declare; a use of one is at least three characters long.
_LONGEST_ENTITY = 100
_MOST_ENTITIES = 500
_LONGEST_PROLOG = 100_000
_LONGEST_DOCTYPE = 2000  # without what it declares
_SKIPPED = re.compile(r"[\s\ufeff\x00]++|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_IN_SUBSET = re.compile(
    r"\s++|<!--.*?-->|<\?.*?\?>|%[\w.:-]++;"
    r"|<!(ENTITY)\s++([^<>\"']*+(?:\"[^\"]*+\"[^<>\"']*+|'[^']*+'[^<>\"']*+)*)>"
    r"|<![A-Z]++[^<>\"']*+(?:\"[^\"]*+\"[^<>\"']*+|'[^']*+'[^<>\"']*+)*>",
    re.DOTALL,
)
_OUTER_PART = re.compile(r"[^\[\]<>\"']*+(?:\"[^\"<]*+\"[^\[\]<>\"']*+|'[^'<]*+'[^\[\]<>\"']*+)*")
_AFTER_SUBSET = re.compile(r"\]\s*+>")
_CLOSING = re.compile(r">")
_PLAIN_ENTITY = re.compile(r"([\w.:-]++)\s++(?:\"([^\"]*+)\"|'([^']*+)')\s*+")
_PARAMETER = re.compile(r"%\s")
_REFERENCE = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
# Of feeds, and of pages for people.
ROOTS = frozenset({"rss", "feed", "rdf", "channel", "html"})
_ROOT = re.compile(r"<(?:([\w.-]++):)?([A-Za-z_][\w.-]*+)(?=[\s/>])")
# A feed may stand behind what a broken server wrote first.
_LATE_ROOT = re.compile(r"<(?:([\w.-]++):)?(rss|feed|RDF|channel)(?=[\s>])")
_LATEST_ROOT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where a document's root element begins, and how it is called."""

    start: int
    prefix: str
    name: str
    entities: Mapping[str, str] = field(default_factory=dict)

    @property
    def qualified_name(self) -> str:
        """Its name as its tags have it."""
        return f"{self.prefix}:{self.name}" if self.prefix else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a document type is not read."""

    reason: str


def find_root(text: str) -> Root | Refused | None:
    """Return where the root element of an XML or HTML text begins; None if it has none.

    What is no root of a feed gives way to one that stands a little behind it, except for a page for people.
    """
    position = _after_skipped(text, 0)
    entities: Mapping[str, str] = {}
    if _DOCTYPE.match(text, position):
        declared = _doctype(text, position)
        if isinstance(declared, Refused):
            return declared
        position, entities = declared
        position = _after_skipped(text, position)
    root = _ROOT.match(text, position)
    if root is None or root[2].lower() not in ROOTS:
        root = _LATE_ROOT.search(text, position, position + _LATEST_ROOT) or root
    return Root(start=root.start(), prefix=root[1] or "", name=root[2], entities=entities) if root else None


def _after_skipped(text: str, position: int) -> int:
    end = position + _LONGEST_PROLOG
    while found := _SKIPPED.match(text, position, end):
        position = found.end()
    return position


def _doctype(text: str, position: int) -> tuple[int, Mapping[str, str]] | Refused:
    """Return where a document type ends, and the texts that it declares."""
    start = position + len("<!DOCTYPE")
    outer = _OUTER_PART.match(text, start, start + _LONGEST_DOCTYPE)
    position = outer.end() if outer else position
    entities: dict[str, str] = {}
    if text.startswith("[", position):
        position += 1
        end = position + _LONGEST_PROLOG
        while found := _IN_SUBSET.match(text, position, end):
            position = found.end()
            if found[1] and (refused := _declare(found[2], entities)):
                return refused
        closing = _AFTER_SUBSET.match(text, position)
    else:
        closing = _CLOSING.match(text, position)
    return (closing.end() if closing else position, entities)


def _declare(declaration: str, entities: dict[str, str]) -> Refused | None:
    """Add an entity that is a short text; parameter entities are left out, as only document types use them."""
    if _PARAMETER.match(declaration):
        return None
    found = _PLAIN_ENTITY.fullmatch(declaration)
    if found is None:
        return Refused(reason="its document type declares an entity outside of the document")
    text = found[2] if found[2] is not None else found[3]
    if _REFERENCE.search(text) or "<" in text or len(text) > _LONGEST_ENTITY:
        return Refused(reason="its document type declares entities that may grow without bounds")
    if len(entities) < _MOST_ENTITIES:
        entities.setdefault(found[1], text)
    return None

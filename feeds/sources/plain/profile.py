"""What differs between the generators of this package: a Profile is a value, and each generator makes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from feeds.frontmatter import Node, Scalar
from feeds.markup.commonmark import CommonMark
from feeds.model import Notice
from feeds.sources.fields import is_false, is_true
from feeds.sources.plain.lookup import find, find_text
from feeds.sources.plain.matter import Form, Matter
from feeds.sources.plain.places import Place
from feeds.sources.site import FieldNames

# Where a post is dated that neither says when nor has a date in its name: at git's first commit (else at first sight),
# nowhere as it is a page, nowhere as the generator makes nothing of it.
Undated: TypeAlias = Literal["git", "page", "quarantine"]


@dataclass(slots=True, kw_only=True)
class PostFile:
    """What is known of the file being read."""

    path: str  # relative to the root
    place: Place  # relative to the content folder
    matter: Matter
    names: FieldNames
    values: Mapping[str, Node]  # what its front matter says, on what its place says
    title: str = ""
    local: datetime | None = None  # when it was published, in the zone of addresses; None if nothing says
    notices: list[Notice] = field(default_factory=list)

    def text(self, *names: str) -> str | None:
        """Return the first text under one of the keys."""
        return find_text(self.values, names)

    def note(self, code: str, reason: str, key: str | None = None) -> None:
        """Note what the owner should mend."""
        line, column = self.matter.place_of(key) if key is not None else (None, None)
        self.notices.append(Notice(code=code, reason=reason, line=line, column=column))


class Resolved(NamedTuple):
    """A text without the generator's own marks. The lines of its notices are the text's, from 1."""

    text: str
    notices: tuple[Notice, ...] = ()


Neighbour: TypeAlias = Callable[
    [str], str | None
]  # the absolute URL of another file of the site; of "", its home without a slash


def _as_it_is(text: str, _file: PostFile) -> Resolved:
    return Resolved(text)


def _linked_as_it_is(html: str, _file: PostFile, _neighbour: Neighbour) -> Resolved:
    return Resolved(html)


def _own_values(file: PostFile) -> Mapping[str, Node]:
    return file.matter.values


def _nothing(_file: PostFile) -> None:
    return None


def _no(_file: PostFile) -> bool:
    return False


def _main_set(_file: PostFile) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one generator keeps its posts."""

    folders: tuple[str, ...]  # those that posts lie in, below the root; empty text: the root itself
    extensions: frozenset[str]  # in small letters, with their dot
    forms: frozenset[Form]
    fields: FieldNames
    address: Callable[[PostFile], str]  # the percent-encoded path of a post below the site's address
    wanted: Callable[[str], bool]  # whether a path below the root may be a post, but for its ending
    enters: Callable[[str], bool]  # whether there may be posts below a folder of the root
    undated: Undated = "git"
    small_keys: bool = False  # keys are read in small letters, however they are written
    needs_title: bool = False
    own_zones: bool = False  # addresses have a date in the zone that the author wrote
    empty_is_none: bool = False  # a file without a word is no post
    cut_terms: str = ""  # the first of these characters that is in a text parts it into terms
    cut_authors: str = ""
    nested_categories: bool = False  # a post of `a/b` stands in `a` as well
    layered: Callable[[PostFile], Mapping[str, Node]] = _own_values  # front matter on what lies under it
    date_of_place: Callable[[PostFile], str | None] = _nothing  # the date in its name, as text
    hidden: Callable[[PostFile], str | None] = _nothing  # why it is not published: draft, unpublished
    is_page: Callable[[PostFile], bool] = _no  # asked when its date is known
    feed_set: Callable[[PostFile], str] = _main_set
    language: Callable[[PostFile], str | None] = _nothing
    resolved: Callable[[str, PostFile], Resolved] = _as_it_is  # the text without the generator's own marks
    markdown: Callable[[str], str] = field(default_factory=CommonMark)  # makes HTML of the resolved text
    linked: Callable[[str, PostFile, Neighbour], Resolved] = _linked_as_it_is  # HTML with the site's own links


def said_true(file: PostFile, *names: str) -> bool:
    """Whether one of the keys says true; a quoted `true` of TOML or a header line counts as well."""
    node = _scalar(file, names)
    return node is not None and (is_true(node) or node.text.strip().lower() in ("true", "yes"))


def said_false(file: PostFile, *names: str) -> bool:
    """Whether one of the keys says false."""
    node = _scalar(file, names)
    return node is not None and (is_false(node) or node.text.strip().lower() == "false")


def _scalar(file: PostFile, names: tuple[str, ...]) -> Scalar | None:
    found = find(file.values, names)
    return found[1] if found is not None and isinstance(found[1], Scalar) else None


def commonly_hidden(file: PostFile) -> str | None:
    """Why a file is hidden by the keys that most generators share."""
    if said_true(file, "draft"):
        return "draft"
    return "unpublished" if said_false(file, "published") else None

"""What rendering Liquid needs to know of a site, what it may cost, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from feeds.model import Notice
from feeds.yaml_text import Node


class PostLookup(Protocol):
    """The site's posts and files, for the tags `post_url` and `link` and for `site.posts`."""

    def url_of_post(self, name: str) -> str | None:
        """Return the URL, without baseurl, of the post `2021-01-01-name` or `folder/2021-01-01-name`."""

    def url_of_file(self, path: str) -> str | None:
        """Return the URL, without baseurl, of the file at a path relative to the site."""

    def posts(self) -> Sequence[Mapping[str, object]]:
        """Return the posts as Liquid sees them, newest first, in a bounded number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one text may cost. A text beyond any of them is published by the plain rule, with a notice."""

    tags: int = 20_000  # openings of tags and outputs in the text
    steps: int = 200_000  # nodes rendered, rounds of loops, items that filters look at
    seconds: float = 5.0  # the last resort: steps end it earlier, and the same on every machine
    output: int = 2_000_000  # characters, of the output and of any one value
    items: int = 100_000  # of any one list
    variables: int = 8_000_000  # characters and items held by variables together
    depth: int = 40  # of blocks and includes within each other
    include_size: int = 300_000  # bytes of an included file


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidSite:
    """One Jekyll site. `config` is the whole `_config.yml`."""

    root: str
    config: Mapping[str, Node]
    url: str
    baseurl: str
    zone: ZoneInfo
    lookup: PostLookup
    markdownify: Callable[[str], str]
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A text without Liquid."""

    text: str
    notices: tuple[Notice, ...] = ()
    files: tuple[str, ...] = ()  # relative paths of the included files that were read

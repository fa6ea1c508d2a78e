"""What the rendering of a Hugo post's text needs to know of the site that it stands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feeds.yaml_text import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoContentSite:
    """One language of a Hugo site, as its content is rendered in it."""

    root: str  # the site's folder
    base_url: str  # absolute, with a slash at its end; empty if the site says no address
    language: str  # the key of the language, such as `en`
    params: Mapping[str, Node]  # keys in lower case, at every depth
    goldmark: Mapping[str, Node]  # what stands below `markup.goldmark`; keys in lower case, at every depth
    summary_length: int
    resolve: Callable[[str, str], str | None]  # a reference as `ref` has it, and the path of its page: absolute URL
    shortcode_folders: tuple[str, ...]  # relative to the root, the one that counts most first
    missing_page_url: str = ""  # where a reference to no page leads

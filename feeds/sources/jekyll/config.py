"""A Jekyll site's `_config.yml`, as far as posts and feeds depend on it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from feeds.frontmatter import Fault, Node, Scalar
from feeds.model import Author
from feeds.sources.fields import is_true, line_of, read_author, text_of
from feeds.sources.jekyll.defaults import DefaultSet, read_default_sets
from feeds.sources.jekyll.feed_keys import FeedKeys, read_feed_keys
from feeds.sources.jekyll.words import texts
from feeds.structured import read_toml
from feeds.yaml_text import read_yaml

# Jekyll adds these to every site's own list (4.3, configuration.rb).
_ALWAYS_EXCLUDED = (
    *(".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules"),
    *("vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/"),
)
_ALWAYS_INCLUDED = (".htaccess",)
_STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
# How a style ends the addresses of the other collections.
_SUFFIXES = {"none": ":output_ext", "date": ":output_ext", "ordinal": ":output_ext", "pretty": "/", "weekdate": ""}
_MARKDOWN = (".markdown", ".mkdown", ".mkdn", ".mkd", ".md")
_LABEL = re.compile(r"[A-Za-z0-9_.-]+")
_SIZE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of documents other than the posts."""

    label: str
    permalink: str  # a template
    in_feeds: bool = True  # jekyll-feed publishes it


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllConfig:
    """What `_config.yml` says. The defaults are Jekyll's, but for the time zone: Jekyll takes the machine's."""

    title: str | None = None
    url: str = ""  # as written; empty if missing
    baseurl: str = ""  # empty, or `/...` without a slash at its end
    description: str | None = None
    language: str | None = None
    timezone: str = "UTC"
    author: Author | None = None
    permalink: str = "date"  # a style or a template
    exclude: tuple[str, ...] = _ALWAYS_EXCLUDED
    include: tuple[str, ...] = _ALWAYS_INCLUDED
    future: bool = False
    unpublished: bool = False
    show_drafts: bool = False
    collections_dir: str = ""  # the folder that posts lie in, without slashes around it; empty: the site's root
    defaults: tuple[DefaultSet, ...] = ()
    # Of `limit_posts` no more is kept than that a feed shows no more posts: a post is read by itself.
    feed: FeedKeys = field(default_factory=FeedKeys)
    collections: tuple[Collection, ...] = ()  # without the posts
    markdown_ext: tuple[str, ...] = _MARKDOWN  # with their dots, in small letters
    markdown: str = "kramdown"  # the name of the converter, in small letters
    kramdown: Mapping[str, Node] = field(default_factory=dict)
    excerpt_separator: str = "\n\n"
    # The whole file, for Liquid. Everything else is above, so it does not count when two are compared.
    values: Mapping[str, Node] = field(default_factory=dict, compare=False, repr=False)

    @property
    def permalink_template(self) -> str:
        """The template that the style stands for."""
        return _STYLES.get(self.permalink, self.permalink)


def read_jekyll_config(text: str, *, name: str = "_config.yml") -> JekyllConfig:
    """Read the text of a `_config.yml`, or of a `_config.toml` if that is its `name`.

    Raises ConfigurationError, with the line and what to do, for broken YAML and an unknown time zone.
    """
    text = text.removeprefix("\ufeff")
    node = read_toml(text, size_limit=_SIZE_LIMIT) if name.endswith(".toml") else _read_yaml(text)
    if isinstance(node, Fault):
        where = f", line {node.line}, column {node.column}" if node.line is not None else ""
        raise ConfigurationError(f"{name}{where}: {node.reason}. Mend that line; `jekyll build` needs it as well.")
    if node is None:
        return JekyllConfig()
    if not isinstance(node, dict):
        raise ConfigurationError(f"{name}, line 1: is no list of `key: value` lines. Write one setting on each line.")
    if (source := (text_of(node, "source") or "").strip("./")) != "":
        raise ConfigurationError(
            f"{name}: `source: {source}` is not followed. Put a {name} without that line into {source}/ and start "
            f"Feedbell with --site {source}."
        )
    try:
        timezone = checked_zone(text_of(node, "timezone") or "UTC")
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}, line {_line_of_zone(text)}: {error}") from error
    return _config_of(node, timezone)


def _config_of(node: dict[str, Node], timezone: str) -> JekyllConfig:
    feed = read_feed_keys(node.get("feed"))
    permalink = text_of(node, "permalink") or "date"
    return JekyllConfig(
        title=line_of(node, "title") or line_of(node, "name"),
        url=text_of(node, "url") or "",
        baseurl=_baseurl(text_of(node, "baseurl") or ""),
        description=line_of(node, "description"),
        language=line_of(node, "lang") or line_of(node, "language"),
        timezone=timezone,
        author=read_author(node.get("author")),
        permalink=_own_permalink(node, "posts") or permalink,
        exclude=(*texts(node.get("exclude")), *_ALWAYS_EXCLUDED),
        include=texts(node["include"]) if "include" in node else _ALWAYS_INCLUDED,
        future=_switch(node, "future"),
        unpublished=_switch(node, "unpublished"),
        show_drafts=_switch(node, "show_drafts"),
        collections_dir=(text_of(node, "collections_dir") or "").strip("/"),
        defaults=read_default_sets(node.get("defaults")),
        feed=replace(feed, posts_limit=min(feed.posts_limit, limit))
        if (limit := _number(node, "limit_posts"))
        else feed,
        collections=tuple(_collections(node, feed.labels, permalink)),
        markdown_ext=_extensions(text_of(node, "markdown_ext")),
        markdown=(text_of(node, "markdown") or "kramdown").lower(),
        kramdown=kramdown if isinstance(kramdown := node.get("kramdown"), dict) else {},
        excerpt_separator=_separator(node.get("excerpt_separator")),
        values=node,
    )


def checked_zone(name: str) -> str:
    """Return the name of a time zone. Raises ConfigurationError for an unknown one."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # a bad path, a folder, a name that is not there
        raise ConfigurationError(
            f"timezone: {name!r} is no known time zone. Write a name such as Asia/Shanghai."
        ) from error
    return name


def _read_yaml(text: str) -> Node | Fault | None:
    return read_yaml(text, size_limit=_SIZE_LIMIT)


def _switch(node: Mapping[str, Node], key: str) -> bool:
    return is_true(node.get(key))


def _number(node: Mapping[str, Node], key: str) -> int:
    written = text_of(node, key) or ""
    return int(written) if re.fullmatch(r"[0-9]{1,9}", written, re.ASCII) else 0


def _extensions(written: str | None) -> tuple[str, ...]:
    if written is None:
        return _MARKDOWN
    return tuple(f".{extension.lower()}" for extension in written.split(","))


def _separator(node: Node | None) -> str:
    # Only a missing or an empty key means the default; empty text means that nothing is an excerpt.
    return node.text if isinstance(node, Scalar) and not node.null else "\n\n"


def _baseurl(written: str) -> str:
    # As the filters absolute_url and relative_url do: one slash off the end, one put before.
    base = written.removesuffix("/")
    return f"/{base}" if base and not base.startswith("/") else base


def _line_of_zone(text: str) -> int:
    match = re.search(r"^timezone\s*[:=]", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _own_permalink(node: Mapping[str, Node], label: str) -> str | None:
    collections = node.get("collections")
    keys = collections.get(label) if isinstance(collections, dict) else None
    return text_of(keys, "permalink") if isinstance(keys, dict) else None


def _collections(node: Mapping[str, Node], in_feeds: Sequence[str], style: str) -> Iterator[Collection]:
    """Yield the site's collections, as far as documents of them have addresses."""
    written = node.get("collections")
    for label in written if isinstance(written, dict) else texts(written):
        if _LABEL.fullmatch(label) is not None and label not in ("posts", "data"):
            permalink = _own_permalink(node, label) or _default_permalink(style)
            yield Collection(label=label, permalink=permalink, in_feeds=label in in_feeds)


def _default_permalink(style: str) -> str:
    suffix = _SUFFIXES.get(style)
    if suffix is None:
        suffix = "/" if style.endswith("/") else ":output_ext" if style.endswith(":output_ext") else ""
    return "/:collection/:path" + suffix

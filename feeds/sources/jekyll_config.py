"""A Jekyll site's `_config.yml`, as far as posts and feeds depend on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from core.text import one_line
from feeds.frontmatter import Fault, Node, Scalar
from feeds.model import Author
from feeds.sources.jekyll_defaults import DefaultSet, read_default_sets
from feeds.yaml_text import read_yaml

# Jekyll adds these to every site's own list (4.3, configuration.rb).
_ALWAYS_EXCLUDED = (
    *(".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules"),
    *("vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/"),
)
_STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
_SIZE_LIMIT = 1_000_000


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
    include: tuple[str, ...] = ()
    future: bool = False
    unpublished: bool = False
    show_drafts: bool = False
    collections_dir: str = ""  # the folder that posts lie in, without slashes around it; empty: the site's root
    defaults: tuple[DefaultSet, ...] = ()

    @property
    def permalink_template(self) -> str:
        """The template that the style stands for."""
        return _STYLES.get(self.permalink, self.permalink)


def read_jekyll_config(text: str) -> JekyllConfig:
    """Read the text of a `_config.yml`.

    Raises ConfigurationError, with the line and what to do, for broken YAML and an unknown time zone.
    """
    node = read_yaml(text.removeprefix("\ufeff"), size_limit=_SIZE_LIMIT)
    if isinstance(node, Fault):
        where = f", line {node.line}, column {node.column}" if node.line is not None else ""
        raise ConfigurationError(f"_config.yml{where}: {node.reason}. Mend that line; `jekyll build` needs it as well.")
    if node is None:
        return JekyllConfig()
    if not isinstance(node, dict):
        raise ConfigurationError(
            "_config.yml, line 1: is no list of `key: value` lines. Write one setting on each line."
        )
    return JekyllConfig(
        title=_line(node, "title") or _line(node, "name"),
        url=_text(node, "url") or "",
        baseurl=_baseurl(_text(node, "baseurl") or ""),
        description=_line(node, "description"),
        language=_line(node, "lang") or _line(node, "language"),
        timezone=_time_zone(_text(node, "timezone") or "UTC", text),
        author=read_author(node.get("author")),
        permalink=_permalink(node),
        exclude=(*_texts(node.get("exclude")), *_ALWAYS_EXCLUDED),
        include=_texts(node.get("include")),
        future=_switch(node, "future"),
        unpublished=_switch(node, "unpublished"),
        show_drafts=_switch(node, "show_drafts"),
        collections_dir=(_text(node, "collections_dir") or "").strip("/"),
        defaults=read_default_sets(node.get("defaults")),
    )


def read_author(node: Node | None) -> Author | None:
    """Read an author: a name, or a map with `name`, `email` and `uri` (or `url`)."""
    if isinstance(node, Scalar):
        written = "" if node.null else one_line(node.text, 300)
        return Author(name=written) if written else None
    if not isinstance(node, dict):
        return None
    name = _line(node, "name")
    if name is None:
        return None
    uri = _line(node, "uri") or _line(node, "url")
    return Author(
        name=name,
        email=_line(node, "email"),
        uri=uri if uri and uri.lower().startswith(("http://", "https://")) else None,
    )


def is_true(node: Node | None) -> bool:
    """Whether Psych reads the node as true: `true`, `yes`, `on` in any case, not quoted."""
    return isinstance(node, Scalar) and node.plain and node.text.lower() in ("true", "yes", "on")


def is_false(node: Node | None) -> bool:
    """Whether Ruby takes the node for false: `false`, `no`, `off` or nothing, not quoted."""
    return isinstance(node, Scalar) and (node.null or (node.plain and node.text.lower() in ("false", "no", "off")))


def _text(node: Mapping[str, Node], key: str) -> str | None:
    value = node.get(key)
    if not isinstance(value, Scalar) or value.null:
        return None
    return one_line(value.text, 2000) or None


def _line(node: Mapping[str, Node], key: str) -> str | None:
    text = _text(node, key)
    return one_line(text) if text else None


def _texts(node: Node | None) -> tuple[str, ...]:
    items = node if isinstance(node, list) else [node]
    return tuple(item.text for item in items if isinstance(item, Scalar) and item.text and not item.null)


def _switch(node: Mapping[str, Node], key: str) -> bool:
    return is_true(node.get(key))


def _baseurl(written: str) -> str:
    # As the filters absolute_url and relative_url do: one slash off the end, one put before.
    base = written.removesuffix("/")
    return f"/{base}" if base and not base.startswith("/") else base


def _time_zone(name: str, text: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # a bad path, a folder, a name that is not there
        raise _unknown_zone(name, text) from error
    return name


def _unknown_zone(name: str, text: str) -> ConfigurationError:
    match = re.search(r"^timezone\s*:", text, re.MULTILINE)
    line = text.count("\n", 0, match.start()) + 1 if match else 1
    return ConfigurationError(
        f"_config.yml, line {line}: timezone: {name!r} is no known time zone. Write a name such as Asia/Shanghai."
    )


def _permalink(node: Mapping[str, Node]) -> str:
    collections = node.get("collections")
    posts = collections.get("posts") if isinstance(collections, dict) else None
    own = _text(posts, "permalink") if isinstance(posts, dict) else None
    return own or _text(node, "permalink") or "date"

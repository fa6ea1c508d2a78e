"""A Pelican site's `pelicanconf.py` and `publishconf.py`, as far as posts and feeds depend on them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigurationError
from feeds.sources.harmless import is_harmless
from feeds.sources.inside import can_be_path
from feeds.sources.plain.files import text_of_file
from feeds.sources.plain.python_settings import Value, read_python_settings

FILES = ("pelicanconf.py", "publishconf.py")
_NESTING = frozenset({"more_categories", "more-categories", "subcategory"})
_NAMED = r"(?P<date>\d{4}-\d{2}-\d{2}).*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PelicanConfig:
    """What the settings say. The defaults are Pelican's."""

    title: str | None = None
    subtitle: str | None = None
    url: str = ""
    author: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    content: str = "."
    articles: tuple[str, ...] = ("",)
    not_articles: tuple[str, ...] = ()
    pages: tuple[str, ...] = ("pages",)
    ignored: tuple[str, ...] = ()
    article_url: str = "{slug}.html"
    article_lang_url: str = "{slug}-{lang}.html"
    page_url: str = "pages/{slug}.html"
    slug_source: str = "title"
    slug_unicode: bool = False
    slug_case: bool = False
    slug_substitutions: tuple[tuple[str, str], ...] | None = None  # None: Pelican's own
    folder_is_category: bool = True
    nested_categories: bool = False  # a plugin gives the posts of `a/b` to `a` as well
    category: str = "misc"
    name_pattern: str = _NAMED
    path_pattern: str = ""
    date: str | None = None  # of articles that have none
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def article_folders(self) -> tuple[str, ...]:
        """The folders below the root that articles lie in."""
        return tuple(joined(self.content, folder) for folder in self.articles)


def joined(*parts: str) -> str:
    """Join parts of a path below the root; `.` is the root itself."""
    words = [word for part in parts for word in part.replace("\\", "/").split("/")]
    return "/".join(word for word in words if word not in ("", ".", ".."))


def read_pelican_config(root: Path) -> PelicanConfig:
    """Read both files. Raises ConfigurationError with file and line for one that is no Python."""
    settings: dict[str, Value] = {}
    for name in FILES:
        text = text_of_file(root, name)
        if text is not None:
            settings = read_python_settings(text, name, settings)
    return _config(settings, root)


def _config(said: Mapping[str, Value], root: Path) -> PelicanConfig:
    default = PelicanConfig()
    patterns = {}
    for name in ("FILENAME_METADATA", "PATH_METADATA"):
        written = _text(said, name)
        patterns[name] = written if written and is_harmless(written) else None
    metadata = said.get("DEFAULT_METADATA")
    metadata = metadata if isinstance(metadata, dict) else {}
    return PelicanConfig(
        title=_text(said, "SITENAME"),
        subtitle=_text(said, "SITESUBTITLE") or _text(said, "SITEDESCRIPTION"),
        url=_text(said, "SITEURL") or "",
        author=_text(said, "AUTHOR"),
        timezone=_text(said, "TIMEZONE") or default.timezone,
        language=(_text(said, "DEFAULT_LANG") or default.language).lower(),
        content=_path(said, "PATH") or ("content" if (root / "content").is_dir() else "."),
        articles=_list(said, "ARTICLE_PATHS", default.articles),
        not_articles=_list(said, "ARTICLE_EXCLUDES", default.not_articles),
        pages=_list(said, "PAGE_PATHS", default.pages),
        ignored=_list(said, "IGNORE_FILES", default.ignored),
        article_url=_text(said, "ARTICLE_URL") or _text(said, "ARTICLE_SAVE_AS") or default.article_url,
        article_lang_url=_text(said, "ARTICLE_LANG_URL")
        or _text(said, "ARTICLE_LANG_SAVE_AS")
        or default.article_lang_url,
        page_url=_text(said, "PAGE_URL") or default.page_url,
        slug_source=_text(said, "SLUGIFY_SOURCE") or default.slug_source,
        slug_unicode=said.get("SLUGIFY_USE_UNICODE") is True,
        slug_case=said.get("SLUGIFY_PRESERVE_CASE") is True,
        slug_substitutions=_substitutions(said.get("SLUG_REGEX_SUBSTITUTIONS")),
        folder_is_category=said.get("USE_FOLDER_AS_CATEGORY", True) is not False,
        nested_categories=any(name.rpartition(".")[2] in _NESTING for name in _list(said, "PLUGINS", ())),
        category=_text(said, "DEFAULT_CATEGORY") or default.category,
        name_pattern=patterns["FILENAME_METADATA"] or default.name_pattern,
        path_pattern=patterns["PATH_METADATA"] or "",
        date=_default_date(said.get("DEFAULT_DATE")),
        metadata=tuple((key.lower(), value) for key, value in metadata.items() if isinstance(value, str)),
    )


def _text(said: Mapping[str, Value], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) and value else None


def _path(said: Mapping[str, Value], name: str) -> str | None:
    written = _text(said, name)
    if written is not None and not can_be_path(written):
        reason = f"{name}: {written[:100]!r} can be no path. Take out the character that shows as \\"
        raise ConfigurationError(f"{' or '.join(FILES)}: {reason}.")
    return written


def _list(said: Mapping[str, Value], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = said.get(name)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        return default
    return tuple(item for item in value if isinstance(item, str))


def _substitutions(value: Value) -> tuple[tuple[str, str], ...] | None:
    """Return the pairs of pattern and text; None if there are none, or if one of them cannot be used."""
    if not isinstance(value, list | tuple) or not value or len(value) > 50:
        return None
    found: list[tuple[str, str]] = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return None
        pattern, instead = pair
        if not isinstance(pattern, str) or not isinstance(instead, str) or not is_harmless(pattern, unbounded=2):
            return None
        try:
            re.sub(pattern, instead, "")
        except (re.error, IndexError):
            return None
        found.append((pattern, instead))
    return tuple(found)


def _default_date(value: Value) -> str | None:
    """`fs` would be the file's own time, which no two machines agree on."""
    if isinstance(value, str) and value and value != "fs":
        return value
    if isinstance(value, tuple | list) and len(value) >= 3 and all(isinstance(part, int) for part in value):
        numbers = [part for part in value if isinstance(part, int)]
        clock = [*numbers[3:6], 0, 0, 0][:3]
        return "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format(*numbers[:3], *clock)
    return None

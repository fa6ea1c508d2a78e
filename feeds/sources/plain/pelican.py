"""A Pelican site: where its articles are, what their places say of them, their addresses and links."""

import fnmatch
import os
import posixpath
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from string import Formatter

from feeds.frontmatter import Node, Scalar
from feeds.markup.commonmark import CommonMark
from feeds.model import Author
from feeds.sources.fields import language_tag
from feeds.sources.inside import read_inside
from feeds.sources.plain.addresses import encoded, encoded_name
from feeds.sources.plain.files import LanguageSet, Stated, opened
from feeds.sources.plain.links import replaced, written_path
from feeds.sources.plain.lookup import authors, find
from feeds.sources.plain.markdown_it import Dialect
from feeds.sources.plain.pelican_config import FILES, PelicanConfig, joined, read_pelican_config
from feeds.sources.plain.profile import Neighbour, PostFile, Profile, Resolved
from feeds.sources.plain.python_markdown import as_commonmark
from feeds.sources.plain.slugs import needs_table, pelican_slug
from feeds.sources.plain.strftime import formatted
from feeds.sources.site import FieldNames, OpenSite, Overrides, ReadingOptions

_MARKDOWN = (".md", ".markdown", ".mkd", ".mdown")
_EXTENSIONS = frozenset({*_MARKDOWN, ".rst", ".html", ".htm"})
_FIELDS = FieldNames(
    title=("title",),
    date=("date",),
    updated=("modified",),
    categories=("category",),
    tags=("tags", "keywords"),
    author=("authors", "author"),
    summary=("summary", "description"),
    image=("image", "cover", "featured_image", "og_image", "thumbnail"),
    url=("url", "save_as"),
)
_LINK = re.compile(
    r"""\b(?:href|src|poster|data|cite)\s*=\s*["']"""
    r"""(?P<url>(?:\{|%7B|\||%7C)(filename|static|attach|index|tag|category|author)(?:\}|%7D|\||%7C)([^"'#?<>]{0,1000}))[^"'<>]*["']""",
    re.IGNORECASE,
)
_LONGEST_MATCHED = 500  # characters of a path, so that no pattern of the site takes long
_LANG = re.compile(rb"^:?lang(?:uage)?:[ \t]*([A-Za-z][\w-]{0,20})[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_EXTRA = Dialect(indented_code=True, attributes=True, abbreviations=True)
_LOOKED_AT = 5000  # files that are asked for their language when the site is opened


def recognise(root: Path) -> str | None:
    """Return why a folder is a Pelican site, or None."""
    return "pelicanconf.py says so" if (root / "pelicanconf.py").is_file() else None


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open a Pelican site. Raises ConfigurationError with file, line and what to do."""
    config = read_pelican_config(root)
    stated = Stated(
        generator="Pelican",
        files=FILES,
        how_to_set_url='Write `SITEURL = "https://example.org"` into publishconf.py',
        title=config.title,
        description=config.subtitle,
        url=config.url,
        language=language_tag(config.language),
        timezone=config.timezone,
        author=Author(name=config.author) if config.author else None,
        sets=tuple(LanguageSet(name=code) for code in languages_below(root, config)),
    )
    return opened(lambda _zone: profile(config), stated, overrides, options, (config,))


def profile(config: PelicanConfig) -> Profile:
    """Return how a Pelican site keeps its posts."""
    ways = _Ways(config)
    # What the extension `extra` reads, which Pelican has switched on.
    to_html = CommonMark(heading_attributes=True, definition_lists=True)
    return Profile(
        folders=config.article_folders,
        extensions=_EXTENSIONS,
        forms=frozenset({"headers"}),
        fields=_FIELDS,
        address=ways.address,
        wanted=ways.wanted,
        enters=ways.enters,
        undated="quarantine",
        own_zones=True,
        small_keys=True,
        needs_title=True,
        cut_terms=";,",
        cut_authors=";,",
        nested_categories=config.nested_categories,
        layered=ways.layered,
        hidden=_hidden,
        feed_set=ways.feed_set,
        language=lambda file: language_tag(ways.language_of(file)),
        markdown=lambda text: to_html(_EXTRA.as_commonmark(as_commonmark(text))),
        linked=ways.linked,
    )


def languages_below(root: Path, config: PelicanConfig) -> list[str]:
    """Return the languages that articles name beside the site's own, as their first lines have them."""
    found: set[str] = set()
    looked_at = 0
    for folder, folders, names in os.walk(os.path.join(root, config.content)):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            if not name.lower().endswith((*_MARKDOWN, ".rst")):
                continue
            looked_at += 1
            if looked_at > _LOOKED_AT:
                return sorted(found)
            inner = os.path.relpath(os.path.join(folder, name), root)
            raw = read_inside(os.path.realpath(root), inner, 5_000_000) or b""
            if (lang := _LANG.search(raw[:3000])) is not None:
                found.add(lang[1].decode().lower())
    return sorted(found - {config.language})


def _hidden(file: PostFile) -> str | None:
    status = (file.text("status") or "").strip().lower()
    if status in ("draft", "skip"):
        return "draft"
    return "unpublished" if status and status != "published" else None


class _Ways:
    """What the settings make of a file."""

    def __init__(self, config: PelicanConfig) -> None:
        self._config = config
        self._pages = tuple(joined(config.content, folder) for folder in config.pages if folder)
        self._not_articles = (*self._pages, *(joined(config.content, folder) for folder in config.not_articles))
        checks = [(re.compile(config.name_pattern), False)]
        if config.path_pattern:
            checks.append((re.compile(config.path_pattern), True))
        self._checks = tuple(checks)

    def wanted(self, path: str) -> bool:
        """Whether a file is an article by its place."""
        name = path.rpartition("/")[2]
        if any(fnmatch.fnmatchcase(name, glob) for glob in self._config.ignored[:100]):
            return False
        return not any(path.startswith(f"{folder}/") for folder in self._not_articles)

    def enters(self, path: str) -> bool:
        """Whether articles may lie below a folder."""
        return path not in self._not_articles

    def _inner(self, file: PostFile) -> str:
        """The path below the content folder."""
        content = joined(self._config.content)
        return file.path.removeprefix(f"{content}/") if content else file.path

    def layered(self, file: PostFile) -> Mapping[str, Node]:
        """Lay the front matter on what the place says, and that on the defaults."""
        config, path = self._config, self._inner(file)
        values: dict[str, Node] = {"category": Scalar(config.category, False)}
        values |= {key: Scalar(value, False) for key, value in config.metadata}
        if config.date is not None:
            values["date"] = Scalar(config.date, False)
        folder, _, name = path.rpartition("/")
        placed: dict[str, Node] = {}
        for pattern, whole in self._checks:
            searched = path if whole else name.rpartition(".")[0]
            match = pattern.match(searched) if len(searched) <= _LONGEST_MATCHED else None
            for key, value in match.groupdict().items() if match is not None else ():
                if value is not None:
                    placed.setdefault(key.lower(), Scalar(value, False))
        if config.folder_is_category and folder:
            placed.setdefault("category", Scalar(folder.rpartition("/")[2], False))
        own = {
            key: node for key, node in file.values.items() if not (isinstance(node, Scalar) and not node.text.strip())
        }
        return {**values, **placed, **own}

    def language_of(self, file: PostFile) -> str:
        """The language that it names, else the site's."""
        return (file.text("lang", "language") or self._config.language).strip().lower()

    def feed_set(self, file: PostFile) -> str:
        """The language, if it is not the site's."""
        language = self.language_of(file)
        return "" if language == self._config.language or language_tag(language) is None else language

    def address(self, file: PostFile) -> str:
        """The path by `ARTICLE_URL` and its like."""
        config = self._config
        template = config.article_url if self.language_of(file) == config.language else config.article_lang_url
        if self._pages and file.path.startswith(tuple(f"{folder}/" for folder in self._pages)):
            template = config.page_url
        path = self._filled(template, file)
        if path is None:
            file.note(
                "address", f"its address {template[:200]} names what the article does not say; {{slug}}.html is taken"
            )
            path = self._slug(file) + ".html"
        return encoded(path) if "%" not in path else encoded_name(path)

    def _filled(self, template: str, file: PostFile) -> str | None:
        pieces: list[str] = []
        try:
            fields = list(Formatter().parse(template[:1000]))
        except ValueError:
            return None
        for text, name, form, _ in fields:
            pieces.append(text)
            if name is None:
                continue
            value = self._value(name, form or "", file)
            if value is None:
                return None
            pieces.append(value)
        return "".join(pieces)

    def _value(self, name: str, form: str, file: PostFile) -> str | None:
        if name in ("date", "modified"):
            return self._date(file.local, form) if file.local is not None else None
        if name == "slug":
            return self._slug(file)
        if name == "lang":
            return self.language_of(file)
        if name == "path":
            return self._inner(file)
        said = file.text(name)
        if name == "author":
            found = find(file.values, ("author", "authors"))
            named = authors(found[1], ";,") if found is not None else ()
            said = named[0].name if named else self._config.author
        return self._word(said) if name in ("category", "author") and said else said

    @staticmethod
    def _date(local: datetime, form: str) -> str:
        return formatted(local, form) if form else local.strftime("%Y-%m-%d %H:%M:%S%z")

    def _word(self, text: str) -> str:
        return pelican_slug(
            text,
            use_unicode=self._config.slug_unicode,
            preserve_case=self._config.slug_case,
            substitutions=self._config.slug_substitutions,
        )

    def _slug(self, file: PostFile) -> str:
        written = file.text("slug")
        if written:
            return written.strip()
        source = file.place.name if self._config.slug_source == "basename" else file.title or file.place.name
        slug = self._word(source)
        if not self._config.slug_unicode and needs_table(slug):
            file.note("slug", "Pelican writes its address in Latin letters; say it with a line Slug:")
        return slug or self._word(file.place.name)

    def linked(self, html: str, file: PostFile, neighbour: Neighbour) -> Resolved:
        """Put addresses for `{filename}`, `{static}`, `{attach}` and for the pages of terms."""

        def resolve(match: re.Match[str]) -> str | None:
            return self._link(match[2].lower(), written_path(match[3]).strip(), file, neighbour)

        if not any(mark in html for mark in ("{", "%7B", "|", "%7C")):
            return Resolved(html)
        return replaced(html, "", _LINK, resolve)

    def _link(self, what: str, path: str, file: PostFile, neighbour: Neighbour) -> str | None:
        home = neighbour("") or ""
        if what in ("tag", "category", "author"):
            return f"{home}/{what}/{encoded_name(self._word(path))[1:]}.html"
        if what == "index":
            return f"{home}/"
        folder = "" if path.startswith("/") else posixpath.dirname(self._inner(file))
        inner = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        if inner.startswith("../"):
            return None
        if what == "filename" and inner.lower().endswith(tuple(_EXTENSIONS)):
            return neighbour(joined(self._config.content, inner))
        if what == "attach":
            # Pelican moves such a file to where the page is.
            near = posixpath.relpath(inner, posixpath.dirname(self._inner(file)) or ".")
            return encoded(posixpath.basename(inner) if near.startswith("../") else near)[1:]
        return home + encoded_name(inner)

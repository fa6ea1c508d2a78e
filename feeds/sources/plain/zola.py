"""A Zola site: its `config.toml` (or `zola.toml`), where its pages are, their addresses and internal links."""

import fnmatch
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import ConfigurationError
from feeds.frontmatter import Fault, Node
from feeds.markup.commonmark import CommonMark
from feeds.model import Author
from feeds.sources.fields import UnreadableError, is_false, is_true, language_tag, line_of, read_author, text_of
from feeds.sources.inside import read_inside
from feeds.sources.plain.addresses import encoded, encoded_name
from feeds.sources.plain.files import LanguageSet, Stated, opened, text_of_file
from feeds.sources.plain.links import replaced, written_path
from feeds.sources.plain.lookup import texts
from feeds.sources.plain.matter import read_matter
from feeds.sources.plain.places import day_of_path
from feeds.sources.plain.profile import Neighbour, PostFile, Profile, Resolved, said_false
from feeds.sources.plain.shortcodes import without_shortcodes
from feeds.sources.plain.slugs import needs_table, zola_slug
from feeds.sources.site import FieldNames, OpenSite, Overrides, ReadingOptions
from feeds.structured import read_toml

_FILES = ("zola.toml", "config.toml")
_HOME = "content/_index.md"
_SIZE_LIMIT = 1_000_000
_MOST_SECTIONS = 2000
_DATED = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)(?:\s?[_-](.+))?",
    re.ASCII | re.DOTALL,
)
_FIELDS = FieldNames(
    title=("title",),
    date=("date",),
    updated=("updated",),
    categories=("taxonomies.categories",),
    tags=("taxonomies.tags",),
    author=("authors", "taxonomies.authors", "taxonomies.author", "extra.author", "extra.authors"),
    summary=("description",),
    image=("extra.image", "extra.cover", "extra.cover_image", "extra.thumbnail", "extra.og_image"),
    url=(),
)
_LINK = re.compile(r"""\b(?:href|src)\s*=\s*["'](?P<url>@/([^"'#<>]{1,1000})(#[^"'<>]{0,500}|))["']""")
_KEY_LINE = re.compile(r"^(base_url|baseURL)[ \t]*=", re.MULTILINE)
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZolaConfig:
    """What the configuration says. The defaults are Zola's."""

    title: str | None = None
    description: str | None = None
    base_url: str = ""
    language: str = "en"
    author: Author | None = None
    languages: tuple[LanguageSet, ...] = ()
    slugify: str = "on"  # on, safe or off
    keep_dates: bool = False
    ignored: tuple[str, ...] = ()
    smart_punctuation: bool = False
    definition_lists: bool = False
    alerts: bool = False
    draft_folders: frozenset[str] = frozenset()  # below the root; those of sections that are drafts

    @property
    def codes(self) -> frozenset[str]:
        """The languages beside the default one."""
        return frozenset(one.name for one in self.languages)


def recognise(root: Path) -> str | None:
    """Return why a folder is a Zola site, or None."""
    if not (root / "content").is_dir():
        return None
    if (root / "zola.toml").is_file():
        return "zola.toml says so"
    raw = read_inside(os.path.realpath(root), "config.toml", _SIZE_LIMIT)
    text = (raw or b"").decode("utf-8-sig", "replace").replace("\r\n", "\n")
    values = read_toml(text, size_limit=_SIZE_LIMIT)
    # What is broken is told when the site is opened: as a plain folder it would be read without a word.
    keys = _KEY_LINE.findall(text) if isinstance(values, Fault) else list(values)
    if "base_url" not in keys or "baseURL" in keys:
        return None
    return "config.toml has base_url and there is a folder content"


def read_zola_config(text: str, name: str) -> ZolaConfig:
    """Read the configuration. Raises ConfigurationError, with the line and what to do, for broken TOML."""
    try:
        values = read_toml(text, size_limit=_SIZE_LIMIT)
    except ValueError as error:
        raise ConfigurationError(f"{name}: holds a number that is too long.") from error
    if isinstance(values, Fault):
        where = f", line {values.line}, column {values.column}" if values.line is not None else ""
        raise ConfigurationError(f"{name}{where}: {values.reason}. Mend that line; `zola build` needs it as well.")
    slugify = values.get("slugify")
    slugify = slugify if isinstance(slugify, dict) else {}
    markdown = values.get("markdown")
    markdown = markdown if isinstance(markdown, dict) else {}
    base_url = text_of(values, "base_url") or ""
    default = text_of(values, "default_language") or "en"
    return ZolaConfig(
        title=line_of(values, "title"),
        description=line_of(values, "description"),
        base_url="" if base_url == "/" else base_url,
        language=default,
        author=read_author(values.get("author")),
        languages=tuple(_languages(values.get("languages"), default)),
        slugify=_strategy(values, slugify),
        keep_dates=is_true(slugify.get("paths_keep_dates")),
        ignored=tuple(_patterns(texts(values.get("ignored_content"), ""))),
        smart_punctuation=is_true(markdown.get("smart_punctuation")),
        definition_lists=is_true(markdown.get("definition_list")),
        alerts=is_true(markdown.get("github_alerts")),
    )


def _strategy(values: dict[str, Node], slugify: dict[str, Node]) -> str:
    if is_false(values.get("slugify")):
        return "off"
    written = (text_of(slugify, "paths") or "on").lower()
    return written if written in ("on", "safe", "off") else "on"


def _languages(node: Node | None, default: str) -> Iterator[LanguageSet]:
    for code, said in node.items() if isinstance(node, dict) else ():
        if isinstance(said, dict) and code != default:
            title, description = line_of(said, "title"), line_of(said, "description")
            yield LanguageSet(name=code, title=title, description=description, path=f"{encoded(code)[1:]}/")


def _patterns(written: list[str]) -> Iterator[str]:
    """Return the globs with one group of braces each taken apart: `*.{a,b}` is `*.a` and `*.b`."""
    for glob in written[:200]:
        braces = _BRACES.search(glob)
        if braces is None:
            yield glob
        else:
            yield from (glob[: braces.start()] + word + glob[braces.end() :] for word in braces[1].split(",")[:50])


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open a Zola site. Raises ConfigurationError with file, line and what to do."""
    name, text = next(
        ((name, text) for name in _FILES if (text := text_of_file(root, name)) is not None), ("config.toml", "")
    )
    config = read_zola_config(text, name)
    sections = _sections(root, config.codes)
    config = replace(config, draft_folders=frozenset(folder for folder, is_draft in sections.values() if is_draft))
    home = _home(root)
    stated = Stated(
        generator="Zola",
        files=(*_FILES, *dict.fromkeys((_HOME, *sections))),
        how_to_set_url=f'Write `base_url = "https://example.org"` into {name}',
        title=config.title or home.get("title"),
        description=config.description or home.get("description"),
        url=config.base_url,
        language=language_tag(config.language),
        author=config.author,
        sets=config.languages,
        content=repr((config.smart_punctuation, config.definition_lists, config.alerts)),
    )
    return opened(lambda _zone: profile(config), stated, overrides, options, (config,))


def _home(root: Path) -> dict[str, str]:
    """Return what the front page says of itself, which is the site's title where the configuration has none."""
    text = text_of_file(root, _HOME)
    try:
        values = read_matter(text or "", ".md", frozenset({"toml", "yaml"})).values
    except UnreadableError:
        return {}
    return {key: said for key in ("title", "description") if (said := line_of(values, key))}


def _sections(root: Path, codes: frozenset[str]) -> dict[str, tuple[str, bool]]:
    """Return the files of sections, each with its folder and whether it is a draft: Zola passes over such a folder."""
    names = {"_index.md", *(f"_index.{code}.md" for code in codes)}
    found: dict[str, tuple[str, bool]] = {}
    for place, folders, files in os.walk(root / "content"):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        folder = os.path.relpath(place, root).replace(os.sep, "/")
        for name in sorted(names.intersection(files)):
            if len(found) >= _MOST_SECTIONS:
                return found
            found[f"{folder}/{name}"] = (folder, _is_draft(root, f"{folder}/{name}"))
    return found


def _is_draft(root: Path, name: str) -> bool:
    raw = read_inside(os.path.realpath(root), name, _SIZE_LIMIT) or b""
    if b"draft" not in raw:
        return False
    try:
        values = read_matter(raw.decode(), ".md", frozenset({"toml", "yaml"})).values
    except (UnreadableError, UnicodeDecodeError):
        return False
    return is_true(values.get("draft"))


def profile(config: ZolaConfig) -> Profile:
    """Return how a Zola site keeps its posts."""
    ways = _Ways(config)
    return Profile(
        folders=("content",),
        extensions=frozenset({".md"}),
        forms=frozenset({"toml", "yaml"}),
        fields=_FIELDS,
        address=ways.address,
        wanted=ways.wanted,
        enters=lambda path: not ways.ignores(path),
        undated="page",
        date_of_place=ways.date_of_place,
        hidden=ways.hidden,
        feed_set=ways.language_of,
        language=lambda file: language_tag(ways.language_of(file)),
        resolved=lambda text, _file: without_shortcodes(text),
        markdown=CommonMark(
            smart_punctuation=config.smart_punctuation,
            heading_attributes=True,
            definition_lists=config.definition_lists,
            alerts=config.alerts,
        ),
        linked=_linked,
    )


class _Ways:
    """What the configuration makes of a file."""

    def __init__(self, config: ZolaConfig) -> None:
        self._config = config
        self._codes = config.codes

    def wanted(self, path: str) -> bool:
        """Whether a file is a page and no section."""
        name = path.rpartition("/")[2]
        return name.partition(".")[0] != "_index" and not self.ignores(path)

    def hidden(self, file: PostFile) -> str | None:
        """Why it is not published: by its own word, or as its section is a draft."""
        if said_false(file, "render"):
            return "unpublished"
        folders = self._config.draft_folders
        parts = file.path.split("/")[:-1] if folders else []
        return "draft" if any("/".join(parts[: end + 1]) in folders for end in range(len(parts))) else None

    def ignores(self, path: str) -> bool:
        """Whether `ignored_content` names a path; as in Zola, `*` goes over slashes."""
        if not self._config.ignored:
            return False
        below = path.partition("/")[2]
        return any(fnmatch.fnmatchcase(below, glob) for glob in self._config.ignored)

    def language_of(self, file: PostFile) -> str:
        """The language in the name, such as `fr` of `name.fr.md`; empty for the site's own."""
        code = file.place.name.partition(".")[2]
        return code if code in self._codes else ""

    def _name(self, file: PostFile) -> str:
        """The name without its language, or that of its folder for an index."""
        name, folder = file.place.name, file.place.folder
        name = name.partition(".")[0] if self.language_of(file) else name
        return folder.rpartition("/")[2] if name == "index" and folder else name

    def _folder(self, file: PostFile) -> str:
        folder = file.place.folder
        return folder.rpartition("/")[0] if file.place.name.partition(".")[0] == "index" else folder

    def date_of_place(self, file: PostFile) -> str | None:
        """The date in the name, else in `path`: some sites write it there and read it in their templates."""
        dated = _DATED.match(self._name(file))
        if dated is not None:
            return dated[1]
        day = day_of_path(file.text("path") or "")
        return None if day is None else "{:04d}-{:02d}-{:02d}".format(*day)

    def address(self, file: PostFile) -> str:
        """The path: `path`, else the folders and the slug."""
        written = file.text("path")
        if written:
            return encoded(written.strip().rstrip("/") + "/")
        language = self.language_of(file)
        name = file.place.name.partition(".")[0]
        if name == "_index":
            parts = [language, file.place.folder]
        elif name == "index" and not file.place.folder:
            parts = [language]
        else:
            parts = [language, self._folder(file), self._slug(file)]
        path = encoded_name("/".join(part for part in parts if part))
        return path if path.endswith("/") else f"{path}/"

    def _slug(self, file: PostFile) -> str:
        name = self._name(file)
        written = file.text("slug")
        if not written and not self._config.keep_dates and (dated := _DATED.match(name)) is not None and dated[2]:
            name = dated[2]
        slug = zola_slug(written or name, self._config.slugify)
        if self._config.slugify == "on" and needs_table(slug):
            file.note("slug", 'Zola writes its address in Latin letters; say it with path = "…" in the front matter')
        return slug


def _linked(html: str, _file: PostFile, neighbour: Neighbour) -> Resolved:
    """Put addresses for internal links."""

    def resolve(match: re.Match[str]) -> str | None:
        url = neighbour(f"content/{written_path(match[2])}")
        return None if url is None else url + match[3]

    return replaced(html, "@/", _LINK, resolve)

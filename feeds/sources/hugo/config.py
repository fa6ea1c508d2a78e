"""What a Hugo site's configuration says of its languages, as far as posts and feeds depend on it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from feeds.model import Author
from feeds.sources.fields import language_tag, line_of, read_author
from feeds.sources.harmless import is_harmless
from feeds.sources.hugo.cascade import Cascade, PageMatcher, read_cascades, read_matcher
from feeds.sources.hugo.paths import Mount
from feeds.sources.hugo.permalinks import PermalinkMaker, PermalinkRule, section_glob
from feeds.sources.hugo.settings import Settings, merge_into
from feeds.sources.hugo.urls import Style
from feeds.sources.hugo.values import is_bool, is_true, number_of, table_of, text_of, texts_of
from feeds.sources.inside import can_be_path
from feeds.yaml_text import Node, Scalar

_DATE_ORDERS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "publishdate", "lastmod"),
    "lastmod": (":git", "lastmod", "date", "publishdate"),
    "publishdate": ("publishdate", "date"),
    "expirydate": ("expirydate",),
}
_DATE_ALIASES = {
    "lastmod": ("modified",),
    "publishdate": ("pubdate", "published"),
    "expirydate": ("unpublishdate",),
}
_TAXONOMIES = {"tag": "tags", "category": "categories"}
_LANGUAGE_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,34}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Which keys of the front matter hold terms."""

    categories: tuple[str, ...] = ("categories",)
    tags: tuple[str, ...] = ("tags",)
    authors: tuple[str, ...] = ("author", "authors")
    category_folder: str = ""  # where Hugo's own pages of them stand; empty if it makes none, or elsewhere
    tag_folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoLanguage:
    """One language of a site; a site without languages has one."""

    key: str
    is_default: bool
    tag: str | None  # BCP 47
    title: str | None
    description: str | None
    author: Author | None
    base_url: str  # as written; empty if the site says none
    prefix: str  # before every path of this language: empty, or its key
    folder: str  # that Hugo writes this language into: empty, or its key
    timezone: str
    params: Mapping[str, Node]
    permalinks: tuple[PermalinkRule, ...]
    terms: Terms
    ugly: bool | frozenset[str]  # everywhere, or in these sections
    style: Style
    date_orders: Mapping[str, tuple[str, ...]]
    build_drafts: bool
    build_future: bool
    build_expired: bool
    has_pages: bool  # False: the kind `page` is switched off
    cascades: tuple[Cascade, ...]
    goldmark: Mapping[str, Node]
    summary_length: int
    counts_cjk: bool  # `hasCJKLanguage`
    emoji: bool
    missing_page_url: str  # `refLinksNotFoundURL`


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoConfig:
    """A site, the default language first, then the others as Hugo sorts them."""

    languages: tuple[HugoLanguage, ...]
    disabled: frozenset[str]  # languages that are not built
    mounts: tuple[Mount, ...]  # the ones that lie deepest first
    ignored: tuple[re.Pattern[str], ...]
    themes: tuple[str, ...]
    is_multihost: bool
    names_languages: bool  # which Hugo takes for multilingual, be it only one

    @property
    def default(self) -> HugoLanguage:
        return self.languages[0]


def read_config(settings: Settings, *, content: str | None = None) -> HugoConfig:
    """Read a site's configuration; `content` is a folder that comes before what it says.

    Raises ConfigurationError with the file and what to do for what Hugo would refuse.
    """
    return _Reader(settings).read(content)


class _Reader:
    """One pass over one site's settings."""

    def __init__(self, settings: Settings) -> None:
        self._values = settings.values
        self._origins = settings.origins
        self._file = settings.files[0] if settings.files else "hugo.toml"
        self._languages = {key: table_of(value) for key, value in table_of(self._values.get("languages")).items()}

    def read(self, content: str | None) -> HugoConfig:
        switched_off = {text.lower() for text in texts_of(self._values.get("disablelanguages"))}
        disabled = {key for key, table in self._languages.items() if is_true(table.get("disabled"))} | switched_off
        default = self._default_key(disabled)
        if not self._languages:
            self._languages = {default: {}}
        built = sorted(
            (key for key in self._languages if key not in disabled),
            key=lambda key: (key != default, *_weight(self._languages[key], key)),
        )
        for key in built:
            if _LANGUAGE_KEY.fullmatch(key) is None:
                raise self._error("languages", f"languages: {key!r} is no name of a language. Write a key such as en")
        is_multihost = any("baseurl" in table for table in self._languages.values())
        languages = tuple(self._language(key, default, len(built) > 1, is_multihost) for key in built)
        return HugoConfig(
            languages=languages,
            disabled=frozenset(disabled),
            mounts=self._mounts(built, content),
            ignored=self._ignored(),
            themes=tuple(self._path("theme", "theme", theme) for theme in texts_of(self._values.get("theme"))),
            is_multihost=is_multihost,
            names_languages=bool(self._values.get("languages")),
        )

    def _default_key(self, disabled: set[str]) -> str:
        written = text_of(self._values.get("defaultcontentlanguage")).lower()
        if written and self._languages and written not in self._languages:
            known = ", ".join(sorted(self._languages))
            reason = f"defaultContentLanguage: {written!r} is none of the languages ({known}). Write one of them"
            raise self._error("defaultcontentlanguage", reason)
        if written and written in disabled and self._languages:
            reason = f"defaultContentLanguage: {written!r} is disabled. Enable it, or name another"
            raise self._error("defaultcontentlanguage", reason)
        left = sorted((key for key in self._languages if key not in disabled), key=self._order)
        if self._languages and not left:
            raise self._error("languages", "languages: all of them are disabled. Enable one")
        return written or ("en" if not left or "en" in left else left[0])

    def _order(self, key: str) -> tuple[bool, int, str]:
        return _weight(self._languages[key], key)

    def _language(self, key: str, default: str, is_multilingual: bool, is_multihost: bool) -> HugoLanguage:
        own = self._languages[key]
        values = {name: value for name, value in self._values.items() if name != "languages"}
        merge_into(values, {name: value for name, value in own.items() if name != "languages"})
        params = table_of(values.get("params"))
        is_default = key == default
        in_folder = is_true(values.get("defaultcontentlanguageinsubdir")) if is_default else is_multilingual
        style = Style(
            lower=not is_true(values.get("disablepathtolower")), remove_accents=is_true(values.get("removepathaccents"))
        )
        return HugoLanguage(
            key=key,
            is_default=is_default,
            tag=language_tag(self._locale(own, is_default) or key),
            title=line_of(values, "title"),
            description=line_of(params, "description"),
            author=_site_author(values, params),
            base_url=text_of(values.get("baseurl")).strip(),
            prefix=key if in_folder and not is_multihost else "",
            folder=key if (is_multilingual if is_multihost else in_folder) else "",
            timezone=self._timezone(text_of(values.get("timezone"))),
            params=params,
            permalinks=self._permalinks(values.get("permalinks"), style),
            terms=_terms(values.get("taxonomies"), table_of(values.get("permalinks"))),
            ugly=_ugly(values.get("uglyurls")),
            style=style,
            date_orders=_date_orders(table_of(values.get("frontmatter"))),
            build_drafts=is_true(values.get("builddrafts")),
            build_future=is_true(values.get("buildfuture")),
            build_expired=is_true(values.get("buildexpired")),
            has_pages="page" not in {text.lower() for text in texts_of(values.get("disablekinds"))},
            cascades=read_cascades(values.get("cascade")),
            goldmark=table_of(table_of(values.get("markup")).get("goldmark")),
            summary_length=number_of(values.get("summarylength"), 70),
            counts_cjk=is_true(values.get("hascjklanguage")),
            emoji=is_true(values.get("enableemoji")),
            missing_page_url=text_of(values.get("reflinksnotfoundurl")).strip(),
        )

    def _locale(self, own: Mapping[str, Node], is_default: bool) -> str:
        root = self._values if is_default else {}
        ordered = (own.get("locale"), root.get("locale"), own.get("languagecode"), root.get("languagecode"))
        return next((text for text in map(text_of, ordered) if text), "")

    def _timezone(self, name: str) -> str:
        try:
            return ZoneInfo(name or "UTC").key
        except (ValueError, OSError, KeyError) as error:  # a bad path, a folder, a name that is not there
            reason = f"timeZone: {name!r} is no known time zone. Write a name such as Asia/Shanghai"
            raise self._error("timezone", reason) from error

    def _permalinks(self, node: Node | None, style: Style) -> tuple[PermalinkRule, ...]:
        rules = tuple(_permalink_rules(node))
        maker = PermalinkMaker(rules, style, "")
        for rule in rules:
            if token := maker.unknown_token(rule.pattern):
                reason = f"permalinks: {rule.pattern!r} has the token {token}, which Hugo does not know. Mend it"
                raise self._error("permalinks", reason)
        return rules

    def _mounts(self, languages: Sequence[str], content: str | None) -> tuple[Mount, ...]:
        written = content if content is not None else text_of(self._values.get("contentdir")) or "content"
        base = self._path("contentdir", "contentDir", written)
        tables = table_of(self._values.get("module")).get("mounts")
        mounts = [] if content is not None else list(self._written_mounts(tables if isinstance(tables, list) else []))
        if not mounts:
            folders = dict.fromkeys(
                (folder, None if folder == base else key)
                for key, folder in self._content_folders(languages, base, content)
            )
            mounts = [Mount(source=_folder(folder), target="", language=key) for folder, key in folders]
        inside = [mount for mount in mounts if not _leads_out(mount.source)]
        if not inside:
            reason = f"its content ({mounts[0].source}) lies outside the site. Point Feedbell at a folder above both"
            raise self._error("module" if "module" in self._origins else "contentdir", reason)
        return tuple(sorted(inside, key=lambda mount: mount.source.count("/") if mount.source else -1, reverse=True))

    def _content_folders(self, languages: Sequence[str], base: str, content: str | None) -> Iterator[tuple[str, str]]:
        for key in languages:
            written = text_of(self._languages[key].get("contentdir"))
            own = self._path("languages", f"languages.{key}.contentDir", written)
            yield key, base if content is not None or not own else own

    def _written_mounts(self, tables: Sequence[Node]) -> Iterator[Mount]:
        for table in map(table_of, tables):
            target = text_of(table.get("target")).strip("/")
            if target != "content" and not target.startswith("content/"):
                continue
            matrix = table_of(table_of(table.get("sites")).get("matrix"))
            languages = texts_of(matrix.get("languages")) + texts_of(table.get("lang"))
            unwanted = [f"! {pattern}" for pattern in texts_of(table.get("excludefiles"))]
            yield Mount(
                source=_folder(self._path("module", "module.mounts: source", text_of(table.get("source")))),
                target=target.removeprefix("content"),
                language=next((key for key in languages if key in self._languages), None),
                files=(*texts_of(table.get("files")), *texts_of(table.get("includefiles")), *unwanted),
            )

    def _path(self, key: str, name: str, written: str) -> str:
        if not can_be_path(written):
            raise self._error(key, f"{name}: {written[:100]!r} can be no path. Take out the character that shows as \\")
        return written

    def _ignored(self) -> tuple[re.Pattern[str], ...]:
        patterns = []
        for text in texts_of(self._values.get("ignorefiles")):
            try:
                pattern = re.compile(text)
            except (re.error, RecursionError, OverflowError) as error:
                reason = f"ignoreFiles: {text!r} is no regular expression ({error}). Mend it"
                raise self._error("ignorefiles", reason) from error
            # Hugo's expressions never take long, Python's can.
            if is_harmless(text, unbounded=2):
                patterns.append(pattern)
        return tuple(patterns)

    def _error(self, key: str, reason: str) -> ConfigurationError:
        return ConfigurationError(f"{self._origins.get(key, self._file)}: {reason}.")


def _weight(table: Mapping[str, Node], key: str) -> tuple[bool, int, str]:
    weight = number_of(table.get("weight"), 0)
    return weight == 0, weight, key


def _folder(written: str) -> str:
    parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".")]
    return ("/" if written.startswith("/") else "") + "/".join(parts)


def _leads_out(folder: str) -> bool:
    return folder.startswith("/") or ".." in folder.split("/")


def _site_author(values: Mapping[str, Node], params: Mapping[str, Node]) -> Author | None:
    for node in (params.get("author"), values.get("author"), params.get("authors")):
        author = read_author(node[0] if isinstance(node, list) and node else node)
        if author is not None:
            return author
    return None


def _terms(node: Node | None, permalinks: Mapping[str, Node]) -> Terms:
    """Which taxonomy is which: others than categories, tags and authors count as tags."""
    written = {one: text_of(many) for one, many in table_of(node).items()} if isinstance(node, dict) else _TAXONOMIES
    categories, tags, authors = ["categories"], ["tags"], ["author", "authors"]
    folders = {"categories": "", "tags": ""}
    elsewhere = {*permalinks, *table_of(permalinks.get("term"))}
    for one, many in written.items():
        many = many.lower()
        if not many:
            continue
        if one == "category" or many == "categories":
            categories.append(many)
            folders["categories"] = many
        elif one in ("author", "authors") or many in ("author", "authors"):
            authors.append(many)
        else:
            tags.append(many)
            folders["tags"] = many if one == "tag" or many == "tags" else folders["tags"]
    return Terms(
        categories=tuple(dict.fromkeys(categories)),
        tags=tuple(dict.fromkeys(tags)),
        authors=tuple(dict.fromkeys(authors)),
        category_folder="" if folders["categories"] in elsewhere else folders["categories"],
        tag_folder="" if folders["tags"] in elsewhere else folders["tags"],
    )


def _ugly(node: Node | None) -> bool | frozenset[str]:
    if isinstance(node, dict):
        return frozenset(section for section, value in node.items() if is_true(value))
    return is_true(node) if is_bool(node) else False


def _date_orders(table: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    orders: dict[str, tuple[str, ...]] = {}
    for key, default in _DATE_ORDERS.items():
        written = [text.lower() for text in texts_of(table.get(key))] if key in table else [":default"]
        expanded: list[str] = []
        for name in written:
            for each in default if name == ":default" else (name,):
                expanded += [each, *_DATE_ALIASES.get(each, ())]
        orders[key] = tuple(dict.fromkeys(expanded))
    return orders


def _permalink_rules(node: Node | None) -> Iterator[PermalinkRule]:
    if isinstance(node, list):
        for table in map(table_of, node):
            if pattern := text_of(table.get("pattern")):
                yield PermalinkRule(target=read_matcher(table.get("target")), pattern=pattern)
        return
    sections: dict[str, str] = {}
    for key, value in table_of(node).items():
        if isinstance(value, Scalar):
            sections.setdefault(key, value.text)
        elif key == "page":
            sections |= {section: text_of(pattern) for section, pattern in table_of(value).items()}
    # Where two sections match, the longer name is the narrower one.
    for section in sorted(sections, key=len, reverse=True):
        if sections[section]:
            yield PermalinkRule(target=PageMatcher(path=section_glob(section), kind="page"), pattern=sections[section])

"""Opens a Hugo site: finds out that it is one, reads its configuration, and offers its posts."""

import os
import re
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from feeds.model import Author, Taxonomy
from feeds.sources.fields import language_tag
from feeds.sources.hugo.addresses import PageAddresses
from feeds.sources.hugo.config import HugoConfig, HugoLanguage, read_config
from feeds.sources.hugo.content_site import HugoContentSite
from feeds.sources.hugo.files import ContentRenderer, HugoFiles
from feeds.sources.hugo.inherited import inherited_feeds
from feeds.sources.hugo.reading import PageReader
from feeds.sources.hugo.references import References
from feeds.sources.hugo.settings import Settings, find_settings, read_settings
from feeds.sources.hugo.term_texts import read_term_texts
from feeds.sources.hugo.tree import ContentTree, Languages
from feeds.sources.inside import read_inside
from feeds.sources.site import FeedSetProfile, OpenSite, Overrides, ReadingOptions, SiteProfile
from feeds.sources.templates import read_templates

# Grows when the same file would be read otherwise: then every file is read again, without telling anyone.
_VERSION = 3
_BRANCH_FILES_LIMIT = 5_000
_SNIFFED = 10_000_000  # bytes of a configuration that cannot be read
_BASE_URL = re.compile(rb"""\bbaseurl["']?[ \t]{0,20}[:=]""", re.IGNORECASE)
_OWN_FOLDERS = ("content", "layouts", "archetypes", "themes", "i18n")
_OWN_KEYS = frozenset(
    {"baseurl", "contentdir", "defaultcontentlanguage", "languagecode", "languages", "locale", "markup", "module"}
    | {"permalinks", "publishdir", "taxonomies"}
)


def recognise(root: Path) -> str | None:
    """Return why the folder is a Hugo site, as a short part of a sentence, or None if it is none."""
    file = find_settings(root)
    if file is None:
        return None
    if Path(file).stem == "hugo" or "/" in file:
        return f"{file} says so"
    # Other programs have a `config.toml` as well; Zola's says `base_url`.
    try:
        is_hugos = not _OWN_KEYS.isdisjoint(read_settings(root).values)
    except ConfigurationError:  # told when the site is opened: as a plain folder it would be read without a word
        raw = read_inside(os.path.realpath(root), file, _SNIFFED)
        is_hugos = raw is not None and _BASE_URL.search(raw) is not None
    return f"{file} says so" if is_hugos and any((root / name).is_dir() for name in _OWN_FOLDERS) else None


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open the Hugo site in `root`.

    Raises ConfigurationError, with the file, the line and what to do, for a site that Hugo would not build either.
    """
    settings = read_settings(root)
    content = None if options.content is None else options.content.strip("/")
    config = read_config(settings, content=content)
    outside = tuple(os.path.relpath(folder, root) for folder in options.outside)
    keys = frozenset(language.key for language in config.languages)
    tree = ContentTree(
        str(root),
        config.mounts,
        Languages(names=keys, disabled=config.disabled, default=config.default.key),
        outside,
    )
    opened = _Opened(root, config, tree, overrides, options)
    files = HugoFiles(
        config,
        tree,
        opened.readers,
        opened.renderer,
        root=str(root),
        outside=outside,
        fingerprint=opened.fingerprint(),
    )
    opened.files = files
    return OpenSite(profile=opened.profile(settings), reader=files)


class _Opened:
    """The parts of one site while they are put together."""

    def __init__(
        self, root: Path, config: HugoConfig, tree: ContentTree, overrides: Overrides, options: ReadingOptions
    ) -> None:
        self._root = str(root)
        self._config = config
        self._tree = tree
        self._overrides = overrides
        self._options = options
        self.files: HugoFiles | None = None
        self._templates = read_templates(root, _shortcode_folders(config.themes))
        self.timezone = _zone(overrides.timezone) or config.default.timezone
        self.addresses = {language.key: self._addresses(language) for language in config.languages}
        self.readers = {language.key: self._reader(language) for language in config.languages}

    def _addresses(self, language: HugoLanguage) -> PageAddresses:
        url = self._overrides.url
        # A host for each language: what the owner says is the host of the site's own.
        own = url if url is not None and (language.is_default or not self._config.is_multihost) else None
        tag = language_tag(self._overrides.language) if language.is_default else None
        return PageAddresses(
            language,
            self._tree,
            base_url=own,
            tag=tag or language.tag,
            key=f"/{language.key}:" if self._config.is_multihost and not language.is_default else "",
        )

    def _reader(self, language: HugoLanguage) -> PageReader:
        return PageReader(
            language,
            self.addresses[language.key],
            feed_set="" if language.is_default else language.key,
            show_drafts=self._options.drafts,
            published_zone=self.timezone if self._options.naive_dates == "site" else None,
            author=Author(name=self._overrides.author) if self._overrides.author else None,
        )

    def fingerprint(self) -> str:
        """Hash all that a reading depends on: the settings, and what the sections hand down."""
        options = (self._options.drafts, self._options.naive_dates, self._options.content)
        parts = [repr((_VERSION, self._config, self._overrides, options))]
        keys = ["cascade", "slug"]
        sections = any(addresses.uses_sections for addresses in self.addresses.values())
        for branch in self._tree.all_branches():
            told = [branch.values.get(key) for key in (*keys, *(["title"] if sections else []))]
            if sections or any(told):
                parts.append(repr((branch.path, told)))
        return sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()

    def renderer(self, key: str) -> ContentRenderer:
        """Return what makes the HTML of one language's posts."""
        # Imported where the first post is rendered: many a poll renders none.
        from feeds.sources.hugo.content import HugoContent

        language = next(language for language in self._config.languages if language.key == key)
        references = References(self._tree, self.addresses[key], self._page_path, key, self._root)
        return HugoContent(
            HugoContentSite(
                root=self._root,
                base_url=self.addresses[key].base_url,
                language=key,
                params=language.params,
                goldmark=language.goldmark,
                summary_length=language.summary_length,
                resolve=references.resolve,
                shortcode_folders=_shortcode_folders(self._config.themes),
                missing_page_url=language.missing_page_url,
            ),
            is_multilingual=self._config.names_languages and not self._config.is_multihost,
            counts_cjk=language.counts_cjk,
            emoji=language.emoji,
        )

    def _page_path(self, path: str) -> str | None:
        return self.files.url_of(path) if self.files is not None else None

    def profile(self, settings: Settings) -> SiteProfile:
        """Return what the site says of itself."""
        overrides, default = self._overrides, self._config.default
        files = settings.files
        own = Author(name=overrides.author) if overrides.author else None
        own_terms = default.terms
        folders = {Taxonomy.CATEGORY: own_terms.category_folder, Taxonomy.TAG: own_terms.tag_folder}
        terms = read_term_texts(
            self._root,
            (self._options.content or "content").strip("/"),
            {taxonomy: folder for taxonomy, folder in folders.items() if folder},
        )
        return SiteProfile(
            generator="Hugo",
            timezone=self.timezone,
            author=own or default.author,
            feed_sets=tuple(self._feed_set(language) for language in self._config.languages),
            files=tuple(dict.fromkeys([*files, *self._branch_files(), *self._templates.files, *terms.files])),
            term_texts=terms.texts,
            how_to_set_url=f'Write `baseURL = "https://example.org/"` into {next(iter(files), "hugo.toml")}',
            inherited=inherited_feeds(settings.values, self._config.languages),
            served_at=self._served_at(),
            # Nothing above the languages' folders is served where each has a host.
            own_folder=f"{default.folder}/" if self._config.is_multihost and default.folder else "",
            content_fingerprint=f"{self.fingerprint()} {self._templates.digest}",
        )

    def _feed_set(self, language: HugoLanguage) -> FeedSetProfile:
        overrides, addresses = self._overrides, self.addresses[language.key]
        first = language.is_default
        return FeedSetProfile(
            name="" if first else language.key,
            title=(overrides.title if first else None) or language.title,
            description=(overrides.description if first else None) or language.description,
            language=addresses.language_tag,
            home_url=addresses.home_url,
        )

    def _served_at(self) -> dict[str, str]:
        """Where Hugo's output folder is served: each language's on its own host, if they have such."""
        hosts = self._config.languages if self._config.is_multihost else ()
        bases = {f"{each.folder}/": self.addresses[each.key].base_url for each in hosts if each.folder}
        default = self.addresses[self._config.default.key].base_url
        return {"": default, **{folder: base for folder, base in bases.items() if base}}

    def _branch_files(self) -> list[str]:
        """The `_index` files that are there, and those that could come to a section with posts."""
        there = [branch.path for branch in self._tree.all_branches()]
        handing = [branch.path for branch in self._tree.all_branches() if "cascade" in branch.values]
        could_be = [f"{folder}/_index.md".lstrip("/") for folder in self._tree.folders]
        return [*handing, *(there + could_be)[:_BRANCH_FILES_LIMIT]]


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as error:
        raise ConfigurationError(
            f"timezone: {name!r} is no known time zone. Write a name such as Asia/Shanghai."
        ) from error


def _shortcode_folders(themes: tuple[str, ...]) -> tuple[str, ...]:
    roots = ["", *(f"themes/{theme}/" for theme in themes if theme and ".." not in theme and theme[0] != "/")]
    return tuple(f"{root}layouts/{name}" for root in roots for name in ("_shortcodes", "shortcodes"))

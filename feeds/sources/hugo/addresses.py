"""The addresses of one language's pages."""

import re
from datetime import datetime
from urllib.parse import quote

from core.errors import ConfigurationError
from feeds.sources.hugo.config import HugoLanguage
from feeds.sources.hugo.paths import ContentPath
from feeds.sources.hugo.permalinks import PageNames, PermalinkMaker
from feeds.sources.hugo.sections import Sections
from feeds.sources.hugo.tree import ContentTree
from feeds.sources.hugo.urls import Target, UrlError, escape_path, link, normal, query_unescape

_ABSOLUTE = re.compile(r"(https?)://([^/?#\s]+)([^?#\s]*)", re.IGNORECASE)
_OWN_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_URL_LIMIT = 2000
_URL_SIGNS = ":/?#[]@!$&'()*+,;=%~"


class PageAddresses:
    """Makes the addresses of one language's pages. Raises ConfigurationError for a base that is no address."""

    def __init__(
        self, language: HugoLanguage, tree: ContentTree, *, base_url: str | None, tag: str | None, key: str
    ) -> None:
        self._language = language
        self.sections = Sections(tree, language)
        # Whether a page's address depends on which folders are sections.
        self.uses_sections = any(":section" in rule.pattern for rule in language.permalinks)
        self._permalinks = PermalinkMaker(language.permalinks, language.style, language.key)
        self.base_url = _base(language.base_url if base_url is None else base_url)
        self.language_tag = tag
        self._key = key  # before every source key: sites with a host for each language share their paths

    @property
    def home_url(self) -> str:
        """The address of the language's home page, with a slash at its end; empty without a base."""
        prefix = f"{self._language.prefix}/" if self._language.prefix else ""
        return self.base_url + prefix if self.base_url else ""

    def link(self, content: ContentPath, *, url: str, slug: str, title: str, date: datetime) -> str:
        """Return the path of a page from the site's base. Raises UrlError."""
        language = self._language
        basename = content.normal_basename if language.style.lower else content.basename
        section = normal(content.section)
        names = PageNames(
            date,
            title,
            slug,
            content.basename,
            content.basename,
            section,
            self.sections.of(content) if self.uses_sections or ":" in url else "",
            lambda: self.sections.names(content),
        )
        if len(url) > _URL_LIMIT:
            raise UrlError(f"url has more than {_URL_LIMIT} characters")
        if url.lower().startswith(("http://", "https://")):
            raise UrlError(f"url is {url[:200]!r}; write it without a host")
        if ":" in url:
            url = query_unescape(self._permalinks.expand(url, names)) or url
        expanded = self._permalinks.path_of(content.page_path, names) if self._language.permalinks else None
        ugly = language.ugly if isinstance(language.ugly, bool) else section in language.ugly
        target = Target(
            folder=self.sections.path(content.container),
            name=slug or basename,
            is_bundle=content.is_bundle,
            url=url or None,
            expanded=expanded,
            ugly=ugly,
            prefix=language.prefix,
        )
        return link(target, language.style)

    def absolute(self, path: str) -> str:
        """Return the address of a path from the site's base."""
        return self.base_url + path.removeprefix("/") if self.base_url else path

    def source_key(self, path: str) -> str:
        """Return what names the page within the site."""
        return self._key + path

    def absolute_reference(self, written: str) -> str | None:
        """Return the address of what a page refers to, as `absURL` does; None for another scheme than http(s)."""
        if _OWN_SCHEME.match(written):
            return quote(written, safe=_URL_SIGNS) if _ABSOLUTE.match(written) else None
        if written.startswith("//"):
            return quote(self.base_url.partition("//")[0] + written, safe=_URL_SIGNS) if self.base_url else None
        if not self.base_url:
            return None
        scheme, _, rest = self.base_url.partition("//")
        host = f"{scheme}//{rest.partition('/')[0]}"
        return (host + self.escaped(written)) if written.startswith("/") else self.base_url + self.escaped(written)

    def escaped(self, path: str) -> str:
        """Percent-encode what is not yet."""
        return quote(path.removeprefix("./"), safe=_URL_SIGNS)

    def section_link(self, folder: str) -> str:
        """Return the path of a section's page from the site's base."""
        prefix = f"/{self._language.prefix}" if self._language.prefix else ""
        url = self.sections.url(folder)
        path = url if url else self._language.style.path(self.sections.path(folder))
        return escape_path(f"{'' if url.startswith('/') else prefix}/{path.strip('/')}/".replace("//", "/"))


def _base(written: str) -> str:
    """The base with a slash at its end, percent-encoded; empty for none or a relative one."""
    match = _ABSOLUTE.fullmatch(written.strip())
    if match is None:
        if _OWN_SCHEME.match(written) or "?" in written or "#" in written:
            raise ConfigurationError(f"baseURL: {written[:200]!r} is no address like https://example.org/. Mend it.")
        return ""
    host = match[2].rpartition("@")[2]
    try:
        return f"{match[1].lower()}://{host}{escape_path(match[3] if match[3].endswith('/') else match[3] + '/')}"
    except UrlError as error:
        raise ConfigurationError(f"baseURL: {error}. Mend it.") from error

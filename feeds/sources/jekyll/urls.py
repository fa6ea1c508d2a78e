"""The URL and the id that Jekyll 4.3 and jekyll-feed give a post.

Follows Jekyll's url.rb, drops/url_drop.rb and filters/url_filters.rb, and the normalisation of addressable 2.8.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from core.errors import ConfigurationError
from feeds.sources.jekyll.config import JekyllConfig

_UNRESERVED = "-._~"
_PCHAR = _UNRESERVED + "!$&'()*+,;=:@"
_RESERVED = _PCHAR + "/?#[]"
_SCHEME = re.compile(r"([^:/?#]+):(.*)", re.DOTALL)
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_CLEAN = r"A-Za-z0-9_~!$&'()*+,;=:@\-"
_CLEAN_PATH = re.compile(rf"[{_CLEAN}/]*(?:\.[{_CLEAN}][{_CLEAN}/]*)*")
_ESCAPED_ALREADY = re.compile(r"[A-Za-z0-9./-]+")
_QUERY_KEPT = re.compile(r"%2b", re.IGNORECASE)
_SLASHES = re.compile("//+")
_CACHE_LIMIT = 20_000

# addressable carries the tables of Unicode 3.0. Python has those of 3.2; this is what 3.2 added, found by comparing
# every character. So `㉑` (U+3251) and the mathematical letters stay as they are.
_NOT_IN_UNICODE_3_0 = re.compile(
    "([\u03f4\u03f5\u2047\u2057\u205f\u2071\u213d-\u2140\u2145-\u2149\u2a0c\u2a74-\u2a76\u2adc\u309f\u30ff\u3251-\u325f"
    "\u32b1-\u32bf\ufa30-\ufa6a\ufb1d\ufdfc\uff5f\uff60\U0001d15e-\U0001d7ff\U0002f800-\U0002fa1d]+)"
)

_PLAIN_SLUG = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PostName(NamedTuple):
    """What a post's URL is made of. A tuple, as one is made for every post."""

    path: str  # relative to the site's root
    basename: str  # the file's name without extension
    extension: str  # with its dot
    slug: str  # as Jekyll's `slug`: from the front matter or the file's name
    categories: Sequence[str]  # as Jekyll has them, not cleaned
    local: datetime  # in the site's zone
    label: str = ""  # of its collection; empty for posts


class Location(NamedTuple):
    """Where a post is. A tuple, as one is made for every post."""

    url: str  # absolute
    source_key: str  # the post's id without the site's address and base path
    entry_id: str  # absolute: what jekyll-feed writes as `<id>`
    path: str  # as Jekyll itself has the URL: without the site's address, not normalised
    slug: str

    @property
    def id_path(self) -> str:
        """The id as Jekyll itself has it."""
        return _join(_dirname(self.path), self.slug)


_Part: TypeAlias = "str | Callable[[PostName], str]"


class PermalinkError(ValueError):
    """A template with a placeholder that Jekyll does not know; Jekyll stops at it."""


class UrlMaker:
    """Makes the URLs of one site's posts. Raises ConfigurationError for a permalink template that Jekyll refuses."""

    def __init__(self, config: JekyllConfig) -> None:
        self._segments: dict[str, str] = {}
        self._escapes: dict[str, str] = {}
        self._origin, path = split_origin(config.url)
        self._base = self._normal_path(path) + self._normal_path(config.baseurl)
        self._markdown_ext = frozenset(config.markdown_ext)
        self._placeholders = self._make_placeholders()
        templates = {"": config.permalink_template, **{found.label: found.permalink for found in config.collections}}
        try:
            self._templates = {label: self._compile(template) for label, template in templates.items()}
        except PermalinkError as error:
            raise ConfigurationError(f"_config.yml: permalink: {error}. `jekyll build` stops at it as well.") from error

    @property
    def home(self) -> str:
        """The site's own address with a slash at its end; no more than a path if the site says no address."""
        return f"{self._origin}{self._base}/"

    def locate(self, name: PostName, permalink: str | None = None) -> Location:
        """Return where the post is; `permalink` is the front matter's own. Raises PermalinkError."""
        template = self._templates[name.label] if permalink is None else self._compile(permalink)
        path = "".join([part if isinstance(part, str) else part(name) for part in template])
        path = _sanitised(path)
        normal = self.normal(path)
        if path[-1] != "/" and "?" not in path and "#" not in path and _PLAIN_SLUG.fullmatch(name.slug) is not None:
            key = normal[: normal.rindex("/") + 1] + name.slug
        else:
            key = self.normal(_join(_dirname(path), name.slug))
        base = self._origin + self._base
        return Location(base + normal, key, base + key, path, name.slug)

    def absolute(self, reference: str) -> str | None:
        """Return a reference of the front matter (an image) as an absolute http(s) URL, or None if it is none."""
        reference = reference.strip()
        match = _SCHEME.fullmatch(reference)
        if match is not None:
            return _encoded(reference) if match[1].lower() in ("http", "https") and "//" in match[2][:2] else None
        if reference.startswith("//"):
            return _encoded((self._origin.partition("//")[0] or "https:") + reference)
        if not reference or reference[0] == "\\":
            return None
        return self._origin + self._base + self.normal(_sanitised(reference))

    def normal(self, path: str) -> str:
        """Normalise a path that begins with `/`, with its query and fragment, as addressable does."""
        if _CLEAN_PATH.fullmatch(path) is not None:
            return path
        head, mark, fragment = path.partition("#")
        head, question, query = head.partition("?")
        normal = self._normal_path(head)
        if question and query:
            normal += "?" + "&".join(_normal_query(pair) for pair in query.split("&"))
        if mark and fragment:
            normal += "#" + _normal_segment(fragment, _PCHAR + "/?")
        return normal

    def _normal_path(self, path: str) -> str:
        cache = self._segments
        segments = []
        for segment in path.strip().split("/"):
            known = cache.get(segment)
            if known is None:
                known = _remember(cache, segment, _normal_segment(segment, _PCHAR))
            segments.append(known)
        return _without_dots("/".join(segments))

    def _compile(self, template: str) -> list[_Part]:
        parts: list[_Part] = []
        end = 0
        for match in _PLACEHOLDER.finditer(template):
            parts.append(template[end : match.start()])
            key = match[1]
            if key not in self._placeholders and key.endswith("_") and key[:-1] in self._placeholders:
                parts += [self._placeholders[key[:-1]], "_"]
            elif key in self._placeholders:
                parts.append(self._placeholders[key])
            else:
                raise PermalinkError(f"the template {template[:200]!r} has the unknown placeholder :{key[:50]}")
            end = match.end()
        parts.append(template[end:])
        return _with_day_cached([part for part in parts if part != ""], self._placeholders)

    def _make_placeholders(self) -> dict[str, Callable[[PostName], str]]:
        escaped, slug = self._escaped, self._slug
        return {
            "categories": lambda name: self._categories(name.categories),
            "slugified_categories": lambda name: escaped("/".join(dict.fromkeys(map(slug, name.categories)))),
            "title": lambda name: escaped(self._title(name.slug)),
            "slug": lambda name: escaped(slug(name.slug)),
            "name": lambda name: escaped(slug(name.basename)),
            "path": lambda name: escaped(_cleaned_path(name)),
            "collection": lambda name: name.label or "posts",
            "output_ext": lambda name: self._output_extension(name.extension),
            "year": lambda name: f"{name.local.year:04d}",
            "short_year": lambda name: f"{name.local.year % 100:02d}",
            "month": lambda name: f"{name.local.month:02d}",
            "i_month": lambda name: str(name.local.month),
            "short_month": lambda name: _MONTHS[name.local.month - 1][:3],
            "long_month": lambda name: _MONTHS[name.local.month - 1],
            "day": lambda name: f"{name.local.day:02d}",
            "i_day": lambda name: str(name.local.day),
            "y_day": lambda name: f"{name.local.timetuple().tm_yday:03d}",
            "w_year": lambda name: f"{name.local.isocalendar().year:04d}",
            "week": lambda name: f"{name.local.isocalendar().week:02d}",
            "w_day": lambda name: str(name.local.isoweekday()),
            "short_day": lambda name: _DAYS[name.local.weekday()][:3],
            "long_day": lambda name: _DAYS[name.local.weekday()],
            "hour": lambda name: f"{name.local.hour:02d}",
            "minute": lambda name: f"{name.local.minute:02d}",
            "second": lambda name: f"{name.local.second:02d}",
        }

    def _categories(self, categories: Sequence[str]) -> str:
        if len(categories) == 1:
            return self._escaped(categories[0].lower())
        return self._escaped("/".join(dict.fromkeys([category.lower() for category in categories])))

    def _escaped(self, text: str) -> str:
        if _ESCAPED_ALREADY.fullmatch(text) is not None:
            return text
        known = self._escapes.get(text)
        return known if known is not None else _remember(self._escapes, text, escape_path(text))

    def _output_extension(self, extension: str) -> str:
        small = extension.lower()
        if small in self._markdown_ext:
            return ".html"
        return ".css" if small in (".scss", ".sass") else extension

    def _slug(self, text: str) -> str:
        return slugify(text).lower()

    def _title(self, slug: str) -> str:
        return slugify(slug, pretty=True)


def _with_day_cached(parts: list[_Part], placeholders: dict[str, Callable[[PostName], str]]) -> list[_Part]:
    """Join the run `year/month/day` of most templates into one part that is made once a day."""
    day: list[_Part] = [placeholders["year"], "/", placeholders["month"], "/", placeholders["day"]]
    start = next((i for i in range(len(parts)) if parts[i : i + 5] == day), None)
    if start is None:
        return parts
    cache: dict[date, str] = {}

    def year_month_day(name: PostName) -> str:
        when = name.local.date()
        text = cache.get(when)
        if text is None:
            if len(cache) >= _CACHE_LIMIT:
                cache.clear()
            text = cache[when] = f"{when.year:04d}/{when.month:02d}/{when.day:02d}"
        return text

    return [*parts[:start], year_month_day, *parts[start + 5 :]]


def slugify(text: str, *, pretty: bool = False) -> str:
    """Replace what is neither letter, mark nor decimal digit by hyphens; `pretty` keeps ._~!$&'()+,;=@ as well."""
    if _PLAIN_SLUG.fullmatch(text) is not None:
        return text
    kept: list[str] = []
    for character in text:
        if character.isalnum() or unicodedata.category(character)[0] == "M":
            plain = unicodedata.category(character) not in ("Nl", "No")
        else:
            plain = pretty and character in "._~!$&'()+,;=@"
        if plain:
            kept.append(character)
        elif not kept or kept[-1] != "-":
            kept.append("-")
    slug = "".join(kept)
    return slug.removeprefix("-").removesuffix("-")


def escape_path(path: str) -> str:
    """Percent-encode a path as Jekyll's URL.escape_path does: first cut like a URI, then each part by its own set."""
    head, mark, fragment = path.partition("#")
    head, question, query = head.partition("?")
    escaped = quote(head, safe=_PCHAR + "/")
    if question:
        escaped += "?" + quote(query, safe=_PCHAR + "/?")
    return escaped + ("%23" + quote(fragment, safe=_PCHAR + "/?") if mark else "")


def split_origin(url: str) -> tuple[str, str]:
    """Cut a site's URL into its normalised `scheme://host[:port]` and its path; both empty if it is not http(s).

    Raises ConfigurationError for another scheme or a URL without a host.
    """
    url = url.strip()
    if not url:
        return "", ""
    match = re.fullmatch(r"(https?)://([^/?#]+)([^?#]*)", url, re.IGNORECASE)
    if match is None:
        raise ConfigurationError("_config.yml: url: must be like https://example.org, without `?` and `#`.")
    scheme = match[1].lower()
    authority = match[2].rpartition("@")[2]
    host, colon, port = authority.rpartition(":") if re.search(r":\d*$", authority) else (authority, "", "")
    host = ".".join(_ascii_label(label) for label in host.lower().split("."))
    default = {"http": "80", "https": "443"}[scheme]
    return f"{scheme}://{host}" + (f":{port}" if colon and port not in ("", default) else ""), match[3]


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + unicodedata.normalize("NFKC", label).encode("punycode").decode()


def _remember(cache: dict[str, str], key: str, value: str) -> str:
    if len(cache) >= _CACHE_LIMIT:
        cache.clear()
    cache[key] = value
    return value


def _cleaned_path(name: PostName) -> str:
    return name.path[: len(name.path) - len(name.extension)].replace(f"_{name.label or 'posts'}", "", 1).rstrip(".")


def _sanitised(path: str) -> str:
    path = "/" + path
    if "." in path:
        path = path.replace("..", "/").replace("./", "")
    return _SLASHES.sub("/", path) if "//" in path else path


def _dirname(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0].rstrip("/") or "/"


def _join(folder: str, name: str) -> str:
    return folder.rstrip("/") + "/" + name.lstrip("/")


def _normal_segment(segment: str, safe: str) -> str:
    raw = unquote_to_bytes(segment)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return quote_from_bytes(raw, safe=_RESERVED)
    return quote(text if text.isascii() else _compatible(text), safe=safe)


def _normal_query(pair: str) -> str:
    # An encoded plus stays encoded, since a bare one means a space.
    pieces = _QUERY_KEPT.split(pair)
    return "%2B".join(_normal_segment(piece, "-._~!$'()*+,=:@/?") for piece in pieces)


def _compatible(text: str) -> str:
    pieces = _NOT_IN_UNICODE_3_0.split(text)
    pieces[::2] = [unicodedata.ucd_3_2_0.normalize("NFKC", piece) for piece in pieces[::2]]
    return "".join(pieces)


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, section 5.2.4); nothing climbs over the root."""
    if "." not in path:
        return path
    segments = path.split("/")
    if "." not in segments and ".." not in segments:
        return path
    kept: list[str] = []
    for segment in segments[1:]:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", "..") and (not kept or kept[-1]):
        kept.append("")
    return "/" + "/".join(kept)


def _encoded(url: str) -> str:
    return quote(url, safe=_RESERVED + "%")

"""Hugo's permalink patterns: `/:year/:month/:slug/`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.sources.hugo.cascade import PageMatcher
from feeds.sources.hugo.golayout import format_time, is_layout
from feeds.sources.hugo.urls import Style, UrlError, clean, query_unescape

_TOKEN = re.compile(r":\w+(?:\[.+?\])?", re.ASCII)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class PermalinkRule:
    """Which pages a pattern is for."""

    target: PageMatcher
    pattern: str


@dataclass(frozen=True, slots=True)
class PageNames:
    """What a pattern can take from a page."""

    date: datetime  # in the zone in which it was written
    title: str
    slug: str
    filename: str  # without language and extension; for a bundle its folder's name
    basename: str
    section: str  # the first folder, in lower case
    sections: str  # the path of the section that the page stands in, with a slash before it
    section_slugs: Callable[[], Sequence[str]]  # of each section down to the page, from the first


class PermalinkMaker:
    """Expands the patterns of one language of a site."""

    def __init__(self, rules: Sequence[PermalinkRule], style: Style, language: str) -> None:
        self._rules = rules
        self._style = style
        self._language = language
        self._tokens: dict[str, Callable[[PageNames], str]] = {
            "year": lambda page: str(page.date.year),
            "month": lambda page: f"{page.date.month:02d}",
            "monthname": lambda page: _MONTHS[page.date.month - 1],
            "day": lambda page: f"{page.date.day:02d}",
            "weekday": lambda page: str(page.date.isoweekday() % 7),
            "weekdayname": lambda page: _DAYS[page.date.weekday()],
            "yearday": lambda page: str(page.date.timetuple().tm_yday),
            "section": lambda page: page.section,
            "sections": lambda page: page.sections,
            "sectionslug": lambda page: next(iter(self._urlized(page.section_slugs())), ""),
            "sectionslugs": lambda page: "/".join(self._urlized(page.section_slugs())),
            "title": lambda page: style.urlize(_one_part(page.title)),
            "slug": lambda page: style.urlize(page.slug or _one_part(page.title)),
            "slugorfilename": lambda page: style.urlize(page.slug or page.filename),
            "filename": lambda page: style.urlize(page.filename),
            "contentbasename": lambda page: style.urlize(page.basename),
            "slugorcontentbasename": lambda page: style.urlize(page.slug or page.basename),
        }

    def path_of(self, path: str, page: PageNames) -> str | None:
        """Return what the first rule for the page at a content path gives; None without a rule. Raises UrlError."""
        for rule in self._rules:
            if rule.target.matches(path, self._language):
                made = query_unescape(self.expand(rule.pattern, page))
                return clean(made) if made else None
        return None

    def expand(self, pattern: str, page: PageNames) -> str:
        """Put a page's names in the place of a pattern's tokens. Raises UrlError for a token that Hugo has not."""
        escaped = pattern.replace("\\:", "\0")
        made = escaped
        for match in _TOKEN.finditer(escaped):
            made = made.replace(match[0], self._value(match[0][1:], page), 1)
        return made.replace("\0", ":")

    def unknown_token(self, pattern: str) -> str | None:
        """Return a token of the pattern that Hugo has not, if any."""
        for match in _TOKEN.finditer(pattern.replace("\\:", "\0")):
            token = match[0][1:]
            known = token in self._tokens or token.startswith(("sections[", "sectionslugs[")) or is_layout(token)
            if not known:
                return match[0]
        return None

    def _value(self, token: str, page: PageNames) -> str:
        known = self._tokens.get(token)
        if known is not None:
            return known(page)
        if token.startswith("sections["):
            return "/".join(cut(page.sections[1:].split("/") if page.sections != "/" else [], token[8:]))
        if token.startswith("sectionslugs["):
            return "/".join(cut(self._urlized(page.section_slugs()), token[12:]))
        if is_layout(token):
            return format_time(page.date, token)
        raise UrlError(f"the pattern has the token :{token[:50]}, which Hugo does not know")

    def _urlized(self, names: Sequence[str]) -> list[str]:
        return [self._style.urlize(name) for name in names]


def cut(names: Sequence[str], slice_: str) -> Sequence[str]:
    """Cut a list as `[1:last]` says; what lies outside is nothing."""
    if not names:
        return ()
    low, colon, high = slice_[1:-1].lower().strip().partition(":")
    if not colon:
        first = _index(low, names, is_low=True)
        return () if first < 0 or not names[first] else (names[first],)
    start, end = _index(low, names, is_low=True), _index(high, names, is_low=False)
    return () if start < 0 or end < start else names[start:end]


def _index(written: str, names: Sequence[str], *, is_low: bool) -> int:
    if not written:
        return 0 if is_low else len(names)
    if written == "last":
        return len(names) - 1
    number = int(written) if written.isdecimal() and len(written) < 6 else 0
    if number >= len(names):
        return -1 if is_low else len(names)
    return number


def section_glob(section: str) -> str:
    """Return the pattern of paths that a section's name in `permalinks` stands for."""
    section = section.strip(" /")
    return f"/{{{section},{section}/**}}" if section else "/*"


def _one_part(title: str) -> str:
    # A title makes one part of a path, whereas a slug may hold several.
    return title.replace("/", "-")

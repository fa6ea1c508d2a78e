"""The four dates of a Hugo page: which key, file name or time of change says which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from feeds.sources.hugo.dates import Moment, is_no_date, read_date
from feeds.sources.hugo.values import is_bool
from feeds.yaml_text import Node, Scalar

_KEYS = ("date", "lastmod", "publishdate", "expirydate")


@dataclass(slots=True, kw_only=True)
class PageDates:
    """What was found; None where nothing says when."""

    date: Moment | None = None
    lastmod: Moment | None = None
    publishdate: Moment | None = None
    expirydate: Moment | None = None
    slug: str | None = None  # from the file's name, where the site takes the date from there
    unreadable: list[tuple[str, str]] = field(default_factory=list)  # the date asked for, the key that cannot be read
    written: set[str] = field(default_factory=set)  # which of the dates a key of their own says


def read_page_dates(
    orders: Mapping[str, tuple[str, ...]],
    own: Mapping[str, Node],
    values: Mapping[str, Node],
    *,
    name: str,
    modified: datetime,
    zone: tzinfo,
) -> PageDates:
    """Find a page's dates as Hugo's front matter handlers do, one after the other.

    `own` is what the page says, `values` that on what it was handed down; `name` is the file's or the bundle's.
    A date that was found counts as a value for those that are looked for after it.
    """
    return _Finder(own, values, name, modified, zone).find(orders)


class _Finder:
    """One pass over one page's dates."""

    def __init__(
        self, own: Mapping[str, Node], values: Mapping[str, Node], name: str, modified: datetime, zone: tzinfo
    ) -> None:
        self._own = own
        self._values = values
        self._name = name
        self._modified = modified
        self._zone = zone
        self._found: dict[str, Moment] = {}
        self._dates = PageDates()

    def find(self, orders: Mapping[str, tuple[str, ...]]) -> PageDates:
        dates = self._dates
        dates.date = self._first("date", orders["date"])
        dates.lastmod = self._first("lastmod", orders["lastmod"])
        dates.publishdate = self._first("publishdate", orders["publishdate"])
        dates.expirydate = self._first("expirydate", orders["expirydate"])
        return dates

    def _first(self, asked: str, order: tuple[str, ...]) -> Moment | None:
        for source in order:
            moment = self._from_name() if source == ":filename" else self._look(asked, source)
            if moment is not None:
                self._found.setdefault(asked, moment)
                if source[0] != ":" and not (source != asked and source in _KEYS):
                    self._dates.written.add(asked)
                return None if is_no_date(moment) else moment
        return None

    def _look(self, asked: str, source: str) -> Moment | None:
        if source == ":filemodtime":
            return Moment(self._modified.astimezone(UTC).replace(microsecond=0))
        node = self._own.get(source)
        if node is None:
            if source in self._found:
                return self._found[source]
            node = self._values.get(source)
        if node is None or (isinstance(node, Scalar) and (node.null or not node.text)):
            return None
        # `published: true` is a switch, not a date.
        if source == "published" and is_bool(node):
            return None
        moment = read_date(node.text, plain=node.plain, zone=self._zone) if isinstance(node, Scalar) else None
        if moment is None:
            self._dates.unreadable.append((asked, source))
        return moment

    def _from_name(self) -> Moment | None:
        base = self._name.rpartition(".")[0] or self._name
        for written, rest in (
            (f"{base[:10]}T{base[11:19].replace('-', ':')}", base[19:]) if len(base) >= 19 else ("", ""),
            (base[:10], base[10:]),
        ):
            moment = read_date(written, plain=False, zone=self._zone) if written else None
            if moment is not None and not is_no_date(moment):
                self._dates.slug = rest.strip(" -_")
                return moment
        return None

"""The index page: every feed of the site, for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from feeds.model import Taxonomy
from feeds.render.words import FORMATS, other_language, words_for


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One term with its feeds."""

    label: str
    term: str
    posts: int
    latest: datetime | None  # of the newest post, in the site's zone
    links: Mapping[str, str]  # format (`rss`, `atom`, `json`) to a URL relative to the page, percent-encoded
    description: str = ""  # what the owner says of the term; plain text
    weeks: Sequence[int] = ()  # posts in each of the last weeks, the newest at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSection:
    taxonomy: Taxonomy
    rows: Sequence[IndexRow]  # in the order shown
    opml: str | None = None  # a URL relative to the page


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLink:
    """The way to another set of feeds of the same site."""

    title: str
    name: str  # empty for the site's own
    url: str  # relative to the page, or absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    title: str
    description: str
    language: str | None
    home_url: str
    site: IndexRow  # the whole-site feed
    sections: Sequence[IndexSection]  # those without rows are left out
    opml: str | None  # a URL relative to the page
    others: Sequence[IndexLink] = ()  # the other sets of feeds


class IndexRenderer:
    """Writes the page; holds the compiled template."""

    def __init__(self) -> None:
        # Slow to load, and many runs write no page.
        from jinja2 import Environment, PackageLoader, StrictUndefined

        environment = Environment(
            loader=PackageLoader("feeds.render"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {"thousands": "{:,}".format, "moment": _moment, "bars": _bars, "mean": _mean}
        self._template = environment.get_template("index.html")
        self.style = environment.get_template("style.css").render().encode()
        """The style sheet of this page and of those of feeds."""

    def render(self, page: IndexPage) -> bytes:
        """Write the page in the site's language where we have its words, else in English."""
        language, words = words_for(page.language)
        sections = [section for section in page.sections if section.rows]
        return self._template.render(
            page=page,
            sections=[(section, max(row.posts for row in section.rows) or 1) for section in sections],
            language=language,
            words=words,
            of_site=Markup(other_language(page.language, language)),
            formats=FORMATS,
        ).encode()


def _moment(time: datetime) -> Markup:
    iso = time.isoformat(timespec="minutes")
    return Markup(f'<time datetime="{iso}">{iso[:10]} {iso[11:16]}</time>')


def _mean(weeks: Sequence[int]) -> str:
    mean = sum(weeks) / len(weeks)
    return f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"


def _bars(weeks: Sequence[int]) -> str:
    """Return the path of a bar for each week, 4 wide and at most 16 high."""
    most = max(weeks)
    heights = [(4 * place + 2, round(16 * count / most) or 1) for place, count in enumerate(weeks) if count]
    return "".join(f"M{left} 16v-{height}" for left, height in heights)

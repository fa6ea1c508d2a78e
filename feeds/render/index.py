"""The index page: every feed of the site, for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from feeds.model import Taxonomy
from feeds.render.fragments import language_tag

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "feeds": "Feeds",
        "all": "Everything",
        "all_hint": "Every new post of this site, in one feed. Copy the address of a format into your feed reader.",
        "selection": "Selections",
        "source": "Sources",
        "category": "Categories",
        "tag": "Tags",
        "author": "Authors",
        "posts": "Posts",
        "latest": "Latest post",
        "formats": "Feeds",
        "search": "Find a category, tag or author",
        "nothing": "Nothing by that name.",
        "opml": "All feeds as OPML",
        "visit": "Visit the site",
        "made": "Made by Feedbell",
        "sections": "Sections",
        "others": "More feeds of this site",
    },
    "zh": {
        "feeds": "订阅",
        "all": "全站",
        "all_hint": "本站每一篇新文章，尽在一个订阅源。把任一格式的地址复制到阅读器即可。",
        "selection": "精选",
        "source": "来源",
        "category": "分类",
        "tag": "标签",
        "author": "作者",
        "posts": "文章",
        "latest": "最近更新",
        "formats": "订阅源",
        "search": "查找分类、标签或作者",
        "nothing": "没有符合的名称。",
        "opml": "全部订阅源（OPML）",
        "visit": "访问网站",
        "made": "由 Feedbell 生成",
        "sections": "目录",
        "others": "本站的其他订阅",
    },
}
_FORMATS = (
    ("rss", "RSS", "application/rss+xml"),
    ("atom", "Atom", "application/atom+xml"),
    ("json", "JSON", "application/feed+json"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One term with its feeds."""

    label: str
    term: str
    posts: int
    latest: datetime | None  # of the newest post, in the site's zone
    links: Mapping[str, str]  # format (`rss`, `atom`, `json`) to a URL relative to the page, percent-encoded
    description: str = ""  # what the owner says of the term; plain text


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSection:
    taxonomy: Taxonomy
    rows: Sequence[IndexRow]  # in the order shown


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
        environment.globals |= {"thousands": "{:,}".format, "moment": _moment}
        self._template = environment.get_template("index.html")

    def render(self, page: IndexPage) -> bytes:
        """Write the page in the site's language where we have its words, else in English."""
        language = language_tag(page.language) or "en"
        sections = [section for section in page.sections if section.rows]
        return self._template.render(
            page=page,
            sections=[(section, max(row.posts for row in section.rows) or 1) for section in sections],
            language=language,
            words=_TEXTS["zh" if language.lower().partition("-")[0] == "zh" else "en"],
            formats=_FORMATS,
        ).encode()


def _moment(time: datetime) -> Markup:
    iso = time.isoformat(timespec="minutes")
    return Markup(f'<time datetime="{iso}">{iso[:10]} {iso[11:16]}</time>')

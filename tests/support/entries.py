"""Entries and feed heads to render: a plain one, and one with everything that the world puts into text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from feeds.model import Author, Category, Enclosure, Entry, FeedHead, Rendering, Taxonomy

SHANGHAI = timezone(timedelta(hours=8))
HOSTILE = """]]> <![CDATA[x]]> &nbsp; &amp;amp; <b>"bold"</b> '%s' {{ x }} é\u0301 שלום 👨\u200d👩\u200d👧"""


def head(
    *,
    title: str = "金融消息",
    description: str = "中国财经新闻",
    language: str | None = "zh-CN",
    authors: tuple[Author, ...] = (Author(name="ZNing"),),
) -> FeedHead:
    """A feed's head at https://site.example/feeds/all.*."""
    return FeedHead(
        title=title,
        description=description,
        language=language,
        home_url="https://site.example/",
        self_urls={name: f"https://site.example/feeds/all.{name}" for name in ("rss", "atom", "json")},
        authors=authors,
        updated=datetime(2022, 2, 23, 18, 29, 4, tzinfo=SHANGHAI),
    )


def plain_entry() -> Entry:
    """A post of the first site, with its category and the tag that reads the same."""
    label = "上海证券报·中国证券网新闻"
    term = "shanghaizhengquanbao·zhongguozhengquanwang"
    return Entry(
        id="https://site.example/shanghaizhengquanbao%C2%B7zhongguozhengquanwang/2022/02/23/NW1",
        url="https://site.example/shanghaizhengquanbao%C2%B7zhongguozhengquanwang/2022/02/23/NW1.html",
        title="两部门：加大出口信用保险支持",
        published=datetime(2022, 2, 23, 18, 29, 4, tzinfo=SHANGHAI),
        updated=datetime(2022, 2, 24, 9, 0, 0, tzinfo=SHANGHAI),
        authors=(Author(name="ZNing", email="z@site.example", uri="https://z.example/"),),
        categories=(
            Category(taxonomy=Taxonomy.CATEGORY, term=term, label=label, slug=term),
            Category(taxonomy=Taxonomy.TAG, term=label, label=label, slug=label),
        ),
        language="zh-CN",
        rendering=Rendering(
            content_html='<p>据商务部消息 &amp; <a href="https://site.example/">首页</a></p>\n',
            summary="据商务部消息 & 首页",
            image="https://site.example/a.png",
        ),
    )


def hostile_entry() -> Entry:
    """Markup, entities and ends of CDATA in each text; no author, no language, no image."""
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Entry(
        id="https://site.example/hostile?a=1&b=2",
        url="https://site.example/hostile.html?a=1&b=2",
        title=HOSTILE,
        published=datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
        updated=datetime(2022, 2, 23, 1, 2, 3, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
        authors=(),
        categories=(Category(taxonomy=Taxonomy.TAG, term=HOSTILE, label=HOSTILE, slug="hostile"),),
        language=None,
        rendering=Rendering(content_html=f"<p>{escaped}</p>", summary=HOSTILE, image=None),
    )


def bare_entry() -> Entry:
    """A post of which nothing is known but its dates and address."""
    return Entry(
        id="https://site.example/bare",
        url="https://site.example/bare.html",
        title="",
        published=datetime(1890, 1, 1, tzinfo=timezone(timedelta(hours=8, minutes=5, seconds=43))),
        updated=datetime(2022, 2, 22, tzinfo=UTC),
        authors=(Author(name=" ", email="not an address", uri="javascript:x"),),
        categories=(),
        language="not a language!",
        rendering=Rendering(content_html="", summary="", image=None),
    )


def media_entry() -> Entry:
    """A podcast's post that was taken from elsewhere, with an author in its text and three files."""
    return replace(
        plain_entry(),
        id="https://site.example/podcast/1?a=1&b=2",
        url="https://site.example/podcast/1.html",
        authors=(Author(name="上海证券报"), Author(name="ZNing")),
        rendering=Rendering(
            content_html="<p>Listen &amp; watch</p>",
            summary="Listen & watch",
            image="https://site.example/cover.png?a=1&b=2",
            via="https://news.example/1?a=1&b=2",
            enclosures=(
                Enclosure(url="https://site.example/1.mp3?a=1&b=2", media_type="audio/mpeg", length=12216320),
                Enclosure(url="https://site.example/1.ogg", media_type="audio/ogg", length=9000000),
                Enclosure(url="https://cdn.example/1.mp4", media_type="video/mp4"),
            ),
        ),
    )

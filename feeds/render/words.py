"""The words of our pages, in each language that we speak."""

from collections.abc import Mapping

from feeds.render.fragments import language_tag

WORDS: Mapping[str, Mapping[str, str]] = {
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
        "weeks": "Posts a week",
        "weeks_said": "{} posts a week; in the last weeks, the newest at the end: {}",
        "subscribe": "Subscribe",
        "subscribe_hint": "Copy one of these addresses into your feed reader, a program that fetches new posts of the "
        "sites you choose. Which format makes no difference: if in doubt, take the first.",
        "address": "Address of the {} feed",
        "copy": "Copy",
        "copied": "Copied",
        "open": "Open",
        "newest": "Latest posts",
        "none_yet": "No posts.",
        "all_feeds": "All feeds",
        "skip": "Skip to the content",
        "of_taxonomy": "as OPML",
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
        "weeks": "每周文章",
        "weeks_said": "每周 {} 篇；最近各周（最新的在末尾）：{}",
        "subscribe": "订阅",
        "subscribe_hint": "把下面任一地址复制到您的阅读器（一种自动获取所选网站新文章的程序）即可。"
        "各种格式内容相同，拿不定主意就用第一个。",
        "address": "{} 订阅源的地址",
        "copy": "复制",
        "copied": "已复制",
        "open": "打开",
        "newest": "最新文章",
        "none_yet": "暂无文章。",
        "all_feeds": "全部订阅源",
        "skip": "跳到正文",
        "of_taxonomy": "OPML",
    },
}

FORMATS = (
    ("rss", "RSS", "application/rss+xml"),
    ("atom", "Atom", "application/atom+xml"),
    ("json", "JSON", "application/feed+json"),
)


def words_for(language: str | None) -> tuple[str, Mapping[str, str]]:
    """Return the language of a page and its words: the site's language where we speak it, else English."""
    tag = language_tag(language) or "en"
    words = WORDS.get(tag.lower().partition("-")[0])
    return (tag, words) if words is not None else ("en", WORDS["en"])


def other_language(site: str | None, page: str) -> str:
    """Return the attribute for what a site says on a page of another language (WCAG 2.2, section 3.1.2), or nothing."""
    tag = language_tag(site)
    return f' lang="{tag}"' if tag and tag != page else ""

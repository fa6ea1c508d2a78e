"""Tags that only a browser with scripts makes sense of, rewritten into what readers show. Before sanitising."""

import re
from collections.abc import Mapping
from html import escape

from feeds.html_tokens import TOKEN, attributes
from feeds.urls import absolute_url

# Elements that this file rewrites; a post without them and without lazily loaded pictures is left alone.
REWRITTEN = frozenset({"iframe", "object", "embed", "noscript", "base", "input"})

_EMBEDS = {"iframe": "src", "embed": "src", "object": "data"}
_LAZY_TAGS = frozenset({"img", "source", "video", "audio", "iframe"})
# Where the common scripts for lazy loading keep the address until a picture comes into view, best first.
_LAZY_SOURCES = ("data-src", "data-lazy-src", "data-original", "data-actualsrc", "data-lazyload", "data-lazy")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
_IS_LAZY = re.compile(r"\sdata-(?:src|srcset|lazy|original|actualsrc)", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[\s{}<>\"']|\A[^./]*+\Z")
_NO_SIZE = re.compile(r"\s*[01](?:px)?\s*")
# Players that show nothing outside of a frame, and the pages of what they play.
_PLAYERS = (
    (re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{11})"), "https://www.youtube.com/watch?v={}"),
    (re.compile(r"https?://player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/{}"),
    (re.compile(r"https?://player\.bilibili\.com/player\.html\?(?:[^#]*&)?bvid=(\w+)"), "https://www.bilibili.com/video/{}"),
    (re.compile(r"https?://(?:www\.)?dailymotion\.com/embed/video/(\w+)"), "https://www.dailymotion.com/video/{}"),
)  # fmt: skip


def is_lazy(html: str) -> bool:
    """Tell whether pictures may wait for a script."""
    return "data-" in html and _IS_LAZY.search(html) is not None


def base_of(html: str, page_url: str) -> str:
    """Return what relative URLs are relative to: the first `base` that says so (HTML, section 2.4.3), else the page."""
    for token in TOKEN.finditer(html):
        if token[3] and token[3].lower() == "base" and (href := attributes(token[0]).get("href")):
            return absolute_url(page_url, href, fetched=True) or page_url
    return page_url


def rewritten(html: str, base_url: str) -> str:
    """Return the HTML with links in the place of frames and plugins, and pictures that need no script."""
    return TOKEN.sub(_Rewriting(base_url).token, html)


class _Rewriting:
    """One pass over the tokens of a post."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._linked: set[str] = set()
        self._lazy: set[str] = set()

    def token(self, token: re.Match[str]) -> str:
        name = (token[1] or token[3] or "").lower()
        if name == "noscript":
            # The sanitiser, as a browser with scripts, would show its tags as text.
            return ""
        if name == "input":
            return _box(attributes(token[0])) or token[0]
        if token[2] or (name not in _LAZY_TAGS and name not in _EMBEDS):
            return token[0]
        given = attributes(token[0])
        lazy = self._lazy_of(given) if name in _LAZY_TAGS else {}
        if name in _EMBEDS:
            return self._link({**given, **lazy}, _EMBEDS[name]) + _rest(token)
        if name == "img" and not lazy and given.get("src") in self._lazy:
            return ""  # the same again for who has no scripts
        if not lazy:
            return token[0]
        self._lazy.update(lazy.values())
        # Of two attributes of one name the first counts.
        first = "".join(f' {key}="{escape(value)}"' for key, value in lazy.items())
        return f"<{token[3]}{first}{token[0][1 + len(token[3]) :]}"

    def _lazy_of(self, given: Mapping[str, str]) -> dict[str, str]:
        found = {}
        source = next((given[key] for key in _LAZY_SOURCES if not _NO_ADDRESS.search(given.get(key, ""))), None)
        if source is not None:
            found["src"] = source
        candidates = next((given[key] for key in _LAZY_SETS if given.get(key)), None)
        if candidates is not None:
            found["srcset"] = candidates
        elif source is not None and "srcset" in given:
            found["srcset"] = ""  # a placeholder's
        return found

    def _link(self, given: Mapping[str, str], attribute: str) -> str:
        url = absolute_url(self._base_url, given.get(attribute, ""), fetched=True)
        if url is None or _is_invisible(given):
            return ""
        for player, page in _PLAYERS:
            if found := player.match(url):
                url = page.format(found[1])
        if url in self._linked:
            return ""
        self._linked.add(url)
        shown = given.get("title", "").strip() or url.partition("://")[2].removeprefix("www.")
        return f'<a href="{escape(url)}">{escape(shown)}</a> '


def _box(given: Mapping[str, str]) -> str:
    """Return a box of a task list as a character: readers show no form."""
    if given.get("type", "").lower() != "checkbox":
        return ""
    return "☑ " if "checked" in given else "☐ "


def _is_invisible(given: Mapping[str, str]) -> bool:
    style = given.get("style", "").replace(" ", "").lower()
    return (
        "hidden" in given
        or "display:none" in style
        or bool(_NO_SIZE.fullmatch(given.get("width", "")) or _NO_SIZE.fullmatch(given.get("height", "")))
    )


def _rest(token: re.Match[str]) -> str:
    """Return what must follow: the token of a frame ends before the `>` of its end tag."""
    return "<iframe></iframe" if token[1] and not token[0].endswith(">") else ""

"""What nobody is meant to see: hidden elements, and pictures that only report who reads."""

import re

# What the sanitiser leaves of a style that hides; see `style_of`.
HIDDEN = "display:none"
# KaTeX shows a formula by these elements beside its MathML, with styles that readers do not have.
SECOND_FORMULA = "katex-html"
_NO_SIZE_OF_TEXT = "font-size:0"

_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_NO_FONT = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|em|rem|pt|%)?\s*(?:[;!]|\Z)", re.IGNORECASE)
# Whose pictures show nothing and count readers.
_BEACON = re.compile(
    r"https?://(?:"
    r"(?:[\w-]+\.)*(?:google-analytics\.com|doubleclick\.net|scorecardresearch\.com|quantserve\.com|statcounter\.com"
    r"|histats\.com|feedsportal\.com|getclicky\.com|clustrmaps\.com|cnzz\.com|51\.la|imrworldwide\.com|omtrdc\.net"
    r"|2o7\.net|demdex\.net|adsrvr\.org)[:/]"
    r"|(?:pixel|stats)\.(?:wp|wordpress)\.com/|hm\.baidu\.com/hm\.gif|mc\.yandex\.\w+/watch/|bat\.bing\.com/"
    r"|feeds\.feedburner\.com/~|(?:www\.)?facebook\.com/tr[/?]|px\.ads\.linkedin\.com/|medium\.com/_/stat\?"
    r"|[^?#]*/(?:matomo|piwik)\.php(?:[?#]|\Z)"
    r")",
    re.IGNORECASE,
)
# A picture as wide and as high as this shows nothing.
DOT_SIZES = frozenset({"0", "1", "0px", "1px"})
_DOT = (
    re.compile(r"(?<![-\w])width\s*:\s*[01](?:px)?\s*(?:[;!]|\Z)", re.IGNORECASE),
    re.compile(r"(?<![-\w])height\s*:\s*[01](?:px)?\s*(?:[;!]|\Z)", re.IGNORECASE),
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*)>")
_IMAGE_SOURCE = re.compile(r" src=\"([^\"]*)\"")
_VOID = frozenset({"area", "br", "col", "hr", "img", "source", "track", "wbr"})


def style_of(tag: str, style: str, *, keep_trackers: bool) -> str | None:
    """Return what has to be left of a style for `without_hidden` to know a hidden element by; None if nothing."""
    if _HIDES.search(style) or (tag == "img" and not keep_trackers and _is_dot(style)):
        return HIDDEN
    return _NO_SIZE_OF_TEXT if _NO_FONT.search(style) else None


def _is_dot(style: str) -> bool:
    return all(size.search(style) for size in _DOT)


def is_beacon(url: str) -> bool:
    """Tell whether an address is one of those that count readers."""
    return _BEACON.match(url) is not None


def without_hidden(html: str, *, keep_trackers: bool) -> str:
    """Return sanitised HTML without hidden elements and, unless they are kept, without pictures that track readers.

    Text of no size is gone where nothing but text stands in its element: around pictures, authors write such a size
    to bring them together.
    """
    pieces: list[str] = []
    position = 0
    hidden = ""
    depth = 0
    for tag in _TAG.finditer(html):
        name, is_end = tag[2], bool(tag[1])
        if hidden:
            depth += (-1 if is_end else 1) if name == hidden else 0
            if depth == 0:
                hidden, position = "", tag.end()
        elif not is_end and _is_hidden(html, tag, keep_trackers=keep_trackers):
            pieces.append(html[position : tag.start()])
            position = tag.end()
            if name not in _VOID:
                hidden, depth = name, 1
    if not hidden:
        pieces.append(html[position:])
    return "".join(pieces).replace(f' style="{_NO_SIZE_OF_TEXT}"', "")


def _is_hidden(html: str, tag: re.Match[str], *, keep_trackers: bool) -> bool:
    said = tag[3]
    if ' hidden=""' in said or f' style="{HIDDEN}"' in said or f' class="{SECOND_FORMULA}"' in said:
        return True
    if f' style="{_NO_SIZE_OF_TEXT}"' in said:
        return html.startswith(f"</{tag[2]}>", html.find("<", tag.end()))
    return tag[2] == "img" and not keep_trackers and _tracks(said)


def _tracks(said: str) -> bool:
    if all(any(f' {side}="{size}"' in said for size in DOT_SIZES) for side in ("width", "height")):
        return True
    source = _IMAGE_SOURCE.search(said)
    return source is not None and is_beacon(source[1])

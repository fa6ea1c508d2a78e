"""Hugo's own shortcodes as a reader of a feed needs them: frames become links, what is only for a browser goes."""

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote

from feeds.sources.hugo.shortcode_functions import without_tags
from feeds.sources.hugo.shortcode_values import Call

# Those that need, or may have, text between two tags.
TAKING_INNER = frozenset(("details", "highlight", "comment", "qr", "rawhtml"))


def _argument(call: Call, name: str, place: int = -1) -> str:
    return (call.tag.get(name) or (call.tag.get(place) if place >= 0 else None) or "").strip()


def _link(url: str, words: str) -> str:
    return f'<p><a href="{escape(url)}">{escape(words)}</a></p>'


def _id(text: str) -> str:
    return quote(text, safe="")


def _figure(call: Call) -> str:
    source, link, caption = _argument(call, "src", 0), _argument(call, "link"), _argument(call, "caption")
    out = ["<figure>"]
    if link:
        out.append(f'<a href="{escape(link)}">')
    shown = escape(_argument(call, "alt")) or without_tags(call.markdown(caption))
    out.append(f'<img src="{escape(source)}" alt="{shown}">')
    if link:
        out.append("</a>")
    title, credit = _argument(call, "title"), _argument(call, "attr")
    if title or caption or credit:
        out.append("<figcaption>")
        if title:
            out.append(f"<h4>{escape(title)}</h4>")
        if caption or credit:
            out.append(f"<p>{call.markdown(caption)}{_credit(call, credit)}</p>")
        out.append("</figcaption>")
    out.append("</figure>")
    return "".join(out)


def _credit(call: Call, credit: str) -> str:
    words = call.markdown(credit) if credit else ""
    link = _argument(call, "attrlink")
    return f'\n<a href="{escape(link)}">{words}</a>' if link else words


def _highlight(call: Call) -> str:
    language = _argument(call, "lang", 0)
    name = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{name}>{escape(call.inner_deindented.strip(chr(10) + chr(13)), quote=False)}</code></pre>"


def _details(call: Call) -> str:
    summary = call.markdown(call.tag.get("summary") or "Details")
    is_open = " open" if call.tag.get("open") in ("true", "1") else ""
    return f"<details{is_open}>\n<summary>{summary}</summary>\n{call.markdown_block(call.inner)}</details>"


def _youtube(call: Call) -> str:
    identifier = _argument(call, "id", 0)
    title = _argument(call, "title", 2) or "YouTube video"
    return _link(f"https://www.youtube.com/watch?v={_id(identifier)}", title) if identifier else ""


def _vimeo(call: Call) -> str:
    identifier = _argument(call, "id", 0)
    return (
        _link(f"https://vimeo.com/{_id(identifier)}", _argument(call, "title", 2) or "Vimeo video")
        if identifier
        else ""
    )


def _x(call: Call) -> str:
    user = _argument(call, "user") or "i"
    identifier = _argument(call, "id", 0)
    words = "Post on X" if user == "i" else f"Post by @{user} on X"
    return _link(f"https://x.com/{_id(user)}/status/{_id(identifier)}", words) if identifier else ""


def _instagram(call: Call) -> str:
    identifier = _argument(call, "id", 0)
    return _link(f"https://www.instagram.com/p/{_id(identifier)}", "View this post on Instagram") if identifier else ""


def _gist(call: Call) -> str:
    user, identifier, file = _argument(call, "user", 0), _argument(call, "id", 1), _argument(call, "file", 2)
    if not user or not identifier:
        return ""
    return _link(f"https://gist.github.com/{_id(user)}/{_id(identifier)}", f"Gist: {file}" if file else "Gist")


def _qr(call: Call) -> str:
    text = _argument(call, "text") or call.inner.strip()
    if text.startswith(("http://", "https://")):
        return _link(text, text)
    return f"<p>{escape(text)}</p>" if text else ""


BUILT_IN: Mapping[str, Callable[[Call], str]] = {
    "comment": lambda _: "",
    "details": _details,
    "figure": _figure,
    "gist": _gist,
    "highlight": _highlight,
    "instagram": _instagram,
    "instagram_simple": _instagram,
    "qr": _qr,
    "rawhtml": lambda call: call.inner,
    "tweet": _x,
    "twitter": _x,
    "twitter_simple": _x,
    "vimeo": _vimeo,
    "vimeo_simple": _vimeo,
    "x": _x,
    "x_simple": _x,
    "youtube": _youtube,
}

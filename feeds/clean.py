"""HTML that is safe to show in any reader: only content, only absolute URLs, no script, no style sheet, no form."""

import re
import threading

from nh3 import Cleaner

from feeds.hidden import DOT_SIZES, SECOND_FORMULA, is_beacon, style_of, without_hidden
from feeds.html_tokens import TOKEN
from feeds.rewriting import REWRITTEN, base_of, is_lazy, rewritten
from feeds.urls import FOLLOWED, absolute_srcset, absolute_url


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup "
    "data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins "
    "kbd li main map area mark nav ol p picture pre q rp rt rtc ruby s samp section small source span strike strong "
    "sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr"
)
# Their content is no text for readers.
_REMOVED_WITH_CONTENT = _words(
    "script style iframe applet noembed noframes template textarea select title svg frameset"
)
# A formula's source, which would be read beside it.
_ANNOTATIONS = _words("annotation annotation-xml")
# HTML knows these as well: its parser treats them in ways of their own.
_OTHER_NAMES = _words(
    "base basefont bgsound body button canvas command datalist dialog dir embed fieldset foreignobject form frame head "
    "html image input keygen label legend link listing marquee menu meta meter nobr noscript object optgroup option "
    "output param plaintext progress search slot xmp"
)
_KNOWN_NAMES = _TAGS | _REMOVED_WITH_CONTENT | _OTHER_NAMES
_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTES = {
    "*": {"lang", "dir", "title", "hidden", "align", "style"},
    "a": {"href", "hreflang", "rel"},
    "area": {"href", "alt", "coords", "shape", "rel"},
    "audio": {"src", "controls", "loop", "preload"},
    "bdo": {"dir"},
    "blockquote": {"cite"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "font": {"color", "size"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "longdesc", "loading", "usemap"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "map": {"name"},
    "ol": {"start", "type", "reversed"},
    "pre": {"class"},
    "q": {"cite"},
    "span": {"class"},
    "source": {"src", "srcset", "sizes", "type", "media"},
    "table": {"border", "summary"},
    "td": {"colspan", "rowspan", "headers", "valign"},
    "th": {"colspan", "rowspan", "headers", "scope", "valign"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "ul": {"type"},
    "video": {"src", "poster", "controls", "loop", "preload", "width", "height", "muted"},
}
# What an author centres stays centred; nothing may leave its place or load a picture. By the others hidden parts are
# known and taken out.
_STYLE_PROPERTIES = frozenset({"display", "font-size", "text-align", "text-decoration", "font-style", "font-weight"})
_STYLE_WE_KEEP = re.compile(r"text-(?:align|decoration)|font-(?:style|weight)", re.IGNORECASE)
_STYLE_WE_ASK = re.compile(r"display|visibility|font-size|width", re.IGNORECASE)
_DECLARATION_WE_DROP = re.compile(r"(?:display|font-size)\s*:[^;]*+;?", re.IGNORECASE)
# Links keep the relations that say something of the target. `noopener` has no work to do without `target`, and
# readers that open windows set their own.
_RELATIONS = _words("nofollow ugc sponsored noopener noreferrer external license author tag")


class Sanitizer:
    """One configured cleaner for every post; safe to share between threads."""

    def __init__(self, *, keep_trackers: bool = False) -> None:
        self._keep_trackers = keep_trackers
        # The cleaner asks back for each attribute, in the thread that called it.
        self._here = threading.local()
        self._cleaner = Cleaner(
            tags=_TAGS,
            clean_content_tags=_REMOVED_WITH_CONTENT | _ANNOTATIONS,
            attributes=_ATTRIBUTES,
            attribute_filter=self._attribute,
            filter_style_properties=_STYLE_PROPERTIES,
            url_schemes=set(FOLLOWED),
            link_rel=None,
        )

    def clean(self, html: str, base_url: str) -> str:
        """Return the HTML sanitised, with every URL absolute as seen from the page at `base_url`."""
        names = set(map(str.lower, set(_NAME.findall(html))))
        if "base" in names:
            base_url = base_of(html, base_url)
        if not REWRITTEN.isdisjoint(names) or is_lazy(html):
            html = rewritten(html, base_url)
        if not _KNOWN_NAMES.issuperset(names):
            html = _with_known_names(html, _KNOWN_NAMES | _ANNOTATIONS if "math" in names else _KNOWN_NAMES)
        self._here.base_url = base_url
        self._here.may_hide = False
        clean = self._cleaner.clean(html)
        return without_hidden(clean, keep_trackers=self._keep_trackers) if self._here.may_hide else clean

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return absolute_url(self._here.base_url, value)
        if name == "src":
            return self._source(tag, value)
        if name in ("poster", "longdesc", "cite"):
            return absolute_url(self._here.base_url, value, fetched=True)
        if name == "srcset":
            return absolute_srcset(self._here.base_url, value)
        if name == "rel":
            return " ".join(word for word in value.lower().split() if word in _RELATIONS) or None
        if name == "class":
            return self._class(tag, value)
        if name == "style":
            return self._style(tag, value)
        if name == "hidden":
            return self._hidden(value)
        if name == "width" and value in DOT_SIZES:
            self._here.may_hide = True
        return value

    def _source(self, tag: str, value: str) -> str | None:
        url = absolute_url(self._here.base_url, value, fetched=True)
        if url and tag == "img" and is_beacon(url):
            self._here.may_hide = True
        return url

    def _style(self, tag: str, value: str) -> str | None:
        if _STYLE_WE_ASK.search(value):
            if hiding := style_of(tag, value, keep_trackers=self._keep_trackers):
                self._here.may_hide = True
                return hiding
            value = _DECLARATION_WE_DROP.sub("", value)
        return value if _STYLE_WE_KEEP.search(value) else None

    def _class(self, tag: str, value: str) -> str | None:
        if tag != "span":
            return " ".join(word for word in value.split() if word.startswith("language-")) or None
        if SECOND_FORMULA not in value.split():
            return None
        self._here.may_hide = True
        return SECOND_FORMULA

    def _hidden(self, value: str) -> str | None:
        # What a search in the page would open is meant to be read.
        if value.lower() == "until-found":
            return None
        self._here.may_hide = True
        return ""


_DEEPEST = 200
_MOST_OPEN_FORMATTING = 1_000_000
_VOID = _words("area base br col embed hr img input link meta param source track wbr")
# These end by themselves when the next one starts.
_SELF_ENDING = frozenset({"p", "li", "dt", "dd", "td", "th", "tr", "option", "optgroup"})
_FORMATTING = _words("a b big code em font i nobr s small strike strong tt u")
# An end tag closes these on its way to its own start; at any other element a tree builder may ignore it, so do we.
_PASSED_OVER = _words(
    "abbr acronym bdi bdo cite del dfn ins kbd label mark q rb rp rt rtc ruby samp span sub sup time var"
)
# Inside these the tokenizer reads raw text, comments and CDATA otherwise than outside.
_OTHER_RULES = re.compile(r"<(?:svg|math|select|noscript)(?=[\s/>])", re.IGNORECASE)


def _with_known_names(html: str, known: frozenset[str]) -> str:
    """Return the HTML with names that HTML does not know made such that nobody knows them.

    The cleaner drops what an element of MathML or SVG holds where none can stand, and many placeholders that an
    author left bare are called like one: after `cd <path>` or `vector<int>` the rest of a post would be gone.
    """

    def renamed(token: re.Match[str]) -> str:
        if not token[3] or token[3].lower() in known:
            return token[0]
        return f"<{token[2]}x-{token[0][1 + len(token[2]) :]}"

    return TOKEN.sub(renamed, html)


def is_too_deep(html: str) -> bool:
    """Return whether elements stand more than 200 deep, or so many are left open that a parser multiplies them.

    An HTML tree builder looks through its open elements at each tag: 20,000 in one another cost it seconds, and
    reopening unclosed formatting in each paragraph makes millions of elements of a small file (HTML, section
    13.2.4.3). The answer takes time linear in the length, and next to none for a page with few tags.
    """
    if html.count("<") <= _DEEPEST:
        return False
    depth = _Depth(other_rules=_OTHER_RULES.search(html) is not None, ends_count="<![CDATA[" not in html)
    return any(depth.exceeds(token) for token in TOKEN.finditer(html))


class _Depth:
    """How deep a tree builder may stand: never less than it does, for whatever order of tags."""

    def __init__(self, *, other_rules: bool, ends_count: bool) -> None:
        self._other_rules = other_rules
        self._ends_count = ends_count or not other_rules
        self._hidden = 0  # tags inside raw text, comments and attributes that other rules might bring to light
        self._open: list[str] = []
        self._open_names: dict[str, int] = {}
        self._formatting: dict[str, list[str]] = {}
        self._formatting_count = 0
        self._work = 0

    def exceeds(self, token: re.Match[str]) -> bool:
        if self._other_rules:
            self._hidden += token[0].count("<", 1)
            if self._hidden > _DEEPEST:
                return True
        return bool(token[3]) and self._tag_exceeds(token)

    def _tag_exceeds(self, token: re.Match[str]) -> bool:
        name = token[3].lower()
        if token[2]:
            if self._ends_count:
                self._end(name)
        elif name in _FORMATTING:
            self._start_formatting(name, token[0])
        elif name not in _VOID and name not in _SELF_ENDING:
            self._open.append(name)
            self._open_names[name] = self._open_names.get(name, 0) + 1
        self._work += self._formatting_count
        return len(self._open) + self._formatting_count > _DEEPEST or self._work > _MOST_OPEN_FORMATTING

    def _start_formatting(self, name: str, tag: str) -> None:
        tags = self._formatting.setdefault(name, [])
        # A tree builder reopens at most three that are alike.
        if tags.count(tag) < 3:
            tags.append(tag)
            self._formatting_count += 1

    def _end(self, name: str) -> None:
        if self._formatting.get(name):
            self._formatting[name].pop()
            self._formatting_count -= 1
        elif self._open_names.get(name):
            while self._open[-1] != name and self._open[-1] in _PASSED_OVER:
                self._open_names[self._open.pop()] -= 1
            if self._open[-1] == name:
                self._open_names[self._open.pop()] -= 1

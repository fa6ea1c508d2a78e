"""HTML as kramdown reads it: its elements, and the form of its tags."""

import re

from feeds.markup.kramdown.nodes import Model


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCK_MODEL = _words(
    "address applet article aside blockquote body dd details div dl fieldset figure figcaption footer form header "
    "hgroup iframe li main map menu nav noscript object section summary td"
)
_SPAN_MODEL = _words(
    "a abbr acronym b bdo big button cite caption del dfn dt em h1 h2 h3 h4 h5 h6 i ins label legend optgroup p q "
    "rb rbc rp rt rtc ruby select small span strong sub sup th tt"
)
_RAW_MODEL = _words("script style math option textarea pre code kbd samp var")
SPAN_ELEMENTS = _words(
    "a abbr acronym b big bdo br button cite code del dfn em i img input ins kbd label mark option q rb rbc rp rt rtc "
    "ruby samp select small span strong sub sup tt u var"
)
BLOCK_ELEMENTS = _words(
    "address article aside applet body blockquote caption col colgroup dd div dl dt fieldset figcaption footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html head iframe legend menu li main map nav ol optgroup p pre section "
    "summary table tbody td th thead tfoot tr ul"
)
VOID_ELEMENTS = _words("area base br col command embed hr img input keygen link meta param source track wbr")
KNOWN_ELEMENTS = SPAN_ELEMENTS | BLOCK_ELEMENTS | VOID_ELEMENTS | _BLOCK_MODEL | _SPAN_MODEL | _RAW_MODEL

_S = r"[ \t\r\n\f\v]"
NAME = r"(?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*"
TAG = re.compile(rf"<(?>({NAME}))((?>{_S}+{NAME}(?:{_S}*={_S}*(?:\w+|(['\"]).*?\3))?)*){_S}*(/)?>", re.DOTALL)
END_TAG = re.compile(rf"</({NAME}){_S}*>")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
INSTRUCTION = re.compile(r"<\?.*?\?>", re.DOTALL)
_ATTRIBUTE = re.compile(rf"{_S}*({NAME})(?:{_S}*={_S}*(?:(\w+)|(['\"])(.*?)\3))?", re.DOTALL)
# Tags of these do not end a paragraph. A name that only begins like one, up to a word's end, counts as one.
_IN_PARAGRAPH = rf"(?!(?:{'|'.join(sorted(SPAN_ELEMENTS | {'script'}))})\b)"
BLOCK_TAG = rf"<(?:{_IN_PARAGRAPH}{NAME}|/{_IN_PARAGRAPH}{NAME}{_S}*>)"


def content_model(name: str) -> Model:
    """Return how the content of an element is read where Markdown is wanted in it."""
    if name in _BLOCK_MODEL:
        return Model.BLOCK
    return Model.SPAN if name in _SPAN_MODEL else Model.RAW


def element_name(name: str) -> str:
    """Return the name as it counts: HTML's own in small letters."""
    lower = name.lower()
    return lower if lower in KNOWN_ELEMENTS else name


def read_attributes(text: str, *, known: bool) -> dict[str, str]:
    """Return what stands in a start tag behind the name; the last of two alike counts."""
    found: dict[str, str] = {}
    for name, word, _, quoted in _ATTRIBUTE.findall(text):
        found[name.lower() if known else name] = word or quoted
    return found


_MARKDOWN = {"0": Model.RAW, "span": Model.SPAN, "block": Model.BLOCK}


def wanted_model(value: str | None, default: Model) -> Model | None:
    """Return what the attribute `markdown` asks for, None if nothing that counts."""
    return default if value == "1" else _MARKDOWN.get(value or "")

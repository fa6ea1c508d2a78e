"""XML that is well-formed: what feeds get wrong most often is mended, so that a strict parser reads them. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from html.entities import html5
from xml.parsers import expat

from core.text import xml_legal

# Entities that nobody declared, bare ampersands and `<`, references to characters that XML forbids; CDATA stays.
_MISTAKE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|&(?:#(?:(\d{1,9})|[xX]([0-9a-fA-F]{1,8}));|([A-Za-z][\w.:-]{0,40});)?"
    r"|<(?![A-Za-z_/!?])",
    re.DOTALL,
)
_USE = re.compile(r"&([A-Za-z][\w.:-]{0,40});")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIXED = re.compile(r"[<\s/]([A-Za-z_][\w.-]*+):[A-Za-z_]")
_DECLARED_PREFIX = re.compile(r"\sxmlns:([\w.-]++)\s*+=")
# The ones that people forget to declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
}
_MOST_PREFIXES = 100
_LONGEST_GROWTH = 100_000


def is_well_formed(text: str) -> bool:
    """Tell whether a strict parser reads a text that has no document type."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def mended(text: str, entities: Mapping[str, str]) -> str:
    """Return a text, from its root element on, without the mistakes that can be mended one by one."""

    # What entities of 99 characters may make of a document is bounded as well.
    uses = Counter(_USE.findall(text)) if entities else Counter()
    growth = sum(count * len(entities.get(name, "")) for name, count in uses.items())
    known = entities if growth <= _LONGEST_GROWTH else {}

    def replaced(found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith("<!["):
            return token if token.endswith("]]>") else token + "]]>"
        if token == "<":
            return "&lt;"
        if found[1] or found[2]:
            return _reference(int(found[1]) if found[1] else int(found[2], 16))
        if found[3]:
            return _named(found[3], known)
        return "&amp;"

    return _with_prefixes(_MISTAKE.sub(replaced, xml_legal(text)))


def _reference(number: int) -> str:
    character = chr(number) if number <= 0x10FFFF else ""
    return f"&#{number};" if xml_legal(character) else ""


def _named(name: str, entities: Mapping[str, str]) -> str:
    if name in _OF_XML:
        return f"&{name};"
    if name in entities:
        return entities[name]
    known = html5.get(f"{name};")
    # An unknown one is shown as it stands.
    return "".join(f"&#{ord(character)};" for character in known) if known else f"&amp;{name};"


def _with_prefixes(text: str) -> str:
    """Declare the prefixes that are used and nowhere declared."""
    missing = set(_PREFIXED.findall(text)) - set(_DECLARED_PREFIX.findall(text)) - {"xml", "xmlns", "http", "https"}
    if not missing or len(missing) > _MOST_PREFIXES:
        return text
    end = re.compile(r"[\s/>]").search(text)
    at = end.start() if end else 0
    declared = "".join(f' xmlns:{one}="{_NAMESPACES.get(one, f"urn:undeclared:{one}")}"' for one in sorted(missing))
    return text[:at] + declared + text[at:]

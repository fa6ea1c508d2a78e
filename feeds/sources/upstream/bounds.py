"""What a feed's parser may be given: sizes with whose square its time grows are bounded here. Pure.

feedparser compares each category of an item with all before it, looks for a mail address from each character of a
name on, joins each element's base with the one around it, searches all namespaces for one that it does not know, and
all attributes of an element for each of them.
"""

import re
from collections.abc import Iterator

from feeds.sources.upstream.cutting import without_cdata

_FEW_TAGS = 30
_MOST_TAGS = 10_000
_MOST_CATEGORIES = 300
_MOST_KEYWORDS = 500
_HEAVIEST_PERSONS = 200_000
_MOST_ATTRIBUTES = 200
_LONGEST_ITEM = 2_000_000
_LONGEST_BASES = 4000
_MOST_PREFIXES = 100
# Names are looked for in a text of small letters, as the parser does not tell them apart.
_CATEGORIES = ("category", "subject", "keywords", "tags")
_CATEGORY = re.compile(r"<(?:[\w.-]++:)?(?:category|subject|keywords|tags)(?=[\s/>])")
_LIST = re.compile(r"<((?:[\w.-]++:)?(?:keywords|tags))(?=[\s>])")
_PERSON = re.compile(r"<((?:[\w.-]++:)?(?:author|creator|managingeditor|webmaster|publisher|owner))(?=[\s>])")
_BASE = re.compile(r"base\s*+=\s*+(?:\"([^\"<]*+)|'([^'<]*+))")
_TAG = re.compile(r"<[A-Za-z_][^<>\"']*+(?:\"[^\"<]*+\"[^<>\"']*+|'[^'<]*+'[^<>\"']*+)*")
_PREFIX = re.compile(r"\sxmlns:([^\s=\"'<>]++)")
_WORD = re.compile(r"[A-Za-z0-9_.+-]{31,}+")
# What is not well-formed is read by a parser that was made for short and tame pages.
_LONGEST_BROKEN = 500_000
_LONGEST_BROKEN_WORD = 1000
_MOST_MISTAKES = 300_000


def tags_of(part: str) -> int:
    """Return how many tags a part of a document has at most, those of escaped texts and CDATA left out."""
    found = part.count("<")
    return without_cdata(part).count("<") if found > _FEW_TAGS else found


def is_too_costly(part: str) -> bool:
    """Tell whether an item, or what stands around the items, would take a parser too long. Takes linear time."""
    if len(part) > _LONGEST_ITEM or tags_of(part) > _MOST_TAGS:
        return True
    small = part.lower()
    return (
        _has_too_many_categories(small)
        or sum(_weight(text) for text in _contents(_PERSON, small)) > _HEAVIEST_PERSONS
        or (
            "base" in small and sum(len(found[1] or found[2] or "") for found in _BASE.finditer(small)) > _LONGEST_BASES
        )
        or (part.count("=") > _MOST_ATTRIBUTES and _has_a_heavy_tag(without_cdata(part)))
    )


def _has_too_many_categories(part: str) -> bool:
    if sum(map(part.count, _CATEGORIES)) > _MOST_CATEGORIES and len(_CATEGORY.findall(part)) > _MOST_CATEGORIES:
        return True
    return part.count(",") > _MOST_KEYWORDS and any(text.count(",") > _MOST_KEYWORDS for text in _contents(_LIST, part))


def _weight(text: str) -> int:
    return sum(len(word) ** 2 for word in _WORD.findall(text))


def _has_a_heavy_tag(part: str) -> bool:
    return any(
        found.end() - found.start() > _MOST_ATTRIBUTES * 4 and found[0].count("=") > _MOST_ATTRIBUTES
        for found in _TAG.finditer(part)
    )


def has_too_many_prefixes(text: str) -> bool:
    """Tell whether a document declares more prefixes of namespaces than any feed needs."""
    return text.count("xmlns:") > _MOST_PREFIXES and len(set(_PREFIX.findall(text))) > _MOST_PREFIXES


def is_too_much_to_mend(text: str) -> bool:
    """Tell whether a document that is not well-formed has so many signs that each may be a mistake."""
    return text.count("&") + text.count("<") > _MOST_MISTAKES


def is_too_broken(text: str) -> bool:
    """Tell whether a document that is not well-formed is too large or too strange to be read all the same."""
    return len(text) > _LONGEST_BROKEN or any(len(found[0]) > _LONGEST_BROKEN_WORD for found in _WORD.finditer(text))


def _contents(start: re.Pattern[str], part: str) -> Iterator[str]:
    """Give what stands in each element that a pattern finds; no end means all that follows."""
    for found in start.finditer(part):
        end = part.find(f"</{found[1]}", found.end())
        yield part[found.end() : end if end >= 0 else len(part)]

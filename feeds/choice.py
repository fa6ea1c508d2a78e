"""Which terms have feeds. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from feeds.model import Category, Taxonomy


class TermPatterns:
    """Terms as an owner lists them: `*` stands for any characters, `?` for one.

    Compositions of the same character are equal (Unicode NFC); capitals are not, as terms that differ by case have
    feeds of their own.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        composed = {_composed(pattern) for pattern in patterns}
        globs = sorted(pattern for pattern in composed if "*" in pattern or "?" in pattern)
        self._exact = composed.difference(globs)
        self._globs = re.compile("|".join(map(_expression, globs)), re.DOTALL) if globs else None

    def __contains__(self, term: str) -> bool:
        term = _composed(term)
        return term in self._exact or (self._globs is not None and self._globs.fullmatch(term) is not None)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _expression(pattern: str) -> str:
    # Every star but the last takes the shortest way and never looks back: time stays linear for each of them.
    first, *rest = re.split(r"\*+", pattern)
    if not rest:
        return _single(first)
    *middle, last = rest
    return _single(first) + "".join(f"(?>.*?{_single(part)})" for part in middle) + f".*{_single(last)}"


def _single(text: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChoice:
    """Which terms have feeds: the taxonomies, and for each the only terms, those left out, and the fewest posts."""

    taxonomies: frozenset[Taxonomy]
    only: Mapping[Taxonomy, TermPatterns]
    exclude: Mapping[Taxonomy, TermPatterns]
    min_posts: Mapping[Taxonomy, int] = field(default_factory=dict)

    def wants(self, category: Category, *, posts: int, standing: bool) -> bool:
        """Tell whether a term with so many posts has a feed. The whole site always has one.

        A feed that stands (that was put in place before) needs no number of posts: somebody may have subscribed.
        """
        taxonomy = category.taxonomy
        if taxonomy == Taxonomy.ALL:
            return True
        return (standing or posts >= self.min_posts.get(taxonomy, 1)) and self.allows(category)

    def allows(self, category: Category) -> bool:
        """Tell whether the taxonomies and lists leave a term its feed, whatever the number of its posts."""
        taxonomy, term = category.taxonomy, category.term
        if taxonomy not in self.taxonomies or term in self.exclude.get(taxonomy, ()):
            return False
        return taxonomy not in self.only or term in self.only[taxonomy]

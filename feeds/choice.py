"""Which terms have feeds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.wildcards import Wildcards
from feeds.model import Category, Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChoice:
    """Which terms have feeds: the taxonomies, and for each the only terms, those left out, and the fewest posts."""

    taxonomies: frozenset[Taxonomy]
    only: Mapping[Taxonomy, Wildcards]
    exclude: Mapping[Taxonomy, Wildcards]
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

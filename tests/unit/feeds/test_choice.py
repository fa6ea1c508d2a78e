"""Lists of terms as owners write them."""

from core.wildcards import Wildcards
from feeds.choice import FeedChoice
from feeds.model import Category, Taxonomy


def test_a_feed_that_stands_needs_no_number_of_posts_but_lists_hold() -> None:
    choice = FeedChoice(
        taxonomies=frozenset([Taxonomy.TAG]),
        only={},
        exclude={Taxonomy.TAG: Wildcards(["draft-*"])},
        min_posts={Taxonomy.TAG: 3},
    )
    tag, draft, category = (
        Category(taxonomy=taxonomy, term=term, label=term, slug=term)
        for taxonomy, term in [(Taxonomy.TAG, "a"), (Taxonomy.TAG, "draft-a"), (Taxonomy.CATEGORY, "a")]
    )
    assert not choice.wants(tag, posts=2, standing=False)
    assert choice.wants(tag, posts=3, standing=False)
    assert choice.wants(tag, posts=0, standing=True)
    assert not choice.wants(draft, posts=9, standing=True)
    assert not choice.wants(category, posts=9, standing=True)

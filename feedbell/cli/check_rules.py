"""Which rules of feedbell.toml take no post: most often a name is misspelt."""

from collections.abc import Iterator

from core.wildcards import Wildcards
from feedbell.settings import Settings
from feeds.model import Draft, Taxonomy

_CHOSEN = (Taxonomy.CATEGORY, Taxonomy.TAG, Taxonomy.AUTHOR)


class RuleCheck:
    """Gathers what posts have, and then tells which rules none of it meets."""

    def __init__(self, settings: Settings) -> None:
        self._feeds = settings.feeds
        self._terms: dict[Taxonomy, set[str]] = {taxonomy: set() for taxonomy in _CHOSEN}
        self._selected: set[str] = set()

    def see(self, draft: Draft) -> None:
        """Note a post."""
        self._terms[Taxonomy.CATEGORY].update(draft.categories)
        self._terms[Taxonomy.TAG].update(draft.tags)
        self._terms[Taxonomy.AUTHOR].update(author.name for author in draft.authors)
        self._selected.update(term for taxonomy, term in draft.selections if taxonomy == Taxonomy.SELECTION)

    def idle(self) -> Iterator[str]:
        """Yield a sentence for each rule that takes no post. `exclude` may be written for what is yet to come."""
        for taxonomy in _CHOSEN:
            for pattern in getattr(self._feeds, taxonomy.value).only or ():
                one = Wildcards([pattern])
                if not any(term in one for term in self._terms[taxonomy]):
                    yield f"[feeds.{taxonomy.value}] only: no post has {pattern!r}; is it spelt as in the posts?"
        for selection in self._feeds.selections:
            if selection.name not in self._selected:
                yield f"selection {selection.name!r}: no post meets it, so it has no feed; look at its conditions"

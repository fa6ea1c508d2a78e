"""What becomes of the categories of an upstream feed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.wildcards import Wildcards

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMap:
    """The owner's rules. Patterns have `*` and `?`; capitals do not count."""

    rename: tuple[tuple[str, str], ...] = ()  # pattern and name in our feeds; the first that fits counts
    drop: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    as_tags: bool = False

    def applied(self, categories: Iterable[str]) -> tuple[str, ...]:
        """Return the names in our feeds, each once, the added ones last."""
        drop, rename = _prepared(self.drop, self.rename)
        found: dict[str, None] = {}
        for category in categories:
            folded = category.casefold()
            if folded not in drop:
                found[next((name for pattern, name in rename if folded in pattern), category)] = None
        # The owner's own come in any case, however many the feed has.
        kept = list(found)[: max(_MOST - len(self.add), 0)]
        return tuple(dict.fromkeys((*kept, *self.add)))


@cache
def _prepared(
    drop: tuple[str, ...], rename: tuple[tuple[str, str], ...]
) -> tuple[Wildcards, list[tuple[Wildcards, str]]]:
    """Return the patterns made ready: every item of a feed asks for them."""
    return (
        Wildcards(pattern.casefold() for pattern in drop),
        [(Wildcards([pattern.casefold()]), name) for pattern, name in rename],
    )

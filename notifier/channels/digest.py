"""Which items a digest holds. Pure."""

from collections.abc import Callable, Sequence

from notifier.model import Item


def latest(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items with the last state of each thing alone, where that state stands."""
    # Items without an id are each a thing of their own.
    places = {item.id or index: index for index, item in enumerate(items)}
    return tuple(items[index] for index in sorted(places.values()))


def fitting(items: Sequence[Item], weight: Callable[[Item], int], *, room: int, most: int) -> int:
    """Return how many of the items, from the first, weigh at most `room` together and are at most `most`; at least 1.

    Of several states of one thing, only the last one counts.
    """
    weights: dict[str | int, int] = {}
    total = 0
    for index, item in enumerate(items):
        key = item.id or index
        total += weight(item) - weights.get(key, 0)
        weights[key] = weight(item)
        if index and (total > room or len(weights) > most):
            return index
    return max(len(items), 1)


def largest(count: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number from 1 to `count` that fits, where less fits whenever more does; at least 1."""
    low, high = 1, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low

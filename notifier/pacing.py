"""What goes to an endpoint now, by itself or as a digest, if it may not get all that is due. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

_SMALLEST_DIGEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery that is due. `fresh` ones were never tried and are about one event, so a digest may take them."""

    delivery_id: int
    event_id: int
    due_at: datetime
    digest: str | None
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Deliveries to send as they are, and those to send together: one request each."""

    singles: tuple[Waiting, ...] = ()
    digests: tuple[tuple[Waiting, ...], ...] = ()

    @property
    def requests(self) -> int:
        """How many requests this takes."""
        return len(self.singles) + len(self.digests)


Capacity = Callable[[Sequence[Waiting]], int]  # how many of them, from the first, one message holds


def pace(waiting: Sequence[Waiting], *, room: int, tokens: int | None, overflow: bool, capacity: Capacity) -> Pace:
    """Decide what to send of what is due, oldest first: at most `room` requests, and `tokens` unless that is None.

    What waited for a digest goes out as one. Of the rest, what is beyond the tokens becomes a digest if `overflow`.
    """
    budget = room if tokens is None else min(room, tokens)
    digests: list[tuple[Waiting, ...]] = []
    singles: list[Waiting] = []
    for group in _groups(waiting):
        while group and budget > 0:
            taken, group = _split(group, capacity)
            budget -= 1
            if len(taken) < _SMALLEST_DIGEST:
                singles += taken
            else:
                digests.append(taken)
    at_once = [one for one in waiting if one.digest is None or not one.fresh]
    left = None if tokens is None else tokens - len(digests) - len(singles)
    if left is None or len(at_once) <= left or not overflow:
        return Pace(singles=(*singles, *at_once[:budget]), digests=tuple(digests))
    alone, together = _overflow(at_once, budget, left, capacity)
    return Pace(singles=(*singles, *alone), digests=(*digests, *together))


def _groups(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    groups: dict[str, list[Waiting]] = {}
    for one in waiting:
        if one.digest is not None and one.fresh:
            groups.setdefault(one.digest, []).append(one)
    return list(groups.values())


def _split(group: Sequence[Waiting], capacity: Capacity) -> tuple[tuple[Waiting, ...], list[Waiting]]:
    count = max(capacity(group), 1)
    return tuple(group[:count]), list(group[count:])


def _overflow(
    at_once: Sequence[Waiting], budget: int, tokens: int, capacity: Capacity
) -> tuple[list[Waiting], list[tuple[Waiting, ...]]]:
    """Spend all tokens but one on what is oldest, and the last on a digest of what follows."""
    alone = list(at_once[: min(max(tokens - 1, 0), budget)])
    rest = at_once[len(alone) :]
    if len(alone) == budget:
        return alone, []
    fresh = [one for one in rest if one.fresh]
    if len(fresh) < _SMALLEST_DIGEST or not rest[0].fresh:
        return [*alone, *rest[:1]], []
    taken, _ = _split(fresh, capacity)
    if len(taken) < _SMALLEST_DIGEST:
        return [*alone, *taken], []
    return alone, [taken]

"""How large each measurement is."""

from dataclasses import dataclass

ENTRIES = 50  # that a feed shows, whatever the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Each program polls `feeds` once cold and then in each warm round; every tenth has a new entry in a warm round."""

    feeds: int = 2000
    rounds: int = 3
    at_once: int = 32  # feeds that a program asks at the same time
    hung_every: int = 20  # of the last round: of so many feeds one accepts the request and says nothing

    @property
    def hung(self) -> int:
        """How many feeds hang."""
        return len(range(0, self.feeds, self.hung_every))

    @property
    def changed(self) -> int:
        """How many feeds have something new in a warm round."""
        return self.feeds // 10


# Of everything a little: whether it works, not how fast it is.
QUICK = Plan(feeds=60, rounds=1)

"""What is to be done now and then, once among all machines."""

from collections.abc import Callable
from dataclasses import dataclass

# The queues: of endpoints and of upkeep, which every worker serves,
DELIVERIES = "deliveries"
UPKEEP = "upkeep"
# and of what only who has the site's files can do.
SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """A thing to do at the times of a cron expression, which may have seconds as a sixth field."""

    name: str
    cron: str
    run: Callable[[], None]
    queue: str = UPKEEP


def every(seconds: int) -> str:
    """Return the cron expression that comes nearest to so many seconds."""
    if seconds < 60:
        return f"* * * * * */{max(seconds, 1)}"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"*/{minutes} * * * *"
    return f"0 */{min(max(round(minutes / 60), 1), 23)} * * *"

"""What a server says of a feed in its `Link` header when there are hubs (W3C WebSub, section 4). Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

from feeds.layout import ARCHIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class HubLinks:
    """The hubs of a site's feeds, and what gives the public address of a file."""

    hubs: tuple[str, ...] = ()
    topic: Callable[[str], str] = field(default=str, compare=False)
    addresses: tuple[tuple[str, str], ...] = ()  # which that depends on

    def topic_of(self, path: str) -> str | None:
        """Return the address under which one subscribes to a feed's file; None without hubs, and for archives."""
        if not self.hubs or f"/{ARCHIVE}/" in f"/{path}":
            return None
        return self.topic(path)

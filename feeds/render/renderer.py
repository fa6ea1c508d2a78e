"""What every feed format is to the rest: a writer of entries and of documents."""

from collections.abc import Sequence
from typing import Protocol

from feeds.model import Entry, FeedHead


class Renderer(Protocol):
    """One feed format. The same input gives the same bytes, in every run."""

    @property
    def format(self) -> str:
        """`rss`, `atom` or `json`: the key of FeedHead.self_urls."""

    @property
    def media_type(self) -> str:
        """What a server says of the document."""

    @property
    def extension(self) -> str:
        """The file name's end, without the dot."""

    def entry(self, entry: Entry) -> bytes:
        """Write one entry, once for all the feeds it stands in."""

    def document(self, head: FeedHead, entries: Sequence[bytes]) -> list[bytes]:
        """Write a whole feed of entries that this renderer wrote, in the order given; as pieces to put together."""

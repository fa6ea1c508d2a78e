"""What subscribers get: the very bytes that a feed's file has now."""

import os
from collections import OrderedDict
from pathlib import Path

from feedbell.media_types import MediaTypes
from feedbell.websub.topics import Topics
from notifier.model import Content

_KEPT = 8
_Stamp = tuple[int, int, int]


class FeedContents:
    """Reads feeds by their topics. Those last read are kept, so that a thousand subscribers share the bytes."""

    def __init__(self, out: Path, topics: Topics, media_types: MediaTypes) -> None:
        self._out = out
        self._topics = topics
        self._media_types = media_types
        self._kept: OrderedDict[str, tuple[_Stamp, Content]] = OrderedDict()

    def __call__(self, topic: str) -> Content | None:
        """Return what a topic's document is at the moment; None if it is gone."""
        path = self._topics.path(topic)
        if path is None:
            return None
        try:
            with open(self._out / path, "rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
                known = self._kept.get(path)
                if known is not None and known[0] == stamp:
                    return known[1]
                content = Content(body=file.read(), media_type=self._media_types.of(path))
        except OSError:
            self._kept.pop(path, None)
            return None
        self._kept[path] = (stamp, content)
        self._kept.move_to_end(path)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return content

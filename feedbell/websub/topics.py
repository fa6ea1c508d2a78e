"""From a topic, the public address of a feed's file, to the file, and back. Pure."""

import re
from urllib.parse import unquote

from feeds.layout import Layout

_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_LONGEST = 2000  # characters


class Topics:
    """The addresses of one site's feeds."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        # Folders that have addresses of their own come first.
        self._folders = sorted(layout.site.served_at.items(), key=lambda one: len(one[1]), reverse=True)

    def topic(self, path: str) -> str:
        """Return the address of a file in the output folder."""
        return self._layout.url(path)

    def path(self, asked: str) -> str | None:
        """Return the file that an address means, below the output folder; None if no file of ours can have it.

        Characters that need no encoding may be encoded all the same (URL standard, percent-encoded bytes).
        """
        if len(asked) > _LONGEST:
            return None
        wanted = _decoded(asked)
        for folder, address in self._folders:
            if not wanted.startswith(_decoded(address)):
                continue
            path = folder + unquote(wanted[len(_decoded(address)) :], errors="replace")
            # It must be ours to the letter, which no way out of the folder is.
            if _decoded(self.topic(path)) == wanted and not {"", ".", ".."} & set(path.split("/")):
                return path
        return None


def _decoded(url: str) -> str:
    """Return the address with nothing encoded that need not be, and the rest in capitals."""

    def written(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return _ENCODED.sub(written, url)

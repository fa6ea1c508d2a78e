"""From a topic, the public address of a feed's file, to the file, and back. Pure."""

from urllib.parse import unquote

from feedbell.websub.spelling import normal
from feeds.layout import Layout

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
        wanted = normal(asked)
        for folder, address in self._folders:
            if not wanted.startswith(normal(address)):
                continue
            path = folder + unquote(wanted[len(normal(address)) :], errors="replace")
            # It must be ours to the letter, which no way out of the folder is.
            if normal(self.topic(path)) == wanted and not {"", ".", ".."} & set(path.split("/")):
                return path
        return None

"""Other files of a site that a post links to: read to learn their address, never from outside the site's folder."""

from collections.abc import Callable

from feeds.sources.inside import read_inside

_LARGEST = 1_000_000
_MOST = 200  # files that one post may name


class Neighbours:
    """Looks up the files that one post links to, each once."""

    def __init__(self, root: str, home: str, locate: Callable[[str, bytes], str | None]) -> None:
        self._root = root
        self._locate = locate
        self._known: dict[str, str | None] = {"": home}

    def url_of(self, path: str) -> str | None:
        """Return the URL of a file by its path below the root, None if there is none; of "", the site's own."""
        if path not in self._known:
            if len(self._known) >= _MOST:
                return None
            self._known[path] = self._look_up(path)
        return self._known[path]

    def _look_up(self, path: str) -> str | None:
        raw = read_inside(self._root, path, _LARGEST)
        return self._locate(path, raw) if raw is not None else None

"""The output folder as publishers write to it: files that are always whole, compressed ones beside them on request."""

from collections.abc import Collection, Sequence
from pathlib import Path

from core.compression import compress
from core.files import holds, replace_if_different

_ENDINGS = {"gzip": ".gz", "br": ".br"}  # where web servers look for them


class OutputFolder:
    """Writes and removes files, each with its compressed forms. Raises OSError; the old file stays then."""

    def __init__(self, folder: Path, encodings: Collection[str] = ()) -> None:
        self.folder = folder
        self._encodings = tuple(encodings)

    def write(self, path: str, pieces: Sequence[bytes]) -> bool:
        """Put a file in place unless it stands there already; return whether it, or what stands beside it, changed."""
        place = self.folder / path
        unwanted = [_beside(place, encoding) for encoding in _ENDINGS if encoding not in self._encodings]
        removed = sum(map(_remove, unwanted)) > 0
        if not self._encodings:
            return replace_if_different(place, pieces) or removed
        stands = holds(place, pieces)
        if not stands:
            # Before the file itself: a server prefers them whatever their age, and we may be killed in between.
            for encoding in self._encodings:
                _beside(place, encoding).unlink(missing_ok=True)
            replace_if_different(place, pieces)
        for encoding in self._encodings:
            if not _beside(place, encoding).exists():
                replace_if_different(_beside(place, encoding), [compress(b"".join(pieces), encoding)])
        return removed or not stands

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        place = self.folder / path
        for encoding in _ENDINGS:
            _beside(place, encoding).unlink(missing_ok=True)
        place.unlink(missing_ok=True)


def _remove(place: Path) -> bool:
    try:
        place.unlink()
    except FileNotFoundError:
        return False
    return True


def _beside(place: Path, encoding: str) -> Path:
    return place.with_name(place.name + _ENDINGS[encoding])

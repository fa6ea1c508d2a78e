"""Notice changes in folders as they happen. Notifications get lost: a rescan on a timer is the net below."""

import logging
import os
import threading
from collections.abc import Callable, Collection

from watchfiles import watch

from core.log import log_event

logger = logging.getLogger(__name__)

# Wait this long (ms) for more changes before telling: short, because a settle time follows.
_STEP = 10
_DEBOUNCE = 50
_IDLE = 1000


class FolderWatch:
    """A thread that tells of each changed path in some folders, not in the folders below them."""

    def __init__(
        self, folders: Collection[str], *, on_change: Callable[[Collection[str]], None], on_live: Callable[[], None]
    ) -> None:
        self._identities = {folder: identity_of(folder) for folder in folders}
        self._stale = False
        self._on_change = on_change
        self._on_live = on_live
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def covers(self, folders: Collection[str]) -> bool:
        """Tell whether just these folders are watched, and are still the ones that stand there."""
        return (
            not self._stale
            and self._thread.is_alive()
            and self._identities == {folder: identity_of(folder) for folder in folders}
        )

    def holds(self, folder: str) -> bool:
        """Tell whether this is one of the watched folders, or what stood in its place."""
        return folder in self._identities

    def doubt(self) -> None:
        """Count on nothing any more: a watched folder went or was replaced."""
        self._stale = True

    def start(self) -> None:
        """Start to watch; `on_live` is called once nothing that happens from then on is missed."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        existing = [folder for folder in self._identities if os.path.isdir(folder)]
        live = False
        try:
            for changes in watch(
                *existing,
                watch_filter=None,
                step=_STEP,
                debounce=_DEBOUNCE,
                rust_timeout=_IDLE if live else 50,
                yield_on_timeout=True,
                stop_event=self._stop,
                recursive=False,
                ignore_permission_denied=True,
                raise_interrupt=False,
            ):
                if not live:
                    live = True
                    self._on_live()
                if changes:
                    self._on_change({path for _, path in changes})
        except (OSError, RuntimeError) as error:
            # Most often the system's limit on watched folders.
            log_event(logger, "watch-failed", logging.WARNING, reason=error, remedy="the rescan timer goes on alone")


def identity_of(folder: str) -> tuple[int, int] | None:
    """Return what tells a folder from another one that takes its place; None if there is none."""
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino

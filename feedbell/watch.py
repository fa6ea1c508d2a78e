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
        self.folders = frozenset(folders)
        self._on_change = on_change
        self._on_live = on_live
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Start to watch; `on_live` is called once nothing that happens from then on is missed."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        existing = [folder for folder in self.folders if os.path.isdir(folder)]
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

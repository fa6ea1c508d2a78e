"""Processes of their own that send, to be killed, frozen and starved."""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing.process import BaseProcess

from core.db import open_engine
from notifier.jobs import JobLimits
from notifier.model import Endpoint
from tests.support.engines import make_engine

# A process that has everything loaded and no thread yet: each worker is a copy of it, and there at once.
_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.support.workers"])
# Long enough for an answer on a machine that stands still now and then; short enough for receivers that hang.
_DEADLINE = 3.0


def _work(url: str, kind: str, endpoints: Sequence[Endpoint], lease: float, largest_file: int | None) -> None:
    if largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    limits = JobLimits(heartbeat=1.0, stalled_after=3.0, polling=0.2)
    span = timedelta(seconds=lease)
    engine, _ = make_engine(open_engine(url), kind, endpoints, lease=span, deadline=_DEADLINE, limits=limits)
    engine.start()
    while True:
        time.sleep(60)


class WorkerProcess:
    """A process that sends until it is killed."""

    def __init__(
        self,
        url: str,
        kind: str,
        endpoints: Sequence[Endpoint],
        *,
        lease: float = 8.0,
        largest_file: int | None = None,
    ) -> None:
        arguments = (url, kind, endpoints, lease, largest_file)
        self._process: BaseProcess = _server.Process(target=_work, args=arguments, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join(20)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def give_disk(self) -> None:
        """Let files grow as they like again."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

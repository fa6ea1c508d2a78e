"""The engine for many machines: Procrastinate's jobs on PostgreSQL say which machine serves which endpoint.

An endpoint that has work has one job that waits, whose `queueing_lock` and `lock` are the endpoint: it is brought
forward rather than doubled, and runs on one machine at a time. While it runs, this machine's dispatcher serves the
endpoint; when nothing is left to do, the job ends and the next is deferred to when something is due.
"""

import asyncio
import contextlib
import logging
import random
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Job, Status
from psycopg import AsyncConnection
from sqlalchemy import Connection, Engine, text

from core.clock import Clock, utc_now
from core.db import reading, writing
from core.errors import EnvironmentFault
from core.log import log_event
from notifier import leases
from notifier.endpoints import load_states
from notifier.model import Endpoint
from notifier.upkeep import DELIVERIES, UPKEEP, Upkeep, every
from notifier.work import Defer
from notifier.worker import Dispatcher, Tally

_log = logging.getLogger(__name__)

_DRAIN = "drain"
_AFTER_FAULT = 2.0  # seconds
_UNDER_WAY_AT_ONCE = 500  # endpoints
# A worker that was not heard of for so long has died; its endpoints are taken over within twice the time.
_HEARTBEAT = 5.0
STALLED_AFTER = 20.0
_POLLING = 1.0  # how late a retry may be taken up


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Times in seconds. `endpoints` is how many this machine serves at once."""

    endpoints: int = _UNDER_WAY_AT_ONCE
    heartbeat: float = _HEARTBEAT
    stalled_after: float = STALLED_AFTER
    polling: float = _POLLING
    upkeep: tuple[Upkeep, ...] = field(default=())
    queues: tuple[str, ...] = (DELIVERIES, UPKEEP)
    sending: tuple[str, ...] = (DELIVERIES,)  # those of the queues that hold the jobs of endpoints


# One job that waits for each endpoint: a new one makes it no later, and all who listen are told. By the database's
# clock: those of the machines may differ.
_DEFER = text(
    """
    WITH wanted AS (
        SELECT name, now() + make_interval(secs => greatest(wait, 0)) AS due
        FROM unnest(CAST(:names AS text[]), CAST(:waits AS float[])) AS given(name, wait)
    ), placed AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
        SELECT :queue, :task, 'endpoint:' || name, 'endpoint:' || name, jsonb_build_object('endpoint', name), due
        FROM wanted
        ORDER BY name
        ON CONFLICT (queueing_lock) WHERE status = 'todo'
        DO UPDATE SET scheduled_at = LEAST(procrastinate_jobs.scheduled_at, excluded.scheduled_at)
        RETURNING id, scheduled_at
    )
    SELECT pg_notify(
        'procrastinate_queue_v1#' || :queue, json_build_object('type', 'job_inserted', 'job_id', min(id))::text
    )
    FROM placed WHERE scheduled_at <= now() HAVING count(*) > 0
    """
)


QueueOf = Callable[[str], str]  # the queue of an endpoint's jobs, by its name


def _in_deliveries(name: str) -> str:
    return DELIVERIES


def deferrer(clock: Clock = utc_now, queue_of: QueueOf = _in_deliveries) -> Defer:
    """Return what lets each endpoint have a job from its time on; one that waits is brought forward."""

    def defer(connection: Connection, due: Mapping[str, datetime]) -> None:
        now = clock()
        queues: dict[str, list[str]] = {}
        for name in sorted(due):
            queues.setdefault(queue_of(name), []).append(name)
        # In one order, whoever defers: two that lock the same rows must not wait for each other.
        for queue, names in sorted(queues.items()):
            waits = [(due[name] - now).total_seconds() for name in names]
            connection.execute(_DEFER, {"names": names, "waits": waits, "queue": queue, "task": _DRAIN}).all()

    return defer


def defer_all(engine: Engine, clock: Clock = utc_now, queue_of: QueueOf = _in_deliveries) -> None:
    """Let every endpoint that has something to send have a job: what was lost, or made before there were jobs."""
    with reading(engine) as connection:
        states = load_states(connection)
        times = leases.due_times(connection, sorted(states))
    due = {
        name: max(at, states[name].health.paused_until or at)
        for name, at in times.items()
        if states[name].disabled_at is None
    }
    with writing(engine) as connection:
        deferrer(clock, queue_of)(connection, due)


class JobEngine:
    """An Engine that serves the endpoints whose jobs it gets. `find` is asked for those that were not named to it."""

    def __init__(
        self,
        *,
        engine: Engine,
        dispatcher: Dispatcher,
        endpoints: Iterable[Endpoint],
        limits: JobLimits | None = None,
        clock: Clock = utc_now,
        queue_of: QueueOf = _in_deliveries,
        find: Callable[[str], Endpoint | None] = lambda name: None,
    ) -> None:
        self._engine = engine
        self._queue_of = queue_of
        self._find = find
        self._dispatcher = dispatcher
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._limits = limits or JobLimits()
        self._clock = clock
        self._stopping = threading.Event()
        # Both write what they were given, and whole stacks for a database that is away for a moment.
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take jobs in threads of its own until `stop`."""
        self._dispatcher.start()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Do nothing: the database tells every worker of new jobs."""

    def configure(self, endpoints: Iterable[Endpoint]) -> None:
        """Serve these endpoints, and those that are found, when their next jobs come."""
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}

    def run_until_idle(self, seconds: float) -> Tally:
        """Serve every endpoint that has a job now, and return when there is none; takes no more after `seconds`."""
        defer_all(self._engine, self._clock, self._queue_of)
        self._dispatcher.start()
        timer = threading.Timer(seconds, self._dispatcher.stop, args=[seconds])
        timer.daemon = True
        timer.start()
        try:
            asyncio.run(self._work(wait=False))
        except exceptions.ConnectorException as error:
            raise EnvironmentFault(
                "the database went away while deliveries were sent; the next call goes on"
            ) from error
        finally:
            timer.cancel()
        self._dispatcher.stop(seconds)
        return self._dispatcher.tally

    def stop(self, seconds: float = 25.0) -> None:
        """Take no more jobs, settle what ends within `seconds`, and let others have the rest."""
        self._stopping.set()
        # The jobs that run end when the dispatcher lets go of their endpoints.
        self._dispatcher.stop(seconds)
        loop, task = self._loop, self._task
        if loop is not None and task is not None and self._thread is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(task.cancel)
        if self._thread is not None:
            self._thread.join(seconds + 5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work(wait=True))
                if not self._stopping.is_set():
                    log_event(_log, "jobs.interrupted", logging.WARNING)
            except asyncio.CancelledError:
                return
            # The edge of the loop: a database that fails now must not end the work for good.
            except Exception as error:  # noqa: BLE001
                log_event(_log, "jobs.failed", logging.ERROR, error=f"{type(error).__name__}: {error}")
            self._stopping.wait(_AFTER_FAULT * (1 + random.random()))

    async def _work(self, *, wait: bool) -> None:
        limits = self._limits
        app = self._make_app(periodic=wait)
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        async with app.open_async():
            await app.run_worker_async(
                queues=list(limits.queues if wait else limits.sending),
                concurrency=limits.endpoints,
                wait=wait,
                fetch_job_polling_interval=limits.polling,
                update_heartbeat_interval=limits.heartbeat,
                stalled_worker_timeout=limits.stalled_after,
                delete_jobs="always",
                install_signal_handlers=False,
                listen_notify=wait,
            )

    def _make_app(self, *, periodic: bool) -> App:
        url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=8, configure=_by_itself))
        app.task(name=_DRAIN, queue=DELIVERIES)(self._drain)
        if periodic:
            self._add_upkeep(app)
        return app

    def _add_upkeep(self, app: App) -> None:
        async def take_over(timestamp: int) -> None:
            await _take_over(app, self._limits.stalled_after)

        async def find_lost(timestamp: int) -> None:
            await asyncio.to_thread(defer_all, self._engine, self._clock, self._queue_of)

        periodic: list[tuple[str, str, str, Callable[[int], Awaitable[None]]]] = [
            ("take_over", every(int(self._limits.heartbeat)), UPKEEP, take_over),
            ("find_lost", "* * * * *", UPKEEP, find_lost),
        ]
        periodic += [(one.name, one.cron, one.queue, _in_thread(one.run)) for one in self._limits.upkeep]
        for name, cron, queue, run in periodic:
            # A run that waits while the next is due is enough.
            app.periodic(cron=cron)(app.task(name=name, queue=queue, queueing_lock=name)(run))

    async def _drain(self, endpoint: str) -> None:
        """Serve an endpoint until nothing is left to do for it, and see to it that somebody does when there is."""
        known = self._endpoints.get(endpoint) or await asyncio.to_thread(self._find, endpoint)
        if known is None:
            return
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[datetime | None] = loop.create_future()

        def on_idle(due: datetime | None) -> None:
            # Who is told after the end of the loop needs no answer any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, ended, due)

        self._dispatcher.lend(known, on_idle)
        due = await ended
        if due is not None:
            await asyncio.to_thread(self._defer_at, endpoint, due)

    def _defer_at(self, endpoint: str, due: datetime) -> None:
        with writing(self._engine) as connection:
            deferrer(self._clock, self._queue_of)(connection, {endpoint: due})


async def _by_itself(connection: AsyncConnection[Any]) -> None:
    """Let each statement be a transaction: a machine that is frozen between two of them would lock its jobs."""
    await connection.set_autocommit(True)


def _resolve(ended: "asyncio.Future[datetime | None]", due: datetime | None) -> None:
    if not ended.done():
        ended.set_result(due)


def _in_thread(run: Callable[[], None]) -> Callable[[int], Awaitable[None]]:
    async def task(timestamp: int) -> None:
        await asyncio.to_thread(run)

    return task


async def _take_over(app: App, stalled_after: float) -> None:
    """Let jobs of workers that were not heard of run again elsewhere."""
    jobs: Any = app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=stalled_after):
        log_event(_log, "job.taken-over", logging.WARNING, task=job.task_name, lock=job.lock)
        await _run_again(jobs, job)


async def _run_again(jobs: Any, job: Job) -> None:
    try:
        await jobs.retry_job(job)
    except exceptions.UniqueViolation:
        # Its endpoint has another job that waits for this one to end.
        await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
    except exceptions.ConnectorException:
        # It ended in the meantime, or another machine was faster.
        log_event(_log, "job.ended-meanwhile", task=job.task_name)

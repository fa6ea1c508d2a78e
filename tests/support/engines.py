"""The engines that send, each on a database of its own, with what they need around them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from core.addresses import AddressPolicy
from core.clock import utc_now
from core.db import writing
from core.transport import Transport
from notifier import jobs, jobs_schema, outbox
from notifier.channels.webhook import WebhookChannel
from notifier.courier import Courier
from notifier.endpoints import EndpointBook
from notifier.engine import Engine as NotifierEngine
from notifier.health import HealthPolicy
from notifier.limits import Breaker
from notifier.match import facts_of
from notifier.model import Endpoint, Event, Release, Target
from notifier.queue import DatabaseQueue
from notifier.retry import RetryPolicy
from notifier.tables import metadata
from notifier.work import Defer, no_defer
from notifier.worker import Dispatcher, DispatchLimits

LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])
KINDS = ("local on sqlite", "local on postgresql", "jobs on postgresql")
# Quick, so that a test sees several steps.
SCHEDULE = tuple(timedelta(seconds=wait) for wait in (0.2, 0.4, 0.8, 1.6, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3))
LEASE = timedelta(seconds=90)
BREAKER = Breaker(shortest=timedelta(seconds=0.5), longest=timedelta(seconds=2))


def prepare(database: Engine, kind: str) -> None:
    """Make the tables that a kind of engine needs."""
    metadata.create_all(database)
    if kind.startswith("jobs"):
        with writing(database) as connection:
            jobs_schema.create(connection)


def defer_of(kind: str) -> Defer:
    return jobs.deferrer() if kind.startswith("jobs") else no_defer


def make_engine(
    database: Engine,
    kind: str,
    endpoints: Sequence[Endpoint],
    *,
    schedule: Sequence[timedelta] = SCHEDULE,
    lease: timedelta = LEASE,
    deadline: float = 20.0,
    limits: jobs.JobLimits | None = None,
    on_disabled: Callable[[Connection, str, str, datetime], None] | None = None,
) -> tuple[NotifierEngine, Transport]:
    """Return an engine and the connections that it sends over."""
    courier = Courier({"webhook": WebhookChannel()})
    transport = Transport(policy=LOOPBACK, deadline=deadline)
    queue = DatabaseQueue(
        database,
        capacity=courier.capacity,
        health=HealthPolicy(breaker=BREAKER),
        defer=defer_of(kind),
        **({} if on_disabled is None else {"on_disabled": on_disabled}),
    )
    shared = kind.startswith("jobs")
    dispatcher = Dispatcher(
        queue=queue,
        endpoints=[] if shared else endpoints,
        courier=courier,
        transport=transport,
        retry=RetryPolicy(schedule=tuple(schedule)),
        limits=DispatchLimits(deadline=deadline, lease=lease, longest_sleep=1.0),
    )
    if not shared:
        return dispatcher, transport
    quick = limits or jobs.JobLimits(heartbeat=1.0, stalled_after=30.0, polling=0.2)
    return jobs.JobEngine(engine=database, dispatcher=dispatcher, endpoints=endpoints, limits=quick), transport


@contextmanager
def sending(
    database: Engine,
    kind: str,
    endpoints: Sequence[Endpoint],
    *,
    count: int = 1,
    lease: timedelta = LEASE,
) -> Iterator[NotifierEngine]:
    """Let as many engines send as wanted; give the first."""
    EndpointBook(database, defer_of(kind)).sync(endpoints)
    with ExitStack() as ends:
        made: list[NotifierEngine] = []
        for _ in range(count):
            engine, transport = make_engine(database, kind, endpoints, lease=lease)
            ends.callback(transport.close)
            ends.callback(engine.stop, 5)
            engine.start()
            made.append(engine)
        yield made[0]


def publish(
    database: Engine, kind: str, endpoints: Sequence[str], subjects: Sequence[str], type_: str = "post.published"
) -> Mapping[str, datetime]:
    """Let something happen to each subject, and release it to all the endpoints."""
    now = utc_now()
    with writing(database) as connection:
        outbox.add(
            connection,
            [
                Event(
                    message_id=f"msg_{type_}_{subject}",
                    type=type_,
                    subject=subject,
                    occurred_at=now,
                    facts=facts_of(""),
                )
                for subject in subjects
            ],
        )
        releases = [
            Release(
                event_id=event.id or 0,
                payload=f'{{"type":"{type_}","data":{{"post":"{event.subject}"}}}}',
                payload_with_content=None,
                targets=tuple(Target(endpoint=name, due_at=now) for name in endpoints),
            )
            for event in outbox.unreleased(connection, limit=10_000)
        ]
        due = outbox.release(connection, releases, now).due
        defer_of(kind)(connection, due)
        return due

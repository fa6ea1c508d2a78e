"""A site with a feedbell.toml that names the endpoints, and a database in which deliveries wait."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bench.notify.messages import SECRET, body, endpoint_name, message_id
from core.db import open_engine, reading, writing
from feedbell.site import Options, find_place
from feedbell.wiring import App
from notifier import outbox
from notifier.match import facts_of
from notifier.model import DeliveryState, Event, Release, Target
from notifier.tables import deliveries

_SETTINGS = """\
allow_networks = ["127.0.0.0/8"]
[site]
url = "https://site.example"
[[sources]]
path = "posts"
type = "plain"
[deliveries]
in_flight = {in_flight}
# What fails is not tried again while we measure.
retry_seconds = [3600]
"""
_ENDPOINT = """\
[[endpoints]]
name = "{name}"
url = "{url}"
secret = "{secret}"
"""
_AT_ONCE = 50_000  # deliveries in one transaction


def write_settings(folder: Path, urls: Sequence[str], in_flight: int) -> None:
    """Write a site without posts, and the endpoints at these addresses; everything else is as by default."""
    (folder / "posts").mkdir(parents=True, exist_ok=True)
    endpoints = (
        _ENDPOINT.format(name=endpoint_name(number), url=url, secret=SECRET) for number, url in enumerate(urls)
    )
    (folder / "feedbell.toml").write_text("".join([_SETTINGS.format(in_flight=in_flight), *endpoints]))


def open_app(folder: Path, database: str) -> App:
    """Build what `feedbell` builds."""
    options = Options(config=folder / "feedbell.toml", database=database)
    return App(find_place(options), options)


def fill(folder: Path, database: str, events: int) -> None:
    """Put events into the outbox and release each to all endpoints, as the releaser does."""
    app = open_app(folder, database)
    names = [endpoint.name for endpoint in app.notifying.endpoints]
    step = max(_AT_ONCE // len(names), 1)
    for first in range(0, events, step):
        now = app.clock()
        numbers = range(first, min(first + step, events))
        with writing(app.engine) as connection:
            outbox.add(
                connection,
                [
                    Event(
                        message_id=message_id(number),
                        type="post.published",
                        subject=str(number),
                        occurred_at=now,
                        facts=facts_of(""),
                    )
                    for number in numbers
                ],
            )
            waiting = outbox.unreleased(connection, limit=len(numbers))
            targets = tuple(Target(endpoint=name, due_at=now) for name in names)
            releases = [
                Release(
                    event_id=event.id or 0, payload=body(int(event.subject)), payload_with_content=None, targets=targets
                )
                for event in waiting
            ]
            given = outbox.release(connection, releases, now)
            app.notifying.defer(connection, given.due)
    app.close()


def arrivals(database: str, since: datetime) -> list[float]:
    """Return after how many seconds each delivery was known to have arrived."""
    engine = open_engine(database)
    arrived = select(deliveries.c.finished_at).where(deliveries.c.state == DeliveryState.DELIVERED)
    with reading(engine) as connection:
        found = sorted((at - since).total_seconds() for at in connection.scalars(arrived))
    engine.dispose()
    return found

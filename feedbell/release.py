"""Release events: once their feeds are in place, say what happened and make deliveries of it."""

import logging
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.db import reading, writing
from core.ids import new_id
from core.log import log_event
from feedbell.events import TYPES
from feedbell.post_facts import KnownPost, PostFacts
from feeds.decide import Change
from feeds.layout import Layout
from feeds.model import TermKey
from feeds.store import windows
from feeds.store.posts import AppliedChange
from notifier import outbox
from notifier.model import Event, Facts, Release, Target
from notifier.routing import Router
from notifier.subscription import ENDPOINT_DISABLED
from notifier.work import Defer

logger = logging.getLogger(__name__)

_EVENTS_AT_ONCE = 200


def announce(connection: Connection, changes: Sequence[AppliedChange], now: datetime) -> None:
    """Put an event for each change into the outbox, in the transaction that made the change."""
    outbox.add(
        connection,
        [
            Event(
                message_id=new_id("msg"),
                type=TYPES[change.change],
                subject=str(change.post_id),
                occurred_at=now,
                facts=Facts(),
            )
            for change in changes
        ],
    )


class Releaser:
    """Turns events into deliveries for the endpoints whose subscriptions match."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        layout: Layout,
        facts: PostFacts,
        router: Router,
        wanting_content: Collection[str],
        quiet: Mapping[str, timedelta],
        defer: Defer,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._layout = layout
        self._facts = facts
        self._router = router
        self._wanting_content = frozenset(wanting_content)
        self._quiet = quiet
        self._defer = defer

    def newest_event(self) -> int:
        """Return the id of the newest event that waits: its feeds are in place after the next publish."""
        with reading(self._engine) as connection:
            return outbox.newest_id(connection) or 0

    def release(self, up_to: int, failed_feeds: Set[TermKey]) -> int:
        """Release the events up to an id, but for those whose feeds failed; return how many deliveries they make."""
        made = released = after = 0
        while True:
            with reading(self._engine) as connection:
                waiting = outbox.unreleased(connection, limit=_EVENTS_AT_ONCE, up_to_id=up_to, after_id=after)
                releases = self._describe(connection, waiting, failed_feeds)
            if releases:
                with writing(self._engine) as connection:
                    given = outbox.release(connection, releases, self._clock(), quiet=self._quiet)
                    self._defer(connection, given.due)
                made += given.deliveries
                released += len(releases)
            if len(waiting) < _EVENTS_AT_ONCE:
                break
            after = waiting[-1].id or 0
        if released:
            log_event(logger, "release", events=released, deliveries=made)
        return made

    def _describe(self, connection: Connection, waiting: Sequence[Event], failed_feeds: Set[TermKey]) -> list[Release]:
        of_posts = [event for event in waiting if event.type != ENDPOINT_DISABLED]
        posts = windows.load_posts(connection, {int(event.subject) for event in of_posts})
        known = self._facts.read(connection, posts)
        releases = [self._of_endpoint(event) for event in waiting if event.type == ENDPOINT_DISABLED]
        return releases + [
            self._release(event, known[int(event.subject)])
            for event in of_posts
            if not failed_feeds or failed_feeds.isdisjoint(known[int(event.subject)].post.term_keys())
        ]

    def _release(self, event: Event, known: KnownPost) -> Release:
        targets = self._router.targets(replace(event, facts=known.facts), self._clock(), known.text)
        if not targets:
            return Release(event_id=event.id or 0, payload="", payload_with_content=None, targets=())
        return self._write(event, known, targets)

    def _of_endpoint(self, event: Event) -> Release:
        """Release what is said of an endpoint, but not to that endpoint itself."""
        targets = self._router.targets(event, self._clock())
        return Release(
            event_id=event.id or 0,
            payload=event.payload or "",
            payload_with_content=None,
            targets=tuple(target for target in targets if target.endpoint != event.subject),
        )

    def _write(self, event: Event, known: KnownPost, targets: tuple[Target, ...]) -> Release:
        # Its models are slow to load, and many runs tell nobody anything.
        from feedbell import payload

        whole = payload.describe(event.type, event.occurred_at, known.post, known.rendering, known.shown, self._layout)
        short = payload.without_content(whole)
        with_content = any(target.endpoint in self._wanting_content for target in targets)
        return Release(
            event_id=event.id or 0,
            payload=short.model_dump_json(exclude_none=True),
            payload_with_content=whole.model_dump_json(exclude_none=True) if with_content else None,
            targets=targets,
        )

    def existing(self, newest: int) -> int:
        """Put an event for each of the newest posts into the outbox, as if they were new; return how many.

        Those that were told of as new before are passed over.
        """
        with writing(self._engine) as connection:
            posts = windows.newest_posts(connection, newest)
            told = outbox.subjects(connection, TYPES[Change.PUBLISHED], [str(post.id) for post in posts])
            changes = [
                AppliedChange(change=Change.PUBLISHED, post_id=post.id)
                for post in reversed(posts)
                if str(post.id) not in told
            ]
            announce(connection, changes, self._clock())
            return len(changes)

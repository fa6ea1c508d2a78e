"""Release events: once their feeds are in place, say what happened and make deliveries of it."""

import logging
from collections.abc import Collection, Sequence, Set
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.db import reading, writing
from core.ids import new_id
from core.log import log_event
from feedbell.events import TYPES, facts
from feeds.choice import FeedChoice
from feeds.decide import Change
from feeds.entries import EntryBuilder
from feeds.layout import Layout
from feeds.model import Category, Post, Rendering, TermKey
from feeds.store import terms, windows
from feeds.store.posts import AppliedChange
from feeds.summary import plain_text
from notifier import outbox
from notifier.match import Matcher, facts_of
from notifier.model import Event, Facts, Release

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
        entries: EntryBuilder,
        matcher: Matcher,
        wanting_content: Collection[str],
        choice: FeedChoice,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._layout = layout
        self._entries = entries
        self._matcher = matcher
        self._wanting_content = frozenset(wanting_content)
        self._choice = choice

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
                    made += outbox.release(connection, releases, self._clock())
                released += len(releases)
            if len(waiting) < _EVENTS_AT_ONCE:
                break
            after = waiting[-1].id or 0
        if released:
            log_event(logger, "release", events=released, deliveries=made)
        return made

    def _describe(self, connection: Connection, waiting: Sequence[Event], failed_feeds: Set[TermKey]) -> list[Release]:
        posts = windows.load_posts(connection, {int(event.subject) for event in waiting})
        keys = {key for post, _ in posts.values() for key in post.term_keys()}
        names = terms.names(connection, keys)
        without = terms.without_feed(connection, keys, self._choice)
        releases = []
        for event in waiting:
            post, revision = posts[int(event.subject)]
            if failed_feeds and not failed_feeds.isdisjoint(post.term_keys()):
                continue
            named = [names[key] for key in post.term_keys() if key in names]
            shown = [category for category in named if category.key not in without]
            releases.append(self._release(connection, event, post, revision, named, shown))
        return releases

    def _release(
        self,
        connection: Connection,
        event: Event,
        post: Post,
        revision: int,
        named: Sequence[Category],
        shown: Sequence[Category],
    ) -> Release:
        rendering = None
        text = ""
        if self._matcher.reads_text:
            rendering = self._entries.payload_rendering(connection, post, revision)
            text = _text(post, rendering)
        endpoints = self._matcher.endpoints(replace(event, facts=facts_of(text, **facts(post, named, self._layout))))
        if not endpoints:
            return Release(event_id=event.id or 0, payload="", payload_with_content=None, endpoints=())
        rendering = rendering or self._entries.payload_rendering(connection, post, revision)
        return self._write(event, post, rendering, shown, endpoints)

    def _write(
        self,
        event: Event,
        post: Post,
        rendering: Rendering | None,
        shown: Sequence[Category],
        endpoints: tuple[str, ...],
    ) -> Release:
        # Its models are slow to load, and many runs tell nobody anything.
        from feedbell import payload

        whole = payload.describe(event.type, event.occurred_at, post, rendering, shown, self._layout)
        short = payload.without_content(whole)
        return Release(
            event_id=event.id or 0,
            payload=short.model_dump_json(exclude_none=True),
            payload_with_content=(
                whole.model_dump_json(exclude_none=True) if not self._wanting_content.isdisjoint(endpoints) else None
            ),
            endpoints=endpoints,
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


def _text(post: Post, rendering: Rendering | None) -> str:
    """Return what subscriptions look for words in: title, summary and content."""
    parts = [post.title, post.summary or ""]
    if rendering is not None:
        parts += [rendering.summary, plain_text(rendering.content_html)]
    return "\n".join(parts)

"""Tells who follows feeds that they changed: subscribers of our own hub, and public hubs."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.clock import Clock, rfc3339
from core.ids import new_id
from feedbell.websub.topics import Topics
from notifier import hub_subscriptions, outbox
from notifier.match import facts_of
from notifier.model import Event, Target
from notifier.work import Defer

FEED_UPDATED = "feed.updated"
_TOGETHER = "changed feeds"  # one request tells a public hub of many


class FeedAnnouncer:
    """Makes deliveries of changed files, in the transaction that notes them as built: they are in place already."""

    def __init__(
        self, *, topics: Topics, own_hub: bool, public_hubs: Sequence[str], defer: Defer, clock: Clock
    ) -> None:
        self._topics = topics
        self._own_hub = own_hub
        self._public_hubs = tuple(public_hubs)
        self._defer = defer
        self._clock = clock

    def __call__(self, connection: Connection, paths: Sequence[str]) -> int:
        """Tell of these files; return how many deliveries that makes."""
        now = self._clock()
        topics = [self._topics.topic(path) for path in paths]
        followers = hub_subscriptions.followers(connection, topics, now) if self._own_hub else {}
        public = [Target(endpoint=name, due_at=now, digest=_TOGETHER) for name in self._public_hubs]
        told = [
            (_event(topic, now), [*(Target(endpoint=name, due_at=now) for name in followers.get(topic, ())), *public])
            for topic in topics
        ]
        made = outbox.add_released(connection, FEED_UPDATED, told, now)
        if made.due:
            self._defer(connection, made.due)
        return made.deliveries


def _event(topic: str, now: datetime) -> Event:
    return Event(
        message_id=new_id("msg"),
        type=FEED_UPDATED,
        subject=topic,
        occurred_at=now,
        facts=facts_of(""),
        payload=json.dumps({"type": FEED_UPDATED, "timestamp": rfc3339(now), "data": {"feed": {"url": topic}}}),
    )

"""The hub of our own: takes requests, and says which subscriptions may stand. What it knows stands in the database."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine

from core.addresses import AddressPolicy
from core.clock import Clock
from core.db import reading, writing
from core.targets import why_target_refused
from feedbell.websub.asking import Asked, Refusal
from feedbell.websub.topics import Topics
from feeds.store import windows
from notifier import hub_requests, hub_subscriptions
from notifier.hub_requests import HubRequest, Mode

_SHORTEST_LEASE = 60  # seconds
# Unverified requests that wait at once: anybody can make them.
_MOST_WAITING = 1000
_MOST_WAITING_OF_HOST = 100
_COME_AGAIN = 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRules:
    """`lease` is what nobody asks for less of, and the most; the numbers are of subscriptions that stand."""

    lease: timedelta
    max_per_host: int
    max_per_topic: int

    def lease_seconds(self, asked: int | None) -> int:
        """Return how long a subscription lasts for which somebody asked so many seconds."""
        longest = max(int(self.lease.total_seconds()), _SHORTEST_LEASE)
        return longest if asked is None else min(max(asked, _SHORTEST_LEASE), longest)


class Hub:
    """Takes requests, from any thread. `news` is set when there is something to verify."""

    def __init__(
        self, *, engine: Callable[[], Engine], clock: Clock, topics: Topics, rules: HubRules, policy: AddressPolicy
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._topics = topics
        self._policy = policy
        self.rules = rules
        self.news = threading.Event()

    def ask(self, asked: Asked) -> Refusal | None:
        """Take a request, to be verified soon; return why it is not taken, or None."""
        path = self._topics.path(asked.topic)
        if path is None:
            return _UNKNOWN
        if why_target_refused(asked.callback, self._policy) is not None:
            # No more than that: strangers are not told which addresses our names have.
            return Refusal(status=403, reason="hub.callback: its address is not one that this hub may contact.")
        request = HubRequest(
            mode=asked.mode,
            topic=self._topics.topic(path),
            topic_asked=asked.topic,
            callback=asked.callback,
            callback_host=asked.host,
            secret=asked.secret,
            lease_seconds=asked.lease_seconds,
        )
        with reading(self._engine()) as connection:
            refusal = self._why_refused(connection, request)
        if refusal is not None:
            return refusal
        with writing(self._engine()) as connection:
            hub_requests.put(connection, [request], self._clock())
        self.news.set()
        return None

    def _why_refused(self, connection: Connection, request: HubRequest) -> Refusal | None:
        if request.mode is Mode.SUBSCRIBE:
            if not self.stands(connection, request.topic):
                return _UNKNOWN
            if reason := self.why_denied(connection, request):
                return Refusal(status=403, reason=f"{reason}.")
        waiting = hub_requests.waiting(connection, request.topic, request.callback, request.callback_host)
        if waiting.in_all >= _MOST_WAITING or waiting.of_host >= _MOST_WAITING_OF_HOST:
            return Refusal(status=429, reason="Too many requests wait to be verified.", wait=_COME_AGAIN)
        return None

    def stands(self, connection: Connection, topic: str) -> bool:
        """Tell whether a topic is a feed of ours that there is."""
        path = self._topics.path(topic)
        return path is not None and windows.is_followed(connection, path)

    def why_denied(self, connection: Connection, request: HubRequest) -> str | None:
        """Return why a subscription may not stand beside those that do, or None; one that stands may be renewed."""
        if not self.stands(connection, request.topic):
            return "There is no such feed any more"
        standing = hub_subscriptions.standing(
            connection, request.topic, request.callback, request.callback_host, self._clock()
        )
        if standing.of_host >= self.rules.max_per_host:
            return f"This hub takes {self.rules.max_per_host} subscriptions with callbacks on one host"
        if standing.of_topic >= self.rules.max_per_topic:
            return f"This hub takes {self.rules.max_per_topic} subscriptions to one feed"
        return None

    def end_missing(self, connection: Connection) -> int:
        """End the subscriptions of feeds that there are no more, and let their callbacks be told; return how many."""
        paths = windows.followed_paths(connection)
        ended = hub_subscriptions.of_missing_topics(connection, lambda topic: self._topics.path(topic) in paths)
        now = self._clock()
        hub_subscriptions.end(connection, [one.id for one in ended], now)
        told = [
            HubRequest(
                mode=Mode.DENIED,
                topic=one.topic,
                topic_asked=one.topic_asked,
                callback=one.callback,
                callback_host=one.callback_host,
                reason="There is no such feed any more",
            )
            for one in ended
        ]
        hub_requests.put(connection, told, now)
        return len(ended)


_UNKNOWN = Refusal(
    status=404,
    reason="hub.topic is no feed of this hub; it must be the address that the feed gives as its own (rel=self).",
)

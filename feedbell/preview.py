"""What one subscription would have taken of the posts that came out since a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from core.db import reading
from core.errors import ConfigurationError
from feedbell.events import TYPES
from feedbell.subscriptions import subscriptions_of
from feedbell.wiring import App
from feeds.decide import Change
from feeds.store import recent, windows
from notifier.match import Matcher
from notifier.model import Event
from notifier.subscription import Explanation, Subscription

_AT_ONCE = 200
_POST_EVENTS = tuple(TYPES[change] for change in (Change.PUBLISHED, Change.UPDATED, Change.WITHDRAWN))

Progress = Callable[[int, int], None]  # posts looked at, posts in all


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedPost:
    """A post and whether the subscription takes it."""

    at: datetime  # when it came out
    title: str
    url: str
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a subscription would have taken."""

    subscription: Subscription
    event: str  # as which the posts were compared
    since: datetime
    sent: int
    of: int
    posts: list[PreviewedPost]  # the newest of them, the oldest first


def preview(app: App, name: str, since: datetime, *, with_filtered: bool, limit: int, progress: Progress) -> Preview:
    """Compare the posts that came out since then with the subscription of that name, as it is in the file now.

    Of those it takes, and `with_filtered` of the others too, the newest `limit` are kept. Raises ConfigurationError if
    there is no such subscription, or if it is not about posts.
    """
    subscription = _subscription(subscriptions_of(app.settings.subscriptions), name)
    event = next((one for one in _POST_EVENTS if subscription.events is None or one in subscription.events), None)
    if event is None:
        raise ConfigurationError(f"subscription {name} asks for no events of posts")
    matcher = Matcher([subscription])
    kept: deque[PreviewedPost] = deque(maxlen=limit)
    sent = of = 0
    with reading(app.engine) as connection:
        total = recent.number_since(connection, since)
        for post in _compared(connection, app, matcher, event, since):
            of += 1
            sent += post.explanation.takes
            if with_filtered or post.explanation.takes:
                kept.append(post)
            progress(of, total)
    return Preview(subscription=subscription, event=event, since=since, sent=sent, of=of, posts=list(kept))


def _subscription(subscriptions: Iterable[Subscription], name: str) -> Subscription:
    by_name = {one.name: one for one in subscriptions}
    if name not in by_name:
        known = ", ".join(by_name) or "none"
        raise ConfigurationError(f"no subscription is called {name!r}; there are: {known}")
    return by_name[name]


def _compared(
    connection: Connection, app: App, matcher: Matcher, event_type: str, since: datetime
) -> Iterator[PreviewedPost]:
    found = recent.came_out_since(connection, since)
    while batch := dict(islice(found, _AT_ONCE)):
        known = app.post_facts.read(connection, windows.load_posts(connection, batch.keys()))
        for post_id, came in batch.items():
            seen = known[post_id]
            event = Event(message_id="", type=event_type, subject=str(post_id), occurred_at=came, facts=seen.facts)
            [explanation] = matcher.explain(event, seen.text)
            yield PreviewedPost(at=came, title=seen.post.title, url=seen.post.url, explanation=explanation)

"""Reads what explains who was told of a post: finds it by what a person calls it, and gathers its history."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from core.db import reading
from core.errors import ConfigurationError
from feedbell.answers import EndpointFacts
from feedbell.why import PostStanding, Situation
from feedbell.wiring import App
from feeds.store import finding, windows
from feeds.store.finding import FoundFile, FoundPost
from feeds.urls import percent_encoded
from notifier import trace
from notifier.model import Event
from notifier.subscription import Explanation
from notifier.trace import EventFacts

_CANDIDATES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name means: a post, its file as far as it was read, or a file that is no post."""

    post: FoundPost | None
    file: FoundFile | None


def inquire(app: App, name: str, endpoint: str | None) -> tuple[Named, Situation]:
    """Return what a name means, and what explains who was told; of one endpoint, or of all.

    Raises ConfigurationError, with candidates, for a name that means nothing or several, and for an unknown endpoint.
    """
    with reading(app.engine) as connection:
        named = _find(connection, app, name)
        events = trace.newest_events(connection, str(named.post.id)) if named.post else []
        endpoints = _endpoints(app, events, endpoint)
        situation = Situation(
            now=app.clock(),
            keep=timedelta(days=app.settings.deliveries.keep_days),
            post=_standing(connection, app, named.post) if named.post else None,
            file=named.file,
            events=tuple(events),
            explanations=_explanations(connection, app, named.post, events) if named.post else {},
            endpoints=endpoints,
            unwritable=tuple(windows.unwritable(connection)),
        )
        return named, situation


def _standing(connection: Connection, app: App, post: FoundPost) -> PostStanding:
    known, _ = windows.load_posts(connection, [post.id])[post.id]
    upstream = post.source in app.upstreams.sources
    return PostStanding(came_since=known.came_since, first_seen=post.first_seen, upstream=upstream)


def _explanations(
    connection: Connection, app: App, post: FoundPost, events: Iterable[EventFacts]
) -> dict[int, tuple[Explanation, ...]]:
    known = app.post_facts.read(connection, windows.load_posts(connection, [post.id]))[post.id]
    return {
        event.id: app.notifying.matcher.explain(
            Event(
                message_id=event.message_id or "",
                type=event.type,
                subject=str(post.id),
                occurred_at=event.occurred_at or app.clock(),
                facts=known.facts,
            ),
            known.text,
        )
        for event in events
        if event.id is not None
    }


def _endpoints(app: App, events: Iterable[EventFacts], wanted: str | None) -> tuple[EndpointFacts, ...]:
    """Return the configured endpoints, and those that only have deliveries."""
    configured = [one.name for one in app.settings.endpoints]
    told = sorted({one.endpoint for event in events for one in event.deliveries}.difference(configured))
    if wanted is not None and wanted not in (*configured, *told):
        known = ", ".join((*configured, *told)) or "none"
        raise ConfigurationError(f"no endpoint is called {wanted!r}; there are: {known}")
    subscribed = {one.endpoint for one in app.settings.subscriptions}
    states = app.endpoint_book.states()
    rates = app.notifying.rates
    return tuple(
        EndpointFacts.of(
            name,
            states.get(name),
            configured=name in configured,
            subscribed=name in subscribed,
            rate=rates.get(name),
            now=app.clock(),
        )
        for name in (*configured, *told)
        if wanted in (None, name)
    )


def _find(connection: Connection, app: App, name: str) -> Named:
    names = _spellings(app, name)
    posts = finding.posts_called(connection, names)
    files = [] if posts else finding.files_called(connection, names)
    if not posts and not files and "/" not in name:
        posts = finding.posts_of_file(connection, name)
        of_posts = {(post.source, post.path) for post in posts}
        files = [file for file in finding.files_named(connection, name) if (file.source, file.path) not in of_posts]
    live = [post for post in posts if not post.withdrawn]
    posts = live or posts
    if len(posts) + len(files) > 1:
        raise ConfigurationError(_told(f"{len(posts) + len(files)} are called {name!r}; say which:", posts, files))
    if posts:
        return Named(post=posts[0], file=_file_of(connection, posts[0]))
    if files:
        return Named(post=None, file=files[0])
    like = finding.posts_like(connection, name, _CANDIDATES)
    known = "these resemble it:" if like else "`feedbell posts` lists the newest"
    raise ConfigurationError(
        _told(f"no post is called {name!r}: give its id, its address, its path or its file's name; {known}", like, [])
    )


def _spellings(app: App, name: str) -> list[str]:
    """Return what a post or a file may be stored under: a path may be seen from here, an address may be unencoded."""
    names = [name, os.path.normpath(name)]
    if name.startswith(("http://", "https://")):
        return [name, percent_encoded(name)]
    for source in app.sources:
        path = os.path.relpath(os.path.abspath(name), source.root)
        if not path.startswith(".."):
            names.append(path)
    return list(dict.fromkeys(names))


def _file_of(connection: Connection, post: FoundPost) -> FoundFile | None:
    files = finding.files_called(connection, [post.path])
    return next((file for file in files if file.source == post.source), None)


def _told(sentence: str, posts: Sequence[FoundPost], files: Sequence[FoundFile]) -> str:
    lines = [f"{post.entry_id}  {post.path} (source {post.source}): {post.title}" for post in posts]
    lines += [f"{file.path} (source {file.source})" for file in files]
    more = [f"and {len(lines) - _CANDIDATES} more"] if len(lines) > _CANDIDATES else []
    return "\n  ".join([sentence, *lines[:_CANDIDATES], *more])

"""Apply what upstream feeds answered to the stored posts, inside the caller's transaction."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.log import log_event
from feedbell.poll import Announce, Polled
from feedbell.upstream.answers import Read
from feeds.model import NO_STAT, Draft, FileReading
from feeds.sources.upstream.identity import key_of_guid
from feeds.sources.upstream.likeness import likeness
from feeds.sources.upstream.model import UpstreamItem
from feeds.sources.upstream.source import UpstreamSource, by_path
from feeds.sources.upstream.stored import read_item, write_item
from feeds.store import archives, counters, posts, sources, terms, upstream_items, upstreams
from feeds.store.known_posts import Gone
from feeds.store.posts import Applied
from feeds.store.sources import SourceState
from feeds.store.terms import LABEL_EPOCH, TermIds
from feeds.store.upstream_items import KeptItem
from feeds.store.upstreams import Upstream

logger = logging.getLogger(__name__)

_MANY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Incoming:
    """An item that is new or has changed."""

    draft: Draft
    kept: KeptItem


class Applying:
    """Applies answers. The caller commits, and then `term_ids.committed()`."""

    def __init__(self, *, announce: Announce, term_ids: TermIds) -> None:
        self._announce = announce
        self._term_ids = term_ids

    def apply(
        self, connection: Connection, source: UpstreamSource, upstream: Upstream, read: Read, now: datetime
    ) -> Polled:
        """Publish, revise and withdraw what follows from a feed that was read."""
        state = sources.load(connection, source.name, lock=True)
        document = read.document
        found = _sort_out(connection, state, by_path(document.items), skipped=document.skipped)
        incoming = [
            one
            for path, item in found.items.items()
            if (one := _incoming(source, item, path, now, language=document.language, home_url=document.home_url))
            and one.draft.content_hash != found.known.get(path)
        ]
        applied = self._apply_drafts(connection, state, incoming, now)
        withdrawn = self._withdraw(connection, state, document.deleted, now)
        changes = [*applied.changes, *withdrawn.changes]
        is_news = state.baselined_at is not None
        told = changes[-source.max_new :] if is_news and source.max_new else []
        self._announce(connection, told, now)
        notice = _notice(document.notice, found, flood=len(changes) - len(told) if is_news else 0, told=len(told))
        _log(source, notice, upstream)
        self._remember(connection, source, state, now, whole=not document.is_cut)
        upstreams.describe(connection, state.id, replace(read.description, notice=notice))
        if upstream.title != read.description.title:
            # Entries name their origin.
            counters.reserve(connection, LABEL_EPOCH, 1)
        return Polled(source=source.name, read=len(incoming), changes=len(changes))

    def apply_settings(self, connection: Connection, source: UpstreamSource, upstream: Upstream, now: datetime) -> None:
        """Read every kept item anew, as the settings changed; nobody is told."""
        state = sources.load(connection, source.name, lock=True)
        incoming = [
            _incoming(source, read_item(item), path, now, language=upstream.language, home_url=upstream.home_url)
            for path, item in upstream_items.all_items(connection, state.id)
        ]
        if not source.listed:
            # Closed pages of archives never change: what is to be gone from them needs new ones.
            archives.begin_anew(connection, terms.of_source(connection, state.id))
        self._apply_drafts(connection, replace(state, baselined_at=None), incoming, now)
        sources.change(connection, state.id, reading_fingerprint=source.fingerprint, generation=state.generation + 1)

    def _apply_drafts(
        self, connection: Connection, state: SourceState, incoming: Sequence[_Incoming], now: datetime
    ) -> Applied:
        if not incoming:
            return Applied()
        # In the order in which they came out, which is the order of their events.
        ordered = sorted(incoming, key=lambda one: one.draft.published)
        applied = posts.apply_readings(
            connection,
            state,
            [FileReading(stat=NO_STAT, reading=one.draft) for one in ordered],
            gone=Gone(),
            term_ids=self._term_ids,
            now=now,
            is_news=lambda _: state.baselined_at is not None,
        )
        upstream_items.keep(connection, state.id, [one.kept for one in ordered], now)
        return applied

    def _withdraw(self, connection: Connection, state: SourceState, deleted: Collection[str], now: datetime) -> Applied:
        if not deleted:
            return Applied()
        paths = [key_of_guid(guid) for guid in deleted]
        return posts.withdraw(connection, state.id, paths, term_ids=self._term_ids, now=now)

    def _remember(
        self, connection: Connection, source: UpstreamSource, state: SourceState, now: datetime, *, whole: bool
    ) -> None:
        values: dict[str, object] = {"generation": state.generation + 1, "reading_fingerprint": source.fingerprint}
        # What is missing in a feed that was cut short would come as news the next time.
        if state.baselined_at is None and whole:
            values["baselined_at"] = now
        sources.change(connection, state.id, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SortedOut:
    """The items of an answer under the paths that they are known by."""

    items: Mapping[str, UpstreamItem]
    known: Mapping[str, str | None]  # path to what it was when it was read last
    new: int
    renamed: int  # came under another id


def _sort_out(
    connection: Connection, state: SourceState, items: Mapping[str, UpstreamItem], *, skipped: int
) -> _SortedOut:
    known = upstream_items.known_hashes(connection, state.id, items.keys())
    strangers = {path: likeness(item) for path, item in items.items() if path not in known}
    aliases: Mapping[str, str] = {}
    if strangers and state.baselined_at is not None:
        all_new = not known and not skipped
        aliases = upstream_items.known_as(connection, state.id, strangers, items.keys(), all_new=all_new)
        known |= upstream_items.known_hashes(connection, state.id, list(aliases.values()))
    return _SortedOut(
        items={aliases.get(path, path): item for path, item in items.items()},
        known=known,
        new=len(strangers) - len(aliases),
        renamed=len(aliases),
    )


def _incoming(
    source: UpstreamSource, item: UpstreamItem, path: str, now: datetime, *, language: str | None, home_url: str | None
) -> _Incoming:
    draft = source.draft(item, path, now, language=language, home_url=home_url or "")
    return _Incoming(draft=draft, kept=KeptItem(path=path, likeness=likeness(item), item=write_item(item)))


def _notice(read: str | None, found: _SortedOut, *, flood: int, told: int) -> str | None:
    """Say why less was told than came."""
    notices = [read] if read else []
    if flood > 0:
        notices.append(f"{flood + told} posts came at once: {told} were told of, the others stand in the feeds only")
    if found.renamed >= _MANY and found.renamed == len(found.items):
        notices.append("its items have new ids at every poll; they are known by link, title and date or text")
    return "; ".join(notices) or None


def _log(source: UpstreamSource, notice: str | None, upstream: Upstream) -> None:
    if notice is not None and notice != upstream.notice:
        log_event(logger, "upstream-notice", logging.WARNING, source=source.name, reason=notice)

"""Poll a source: scan, read, and apply the changes with their events, each batch in one transaction."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.db import in_batches, reading, writing
from core.log import log_event
from feeds.decide import Change, must_hold
from feeds.model import NO_STAT, FileReading, Quarantined, Stat
from feeds.sources.folder import FolderSource, Scan, Unsettled
from feeds.store import posts, sources
from feeds.store.known_posts import Gone
from feeds.store.posts import Applied, AppliedChange
from feeds.store.sources import SourceState
from feeds.store.terms import TermIds

logger = logging.getLogger(__name__)

_FILES_IN_A_TRANSACTION = 1000
_TRIES = 5

Announce = Callable[[Connection, Sequence[AppliedChange], datetime], None]
Progress = Callable[[int, int], None]  # files read, files to read


class _Overtaken(Exception):
    """Another process applied a batch of this source since we looked."""


@dataclass(slots=True, kw_only=True)
class Polled:
    """What a poll found and did."""

    source: str
    read: int = 0
    changes: int = 0
    quarantined: int = 0
    unsettled: list[Unsettled] = field(default_factory=list)
    held: bool = False
    error: str | None = None


class Poller:
    """Polls sources. Safe to run from several processes: what was overtaken is polled again."""

    def __init__(self, *, engine: Engine, clock: Clock, announce: Announce, hold_shares: Mapping[str, float]) -> None:
        self._engine = engine
        self._clock = clock
        self._announce = announce
        self._hold_shares = hold_shares
        self._term_ids = TermIds()

    def poll(
        self,
        source: FolderSource,
        only: Collection[str] | None = None,
        progress: Progress = lambda done, total: None,
        *,
        settle_vanished: float = 0,
    ) -> Polled:
        """Poll the whole source, or `only` these paths; the first poll of a source announces nothing.

        Files that vanished within the last `settle_vanished` seconds are unsettled: more may be about to.
        """
        for _ in range(_TRIES):
            try:
                polled = self._poll(source, only, progress, settle_vanished)
            except _Overtaken:
                continue
            self._log(polled)
            return polled
        return Polled(source=source.name, error="another process keeps changing this source; it is polled again later")

    def _poll(
        self, source: FolderSource, only: Collection[str] | None, progress: Progress, settle_vanished: float
    ) -> Polled:
        now = self._clock()
        polled = Polled(source=source.name)
        with writing(self._engine) as connection:
            state = sources.register(connection, source.name)
            reread = state.reading_fingerprint not in (None, source.fingerprint)
            # What a held source waits for may be among the paths that are not asked for.
            whole = only is None or reread or state.baselined_at is None or state.held_since is not None
            due = sources.due_paths(connection, state.id, now)
            known = sources.known_files(connection, state.id, None if whole else {*(only or ()), *due})
        compared = dict.fromkeys(known, NO_STAT) if reread else known | dict.fromkeys(due, NO_STAT)
        try:
            scan = source.scan(compared, None if whole else known.keys() | set(only or ()))
        except OSError as error:
            polled.error = f"{source.root} cannot be read: {error.strerror}; nothing was changed"
            with writing(self._engine) as connection:
                sources.change(connection, state.id, error=polled.error)
            return polled
        batch = _Batch(source=source, state=state, scan=scan, reread=reread, polled=polled)
        self._apply(batch, progress)
        vanishing = self._just_vanished(batch, now, settle_vanished)
        polled.unsettled += vanishing
        if not vanishing:
            self._meet_missing(batch, now)
        self._finish(batch, now, whole=whole)
        return polled

    def _apply(self, batch: "_Batch", progress: Progress) -> None:
        """Read what changed and apply it, some files a transaction."""
        scan, source = batch.scan, batch.source
        if scan.missing:
            with reading(self._engine) as connection:
                batch.gone = posts.gone_posts(connection, batch.state.id, scan.missing)
                clashing = sources.clashing_paths(connection, batch.state.id)
            # One of them may be what remains of a file that has gone.
            again = source.scan({}, set(clashing) - scan.missing).changed
            scan.changed.extend(file for file in again if file not in scan.changed)
        total = len(scan.changed) + len(scan.obstacles)
        for readings in _in_transactions(_obstacles(scan), source.read(scan.changed, self._clock), batch.polled):
            with self._transaction(batch) as connection:
                applied = posts.apply_readings(
                    connection,
                    batch.state,
                    readings,
                    gone=batch.gone,
                    term_ids=self._term_ids,
                    now=self._clock(),
                    is_news=batch.is_news,
                )
                # Their posts have other files now: a later poll must not take them for withdrawn.
                sources.forget_files(connection, batch.state.id, applied.moved_from & scan.missing)
                self._announce(connection, batch.announced(applied.changes), self._clock())
            self._term_ids.committed()
            batch.add(applied, len(readings))
            progress(batch.polled.read, total)

    @contextmanager
    def _transaction(self, batch: "_Batch") -> Iterator[Connection]:
        with writing(self._engine) as connection:
            state = sources.load(connection, batch.source.name, lock=True)
            if state.generation != batch.generation:
                raise _Overtaken
            batch.generation += 1
            sources.change(connection, state.id, generation=batch.generation)
            yield connection

    def _just_vanished(self, batch: "_Batch", now: datetime, settle_vanished: float) -> list[Unsettled]:
        state = batch.state
        if not settle_vanished or state.held_since is not None or state.withdrawal_confirmed:
            return []
        return batch.source.just_vanished(batch.scan.missing - batch.moved_from, now, settle_vanished)

    def _meet_missing(self, batch: "_Batch", now: datetime) -> None:
        """Withdraw the posts whose files have gone, unless so many went at once that the folder must be at fault."""
        missing = batch.scan.missing - batch.moved_from
        lost = [post for post in batch.gone.posts if post.path in missing and not post.withdrawn]
        if self._must_hold(batch, len(lost)):
            self._hold(batch, len(lost), now)
            return
        for paths in in_batches(sorted(missing), _FILES_IN_A_TRANSACTION):
            with self._transaction(batch) as connection:
                applied = posts.withdraw(connection, batch.state.id, paths, term_ids=self._term_ids, now=now)
                self._announce(connection, batch.announced(applied.changes), now)
            self._term_ids.committed()
            batch.add(applied, 0)
        batch.released = True

    def _must_hold(self, batch: "_Batch", lost: int) -> bool:
        state = batch.state
        if not lost or state.withdrawal_confirmed:
            return False
        if state.held_since is not None:
            # The rest may be on its way back.
            return lost * 10 > state.held_missing
        with reading(self._engine) as connection:
            before = sources.live_posts(connection, state.id) - batch.published
        return must_hold(lost, before, self._hold_shares[state.name])

    def _hold(self, batch: "_Batch", lost: int, now: datetime) -> None:
        batch.polled.held = True
        if batch.state.held_since is None:
            with self._transaction(batch) as connection:
                sources.change(connection, batch.state.id, held_since=now, held_missing=lost)
            log_event(logger, "held", logging.WARNING, source=batch.source.name, missing=lost)

    def _finish(self, batch: "_Batch", now: datetime, *, whole: bool) -> None:
        values: dict[str, object] = {}
        if whole:
            values = {"polled_at": now, "error": None, "reading_fingerprint": batch.source.fingerprint}
            # Files that are still being written belong to the baseline.
            if batch.state.baselined_at is None and not batch.polled.unsettled:
                # After everything that it found: what is seen later came since.
                values["baselined_at"] = self._clock()
        if batch.released and (whole or batch.state.withdrawal_confirmed):
            values |= {"held_since": None, "held_missing": 0, "withdrawal_confirmed": False}
        if values:
            with writing(self._engine) as connection:
                sources.change(connection, batch.state.id, **values)

    def _log(self, polled: Polled) -> None:
        quiet = not (polled.read or polled.changes or polled.error)
        log_event(
            logger,
            "poll",
            logging.DEBUG if quiet else logging.ERROR if polled.error else logging.INFO,
            source=polled.source,
            read=polled.read,
            changes=polled.changes,
            quarantined=polled.quarantined or None,
            unsettled=len(polled.unsettled) or None,
            held=polled.held or None,
            error=polled.error,
        )


class _Batch:
    """One poll on its way."""

    def __init__(self, *, source: FolderSource, state: SourceState, scan: Scan, reread: bool, polled: Polled) -> None:
        self.source = source
        self.state = state
        self.scan = scan
        self.polled = polled
        self.generation = state.generation
        self.gone = Gone()
        self.moved_from: set[str] = set()
        self.published = 0
        self.released = False
        self._reread = reread

    def announced(self, changes: Sequence[AppliedChange]) -> list[AppliedChange]:
        """Return the changes that others are told of: none at the baseline, none that settings caused."""
        if self.state.baselined_at is None:
            return []
        return [change for change in changes if not self._is_of_settings(change)]

    def _is_of_settings(self, change: AppliedChange) -> bool:
        if not self._reread or change.change == Change.WITHDRAWN:
            return False
        return change.change == Change.UPDATED or not self._is_written_since(change.written_ns)

    def _is_written_since(self, written_ns: int) -> bool:
        # A file that lay there when it was polled last became a post because it is read otherwise now.
        polled = self.state.polled_at
        return polled is None or written_ns >= polled.timestamp() * 1e9

    def is_news(self, stat: Stat) -> bool:
        """Tell whether a new post comes out now: not at the baseline, nor where settings make a post of a file."""
        if self.state.baselined_at is None:
            return False
        return not self._reread or self._is_written_since(stat[1])

    def add(self, applied: Applied, read: int) -> None:
        """Count what one transaction did."""
        self.moved_from |= applied.moved_from
        self.published += sum(change.change == Change.PUBLISHED for change in applied.changes)
        self.polled.read += read
        self.polled.changes += len(applied.changes)
        self.polled.quarantined += applied.quarantined


def _obstacles(scan: Scan) -> Iterator[FileReading]:
    for found in scan.obstacles:
        yield FileReading(stat=NO_STAT, reading=Quarantined(path=found.path, code=found.code, reason=found.reason))


def _in_transactions(
    obstacles: Iterable[FileReading], readings: Iterable[FileReading | Unsettled], polled: Polled
) -> Iterator[list[FileReading]]:
    """Gather readings for one transaction each, and set aside what is unsettled."""
    gathered: list[FileReading] = list(obstacles)
    for reading_ in readings:
        if isinstance(reading_, Unsettled):
            polled.unsettled.append(reading_)
            continue
        gathered.append(reading_)
        if len(gathered) >= _FILES_IN_A_TRANSACTION:
            yield gathered
            gathered = []
    if gathered:
        yield gathered

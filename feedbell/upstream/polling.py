"""Poll the upstream feeds that are due: take them, ask many at once, apply what they answered, feed by feed."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.claimant import is_abandoned, make_token
from core.clock import Clock
from core.db import reading, writing
from core.errors import EnvironmentFault
from core.exchange import Fetched
from core.log import log_event
from feedbell.poll import Announce, Polled
from feedbell.upstream.answers import Elsewhere, Failed, Read, Unchanged, of_push
from feedbell.upstream.applying import Applying
from feedbell.upstream.asking import GATHERING, Asked, Asking
from feedbell.upstream.hubs import HubBook
from feedbell.upstream.poller import Progress
from feedbell.upstream.schedule import Schedule
from feeds.sources.upstream.source import UpstreamSource
from feeds.store import sources, upstreams
from feeds.store.terms import TermIds
from feeds.store.upstreams import Answered

logger = logging.getLogger(__name__)

_LONGEST_TURN = 60.0
_TAKEN_AT_ONCE = 5000


def _silent(done: int, total: int) -> None:
    """Show no progress."""


class UpstreamPoller:
    """Polls upstream feeds. Safe to run from several processes: each feed is claimed for the time of its poll."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        sources: Mapping[str, UpstreamSource],
        asking: Asking,
        announce: Announce,
        schedule: Schedule,
        hubs: bool = False,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        """`hubs`: they are listened to, so that few polls are needed. `rest` is called when nothing is under way."""
        self._engine = engine
        self._clock = clock
        self._sources = sources
        self._asking = asking
        self._announce = announce
        self._schedule = schedule
        self._hubs = hubs
        self._rest = rest
        self._token = make_token()

    def sync(self) -> None:
        """Take up the settings: feeds that came, went or have another address, and rules that changed."""
        now = self._clock()
        with writing(self._engine) as connection:
            upstreams.sync(connection, {name: source.url for name, source in self._sources.items()}, now)
            # What a killed process of this machine was about to poll need not wait for its claim to end.
            upstreams.let_go(connection, [one for one in upstreams.claimants(connection) if is_abandoned(one)])
        with reading(self._engine) as connection:
            states = {state.name: state for state in sources.listing(connection)}
            known = {one.name: one for one in upstreams.listing(connection)}
        for name, source in self._sources.items():
            if states[name].reading_fingerprint not in (None, source.fingerprint):
                with self._transaction() as (connection, applying):
                    applying.apply_settings(connection, source, known[name], now)

    def poll_due(self, progress: Progress = _silent) -> list[Polled]:
        """Poll everything that is due now; return what came of it when the last answer is applied."""
        polled: list[Polled] = []
        began = self._clock()
        while taken := self._take(began, limit=_TAKEN_AT_ONCE):
            total = len(polled) + taken
            while self._asking.under_way:
                polled += self._apply(self._asking.gather(_LONGEST_TURN))
                progress(len(polled), total)
        return polled

    def turn(self, seconds: float) -> list[Polled]:
        """Take what is due, and apply what comes back within some seconds; what is still under way stays so."""
        self._take(self._clock(), limit=self._asking.free)
        if not self._asking.under_way:
            self._rest()
        full = self._asking.free <= 0
        return self._apply(self._asking.gather(seconds if full else min(seconds, max(self._until_next(), GATHERING))))

    def push(self, name: str, fetched: Fetched, received_at: datetime) -> None:
        """Apply, at the next turn, a feed that a hub sent, or poll it if that is none; from any thread."""
        with reading(self._engine) as connection:
            upstream = upstreams.named(connection, name)
        if upstream is None:
            return
        fetched = replace(fetched, url=upstream.url)
        meaning = of_push(fetched, upstream, max_items=self._asking.limits.max_items)
        if isinstance(meaning, Failed | Elsewhere):
            with writing(self._engine) as connection:
                upstreams.poll_soon(connection, upstream.source_id, self._clock())
            self.wake()
            return
        self._asking.put(Asked(upstream=upstream, fetched=fetched, meaning=meaning, received_at=received_at))

    def wake(self) -> None:
        """End the turn under way soon."""
        self._asking.wake()

    def stop(self) -> None:
        """Ask nobody else. What is under way comes to nothing, and is polled again by who comes next."""
        self._asking.stop()
        if self._asking.under_way:
            with writing(self._engine) as connection:
                upstreams.let_go(connection, [self._token])

    def _take(self, due_by: datetime, *, limit: int) -> int:
        """Claim what was due by then, and let it be asked; return how many feeds."""
        if limit <= 0:
            return 0
        now = self._clock()
        with reading(self._engine) as connection:
            due = upstreams.next_due(connection, now)
        if due is None or due > due_by:
            return 0
        with writing(self._engine) as connection:
            taken = upstreams.take_due(connection, self._token, due_by, now + self._asking.longest(limit), limit)
        ours = [upstream for upstream in taken if upstream.name in self._sources]
        self._asking.ask(ours)
        return len(ours)

    def _until_next(self) -> float:
        """Seconds until something is due."""
        with reading(self._engine) as connection:
            due = upstreams.next_due(connection, self._clock())
        return max((due - self._clock()).total_seconds(), 0.0) if due is not None else _LONGEST_TURN

    def _apply(self, answers: Sequence[Asked]) -> list[Polled]:
        """Apply answers in one transaction; if that fails, each in its own, so that one spoils none of the others."""
        if not answers:
            return []
        try:
            return self._apply_together(answers)
        except EnvironmentFault:
            raise
        # The edge of the loop: what one feed says must not keep the others from being applied.
        except Exception as error:
            if len(answers) > 1:
                return [polled for one in answers for polled in self._apply([one])]
            [asked] = answers
            log_event(logger, "poll-failed", logging.ERROR, source=asked.upstream.name, error=type(error).__name__)
            logger.debug("poll-failed", exc_info=True)
            reason = f"what it sent cannot be stored ({type(error).__name__}); please report it with its address"
            return self._apply_together([replace(asked, meaning=Failed(reason=reason))])

    def _apply_together(self, answers: Sequence[Asked]) -> list[Polled]:
        now = self._clock()
        polled: list[Polled] = []
        settled: list[Answered] = []
        with self._transaction() as (connection, applying):
            ids = [asked.upstream.source_id for asked in answers] if self._hubs else []
            hubs = HubBook(connection, ids, now)
            for asked in answers:
                one = self._apply_one(connection, applying, asked, now)
                polled.append(one)
                by_hub = self._note_hub(hubs, asked, one)
                if not asked.pushed:
                    source = self._sources[asked.upstream.name]
                    settled.append(
                        self._schedule.answered(
                            asked.upstream, source, asked.fetched, asked.meaning, now, pushed=by_hub
                        )
                    )
            upstreams.save_answers(connection, settled, now)
        for asked, one in zip(answers, polled, strict=True):
            _log(asked, one)
        return polled

    def _apply_one(self, connection: Connection, applying: Applying, asked: Asked, now: datetime) -> Polled:
        source = self._sources[asked.upstream.name]
        match asked.meaning:
            case Read() as read:
                return applying.apply(connection, source, asked.upstream, read, now)
            case Failed(reason=reason):
                return Polled(source=source.name, error=reason)
            case Unchanged() as unchanged:
                upstreams.keep_validators(connection, asked.upstream, unchanged.etag, unchanged.last_modified)
        return Polled(source=source.name)

    def _note_hub(self, hubs: HubBook, asked: Asked, polled: Polled) -> bool:
        """Note what an answer tells of the feed's hub; return whether that hub sends what is new."""
        if asked.received_at is not None:
            hubs.sent(asked.upstream.source_id, asked.received_at)
        elif asked.asked_at is not None and polled.error is None:
            hubs.polled(asked.upstream.source_id, asked.asked_at, found=polled.changes > 0)
        return hubs.sends(asked.upstream.source_id)

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Connection, Applying]]:
        # The ids of new terms count once they are committed: the next transaction looks them up anew.
        with writing(self._engine) as connection:
            yield connection, Applying(announce=self._announce, term_ids=TermIds())


def _log(asked: Asked, polled: Polled) -> None:
    """Write a line where something happened; of a feed that fails, when that begins and when it ends."""
    failed_before = asked.upstream.failures > 0
    told = polled.changes or bool(polled.error) != failed_before
    level = logging.WARNING if polled.error else logging.INFO
    log_event(
        logger,
        "poll",
        level if told else logging.DEBUG,
        source=polled.source,
        status=asked.fetched.status,
        ms=asked.fetched.latency_ms,
        read=polled.read,
        changes=polled.changes,
        from_hub=asked.pushed or None,
        error=polled.error,
    )

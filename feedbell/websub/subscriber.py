"""Keeps our subscriptions at the hubs of upstream feeds: asks for them, renews them, gives them back."""

import logging
import random
import secrets
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.db import reading, writing
from core.log import log_event
from feedbell.websub.hub_client import HubAnswer
from feedbell.websub.plan import Plan, ask_again_after, await_asking_back, plan
from feeds.store import hub_leases, upstreams
from feeds.store.hub_leases import HubLease, LeaseState, Offered

logger = logging.getLogger(__name__)

_TAKEN_AT_ONCE = 100
_HUBS_AT_ONCE = 4
_PATIENCE = timedelta(minutes=5)  # after which another process may ask what we took
_UNAPPLIED = timedelta(minutes=1)
_LEAST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_GATHERING = 3.0
_SECRET_BYTES = 32

_HUB_HOST = attrgetter("hub_host")

Ask = Callable[[HubLease], HubAnswer]


class Subscriber:
    """Subscribes to the feeds named `sources`. Safe to run from several processes.

    `base_url` begins every callback; `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        sources: Collection[str],
        base_url: str,
        ask: Ask,
        on_poll: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sources = sources
        self._base_url = base_url
        self._ask = ask
        self._on_poll = on_poll
        self._chance = chance
        self._began = clock()
        self._woken = threading.Event()
        self._stopped = threading.Event()

    def turn(self) -> int:
        """Do everything that is due; return how many requests that were."""
        self._poll_unapplied()
        self._plan_all()
        asked = 0
        while leases := self._take():
            asked += len(leases)
            self._ask_all(leases)
        return asked

    def wait(self) -> None:
        """Wait until something is due, or until `wake`."""
        with reading(self._engine) as connection:
            due = hub_leases.next_due(connection)
        seconds = (due - self._clock()).total_seconds() if due is not None else _LONGEST_WAIT
        if self._woken.wait(min(max(seconds, _LEAST_WAIT), _LONGEST_WAIT)):
            # While feeds are polled we are woken again and again, and nothing here is in a hurry.
            self._stopped.wait(_GATHERING)
        self._woken.clear()

    def wake(self) -> None:
        """Let `wait` end soon; from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """Let `wait` end at once, from now on; from any thread."""
        self._stopped.set()
        self._woken.set()

    def _poll_unapplied(self) -> None:
        now = self._clock()
        # What came before we began was left by another process, and nobody will apply it.
        before = max(now - _UNAPPLIED, self._began)
        with writing(self._engine) as connection:
            polled = hub_leases.poll_unapplied(connection, before, now)
        if polled:
            self._on_poll()

    def _plan_all(self) -> None:
        now = self._clock()
        with reading(self._engine) as connection:
            offers = self._offers(connection)
            leases = hub_leases.every(connection)
        of_source: dict[int, list[HubLease]] = {source_id: [] for source_id in offers}
        for lease in leases:
            of_source.setdefault(lease.source_id, []).append(lease)
        for source_id, own in of_source.items():
            if plan(offers.get(source_id), self._base_url, own, now):
                self._carry_out(source_id, now)

    def _offers(self, connection: Connection, source_id: int | None = None) -> Mapping[int, Offered]:
        found = hub_leases.offered(connection, source_id)
        return {one.source_id: one for one in found if one.source in self._sources}

    def _carry_out(self, source_id: int, now: datetime) -> None:
        with writing(self._engine) as connection:
            # Once more: another process may have done it meanwhile.
            leases = hub_leases.of_source(connection, source_id)
            offer = self._offers(connection, source_id).get(source_id)
            planned = plan(offer, self._base_url, leases, now)
            hub_leases.drop(connection, planned.forget)
            hub_leases.change(connection, planned.leave, state=LeaseState.LEAVING, due_at=now, failures=0)
            if planned.ask and offer is not None:
                self._ask_for(connection, offer, planned, leases, now)
            if planned.lost:
                upstreams.poll_soon(connection, source_id, now)
        _log_plan(leases, planned)
        if planned.lost:
            self._on_poll()

    def _ask_for(
        self, connection: Connection, offer: Offered, planned: Plan, leases: Sequence[HubLease], now: datetime
    ) -> None:
        token, secret = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        hub_leases.add(connection, offer, callback=f"{self._base_url}{token}", token=token, secret=secret, now=now)
        for lease in leases:
            if lease.id in planned.renewing:
                hub_leases.change(connection, [lease.id], due_at=lease.lease_until)

    def _take(self) -> list[HubLease]:
        now = self._clock()
        with reading(self._engine) as connection:
            due = hub_leases.next_due(connection)
        if due is None or due > now:
            return []
        with writing(self._engine) as connection:
            return hub_leases.take_due(connection, now, now + _PATIENCE, _TAKEN_AT_ONCE)

    def _ask_all(self, leases: Sequence[HubLease]) -> None:
        """Ask hub by hub, some hubs at once: one that hangs must not hold up the others."""
        by_hub = groupby(sorted(leases, key=_HUB_HOST), _HUB_HOST)
        groups = [list(group) for _, group in by_hub]
        if len(groups) == 1:
            self._ask_hub(groups[0])
            return
        with ThreadPoolExecutor(_HUBS_AT_ONCE, thread_name_prefix="hubs") as pool:
            list(pool.map(self._ask_hub, groups))

    def _ask_hub(self, leases: Sequence[HubLease]) -> None:
        silent: HubAnswer | None = None
        for lease in leases:
            # Who did not answer once is not asked for each feed that names it.
            answer = silent or self._ask(lease)
            silent = answer if answer.silent else None
            self._settle(lease, answer)

    def _settle(self, lease: HubLease, answer: HubAnswer) -> None:
        now, chance = self._clock(), self._chance()
        asks = lease.state is LeaseState.REQUESTED
        failures = lease.failures
        values: dict[str, object]
        if answer.accepted:
            values = {"due_at": now + await_asking_back(failures, chance)}
        else:
            failures += asks
            wait = ask_again_after(failures, chance, answer.retry_after)
            values = {"due_at": now + wait, "failures": failures, "reason": answer.reason}
            if asks:
                values["state"] = LeaseState.FAILED
        with writing(self._engine) as connection:
            noted = hub_leases.settle(connection, lease, **values)
        if noted:
            _log_answer(lease, answer, failures)


def _log_plan(leases: Sequence[HubLease], planned: Plan) -> None:
    for lease in leases:
        if lease.id in planned.leave:
            log_event(logger, "hub-leave", source=lease.source, hub=lease.hub_host)
        elif lease.id in planned.forget and lease.state is LeaseState.ACTIVE:
            log_event(logger, "hub-lease-ended", logging.WARNING, source=lease.source, hub=lease.hub_host)


def _log_answer(lease: HubLease, answer: HubAnswer, failures: int) -> None:
    said: dict[str, Any] = {"source": lease.source, "hub": lease.hub_host, "state": lease.state}
    if not answer.accepted:
        level = logging.WARNING if failures == 1 else logging.INFO
        log_event(logger, "hub-failed", level, **said, failures=failures, reason=answer.reason)
    else:
        log_event(logger, "hub-asked", **said)

"""Asks callbacks whether they want what was asked in their name, and lets subscriptions stand that do."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.db import reading, writing
from core.exchange import Fetched
from core.log import log_event
from feedbell.websub.hub import Hub
from feedbell.websub.intent import Answered, question, read_answer
from notifier import hub_requests, hub_subscriptions
from notifier.hub_requests import HubRequest, Mode
from notifier.hub_subscriptions import HubSubscription

_log = logging.getLogger(__name__)

DEADLINE = 10.0  # seconds for one question
_LONGEST_ANSWER = 4096  # bytes; a challenge has 43
# When to ask again where nobody answers: after a restart they are there.
_AGAIN = (timedelta(seconds=10), timedelta(seconds=60))


def new_challenge() -> str:
    """Return a random text for one question."""
    return secrets.token_urlsafe(32)


class Get(Protocol):
    """Sends a GET request."""

    def __call__(
        self, url: str, headers: Mapping[str, str], *, max_bytes: int, redirects: int, deadline: float
    ) -> Fetched: ...


class Verifier:
    """Deals with one request after the other; safe to use from several threads."""

    def __init__(
        self,
        *,
        hub: Hub,
        engine: Callable[[], Engine],
        clock: Clock,
        get: Get,
        challenge: Callable[[], str] = new_challenge,
    ) -> None:
        self._hub = hub
        self._engine = engine
        self._clock = clock
        self._get = get
        self._challenge = challenge

    def verify(self, request: HubRequest) -> bool:
        """Ask, or tell, and do what follows; return whether subscriptions changed."""
        if request.mode is Mode.SUBSCRIBE and (reason := self._why_denied(request)):
            self._deny(request, reason)
            return False
        challenge, asked_at = self._challenge(), self._clock()
        lease = self._hub.rules.lease_seconds(request.lease_seconds)
        url = question(request, challenge=challenge, lease_seconds=lease)
        fetched = self._get(url, {}, max_bytes=_LONGEST_ANSWER, redirects=0, deadline=DEADLINE)
        answered = read_answer(fetched, challenge)
        if answered is Answered.SILENT and request.attempts < len(_AGAIN):
            with writing(self._engine()) as connection:
                again = self._clock() + _AGAIN[request.attempts]
                hub_requests.put_off(connection, request.id, again, tried=True)
            return False
        return self._settle(request, answered, asked_at + timedelta(seconds=lease), fetched)

    def _why_denied(self, request: HubRequest) -> str | None:
        with reading(self._engine()) as connection:
            return self._hub.why_denied(connection, request)

    def _deny(self, request: HubRequest, reason: str) -> None:
        with writing(self._engine()) as connection:
            if hub_requests.take(connection, request.id):
                self._let_deny(connection, request, reason)

    def _let_deny(self, connection: Connection, request: HubRequest, reason: str) -> None:
        denied = replace(request, mode=Mode.DENIED, reason=reason, secret=None)
        hub_requests.put(connection, [denied], self._clock())

    def _settle(self, request: HubRequest, answered: Answered, lease_until: datetime, fetched: Fetched) -> bool:
        confirmed = answered is Answered.CONFIRMED and request.mode is not Mode.DENIED
        with writing(self._engine()) as connection:
            # One that was replaced meanwhile is void: the later one counts.
            if not hub_requests.take(connection, request.id):
                return False
            if confirmed and request.mode is Mode.SUBSCRIBE:
                confirmed = self._subscribe(connection, request, lease_until)
            elif confirmed:
                hub_subscriptions.end_of(connection, request.topic, request.callback, self._clock())
        log_event(
            _log,
            f"hub.{request.mode}",
            topic=request.topic,
            host=request.callback_host,
            confirmed=None if request.mode is Mode.DENIED else confirmed,
            status=fetched.status,
            error=fetched.error,
        )
        return confirmed

    def _subscribe(self, connection: Connection, request: HubRequest, lease_until: datetime) -> bool:
        # While it was asked, others may have taken the last place.
        hub_subscriptions.one_at_a_time(connection)
        if reason := self._hub.why_denied(connection, request):
            self._let_deny(connection, request, reason)
            return False
        wanted = HubSubscription(
            topic=request.topic,
            topic_asked=request.topic_asked,
            callback=request.callback,
            callback_host=request.callback_host,
            secret=request.secret,
            lease_until=lease_until,
        )
        hub_subscriptions.put(connection, wanted, self._clock())
        return True

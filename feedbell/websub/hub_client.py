"""Requests to hubs: to subscribe and to unsubscribe (W3C WebSub, section 5.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from core.clock import Clock
from core.exchange import HttpResult
from core.http_times import read_retry_after
from core.targets import why_form_refused
from feedbell.websub.plan import ASKED_LEASE
from feedbell.websub.words import words_of
from feeds.store.hub_leases import HubLease

_FORM = {"content-type": "application/x-www-form-urlencoded"}
_MOST_HOPS = 5
_DEADLINE = 10.0  # seconds for a hub to take a request


class Post(Protocol):
    """Sends a POST request."""

    def __call__(
        self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None
    ) -> HttpResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAnswer:
    """What a hub made of a request."""

    accepted: bool
    reason: str | None = None  # why not, for a person
    retry_after: timedelta | None = None
    silent: bool = False  # nobody answered at all


class HubClient:
    """Asks hubs."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock

    def ask(self, lease: HubLease) -> HubAnswer:
        """Ask for a subscription, or to end it, as the state of the lease says."""
        body = urlencode(_parameters(lease)).encode()
        answer = HubAnswer(accepted=False)
        for url in _addresses(lease.hub_url):
            answer = self._answer(self._post_along(url, body))
            if answer.accepted:
                break
        return answer

    def _post_along(self, url: str, body: bytes) -> HttpResult | str:
        """Send a request to a hub, or to the one that it names instead; return a sentence if that leads nowhere."""
        for _ in range(_MOST_HOPS):
            if refused := why_form_refused(url):
                return f"its address cannot be used: {refused}"
            result = self._post(url, body, _FORM, deadline=_DEADLINE)
            if result.status not in (307, 308):
                return result
            found = next_hub(url, result.location)
            if found is None:
                return "the hub names another one whose address cannot be used"
            url = found
        return f"more than {_MOST_HOPS} hubs name one another"

    def _answer(self, result: HttpResult | str) -> HubAnswer:
        if isinstance(result, str):
            return HubAnswer(accepted=False, reason=result)
        if result.status is None:
            return HubAnswer(accepted=False, reason=result.reason or str(result.error), silent=True)
        if 200 <= result.status < 300:
            return HubAnswer(accepted=True)
        return HubAnswer(
            accepted=False,
            reason=_said(result),
            retry_after=read_retry_after(result.retry_after, self._clock()),
        )


def next_hub(url: str, location: str | None) -> str | None:
    """Return where a hub sends us; None where the secret must not go: nowhere, or from https to http."""
    found = urljoin(url, location or "") if location else None
    if found is None or why_form_refused(found) is not None:
        return None
    return None if urlsplit(url).scheme == "https" and urlsplit(found).scheme != "https" else found


def _parameters(lease: HubLease) -> dict[str, str]:
    leaving = lease.is_returning
    found = {
        "hub.mode": "unsubscribe" if leaving else "subscribe",
        "hub.topic": lease.topic,
        "hub.callback": lease.callback,
    }
    if not leaving:
        found |= {"hub.secret": lease.secret, "hub.lease_seconds": str(int(ASKED_LEASE.total_seconds()))}
    return found


def _addresses(hub_url: str) -> Iterator[str]:
    """Yield where a hub is asked: over https first, also if it is named with http (section 8.2)."""
    parts = urlsplit(hub_url)
    if parts.scheme == "http" and parts.netloc == parts.hostname:
        yield parts._replace(scheme="https").geturl()
    yield hub_url


def _said(result: HttpResult) -> str:
    words = words_of(result.excerpt.decode("utf-8", "replace"))
    return f"the hub answered {result.status}" + (f": {words}" if words else "")

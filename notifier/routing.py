"""From an event to its targets: which endpoints get it, when, and whether in a digest. Pure."""

from collections.abc import Iterable
from datetime import datetime

from notifier.match import Matcher
from notifier.model import Endpoint, Event, Target
from notifier.questions import TextOf
from notifier.schedule import LONGEST_WAIT, next_time
from notifier.subscription import Subscription

QUIET_HOURS = "quiet hours"


class Router:
    """Subscriptions and endpoints made ready for many events; for `text_of` see Matcher."""

    def __init__(self, matcher: Matcher, endpoints: Iterable[Endpoint]) -> None:
        self._matcher = matcher
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}

    def targets(self, event: Event, now: datetime, text_of: TextOf | None = None) -> tuple[Target, ...]:
        """Return a target for each endpoint that gets the event; of several subscriptions the soonest counts."""
        found: dict[str, Target] = {}
        for subscription in self._matcher.subscriptions(event, text_of):
            endpoint = self._endpoints.get(subscription.endpoint)
            if endpoint is None:
                continue
            target = _target(subscription, endpoint, now)
            other = found.get(endpoint.name)
            if other is None or _rank(target) < _rank(other):
                found[endpoint.name] = target
        return tuple(found.values())


def _target(subscription: Subscription, endpoint: Endpoint, now: datetime) -> Target:
    due, digest = now, None
    if subscription.digest is not None or subscription.digest_count is not None:
        due = (
            next_time(subscription.digest, now, endpoint.zone)
            if subscription.digest is not None
            else now + LONGEST_WAIT
        )
        digest = " or ".join(
            part
            for part in (
                subscription.digest,
                f"{subscription.digest_count} messages" if subscription.digest_count is not None else None,
            )
            if part is not None
        )
    quiet_until = endpoint.quiet_hours.ends_at(due) if endpoint.quiet_hours is not None else None
    if quiet_until is not None:
        due = quiet_until
        digest = digest or QUIET_HOURS
    return Target(endpoint=endpoint.name, due_at=due, digest=digest, digest_count=subscription.digest_count)


def _rank(target: Target) -> tuple[bool, datetime]:
    # What goes out by itself at once comes before any digest.
    return (target.digest is not None and target.digest != QUIET_HOURS, target.due_at)

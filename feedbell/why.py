"""Why each endpoint was told of a post, or was not. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedbell.answers import Answer, Code, EndpointFacts, Shown, of_delivery
from feedbell.explained import filtered
from feeds.store.finding import FoundFile
from notifier.subscription import Explanation
from notifier.trace import EventFacts

_PUBLISHED = "post.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStanding:
    """What the post's own history explains."""

    came_since: bool  # after its source was read for the first time
    first_seen: datetime
    upstream: bool = False  # whether it comes from an upstream feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that explains who was told of a post; without a post, what became of a file."""

    now: datetime
    keep: timedelta  # how long deliveries are remembered
    post: PostStanding | None = None
    file: FoundFile | None = None
    events: tuple[EventFacts, ...] = ()  # the newest of each type, the newest first
    explanations: Mapping[int, Sequence[Explanation]] = field(default_factory=dict)  # by event id
    endpoints: tuple[EndpointFacts, ...] = ()
    unwritable: tuple[str, ...] = ()  # why feeds are not in place


def answers(situation: Situation, shown: Shown) -> list[Answer]:
    """Return at least one answer for each endpoint, before them what holds for all."""
    found = list(_of_file(situation, shown))
    if situation.post is None:
        return found
    if not situation.endpoints:
        return [*found, Answer(code=Code.NO_ENDPOINT, sentence="nobody is told: feedbell.toml has no [[endpoints]]")]
    for endpoint in situation.endpoints:
        found += _of_endpoint(endpoint, situation, situation.post, shown)
    return found


def _of_file(situation: Situation, shown: Shown) -> Iterator[Answer]:
    file = situation.file
    if file is None:
        return
    if file.reason is not None:
        since = f" since {shown(file.since)}" if file.since else ""
        what = "the post stays as it was" if file.is_post else "it is no post"
        sentence = f"{file.path} is quarantined{since}, so {what}: {file.reason}"
        yield Answer(code=Code.QUARANTINED, sentence=sentence, at=file.since, reason=file.reason)
    elif not file.is_post:
        when = f"; it becomes one at {shown(file.due)}" if file.due else ""
        sentence = f"{file.path} is no post: a draft, not published, of the future or expired{when}"
        yield Answer(code=Code.HIDDEN, sentence=sentence, until=file.due)


def _of_endpoint(endpoint: EndpointFacts, situation: Situation, post: PostStanding, shown: Shown) -> Iterator[Answer]:
    told = any(one.endpoint == endpoint.name for event in situation.events for one in event.deliveries)
    if not told and not endpoint.subscribed:
        sentence = "is told nothing: no [[subscriptions]] name it"
        yield Answer(code=Code.NO_SUBSCRIPTION, sentence=sentence, endpoint=endpoint.name)
        return
    for event in situation.events:
        for answer in _of_event(event, endpoint, situation, shown):
            yield replace(
                answer,
                endpoint=endpoint.name,
                event=event.type,
                occurred_at=event.occurred_at,
                message_id=event.message_id,
            )
    if all(event.type != _PUBLISHED for event in situation.events):
        yield replace(_silent(post, situation, shown), endpoint=endpoint.name, event=_PUBLISHED)


def _of_event(event: EventFacts, endpoint: EndpointFacts, situation: Situation, shown: Shown) -> Iterator[Answer]:
    explained = situation.explanations.get(event.id, ()) if event.id is not None else ()
    own = [one for one in explained if one.endpoint == endpoint.name]
    taking = [one.subscription for one in own if one.takes]
    delivery = next((one for one in event.deliveries if one.endpoint == endpoint.name), None)
    if delivery is not None:
        first = taking[0] if taking else None
        yield of_delivery(delivery, event, endpoint, subscription=first, now=situation.now, shown=shown)
        for other in taking[1:]:
            sentence = f"subscription {other} takes it too, and an endpoint gets one message"
            yield Answer(code=Code.DUPLICATE, sentence=sentence, subscription=other)
    elif not taking:
        yield from map(_of_filter, own)
    else:
        yield replace(_untold(event, situation, shown), subscription=taking[0])


def _of_filter(explanation: Explanation) -> Answer:
    return Answer(
        code=Code.FILTERED,
        sentence=filtered(explanation),
        subscription=explanation.subscription,
        reason=explanation.reason,
        wanted=explanation.wanted,
        found=explanation.found,
    )


def _untold(event: EventFacts, situation: Situation, shown: Shown) -> Answer:
    """Answer for an event that a subscription takes now, and that has no delivery."""
    released = event.released_at
    if released is None:
        why = f": {situation.unwritable[0]}" if situation.unwritable else ", which the next publish does"
        return Answer(code=Code.UNRELEASED, sentence=f"waits until the post's feeds are in place{why}")
    if released < situation.now - situation.keep:
        sentence = f"was released at {shown(released)}; deliveries are remembered for {situation.keep.days} days"
        return Answer(code=Code.FORGOTTEN, sentence=sentence, at=released)
    sentence = f"no subscription of that time took it, at {shown(released)}; those of now would"
    return Answer(code=Code.CHANGED, sentence=sentence, at=released)


def _silent(post: PostStanding, situation: Situation, shown: Shown) -> Answer:
    """Answer for a post that nobody was told of as new, or no more as far as we remember."""
    if not post.came_since:
        sentence = (
            "the post was there when its source was read for the first time, and nobody is told of those; "
            "`feedbell once --notify-existing N` tells of the newest N"
        )
        return Answer(code=Code.BASELINE, sentence=sentence, at=post.first_seen)
    if post.first_seen < situation.now - situation.keep:
        days = f"what was sent is remembered for {situation.keep.days} days"
        sentence = f"the post came at {shown(post.first_seen)}; {days}"
        return Answer(code=Code.FORGOTTEN, sentence=sentence, at=post.first_seen)
    if post.upstream:
        sentence = (
            "too many posts came at once from its feed, and of those only the newest are told of; `max_new` of the "
            "source says how many"
        )
        return Answer(code=Code.FLOOD, sentence=sentence, at=post.first_seen)
    sentence = "the file was there before and became a post when settings changed, and nobody is told of those"
    return Answer(code=Code.SETTINGS, sentence=sentence, at=post.first_seen)

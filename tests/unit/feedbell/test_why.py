"""Why an endpoint was told or not: a situation by hand for each code."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedbell.answers import Answer, Code, EndpointFacts
from feedbell.explained import filtered
from feedbell.why import PostStanding, Situation, answers
from feeds.store.finding import FoundFile
from notifier.limits import Rate
from notifier.model import EndpointState, Health
from notifier.routing import QUIET_HOURS
from notifier.spacing import REPLACED
from notifier.subscription import Explanation, Reason
from notifier.trace import DeliveryFacts, EventFacts

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POST = PostStanding(came_since=True, first_seen=NOW - HOUR)
EVENT = EventFacts(
    id=7, message_id="msg_7", type="post.published", occurred_at=NOW - HOUR, released_at=NOW - HOUR + HOUR / 60
)
DELIVERY = DeliveryFacts(id=3, endpoint="app", state="pending", attempts=0, due_at=NOW + HOUR)
TAKES = Explanation(subscription="app", endpoint="app")
NEWS = Explanation(
    subscription="app", endpoint="app", reason=Reason.CATEGORY, wanted=("news",), found=("sports", "football")
)
CASES: list[tuple[Code, str, Situation]] = []


def shown(moment: datetime) -> str:
    return f"{moment:%d. %H:%M}"


def situation(
    *deliveries: DeliveryFacts, event: EventFacts = EVENT, explained: Sequence[Explanation] = (TAKES,), **more: Any
) -> Situation:
    return Situation(
        **{
            "now": NOW,
            "keep": timedelta(days=30),
            "post": POST,
            "events": (replace(event, deliveries=deliveries),),
            "explanations": {7: explained},
            "endpoints": (EndpointFacts(name="app"),),
            **more,
        }
    )


def delivery(**more: Any) -> DeliveryFacts:
    return replace(DELIVERY, **more)


def case(code: Code, told: str, *deliveries: DeliveryFacts, **more: Any) -> None:
    CASES.append((code, told, situation(*deliveries, **more)))


DONE = {"finished_at": NOW, "attempts": 2, "last_status": 500, "last_reason": "HTTP 500"}
DIGEST = replace(DELIVERY, id=9)
HOURLY = Rate(count=1, seconds=3600)
LIMITED = EndpointState(name="app", tokens=0.0, tokens_at=NOW - HOUR / 2)
PAUSED = EndpointState(
    name="app", health=Health(failures=7, paused_until=NOW + 1.5 * HOUR, last_failure="HTTP 502", failing_since=NOW)
)
case(Code.SENT, "sent at 10. 12:00 at attempt 2, as message msg_7", delivery(state="delivered", **DONE))
case(Code.SENDING, "is being sent, attempt 2", delivery(state="sending", attempts=1))
case(Code.WAITING, "waits until 10. 13:00 for attempt 1", DELIVERY)
case(
    Code.WAITING,
    "waits until 10. 13:00 for attempt 3; the last answer was timeout: too slow",
    delivery(attempts=2, last_reason="timeout: too slow"),
)
case(Code.WAITING, "is due for attempt 1: `feedbell run` or `feedbell once` sends it", delivery(due_at=NOW))
case(
    Code.WAITING,
    "waits until 10. 12:30 for attempt 1: its limit is reached",
    delivery(due_at=NOW),
    endpoints=(EndpointFacts.of("app", LIMITED, configured=True, subscribed=True, rate=HOURLY, now=NOW),),
)
case(
    Code.WAITING,
    "waits until 10. 13:30 for attempt 4: the endpoint failed 7 times in a row and is left alone; the last answer was "
    "HTTP 502; the last answer was HTTP 500",
    delivery(attempts=3, last_status=500),
    endpoints=(EndpointFacts.of("app", PAUSED, configured=True, subscribed=True, now=NOW),),
)
case(Code.DIGEST, "waits for the next digest, due 10. 13:00", delivery(waits_for="hourly"))
case(Code.DIGEST, "waits in digest delivery 9, due 10. 13:00", delivery(state="digested", digest_id=9, digest=DIGEST))
case(
    Code.DIGEST,
    "went out in digest delivery 9 at 10. 11:00",
    delivery(state="digested", digest_id=9, digest=replace(DIGEST, state="delivered", finished_at=NOW - HOUR)),
)
case(
    Code.DIGEST,
    "is in digest delivery 9, which was given up; the last answer was HTTP 404",
    delivery(state="digested", digest_id=9, digest=replace(DIGEST, state="exhausted", last_status=404)),
)
case(
    Code.DIGEST,
    "is in digest delivery 9, which was cancelled",
    delivery(state="digested", digest_id=9, digest=replace(DIGEST, state="cancelled")),
)
case(Code.DIGEST, "went into digest delivery 9, which is forgotten since", delivery(state="digested", digest_id=9))
case(Code.QUIET_HOURS, "waits until 10. 13:00: quiet hours", delivery(waits_for=QUIET_HOURS))
case(
    Code.DISABLED,
    "waits: the endpoint is disabled since 10. 11:00: it answered 410; to go on: feedbell endpoints enable app",
    DELIVERY,
    endpoints=(EndpointFacts(name="app", disabled_at=NOW - HOUR, disabled_reason="it answered 410"),),
)
case(
    Code.FAILED,
    "given up at 10. 12:00 after 2 attempts; the last answer was HTTP 500; to send it again: feedbell deliveries "
    "replay 3",
    delivery(state="exhausted", **DONE),
)
case(Code.CANCELLED, "cancelled at 10. 12:00", delivery(state="cancelled", **DONE))
case(
    Code.DUPLICATE,
    "not sent: a newer state replaced it at 10. 12:00",
    delivery(state="cancelled", finished_at=NOW, last_reason=REPLACED),
)
case(Code.FILTERED, "filtered by category: wants news, the post has sports, football", explained=[NEWS])
case(
    Code.FILTERED,
    "filtered by category: wants news, the post has none",
    explained=[replace(NEWS, found=())],
    event=replace(EVENT, released_at=None),
)
case(
    Code.CHANGED,
    "no subscription of that time took it, at 10. 11:01; those of now would",
)
case(
    Code.UNRELEASED,
    "waits until the post's feeds are in place, which the next publish does",
    event=replace(EVENT, released_at=None),
)
case(
    Code.UNRELEASED,
    "waits until the post's feeds are in place: feeds/all.rss: disk full",
    event=replace(EVENT, released_at=None),
    unwritable=("feeds/all.rss: disk full",),
)
case(
    Code.BASELINE,
    "the post was there when its source was read for the first time, and nobody is told of those; "
    "`feedbell once --notify-existing N` tells of the newest N",
    post=replace(POST, came_since=False),
    events=(),
)
case(
    Code.SETTINGS,
    "the file was there before and became a post when settings changed, and nobody is told of those",
    events=(),
)
case(
    Code.FLOOD,
    "too many posts came at once from its feed, and of those only the newest are told of; `max_new` of the source says "
    "how many",
    events=(),
    post=PostStanding(came_since=True, first_seen=NOW - HOUR, upstream=True),
)
case(
    Code.FORGOTTEN,
    "the post came at 01. 12:00; what was sent is remembered for 30 days",
    post=replace(POST, first_seen=datetime(2024, 4, 1, 12, tzinfo=UTC)),
    events=(),
)
case(
    Code.FORGOTTEN,
    "was released at 01. 12:00; deliveries are remembered for 30 days",
    delivery(endpoint="other", state="exhausted"),
    event=replace(EVENT, released_at=datetime(2024, 4, 1, 12, tzinfo=UTC)),
)
case(
    Code.NO_SUBSCRIPTION,
    "is told nothing: no [[subscriptions]] name it",
    endpoints=(EndpointFacts(name="app", subscribed=False),),
    explained=[],
)
case(Code.NO_ENDPOINT, "nobody is told: feedbell.toml has no [[endpoints]]", endpoints=())
case(
    Code.NO_ENDPOINT,
    "waits: its endpoint is no longer in feedbell.toml",
    DELIVERY,
    endpoints=(EndpointFacts(name="app", configured=False, subscribed=False),),
    explained=[],
)
FILE = FoundFile(source="site", path="a.md", is_post=False)
NO_POST = {"post": None, "events": (), "endpoints": ()}
case(
    Code.QUARANTINED,
    "a.md is quarantined since 10. 11:00, so it is no post: no date",
    file=replace(FILE, reason="no date", since=NOW - HOUR),
    **NO_POST,
)
case(
    Code.HIDDEN,
    "a.md is no post: a draft, not published, of the future or expired; it becomes one at 10. 13:00",
    file=replace(FILE, due=NOW + HOUR),
    **NO_POST,
)
case(Code.HIDDEN, "a.md is no post: a draft, not published, of the future or expired", file=FILE, **NO_POST)


@pytest.mark.parametrize(("code", "told", "given"), CASES, ids=[f"{code}-{told[:20]}" for code, told, _ in CASES])
def test_each_situation_has_its_code_and_sentence(code: Code, told: str, given: Situation) -> None:
    [answer] = answers(given, shown)
    assert (answer.code, answer.sentence) == (code, told)


def test_every_code_has_a_situation_and_stands_in_the_docs() -> None:
    assert {code for code, _, _ in CASES} == set(Code)
    text = (Path(__file__).parents[3] / "docs/why.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert sorted(documented) == sorted(Code)


def test_several_subscriptions_that_take_an_event_are_one_message() -> None:
    second = replace(TAKES, subscription="app-2")
    unmet = replace(NEWS, subscription="app-3")
    found = answers(situation(delivery(state="delivered"), explained=[unmet, TAKES, second]), shown)
    assert [(one.code, one.subscription) for one in found] == [(Code.SENT, "app"), (Code.DUPLICATE, "app-2")]
    assert found[1].sentence == "subscription app-2 takes it too, and an endpoint gets one message"


def test_every_subscription_that_does_not_take_an_event_says_why() -> None:
    words = Explanation(subscription="app-2", endpoint="app", reason=Reason.WORDS, wanted=("央行",))
    others = replace(TAKES, subscription="else", endpoint="else")
    found = answers(situation(explained=[NEWS, words, others]), shown)
    assert [(one.code, one.subscription, one.reason) for one in found] == [
        (Code.FILTERED, "app", "category"),
        (Code.FILTERED, "app-2", "words"),
    ]
    assert (found[0].wanted, found[0].found) == (("news",), ("sports", "football"))


def test_each_endpoint_is_answered_for_each_event() -> None:
    updated = replace(EVENT, id=8, type="post.updated", message_id="msg_8", deliveries=(DELIVERY,))
    quarantined = FoundFile(source="site", path="a.md", is_post=True, reason="bad", since=NOW)
    given = situation(
        events=(updated,),
        explanations={8: (TAKES, replace(NEWS, subscription="b", endpoint="b"))},
        endpoints=(EndpointFacts(name="app"), EndpointFacts(name="b"), EndpointFacts(name="c", subscribed=False)),
        post=replace(POST, came_since=False),
        file=quarantined,
    )
    found = answers(given, shown)
    assert [(one.endpoint, one.event, one.code) for one in found] == [
        (None, None, Code.QUARANTINED),
        ("app", "post.updated", Code.WAITING),
        ("app", "post.published", Code.BASELINE),
        ("b", "post.updated", Code.FILTERED),
        ("b", "post.published", Code.BASELINE),
        ("c", None, Code.NO_SUBSCRIPTION),
    ]
    assert found[0].sentence == "a.md is quarantined since 10. 12:00, so the post stays as it was: bad"
    assert found[1] == Answer(
        code=Code.WAITING,
        sentence="waits until 10. 13:00 for attempt 1",
        endpoint="app",
        subscription="app",
        event="post.updated",
        occurred_at=NOW - HOUR,
        message_id="msg_8",
        delivery=3,
        attempts=0,
        until=NOW + HOUR,
    )


@pytest.mark.parametrize(
    ("reason", "wanted", "found", "told"),
    [
        (Reason.EVENT, ("post.published",), ("post.updated",), "event: wants post.published, this is post.updated"),
        (Reason.LANGUAGE, ("de", "fr"), ("en",), "language: wants de, fr, the post has en"),
        (Reason.TAG, tuple("abcdefgh"), (), "tag: wants a, b, c, d, e and 3 more, the post has none"),
        (Reason.WORDS, ("央行", "x"), (), "words: wants one of 央行, x, none stands in the post"),
        (Reason.PATTERNS, ("a+",), (), "patterns: wants one of a+, none matches in the post"),
        (Reason.ANY, ("tag a", "words b"), (), "any: wants one of tag a, words b, the post has none of them"),
        (Reason.ALL, ("tag a",), (), "all: wants tag a, the post does not have it"),
        (Reason.NONE, ("tag a",), (), "none: wants nothing with tag a, the post has it"),
    ],
)
def test_what_filtered_it_is_a_sentence(
    reason: Reason, wanted: tuple[str, ...], found: tuple[str, ...], told: str
) -> None:
    explanation = Explanation(subscription="s", endpoint="e", reason=reason, wanted=wanted, found=found)
    assert filtered(explanation) == f"filtered by {told}"

"""Which endpoints get an event: a table of cases by hand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.match import Matcher, facts_of
from notifier.model import Event
from notifier.subscription import Subscription


def event(event_type: str = "post.published") -> Event:
    facts = facts_of(
        "央行降准0.5个百分点，A股 Straße ＡＢＣ",
        source=["finews"],
        category=["shanghaizhengquanbao·zhongguozhengquanwang", "上海证券报·中国证券网新闻"],
        tag=["caf\u00e9"],
        author=["Li"],
    )
    return Event(
        message_id="msg_1", type=event_type, subject="1", occurred_at=datetime(2022, 2, 23, tzinfo=UTC), facts=facts
    )


@pytest.mark.parametrize(
    ("subscription", "matches"),
    [
        (Subscription(endpoint="a"), True),
        (Subscription(endpoint="a", sources=("finews",)), True),
        (Subscription(endpoint="a", sources=("other",)), False),
        (Subscription(endpoint="a", sources=()), False),
        (Subscription(endpoint="a", categories=("other", "上海证券报·中国证券网新闻")), True),
        (Subscription(endpoint="a", categories=("shanghaizhengquanbao·zhongguozhengquanwang",)), True),
        (Subscription(endpoint="a", categories=("Shanghaizhengquanbao·zhongguozhengquanwang",)), False),
        (Subscription(endpoint="a", tags=("cafe\u0301",)), True),
        (Subscription(endpoint="a", tags=("caf",)), False),
        (Subscription(endpoint="a", authors=("Li",), tags=("other",)), False),
        (Subscription(endpoint="a", authors=("Li",), tags=("café",)), True),
        (Subscription(endpoint="a", words=("降准",)), True),
        (Subscription(endpoint="a", words=("加息", "a股")), True),
        (Subscription(endpoint="a", words=("STRASSE",)), True),
        (Subscription(endpoint="a", words=("abc",)), True),
        (Subscription(endpoint="a", words=("加息",)), False),
        (Subscription(endpoint="a", words=("strass",)), False),
        (Subscription(endpoint="a", events=("post.published", "post.updated")), True),
        (Subscription(endpoint="a", events=("post.withdrawn",)), False),
        (Subscription(endpoint="a", events=("post.published",), words=("加息",)), False),
    ],
)
def test_a_subscription_matches_if_each_of_its_lists_does(subscription: Subscription, matches: bool) -> None:
    assert Matcher([subscription]).endpoints(event()) == (("a",) if matches else ())


def test_two_subscriptions_of_an_endpoint_give_one_delivery() -> None:
    subscriptions = [Subscription(endpoint=name, words=(word,)) for name in "ba" for word in ("降准", "A股")]
    assert Matcher(subscriptions).endpoints(event()) == ("b", "a")


@given(st.text(), st.text(min_size=1), st.text())
def test_a_word_is_found_wherever_it_stands_in_whatever_case(before: str, word: str, after: str) -> None:
    text = f"{before} {word} {after}"
    found = Event(
        message_id="m", type="t", subject="s", occurred_at=datetime(2022, 1, 1, tzinfo=UTC), facts=facts_of(text)
    )
    # A combining mark joins with the character before it, even across the word's edge.
    wanted = Subscription(endpoint="a", words=(f" {word} ",))
    assert Matcher([wanted]).endpoints(found) == ("a",)

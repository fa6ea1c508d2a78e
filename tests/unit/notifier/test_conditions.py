"""Conditions of subscriptions: tables by hand, and any, all and none beside a naive evaluation."""

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from notifier.match import Matcher, facts_of
from notifier.model import Event
from notifier.subscription import Condition, Explanation, Reason, Subscription

TEXT = "央行降准0.5个百分点\nBreaking: A股 caf\u00e9\nＡＢＣ"


def event(event_type: str = "post.published", text: str = TEXT, **values: list[str]) -> Event:
    facts = facts_of(
        text,
        **{
            "source": ["finews"],
            "category": ["emnews", "东财滚动新闻"],
            "tag": ["caf\u00e9", "sports"],
            "author": ["Li"],
            "selection": ["markets"],
            "language": ["zh-Hans"],
            **values,
        },
    )
    return Event(
        message_id="msg_1", type=event_type, subject="1", occurred_at=datetime(2022, 2, 23, tzinfo=UTC), facts=facts
    )


def takes(subscription: Subscription, about: Event) -> bool:
    [explanation] = Matcher([subscription]).explain(about)
    assert Matcher([subscription]).endpoints(about) == (("a",) if explanation.takes else ())
    return explanation.takes


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Condition(categories=("em*",)), True),
        (Condition(categories=("*滚动*",)), True),
        (Condition(categories=("em?",)), False),
        (Condition(categories=("EM*",)), False),
        (Condition(tags=("cafe\u0301",)), True),
        (Condition(tags=("caf?",)), True),
        (Condition(sources=("fin*",), authors=("L?",), selections=("mark*",)), True),
        (Condition(sources=("other", "finews")), True),
        (Condition(languages=("zh",)), True),
        (Condition(languages=("ZH-hans",)), True),
        (Condition(languages=("zh-Hant",)), False),
        (Condition(languages=("z",)), False),
        (Condition(languages=("en", "zh")), True),
        (Condition(words=("降准",)), True),
        (Condition(words=("abc",)), True),
        (Condition(words=("break",)), False),
        (Condition(words=("CAFE\u0301",)), True),
        (Condition(patterns=(r"降准[0-9.]+个百分点",)), True),
        (Condition(patterns=(r"降.{0,2}0",)), True),
        (Condition(patterns=(r"降准.*Breaking",)), False),
        (Condition(patterns=(r"(?s)降准.*Breaking",)), True),
        (Condition(patterns=(r"breaking:",)), False),
        (Condition(patterns=(r"(?i)breaking:",)), True),
        (Condition(patterns=(r"^Breaking:",)), False),
        (Condition(patterns=(r"(?m)^Breaking:",)), True),
        (Condition(patterns=("cafe\u0301",)), True),
        (Condition(patterns=(r"\p{Han}股", "x")), False),
        (Condition(patterns=(r"[A-Z]股", "x")), True),
        (Condition(patterns=("ABC",)), False),
    ],
)
def test_one_condition_means_the_same_in_every_place(condition: Condition, met: bool) -> None:
    lists = {name: getattr(condition, name) for name in Condition.__slots__}
    assert takes(Subscription(endpoint="a", **lists), event()) is met
    assert takes(Subscription(endpoint="a", any=condition), event()) is met
    assert takes(Subscription(endpoint="a", none=condition), event()) is not met


@pytest.mark.parametrize(
    ("subscription", "reason", "wanted", "found"),
    [
        (Subscription(endpoint="a"), None, (), ()),
        (
            Subscription(endpoint="a", events=("post.withdrawn",)),
            Reason.EVENT,
            ("post.withdrawn",),
            ("post.published",),
        ),
        (Subscription(endpoint="a", sources=("x",)), Reason.SOURCE, ("x",), ("finews",)),
        (
            Subscription(endpoint="a", categories=("news",), words=("no",)),
            Reason.CATEGORY,
            ("news",),
            ("emnews", "东财滚动新闻"),
        ),
        (Subscription(endpoint="a", tags=("x",)), Reason.TAG, ("x",), ("caf\u00e9", "sports")),
        (Subscription(endpoint="a", authors=("x",)), Reason.AUTHOR, ("x",), ("Li",)),
        (Subscription(endpoint="a", selections=("x",)), Reason.SELECTION, ("x",), ("markets",)),
        (Subscription(endpoint="a", languages=("de",)), Reason.LANGUAGE, ("de",), ("zh-Hans",)),
        (Subscription(endpoint="a", words=("加息", "no")), Reason.WORDS, ("加息", "no"), ()),
        (Subscription(endpoint="a", patterns=("[0-9]{9}",)), Reason.PATTERNS, ("[0-9]{9}",), ()),
        (
            Subscription(endpoint="a", any=Condition(tags=("x", "y"), words=("no",))),
            Reason.ANY,
            ("tag x", "tag y", "words no"),
            (),
        ),
        (Subscription(endpoint="a", all=Condition(tags=("sports", "x"))), Reason.ALL, ("tag x",), ()),
        (Subscription(endpoint="a", none=Condition(tags=("x", "sp*"))), Reason.NONE, ("tag sp*",), ()),
        # What needs the text comes last.
        (Subscription(endpoint="a", words=("no",), none=Condition(tags=("sports",))), Reason.NONE, ("tag sports",), ()),
    ],
)
def test_the_first_reason_is_told(
    subscription: Subscription, reason: Reason | None, wanted: tuple[str, ...], found: tuple[str, ...]
) -> None:
    expected = Explanation(subscription="a", endpoint="a", reason=reason, wanted=wanted, found=found)
    assert Matcher([subscription]).explain(event()) == (expected,)


def test_every_subscription_is_explained_under_its_name() -> None:
    given = [Subscription(endpoint="a"), Subscription(endpoint="a", name="mine", tags=("x",))]
    found = Matcher(given).explain(event())
    assert [(one.subscription, one.endpoint, one.takes) for one in found] == [("a", "a", True), ("mine", "a", False)]


def test_the_text_is_asked_for_once_and_only_where_nothing_cheaper_decides() -> None:
    asked = []

    def text() -> str:
        asked.append(1)
        return TEXT

    cheap = Matcher(
        [
            Subscription(endpoint="a", words=("x",), sources=("other",)),
            Subscription(endpoint="b", patterns=("x",), none=Condition(tags=("sports",))),
            Subscription(endpoint="c", any=Condition(words=("x",), tags=("sports",))),
            Subscription(endpoint="d", words=("x",), events=("post.updated",)),
        ]
    )
    assert cheap.reads_text
    assert cheap.endpoints(event(), text) == ("c",)
    assert asked == []
    dear = Matcher([Subscription(endpoint=word, words=(word,), patterns=(word,)) for word in ("降准", "加息")])
    assert dear.endpoints(event(text=""), text) == ("降准",)
    assert asked == [1]
    assert not Matcher([Subscription(endpoint="a", tags=("x",))]).reads_text


def test_what_is_about_an_endpoint_is_told_to_those_who_name_it_whatever_their_lists() -> None:
    about = event("endpoint.disabled", category=[], source=[])
    given = [
        Subscription(endpoint="all"),
        Subscription(endpoint="posts", events=("post.published",)),
        Subscription(endpoint="named", events=("post.published", "endpoint.disabled"), categories=("x",), words=("y",)),
        Subscription(endpoint="parts", events=("endpoint.disabled",), all=Condition(tags=("x",))),
    ]
    assert Matcher(given).endpoints(about) == ("named", "parts")
    assert Matcher(given).endpoints(event()) == ("all", "posts")


_NAMES = st.sampled_from(["a", "b", "c"])
_LISTS = st.none() | st.lists(_NAMES, min_size=1, max_size=3).map(tuple)
_CONDITIONS = st.builds(
    Condition, categories=_LISTS, tags=_LISTS, authors=_LISTS, sources=_LISTS, words=_LISTS, patterns=_LISTS
)
_KINDS = {"categories": "category", "tags": "tag", "authors": "author", "sources": "source"}


def naive(condition: Condition | None, has: dict[str, set[str]]) -> list[list[bool]]:
    """Return, for each list that is given, whether each of its values is there."""
    if condition is None:
        return []
    return [
        [value in has[name] for value in getattr(condition, name)]
        for name in (*_KINDS, "words", "patterns")
        if getattr(condition, name) is not None
    ]


@given(
    own=_CONDITIONS,
    any_=st.none() | _CONDITIONS,
    all_=st.none() | _CONDITIONS,
    none_=st.none() | _CONDITIONS,
    values=st.fixed_dictionaries({name: st.sets(_NAMES) for name in _KINDS}),
    text=st.sets(_NAMES),
)
def test_any_all_and_none_say_what_a_naive_evaluation_says(
    own: Condition,
    any_: Condition | None,
    all_: Condition | None,
    none_: Condition | None,
    values: dict[str, set[str]],
    text: set[str],
) -> None:
    has = {**values, "words": text, "patterns": text}
    every = [found for given in naive(all_, has) for found in given]
    one = [found for given in naive(any_, has) for found in given]
    no = [found for given in naive(none_, has) for found in given]
    expected = (
        all(any(given) for given in naive(own, has)) and all(every) and (any_ is None or any(one)) and not any(no)
    )
    lists = {name: getattr(own, name) for name in Condition.__slots__}
    subscription = Subscription(endpoint="a", **lists, any=any_, all=all_, none=none_)
    about = event(text=" ".join(sorted(text)), **{_KINDS[name]: sorted(found) for name, found in values.items()})
    assert takes(subscription, about) is expected


@pytest.mark.parametrize("pattern", [r"(a+)+$x", r"(a+)+$", r"(a|aa)+b", r"(?:a?){200}a{200}b", r"(.*)*c", r"(x+x+)+y"])
def test_a_pattern_that_would_hang_other_engines_ends(pattern: str) -> None:
    # Tried in every way, this would take longer than the universe has been there.
    text = "a" * 100_000 + "!"
    assert not takes(Subscription(endpoint="a", patterns=(pattern,)), event(text=text))


@given(
    st.lists(st.sampled_from(["a", "b", "é", "e\u0301", "降", ".", "[ab]", "(?:a|降)", "a+", "b?c"]), min_size=1),
    st.text("abcé降\u0301e\n"),
)
def test_patterns_find_what_the_standard_library_finds(parts: list[str], text: str) -> None:
    pattern = "".join(parts)
    expected = re.search(unicodedata.normalize("NFC", pattern), unicodedata.normalize("NFC", text)) is not None
    assert takes(Subscription(endpoint="a", patterns=(pattern,)), event(text=text)) is expected


def test_a_pattern_that_is_refused_names_itself() -> None:
    with pytest.raises(ConfigurationError, match=r"'a\(\?!b\)': \(\?! looks ahead or behind"):
        Matcher([Subscription(endpoint="a", patterns=("a(?!b)",))])


def test_a_text_that_is_no_unicode_is_looked_through() -> None:
    assert takes(Subscription(endpoint="a", patterns=("ok",)), event(text="\ud800 ok"))

"""Which posts a saved selection takes: a table by hand."""

from datetime import UTC, datetime

import pytest

from feeds.model import Author, Draft
from feeds.selections import Condition, Selection, SourceSelections, seen_text

DRAFT = Draft(
    path="a.md",
    source_key="/a",
    entry_id="https://e.example/a",
    url="https://e.example/a",
    title="央行 and the Cat",
    published=datetime(2024, 5, 1, tzinfo=UTC),
    updated=None,
    categories=("emnews", "Big News"),
    tags=("draft-one",),
    authors=(Author(name="Li"),),
    summary="Short",
    image=None,
    language="zh-Hans",
    content_hash="c",
    meaning_hash="m",
)
TEXT = "今日人民币"


def selects(**parts: Condition) -> bool:
    chooser = SourceSelections([Selection(name="s", **parts)], source="site", languages={"": "en"})
    return chooser.keys(DRAFT, lambda: TEXT) == (("selection", "s"),)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"any": Condition(categories=("emnews", "stocks"))}, True),
        ({"any": Condition(categories=("stocks",))}, False),
        ({"any": Condition(categories=("stocks",), words=("人民币",))}, True),
        ({"any": Condition(words=("cat",))}, True),
        ({"any": Condition(words=("ca",))}, False),
        ({"any": Condition(words=("short",))}, True),
        ({"all": Condition(categories=("emnews", "Big*"))}, True),
        ({"all": Condition(categories=("emnews", "stocks"))}, False),
        ({"all": Condition(language=("zh",))}, True),
        ({"all": Condition(language=("ZH-hans",))}, True),
        ({"all": Condition(language=("zh-Hant",))}, False),
        ({"all": Condition(language=("z",))}, False),
        ({"all": Condition(authors=("Li",), source=("site",))}, True),
        ({"all": Condition(source=("other",))}, False),
        ({"none": Condition(tags=("draft-*",))}, False),
        ({"none": Condition(tags=("advert",))}, True),
        ({"any": Condition(categories=("emnews",)), "none": Condition(words=("人民币",))}, False),
        ({"any": Condition(categories=("emnews",)), "all": Condition(language=("en",))}, False),
    ],
)
def test_a_selection_asks_any_all_and_none(parts: dict[str, Condition], found: bool) -> None:
    assert selects(**parts) is found


def test_the_text_is_not_asked_for_where_something_cheaper_decides() -> None:
    def text() -> str:
        raise AssertionError

    wanted = Selection(name="s", any=Condition(words=("x",), categories=("emnews",)))
    unwanted = Selection(name="t", any=Condition(words=("x",)), all=Condition(source=("other",)))
    chooser = SourceSelections([wanted, unwanted], source="site", languages={})
    assert chooser.keys(DRAFT, text) == (("selection", "s"),)


def test_what_is_chosen_changes_the_fingerprint_and_nothing_leaves_it_empty() -> None:
    one = [Selection(name="s", any=Condition(tags=("a",)))]
    other = [Selection(name="s", any=Condition(tags=("b",)))]
    prints = {SourceSelections(given, source="site", languages={}).fingerprint for given in (one, other, [])}
    assert len(prints) == 3
    assert "" in prints


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><SCRIPT>hidden</SCRIPT ><!-- hidden --><style>hidden</style>b", "a b"),
        ("今日<strong>人民</strong>币<br>升值", "今日人民币 升值"),
        ("a &amp; b &lt;c&gt; 1 < 2", "a & b <c> 1 < 2"),
        ("seen<script>never closed", "seen"),
        ("seen<!-- never closed", "seen"),
        ('<a title="x" href=\'"\'>seen</a>', "seen"),
    ],
)
def test_only_what_readers_see_is_text(html: str, text: str) -> None:
    assert seen_text(html) == text


@pytest.mark.parametrize("part", ["<script>", "<!--", "<", '<a "', "</script ", "<b", "<p>"])
def test_text_is_found_in_hostile_html_before_the_day_ends(part: str) -> None:
    # A million of them, read again from each, would take for ever.
    seen_text(part * 300_000)

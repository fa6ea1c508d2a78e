"""Expressions of a site's configuration: the usual ones are taken, those that could take for ever are not."""

import pytest

from feeds.sources.harmless import is_harmless


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<date>\d{4}-\d{2}-\d{2})[-_](?P<slug>.*)",
        r"(?P<category>[^/]+)/(?P<date>\d{4})/(?P<slug>.*)",
        r"\.(jpe?g|png|gif|svg|webp|mp3|mp4|pdf)$",
        r"/drafts/.*\.md$",
        r"(?i)readme",
    ],
)
def test_usual_expressions_are_taken(pattern: str) -> None:
    assert is_harmless(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*$",
        r"(a|b|ab|\\)*$",  # the backslash is escaped, not the group's end
        "(?x)(a+) +$",
        "(?ix: (a+) +$)",
        "(a+)(?#)+$",
        r"\\*" * 30,
        "(a|a)" * 40 + "$",
        "a?" * 40 + "a" * 40,
        ".*" * 5,
        "(",
        "a" * 501,
    ],
)
def test_those_that_could_take_for_ever_are_not(pattern: str) -> None:
    assert not is_harmless(pattern)

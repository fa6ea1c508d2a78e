"""Globs of a Hugo site's configuration: what they describe, by Hugo's documents, and that none takes for ever."""

import pytest

from feeds.sources.hugo.globs import glob_matches


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("/posts/*", "/posts/a", True),
        ("/posts/*", "/posts/2024/a", False),
        ("/posts/**", "/posts/2024/a", True),
        ("/{posts,posts/**}", "/posts", True),
        ("/{posts,posts/**}", "/Posts/2024/A", True),
        ("/{posts,posts/**}", "/post", False),
        ("/{a,{b,c}*}/?", "/cd/e", True),
        ("/{a,{b,c}*}/?", "/ad/e", False),
        ("/{,a}b", "/b", True),
        ("/[!a-c]x", "/dx", True),
        ("/[!a-c]x", "/bx", False),
        ("/**a*b", "/a/ab", True),
        (r"/\*", "/*", True),
        (r"/\*", "/a", False),
        ("a,b}", "a,b}", True),
        ("{a,b", "a", False),
        ("[z-a]", "m", False),
        ("*" * 501, "a", False),
    ],
)
def test_a_glob_describes_whole_paths(pattern: str, text: str, expected: bool) -> None:
    assert glob_matches(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern",
    ["/" + "**a" * 13 + "**b", "/" + "*a" * 40 + "b", "/" + "{a,a}" * 60 + "b", "/" + "{a,}" * 60 + "a" * 60 + "b"],
)
def test_no_glob_takes_for_ever(pattern: str) -> None:
    assert not glob_matches(pattern, "/" + "a" * 100)
    assert glob_matches(pattern, "/" + "a" * 60 + "b")

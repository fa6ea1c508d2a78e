"""Slugs: readable, safe on every disk, never one name for two terms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.slugs import distinct_slug, slug_for, slug_key


def never(_key: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("term", "slug"),
    [
        ("news", "news"),
        ("上海证券报·中国证券网新闻", "上海证券报·中国证券网新闻"),
        ("C++ & C#", "C-C"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f"),
        ("  .hidden. ", "hidden"),
        ("../../etc/passwd", "etc-passwd"),
        ("v1.10~rc_1", "v1.10~rc_1"),
        ("100%", "100"),
        ("हिन्दी", "हिन्दी"),
        ("🎉 party 🎉", "party"),
        ("a\u202eb\x00c\nd", "a-b-c-d"),
        ("e\u0301", "é"),
        ("...", ""),
        ("", ""),
    ],
)
def test_the_candidate_is_readable(term: str, slug: str) -> None:
    assert slug_for(term) == slug


@pytest.mark.parametrize("term", ["CON", "nul", "Aux.txt", "COM1", "lpt9.md", "ＣＯＮ", "index", "All", "feed", "COM¹"])
def test_reserved_names_get_a_hash(term: str) -> None:
    slug = distinct_slug(term, never)
    assert slug.rpartition("-")[0] == slug_for(term)
    assert len(slug.rpartition("-")[2]) == 8


def test_the_hash_is_the_terms_sha256() -> None:
    # printf %s CON | sha256sum
    assert distinct_slug("CON", never) == "CON-a3dbc4b6"


@pytest.mark.parametrize("term", ["", "...", "🎉", "///"])
def test_a_term_without_a_letter_still_has_a_name(term: str) -> None:
    assert distinct_slug(term, never).startswith("term-")


def test_terms_that_disks_confuse_get_distinct_names() -> None:
    taken: set[str] = set()
    for term in ["News", "news", "NEWS", "ｎｅｗｓ", "caf\u00e9", "cafe\u0301", "straße", "STRASSE"]:
        key = slug_key(distinct_slug(term, taken.__contains__))
        assert key not in taken
        taken.add(key)


def test_long_terms_are_cut_at_a_character_and_told_apart() -> None:
    one, two = distinct_slug("新" * 200 + "一", never), distinct_slug("新" * 200 + "二", never)
    assert one != two
    assert one.startswith("新" * 40 + "-")


@given(st.text(st.characters()), st.booleans())
def test_any_term_is_one_safe_path_component(term: str, is_taken: bool) -> None:
    slug = distinct_slug(term, lambda _key: is_taken)
    assert slug == distinct_slug(term, lambda _key: is_taken)
    assert 0 < len(slug.encode()) <= 200
    assert slug not in (".", "..")
    assert slug[0] not in "-. "
    assert slug[-1] not in "-. "
    assert not set(slug) & set('/\\:*?"<>|%#&\0 ')
    assert all(unicodedata.category(character)[0] not in "CZ" for character in slug)

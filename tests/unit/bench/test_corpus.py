"""The made corpora: the same bytes every time, in the shape that the bench promises."""

import re
import statistics
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bench.corpus import FIRST_NUMBER, MadePost, Maker, make_terms, write_posts


@pytest.fixture(scope="module")
def posts() -> list[MadePost]:
    maker = Maker(40)
    return [maker.post(number) for number in range(4000)]


def front_matter(post: MadePost) -> dict[str, object]:
    _, head, _ = post.text.split("---\n", 2)
    parsed: dict[str, object] = yaml.safe_load(head)
    return parsed


def test_post_depends_on_seed_categories_and_number_only(posts: list[MadePost]) -> None:
    alone = Maker(40).post(1234)

    assert alone == posts[1234]
    assert Maker(40, seed=2).post(1234) != alone
    assert Maker(41).post(1234) != alone


def test_written_files_hold_the_posts(tmp_path: Path) -> None:
    maker = Maker(40)

    write_posts(tmp_path / "_posts", maker, range(5, 15))

    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "_posts").iterdir()}
    assert written == {post.name: post.text for post in map(maker.post, range(5, 15))}


def test_sizes(posts: list[MadePost]) -> None:
    sizes = [len(post.text.encode()) for post in posts]

    assert 3_800 < statistics.median(sizes) < 4_500
    assert 0.06 < sum(size < 900 for size in sizes) / len(sizes) < 0.10
    assert 0.04 < sum(size > 10_500 for size in sizes) / len(sizes) < 0.08
    assert max(sizes) < 15_000


def test_categories_follow_a_zipf_law(posts: list[MadePost]) -> None:
    shares = Counter(post.term.slug for post in posts)
    ranked = [shares[term.slug] for term in make_terms(40)]

    assert all(ranked)
    # A Zipf law with exponent 1.05: the first has about 2.07 times the second, and 11 times the tenth.
    assert 1.6 < ranked[0] / ranked[1] < 2.6
    assert 7 < ranked[0] / ranked[9] < 15


def test_front_matter_reads_as_yaml(posts: list[MadePost]) -> None:
    for post in posts[:400]:
        parsed = front_matter(post)
        assert set(parsed) == {"layout", "title", "date", "categories", "tags"}
        assert (parsed["layout"], parsed["categories"], parsed["tags"]) == ("post", post.term.slug, post.term.name)
        assert str(parsed["title"]).endswith(str(int(post.ident[-10:]) - FIRST_NUMBER))
        date = datetime.strptime(str(parsed["date"]), "%Y-%m-%d %H:%M:%S %z")
        assert date.utcoffset() == timedelta(hours=8)
        assert post.name == f"{date:%Y-%m-%d}-{post.ident}.md"


def test_a_higher_number_is_a_newer_post(posts: list[MadePost]) -> None:
    dates = [re.search(r"^date: (.+) \+0800$", post.text, re.MULTILINE) for post in posts]

    written = [date[1] for date in dates if date]
    assert len(written) == len(posts)
    assert written == sorted(written)
    assert len({post.ident for post in posts}) == len(posts)


def test_terms_of_the_real_shape_never_collide() -> None:
    terms = make_terms(1_975)

    assert len({term.slug.casefold() for term in terms}) == 1_975
    assert len({term.name for term in terms}) == 1_975
    assert all(re.fullmatch(r"[A-Za-z0-9·]+", term.slug) for term in terms)
    assert any("·" in term.slug for term in terms[10:])

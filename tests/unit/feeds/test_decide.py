"""What a draft means, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide import Change, Clash, Keep, Known, Publish, Revise, StoredPost, decide, must_hold
from feeds.model import Draft

NOW = datetime(2024, 5, 2, tzinfo=UTC)
THEN = datetime(2024, 5, 1, tzinfo=UTC)
DRAFT = Draft(
    path="_posts/2024-05-01-a.md",
    source_key="/2024/05/01/a",
    entry_id="https://site.example/2024/05/01/a",
    url="https://site.example/2024/05/01/a.html",
    title="A",
    published=THEN,
    updated=None,
    categories=(),
    tags=(),
    authors=(),
    summary=None,
    image=None,
    language=None,
    content_hash="content",
    meaning_hash="meaning",
)
STORED = StoredPost(
    id=1,
    source_key=DRAFT.source_key,
    path=DRAFT.path,
    url=DRAFT.url,
    published=THEN,
    updated=THEN,
    placed=THEN,
    content_hash="content",
    meaning_hash="meaning",
    revision=1,
    withdrawn=False,
)


def known(*posts: StoredPost, gone: tuple[str, ...] = ()) -> Known:
    return Known(
        by_path={post.path: post for post in posts if not post.withdrawn},
        by_key={post.source_key: post for post in posts},
        by_content={post.content_hash: post for post in posts if post.withdrawn or post.path in gone},
        gone=frozenset(gone),
    )


def test_a_post_never_seen_is_published() -> None:
    assert decide(DRAFT, known(), NOW) == Publish(draft=DRAFT)


def test_nothing_new_is_kept() -> None:
    assert decide(DRAFT, known(STORED), NOW) == Keep(post=STORED)


@pytest.mark.parametrize(
    ("changed", "change", "updated"),
    [
        ({"content_hash": "x"}, None, THEN),  # only white space
        ({"url": "https://site.example/other"}, None, THEN),
        ({"content_hash": "x", "meaning_hash": "x"}, Change.UPDATED, NOW),
        # The author's own date, if it moved on.
        ({"meaning_hash": "x", "updated": THEN + timedelta(hours=1)}, Change.UPDATED, THEN + timedelta(hours=1)),
        ({"content_hash": "x", "meaning_hash": "x", "updated": THEN}, Change.UPDATED, NOW),
        # The same file, read otherwise since settings or templates changed: no old post looks new.
        ({"meaning_hash": "x", "updated": THEN}, Change.UPDATED, THEN),
        # Never before the post itself.
        ({"meaning_hash": "x", "published": NOW + timedelta(days=1)}, Change.UPDATED, NOW + timedelta(days=1)),
    ],
)
def test_a_change_is_told_only_if_a_reader_sees_it(
    changed: dict[str, object], change: Change | None, updated: datetime
) -> None:
    draft = replace(DRAFT, **changed)
    decision = decide(draft, known(STORED), NOW)
    anew = change is not None and "content_hash" in changed
    assert decision == Revise(post=STORED, draft=draft, change=change, updated=updated, comes_out_anew=anew)


def test_a_withdrawn_post_that_returns_is_an_update_of_itself() -> None:
    withdrawn = replace(STORED, withdrawn=True)
    decision = decide(DRAFT, known(withdrawn), NOW)
    assert decision == Revise(post=withdrawn, draft=DRAFT, change=Change.UPDATED, updated=NOW, comes_out_anew=True)


def test_a_file_that_moved_is_the_same_post() -> None:
    by_address = replace(DRAFT, path="_posts/archive/2024-05-01-a.md", content_hash="x")
    decision = decide(by_address, known(STORED, gone=(STORED.path,)), NOW)
    assert decision == Revise(post=STORED, draft=by_address, change=None, updated=THEN, comes_out_anew=False)
    by_content = replace(DRAFT, path="_posts/2024-05-01-b.md", source_key="/2024/05/01/b")
    decision = decide(by_content, known(STORED, gone=(STORED.path,)), NOW)
    assert decision == Revise(post=STORED, draft=by_content, change=None, updated=THEN, comes_out_anew=False)


def test_a_copy_of_a_post_that_stands_is_a_new_post() -> None:
    copy = replace(DRAFT, path="_posts/2024-05-01-b.md", source_key="/2024/05/01/b")
    assert decide(copy, known(STORED), NOW) == Publish(draft=copy)


def test_of_two_new_files_with_the_content_of_one_that_went_one_is_it() -> None:
    waiting = known(STORED, gone=(STORED.path,))
    first, second = (replace(DRAFT, path=f"_posts/2024-05-01-{n}.md", source_key=f"/{n}") for n in "bc")
    assert isinstance(decide(first, waiting, NOW), Revise)
    assert decide(second, waiting, NOW) == Publish(draft=second)


def test_a_second_file_with_the_id_of_a_post_clashes() -> None:
    second = replace(DRAFT, path="_posts/2024-05-01-a.html", content_hash="x")
    assert decide(second, known(STORED), NOW) == Clash(draft=second, other_path=STORED.path)
    # The same among files that are both new.
    fresh = known()
    assert decide(DRAFT, fresh, NOW) == Publish(draft=DRAFT)
    assert decide(second, fresh, NOW) == Clash(draft=second, other_path=DRAFT.path)


@pytest.mark.parametrize(
    ("missing", "total", "limit", "hold"),
    [
        (0, 0, 0.5, False),
        (1, 1, 0.5, True),
        (5, 10, 0.5, False),
        (6, 10, 0.5, True),
        (10, 10, 1.0, False),
        (2, 10, 0.1, True),
    ],
)
def test_more_than_the_share_is_held(missing: int, total: int, limit: float, hold: bool) -> None:
    assert must_hold(missing, total, limit) is hold

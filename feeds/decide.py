"""What a draft means for the posts that we have. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from feeds.model import Draft, TermKey


class Change(StrEnum):
    """What others are told of a post."""

    PUBLISHED = "published"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """The part of a post's record that decisions need."""

    id: int
    source_key: str
    path: str
    url: str
    published: datetime
    updated: datetime
    placed: datetime  # in its feeds
    content_hash: str
    meaning_hash: str
    revision: int
    withdrawn: bool
    language: str | None = None
    feed_set: str = ""
    selections: tuple[TermKey, ...] = ()
    listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A post that we have never seen."""

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """A post that we know and that changed, moved or came back; `change` only if a reader sees it."""

    post: StoredPost
    draft: Draft
    change: Change | None
    updated: datetime
    comes_out_anew: bool  # readers must see it again, however old it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """A post whose file changed in nothing but its time."""

    post: StoredPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A second file with the id of a post that has its file."""

    draft: Draft
    other_path: str


Decision = Publish | Revise | Keep | Clash


@dataclass(slots=True, kw_only=True)
class Known:
    """The stored posts that a batch of drafts may be about, and the paths that have gone."""

    by_path: Mapping[str, StoredPost]
    by_key: Mapping[str, StoredPost]
    # Only posts without a file: withdrawn, or their file has gone.
    by_content: dict[str, StoredPost]
    gone: Set[str]
    # Posts and keys that a draft of this batch has taken.
    taken: dict[str, str] = field(default_factory=dict)


def decide(draft: Draft, known: Known, now: datetime) -> Decision:
    """Decide one draft and note in `known` what it takes, so that no second draft takes it too.

    A post is recognised by its path, else by its source key, else (if its file has gone) by its exact content.
    """
    own = known.by_path.get(draft.path)
    twin = known.by_key.get(draft.source_key)
    taken_by = known.taken.get(draft.source_key)
    if taken_by is not None and taken_by != draft.path:
        return Clash(draft=draft, other_path=taken_by)
    if twin is not None and twin is not own and not _is_free(twin, known, draft.path):
        return Clash(draft=draft, other_path=twin.path)
    post = own or twin or _moved(draft, known)
    known.taken[draft.source_key] = draft.path
    if post is None:
        return Publish(draft=draft)
    if not draft.dated:
        draft = replace(draft, published=post.published)
    return _revision(post, draft, now)


def _is_free(post: StoredPost, known: Known, path: str) -> bool:
    return post.withdrawn or post.path == path or post.path in known.gone


def _moved(draft: Draft, known: Known) -> StoredPost | None:
    found = known.by_content.get(draft.content_hash)
    if found is None or not _is_free(found, known, draft.path) or found.source_key in known.taken:
        return None
    known.taken[found.source_key] = draft.path
    return known.by_content.pop(draft.content_hash)


def _revision(post: StoredPost, draft: Draft, now: datetime) -> Revise | Keep:
    same_content = post.content_hash == draft.content_hash and post.url == draft.url and post.path == draft.path
    if same_content and _placed_alike(post, draft) and post.meaning_hash == draft.meaning_hash and not post.withdrawn:
        return Keep(post=post)
    visible = post.withdrawn or post.meaning_hash != draft.meaning_hash
    # The same file is read otherwise, as settings or templates changed: no reason to call old posts new.
    same_file = not post.withdrawn and post.content_hash == draft.content_hash and post.path == draft.path
    return Revise(
        post=post,
        draft=draft,
        change=Change.UPDATED if visible else None,
        updated=_updated(post, draft, now, same_file=same_file) if visible else post.updated,
        comes_out_anew=visible and not same_file,
    )


def _placed_alike(post: StoredPost, draft: Draft) -> bool:
    """Tell whether a post stands in the same feeds, as far as settings rather than its text decide."""
    stands = (post.language, post.feed_set, post.selections, post.listed)
    return stands == (draft.language, draft.feed_set, draft.selections, draft.listed)


def _updated(post: StoredPost, draft: Draft, now: datetime, *, same_file: bool) -> datetime:
    # The author's own date counts if it moved; else the change would stay unseen by readers.
    if draft.updated is not None and draft.updated > post.updated:
        return draft.updated
    return max(post.updated if same_file else now, draft.published)


def must_hold(missing: int, total: int, limit: float) -> bool:
    """Tell whether so many posts vanished at once that the folder, not the author, must be at fault.

    `total` counts the posts before; `limit` is a share from 0 to 1.
    """
    return total > 0 and missing > total * limit

"""The terms of every taxonomy: their slugs, their labels, and how many posts carry them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Insert, Row, Select, and_, bindparam, delete, func, insert, or_, select, update

from core.db import Row as Values
from core.db import RowStatement, one_of, upsert
from feeds.choice import FeedChoice
from feeds.model import Category, Taxonomy, TermKey
from feeds.slugs import distinct_slug, slug_for, slug_key
from feeds.store import counters
from feeds.tables import feeds, post_terms, posts, term_pairs, terms

LABEL_EPOCH = "label-epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """A term as people see it listed."""

    id: int
    category: Category
    posts: int
    newest: datetime | None
    standing: bool  # whether its feed was put in place


class TermIds:
    """The ids of terms, kept between transactions; those made in one count only once it is committed."""

    def __init__(self) -> None:
        self._known: dict[TermKey, int] = {}
        self._uncommitted: dict[TermKey, int] = {}

    def resolve(self, connection: Connection, wanted: Iterable[TermKey]) -> Mapping[TermKey, int]:
        """Return the id of each wanted term; terms that are new are stored with a slug of their own."""
        self._uncommitted = {}
        missing = sorted(set(wanted) - self._known.keys())
        self._load(connection, missing)
        new = [key for key in missing if key not in self._known]
        if new:
            self._add(connection, new)
        return self._known | self._uncommitted if self._uncommitted else self._known

    def committed(self) -> None:
        """The transaction of the last `resolve` is committed: what it made stays."""
        self._known.update(self._uncommitted)
        self._uncommitted = {}

    def _load(self, connection: Connection, wanted: Iterable[TermKey]) -> None:
        for taxonomy, row in _rows(connection, wanted):
            self._known[taxonomy, row.term] = row.id

    def _add(self, connection: Connection, new: Sequence[TermKey]) -> None:
        first = counters.reserve(connection, "terms", len(new))
        # Another process may have stored some while we waited for the lock that `reserve` takes.
        self._load(connection, new)
        rows = []
        taken = _taken_slugs(connection, new)
        for number, (taxonomy, term) in enumerate(key for key in new if key not in self._known):
            slug = _slug(taxonomy, term, taken)
            self._uncommitted[taxonomy, term] = first + number
            rows.append(
                {
                    "id": first + number,
                    "taxonomy": taxonomy,
                    "term": term,
                    "label": term,
                    "slug": slug,
                    "slug_key": slug_key(slug),
                    "posts": 0,
                }
            )
        if rows:
            connection.execute(insert(terms), rows)
            connection.execute(
                insert(feeds), [{"term_id": row["id"], "wanted_revision": 0, "built_revision": 0} for row in rows]
            )


def _taken_slugs(connection: Connection, new: Sequence[TermKey]) -> set[TermKey]:
    """Return those slug keys that the new terms would like and that others have."""
    wanted = {slug_key(slug_for(term)) for _, term in new}
    return {(taxonomy, key) for taxonomy, key in connection.execute(_TAKEN_SLUGS, {"keys": wanted})}


_TERMS = select(terms).where(terms.c.taxonomy == bindparam("taxonomy"), one_of(terms.c.term, "names"))
_STANDING = feeds.c.sizes.is_not(None).label("standing")
_TERMS_WITH_FEEDS = _TERMS.add_columns(_STANDING).join(feeds)
_TAKEN_SLUGS = select(terms.c.taxonomy, terms.c.slug_key).where(one_of(terms.c.slug_key, "keys"))


def _slug(taxonomy: str, term: str, taken: set[TermKey]) -> str:
    if not term:
        return "all"  # the whole set of feeds: terms themselves are never empty
    slug = distinct_slug(term, lambda key: (taxonomy, key) in taken)
    taken.add((taxonomy, slug_key(slug)))
    return slug


def count(connection: Connection, changes: Mapping[int, int]) -> None:
    """Add to (or, below zero, take from) the number of posts of each term."""
    rows: list[Values] = [(change, term) for term, change in changes.items() if change]
    if rows:
        _COUNT.execute(connection, rows)


_COUNT = RowStatement(
    lambda _: update(terms).where(terms.c.id == bindparam("term_id")).values(posts=terms.c.posts + bindparam("change")),
    ["change", "term_id"],
)


def count_pairs(connection: Connection, changes: Counter[tuple[int, int]]) -> None:
    """Add to the number of posts that carry both a category and a tag; pairs that reach zero go."""
    rows: list[Values] = [(category, tag, change) for (category, tag), change in changes.items() if change]
    if not rows:
        return
    _COUNT_PAIRS.execute(connection, rows)
    gone = [category for (category, _), change in changes.items() if change < 0]
    if gone:
        connection.execute(_FORGET_PAIRS, {"categories": gone})


def _adding_to_pairs(connection: Connection) -> Insert:
    statement = upsert(connection, term_pairs)
    return statement.on_conflict_do_update(
        index_elements=[term_pairs.c.category_id, term_pairs.c.tag_id],
        set_={"posts": term_pairs.c.posts + statement.excluded.posts},
    )


_COUNT_PAIRS = RowStatement(_adding_to_pairs, ["category_id", "tag_id", "posts"])
_FORGET_PAIRS = delete(term_pairs).where(one_of(term_pairs.c.category_id, "categories"), term_pairs.c.posts <= 0)


def mark_dirty(connection: Connection, term_ids: Collection[int]) -> None:
    """Want the feeds of these terms built again."""
    if term_ids:
        connection.execute(_MARK_DIRTY, {"terms": term_ids})


_MARK_DIRTY = update(feeds).where(one_of(feeds.c.term_id, "terms")).values(wanted_revision=feeds.c.wanted_revision + 1)


def mark_all_dirty(connection: Connection) -> None:
    """Want every feed built again."""
    connection.execute(update(feeds).values(wanted_revision=feeds.c.wanted_revision + 1))


def relabel_dirty_categories(connection: Connection, *, from_tags: bool) -> None:
    """Give each category of a dirty feed the name of the tag that all its posts share, if there is just one.

    A category that lost its last post keeps its label. Where a label changes, the feeds that show it become dirty.
    """
    dirty = select(terms.c.id, terms.c.term, terms.c.label, feeds.c.built_revision).join(feeds).where(_LABELLED)
    shared = _shared_tags(connection) if from_tags else {}
    changed = [
        (row.id, label, row.built_revision)
        for row in connection.execute(dirty).all()
        if (label := shared.get(row.id, row.term)) != row.label
    ]
    if not changed:
        return
    connection.execute(
        update(terms).where(terms.c.id == bindparam("term_id")).values(label=bindparam("new_label")),
        [{"term_id": id_, "new_label": label} for id_, label, _ in changed],
    )
    counters.reserve(connection, LABEL_EPOCH, 1)
    # A feed that was never built has shown its label nowhere yet.
    _mark_neighbours_dirty(connection, [id_ for id_, _, built in changed if built])


_LABELLED = and_(
    feeds.c.wanted_revision > feeds.c.built_revision,
    or_(terms.c.taxonomy == Taxonomy.CATEGORY, terms.c.taxonomy.like(f"{Taxonomy.CATEGORY}@%")),
    terms.c.posts > 0,
)


def _shared_tags(connection: Connection) -> dict[int, str]:
    """Return the category's id and its one tag for each dirty category that has just one tag on every post."""
    tags = terms.alias()
    statement = (
        select(terms.c.id, func.min(tags.c.term))
        .join(feeds, feeds.c.term_id == terms.c.id)
        .join(term_pairs, term_pairs.c.category_id == terms.c.id)
        .join(tags, tags.c.id == term_pairs.c.tag_id)
        .where(_LABELLED, term_pairs.c.posts == terms.c.posts)
        .group_by(terms.c.id)
        .having(func.count() == 1)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def _mark_neighbours_dirty(connection: Connection, category_ids: Sequence[int]) -> None:
    other = post_terms.alias()
    shown_in = (
        select(other.c.term_id)
        .join(post_terms, post_terms.c.post_id == other.c.post_id)
        .where(one_of(post_terms.c.term_id, "categories"))
    )
    connection.execute(
        update(feeds).where(feeds.c.term_id.in_(shown_in)).values(wanted_revision=feeds.c.wanted_revision + 1),
        {"categories": category_ids},
    )


def names(connection: Connection, wanted: Iterable[TermKey]) -> dict[TermKey, Category]:
    """Return the stored label and slug of each wanted term."""
    return {(taxonomy, row.term): category_of(row) for taxonomy, row in _rows(connection, wanted)}


def _rows(
    connection: Connection, wanted: Iterable[TermKey], statement: Select[Any] | None = None
) -> Iterator[tuple[str, Row[Any]]]:
    by_taxonomy: dict[str, list[str]] = {}
    for taxonomy, term in wanted:
        by_taxonomy.setdefault(taxonomy, []).append(term)
    for taxonomy, names_ in by_taxonomy.items():
        for row in connection.execute(
            _TERMS if statement is None else statement, {"taxonomy": taxonomy, "names": names_}
        ):
            yield taxonomy, row


def read_selections(column: str) -> tuple[TermKey, ...]:
    """Read the column of a post's selections."""
    return tuple((taxonomy, term) for taxonomy, term in orjson.loads(column)) if column != "[]" else ()


def category_of(row: Row[Any]) -> Category:
    """Read a term's row."""
    taxonomy, _, feed_set = row.taxonomy.partition("@")
    return Category(taxonomy=Taxonomy(taxonomy), term=row.term, label=row.label, slug=row.slug, feed_set=feed_set)


def listing(connection: Connection) -> list[TermRow]:
    """Return every term that ever had a post, with the time of its newest, by taxonomy and number of posts."""
    newest = (
        select(post_terms.c.published_at)
        .where(post_terms.c.term_id == terms.c.id)
        .order_by(post_terms.c.published_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(terms, newest.label("newest"), _STANDING)
        .join(feeds)
        .order_by(terms.c.taxonomy, terms.c.posts.desc(), terms.c.term)
    )
    return [
        TermRow(id=row.id, category=category_of(row), posts=row.posts, newest=row.newest, standing=row.standing)
        for row in connection.execute(statement)
    ]


def without_feed(connection: Connection, wanted: Iterable[TermKey], choice: FeedChoice) -> set[TermKey]:
    """Return those of the wanted terms that have no feed."""
    return {
        (taxonomy, row.term)
        for taxonomy, row in _rows(connection, wanted, _TERMS_WITH_FEEDS)
        if not choice.wants(category_of(row), posts=row.posts, standing=row.standing)
    }


def counts(connection: Connection) -> Counter[str]:
    """Return, by taxonomy, how many terms have a post; for the whole sets of feeds, how many posts they have."""
    statement = select(terms.c.taxonomy, func.count(), func.sum(terms.c.posts)).where(terms.c.posts > 0)
    found: Counter[str] = Counter()
    for scoped, number, in_all in connection.execute(statement.group_by(terms.c.taxonomy)):
        taxonomy = scoped.partition("@")[0]
        found[taxonomy] += int(in_all) if taxonomy == Taxonomy.ALL else number
    return found


def of_source(connection: Connection, source_id: int) -> list[int]:
    """Return the ids of the terms that posts of a source stand under."""
    query = select(post_terms.c.term_id).join(posts, posts.c.id == post_terms.c.post_id)
    return list(connection.scalars(query.where(posts.c.source_id == source_id).distinct()))

"""The tables of the published side."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from core.db import NAMING, Id, UtcTime

metadata = MetaData(naming_convention=NAMING)

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    # Counts the applied batches, so that a poll that another process overtook is noticed.
    Column("generation", BigInteger, nullable=False, default=0),
    # How files were read; when it changes, every file is read again.
    Column("reading_fingerprint", Text),
    Column("baselined_at", UtcTime),
    Column("polled_at", UtcTime),
    Column("held_since", UtcTime),
    Column("held_missing", Integer, nullable=False, default=0),
    Column("withdrawal_confirmed", Boolean, nullable=False, default=False),
    Column("error", Text),
)

files = Table(
    "files",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("content_hash", Text),
    Column("post_id", Id),
    # A post with a future date becomes public then, one that expires goes.
    Column("due_at", UtcTime),
    PrimaryKeyConstraint("source_id", "path"),
    sqlite_with_rowid=False,
)
# The indexes of few rows among many are partial in SQLite alone: to say so of PostgreSQL loads its whole dialect,
# which takes longer than a start that finds nothing changed should.
Index(
    "ix_files_due",
    files.c.source_id,
    files.c.due_at,
    sqlite_where=files.c.due_at.is_not(None),
)

# What is remembered of each upstream feed beside its source.
upstreams = Table(
    "upstreams",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    # As configured. Another one makes everything below void.
    Column("configured_url", Text, nullable=False),
    # Where it is asked for: as configured, else where it moved for good.
    Column("url", Text, nullable=False),
    # The validators of the last answer, as given.
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    # Of what each item was when it was last read, so that what has not changed is not read again; as JSON.
    Column("item_hashes", Text),
    # What the feed says of itself.
    Column("feed_id", Text),
    Column("title", Text),
    Column("home_url", Text),
    Column("self_url", Text),
    Column("hub_url", Text),
    Column("language", Text),
    # When its newest item came out, how far apart items come, and how long it says that it stays as it is (seconds).
    Column("newest_at", UtcTime),
    Column("gap_seconds", Integer),
    Column("ttl_seconds", Integer),
    Column("next_poll_at", UtcTime, nullable=False),
    # Nobody else polls it until then.
    Column("claimed_until", UtcTime),
    Column("claimed_by", Text),
    Column("answered_at", UtcTime),
    Column("last_status", Integer),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("failing_since", UtcTime),
    # Why it is polled no more: the feed is gone.
    Column("stopped_reason", Text),
    # Why less was told than came: a flood, ids that change.
    Column("notice", Text),
)
Index("ix_upstreams_next", upstreams.c.next_poll_at)

# The items of upstream feeds, which nobody else keeps: their texts are read from here when they are rendered.
upstream_items = Table(
    "upstream_items",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("path", Text, nullable=False),
    # What an item is known by that comes with another id: link, title and date; link, title and text.
    Column("dated_likeness", Text),
    Column("text_likeness", Text),
    Column("seen_at", UtcTime, nullable=False),
    # The whole item as JSON, not sanitised.
    Column("item", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "path"),
)
Index("ix_upstream_items_dated", upstream_items.c.source_id, upstream_items.c.dated_likeness)
Index("ix_upstream_items_text", upstream_items.c.source_id, upstream_items.c.text_likeness)

# What hubs promised us: to send an upstream feed when it changes (W3C WebSub). Each row is a subscription of its own,
# with its own callback and secret; while one is renewed, or the feed changes its hub, a source has two.
hub_leases = Table(
    "hub_leases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("hub_url", Text, nullable=False),
    Column("topic", Text, nullable=False),
    # Our address for this subscription; its last part is the token, which nobody can guess.
    Column("callback", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", UtcTime),
    Column("lease_until", UtcTime),
    # When to do the next thing: ask, ask again, renew, end.
    Column("due_at", UtcTime, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text),
    # When the hub last sent something that was signed as it should be, and which of it has been applied.
    Column("received_at", UtcTime),
    Column("applied_at", UtcTime),
    # When a poll last found posts that the hub had not sent.
    Column("missed_at", UtcTime),
    # How often something came that was not signed as it should be.
    Column("rejected", Integer, nullable=False, server_default=text("0")),
    sqlite_autoincrement=True,
)
Index("ix_hub_leases_due", hub_leases.c.due_at)
Index("ix_hub_leases_source", hub_leases.c.source_id)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("line", Integer),
    Column("column", Integer),
    Column("since", UtcTime, nullable=False),
    PrimaryKeyConstraint("source_id", "path"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("entry_id", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("categories", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("summary", Text),
    Column("image", Text),
    Column("language", Text),
    Column("content_hash", Text, nullable=False),
    Column("meaning_hash", Text, nullable=False),
    # Grows with every change that a feed shows.
    Column("revision", Integer, nullable=False),
    Column("withdrawn_at", UtcTime),
    # A language, a collection; empty for the site's own feeds.
    Column("feed_set", Text, nullable=False, server_default=text("''")),
    # The terms of saved selections and of the source, as JSON: decided when the post is read.
    Column("selections", Text, nullable=False, server_default=text("'[]'")),
    # When it came or last changed: its place in its feeds. None: its date, for it was there at the first poll.
    Column("placed_at", UtcTime),
    # Whether it stands in feeds. Posts of a source that is not republished are told of and no more.
    Column("listed", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("source_id", "source_key"),
)
Index(
    "ix_posts_withdrawn",
    posts.c.source_id,
    posts.c.content_hash,
    sqlite_where=posts.c.withdrawn_at.is_not(None),
)

terms = Table(
    "terms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("taxonomy", Text, nullable=False),
    Column("term", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("slug", Text, nullable=False),
    # What must differ between two slugs on a disk that ignores case.
    Column("slug_key", Text, nullable=False),
    Column("posts", Integer, nullable=False),
    UniqueConstraint("taxonomy", "term"),
    UniqueConstraint("taxonomy", "slug_key"),
)

# Each feed's log: in the order in which posts came out in it, anew when they changed, so that a window and a page of
# its archive are each one range of the primary key. `published_at` is when the post last came out in the feed.
post_terms = Table(
    "post_terms",
    metadata,
    Column("term_id", Integer, ForeignKey("terms.id"), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("post_id", Id, ForeignKey("posts.id"), nullable=False),
    PrimaryKeyConstraint("term_id", "published_at", "post_id"),
    sqlite_with_rowid=False,
)

# How many posts carry both a category and a tag: tells which tag is a category's human name.
term_pairs = Table(
    "term_pairs",
    metadata,
    Column("category_id", Integer, ForeignKey("terms.id"), nullable=False),
    Column("tag_id", Integer, ForeignKey("terms.id"), nullable=False),
    Column("posts", Integer, nullable=False),
    PrimaryKeyConstraint("category_id", "tag_id"),
    sqlite_with_rowid=False,
)

feeds = Table(
    "feeds",
    metadata,
    Column("term_id", Integer, ForeignKey("terms.id"), primary_key=True, autoincrement=False),
    # Dirty while the wanted revision is beyond the built one.
    Column("wanted_revision", Integer, nullable=False),
    Column("built_revision", Integer, nullable=False),
    Column("updated_at", UtcTime),
    # Bytes of each file as last written, as JSON: a missing or cut file is noticed at start.
    Column("sizes", Text),
    # A hash of each file as last written, as JSON: tells which files others must be told of as changed.
    Column("hashes", Text),
    # Why it could not be put in place, if that failed last time.
    Column("error", Text),
    # The archive: how many pages are closed, the last post that they hold, and how often it began anew.
    Column("archive_pages", Integer, nullable=False, server_default=text("0")),
    Column("archived_at", UtcTime),
    Column("archived_post_id", Id),
    Column("archive_generation", Integer, nullable=False, server_default=text("0")),
)

# Closed pages of archives, each from the end of the one before to its own last post.
archive_pages = Table(
    "archive_pages",
    metadata,
    Column("term_id", Integer, ForeignKey("terms.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("page", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("last_post_id", Id, nullable=False),
    # Bytes of each file, as JSON. None: to be written again, or if the archive began anew since, to be removed.
    Column("sizes", Text),
    PrimaryKeyConstraint("term_id", "generation", "page"),
    sqlite_with_rowid=False,
)
Index("ix_archive_pages_unsettled", archive_pages.c.term_id, sqlite_where=archive_pages.c.sizes.is_(None))

# Posts that left a feed because they were withdrawn.
tombstones = Table(
    "tombstones",
    metadata,
    Column("term_id", Integer, ForeignKey("terms.id"), nullable=False),
    Column("withdrawn_at", UtcTime, nullable=False),
    Column("post_id", Id, ForeignKey("posts.id"), nullable=False),
    PrimaryKeyConstraint("term_id", "withdrawn_at", "post_id"),
    sqlite_with_rowid=False,
)
Index("ix_tombstones_post", tombstones.c.post_id)

# Paths that a site's former feeds had, each for one feed; without case where the disk has none.
inherited_paths = Table(
    "inherited_paths",
    metadata,
    Column("path_key", Text, primary_key=True),
    Column("term_id", Integer, ForeignKey("terms.id"), nullable=False),
)

renderings = Table(
    "renderings",
    metadata,
    Column("post_id", Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("renderer", Integer, nullable=False),
    Column("content_html", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("image", Text),
    Column("via", Text),
    # As JSON; null for none, as most posts have.
    Column("authors", Text),
    Column("enclosures", Text),
)

# Numbers that several processes share: the last ids given out, the epoch of the labels.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# Fingerprints of the settings that the feeds on disk were built with.
build_settings = Table(
    "build_settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

"""What the settings say of feeds, as the rules that the published side takes."""

from collections.abc import Callable

from core.wildcards import Wildcards
from feedbell.settings import FeedSettings, RuleSettings, SelectionSettings
from feeds.archive import ArchiveRule
from feeds.choice import FeedChoice
from feeds.limits import ExcerptRule, FeedLimits
from feeds.model import Ruled, RuleTexts, Taxonomy
from feeds.selections import Condition, Selection
from feeds.window import WindowRule


def choice_of(feeds: FeedSettings) -> FeedChoice:
    """Return which terms have feeds."""
    chosen = {Taxonomy(name): getattr(feeds, name) for name in ("category", "tag", "author", "source")}
    return FeedChoice(
        taxonomies=frozenset([Taxonomy.SELECTION, *map(Taxonomy, feeds.taxonomies)]),
        only={key: Wildcards(value.only) for key, value in chosen.items() if value.only is not None}
        | {Taxonomy.SELECTION: Wildcards(selection.name for selection in feeds.selections)},
        exclude={key: Wildcards(value.exclude) for key, value in chosen.items()},
        min_posts={key: value.min_posts or feeds.min_posts for key, value in chosen.items()},
    )


def window_of(feeds: FeedSettings) -> WindowRule:
    """Return which posts live feeds show."""
    return WindowRule(count=feeds.count, hours=None if feeds.window == "auto" else feeds.hours, limit=feeds.limit)


def excerpts_of(feeds: FeedSettings, *, default: bool) -> ExcerptRule:
    """Return which feeds show summaries alone; `default` is what the site's former feeds did."""
    own: dict[str, bool | tuple[str, ...] | None] = {
        name: getattr(feeds, name).excerpt_only for name in ("category", "tag", "author", "source")
    }
    terms = {(name, term): True for name, chosen in own.items() if isinstance(chosen, tuple) for term in chosen}
    terms |= {
        (Taxonomy.SELECTION.value, one.name): one.excerpt_only
        for one in feeds.selections
        if one.excerpt_only is not None
    }
    taxonomies = {name: chosen for name, chosen in own.items() if isinstance(chosen, bool)}
    return ExcerptRule(default=default, taxonomies=taxonomies, terms=terms)


def limits_of(feeds: FeedSettings, excerpts: ExcerptRule) -> FeedLimits:
    """Return what a feed may hold."""
    return FeedLimits(max_bytes=feeds.max_bytes, tombstone_days=feeds.tombstone_days, excerpt_only=excerpts.applies)


def archive_of(feeds: FeedSettings, limits: FeedLimits) -> ArchiveRule | None:
    """Return which feeds have archives; None if no feed has."""
    if not feeds.archives.enabled:
        return None
    return ArchiveRule(
        taxonomies=frozenset(feeds.archives.taxonomies), entries=feeds.archives.page, max_bytes=limits.entry_bytes
    )


def selection_of(settings: SelectionSettings) -> Selection:
    """Return what a saved selection asks of posts."""
    parts = {
        name: Condition(**part.model_dump(exclude_none=True))
        for name in ("any", "all", "none")
        if (part := getattr(settings, name)) is not None
    }
    return Selection(name=settings.name, **parts)


def rules_of(settings: RuleSettings) -> Callable[[str, str], Ruled] | None:
    """Return what is done to the texts of a source; None if nothing is."""
    texts = RuleTexts(**settings.model_dump(exclude={"keep_trackers"}))
    if not texts:
        return None
    # Slow to load, and few sites have rules.
    from feeds.rules import Rules

    return Rules(texts).apply

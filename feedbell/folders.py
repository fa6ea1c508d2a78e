"""Builds what folders of posts need from the settings: their sources, and who cleans their texts."""

from collections.abc import Mapping, Sequence

from feedbell.feed_rules import rules_of, selection_of
from feedbell.rendering import RendersBody
from feedbell.settings import Settings
from feedbell.site import Site
from feeds.layout import SiteFacts
from feeds.selections import SourceSelections
from feeds.sources.completion import Completion
from feeds.sources.folder import FolderSource


def folder_source(site: Site, facts: SiteFacts, settings: Settings, language_sets: Mapping[str, str]) -> FolderSource:
    """Return the folder of a site as a source."""
    return FolderSource(
        name=site.settings.name,
        root=str(site.root),
        reader=site.reader,
        settle_ms=site.settings.settle_ms,
        max_bytes=site.settings.max_bytes,
        follow_links=site.settings.follow_links,
        completion=Completion(
            languages=_languages_not_of_feeds(site, facts),
            language_sets=language_sets,
            selections=_selections_of(site, settings),
        ),
    )


def renderers_of(sites: Sequence[Site]) -> dict[str, RendersBody]:
    """Return what cleans the texts of each site, by the name of its source."""
    # Slow to load, and many runs render nothing.
    from feeds.body import BodyRenderer
    from feeds.enclosures import LocalFiles

    return {
        site.settings.name: BodyRenderer(
            rules=rules_of(site.settings.rules),
            keep_trackers=site.settings.rules.keep_trackers,
            length_of=LocalFiles(site.profile.feed_sets[0].home_url, str(site.root)).length_of,
        )
        for site in sites
    }


def _selections_of(site: Site, settings: Settings) -> SourceSelections:
    return SourceSelections(
        [selection_of(one) for one in settings.feeds.selections],
        source=site.settings.name,
        languages={one.name: one.language for one in site.profile.feed_sets},
        with_source_feed="source" in settings.feeds.taxonomies,
    )


def _languages_not_of_feeds(site: Site, facts: SiteFacts) -> dict[str, str]:
    """Return, by set of feeds, the language of a source that is not the one which the feeds say."""
    return {
        one.name: one.language
        for one in site.profile.feed_sets
        if one.language and one.language != facts.feed_sets.get(one.name, facts).language
    }

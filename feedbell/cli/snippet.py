"""`feedbell snippet`: the links that let browsers and readers find a site's feeds."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Annotated

import typer

from core.db import reading
from core.errors import ConfigurationError
from feedbell.cli.context import print_json, say, shared
from feedbell.wiring import App
from feeds.layout import Layout
from feeds.model import Category, Taxonomy
from feeds.store import terms

_MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
_PLACES = {
    "jekyll": "_includes/head.html, or wherever your layout writes its <head>",
    "hugo": "layouts/partials/head.html, or your theme's partial of that kind",
    "zola": "the <head> of templates/base.html",
    "pelican": "the <head> of your theme's templates/base.html",
}

_Names = Annotated[list[str] | None, typer.Option(help="Also the feed of this term; may be said several times.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(snippet)


def snippet(
    context: typer.Context,
    category: _Names = None,
    tag: _Names = None,
    author: _Names = None,
    selection: _Names = None,
    every: Annotated[bool, typer.Option("--all", help="The feeds of all terms.")] = False,
    feed_set: Annotated[str, typer.Option("--set", help="The feeds of a language or collection.")] = "",
    json: Annotated[bool, typer.Option(help="Print JSON.")] = False,
) -> None:
    """Print the links to feeds that belong into the head of a site's pages."""
    app = shared(context).app()
    wanted = {
        Taxonomy.CATEGORY: category or [],
        Taxonomy.TAG: tag or [],
        Taxonomy.AUTHOR: author or [],
        Taxonomy.SELECTION: selection or [],
    }
    links = list(_links(app.layout, _chosen(app, wanted, feed_set, every=every)))
    if json:
        print_json(links)
        return
    place = _PLACES.get(app.sites[0].type, "the <head> of your pages' template")
    say(f"<!-- These lines belong into {escape(place)}. -->")
    for link in links:
        title = escape(link["title"])
        say(f'<link rel="alternate" type="{link["type"]}" title="{title}" href="{escape(link["href"])}">')


def _chosen(app: App, wanted: dict[Taxonomy, list[str]], feed_set: str, *, every: bool) -> list[Category]:
    with reading(app.engine) as connection:
        rows = [row for row in terms.listing(connection) if row.category.feed_set == feed_set]
    rows = [row for row in rows if app.choice.wants(row.category, posts=row.posts, standing=row.standing)]
    found = {(row.category.taxonomy, row.category.term): row.category for row in rows}
    if (Taxonomy.ALL, "") not in found:
        raise ConfigurationError(
            f"there is no set of feeds called {feed_set!r}" if feed_set else "no feed is known yet; run feedbell once"
        )
    if every:
        return sorted(found.values(), key=lambda category: category.taxonomy != Taxonomy.ALL)
    names = [(taxonomy, name) for taxonomy, names in wanted.items() for name in names]
    for taxonomy, name in names:
        if (taxonomy, name) not in found:
            raise ConfigurationError(f"no {taxonomy} that has a feed is called {name!r}; see feeds/index.html for all")
    return [found[key] for key in [(Taxonomy.ALL, ""), *names]]


def _links(layout: Layout, categories: Sequence[Category]) -> Iterator[dict[str, str]]:
    for category in categories:
        title = layout.title(category)
        for format_, url in sorted(
            layout.feed_urls(category).items(), key=lambda item: list(_MEDIA_TYPES).index(item[0])
        ):
            yield {"type": _MEDIA_TYPES[format_], "title": title, "href": url}

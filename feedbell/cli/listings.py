"""`feedbell status`, `feedbell posts` and `feedbell confirm`."""

from typing import Annotated, Any

import typer

from core.db import reading, writing
from core.errors import ConfigurationError
from core.text import printable
from feedbell.cli.context import print_json, print_table, say, shared
from feedbell.cli.report import make_report
from feedbell.wiring import App
from feeds.model import Post, Taxonomy, scope
from feeds.store import sources, terms, windows
from feeds.store.hub_leases import HubLease
from feeds.store.sources import SourceState
from feeds.store.upstreams import Upstream


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(posts)
    app.command()(confirm)


_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def status(context: typer.Context, as_json: _Json = False) -> None:
    """Show what was found, what waits and what is wrong."""
    app = shared(context).app()
    report = make_report(app)
    if as_json:
        print_json(report.as_json())
        return
    for line in report.lines():
        say(line)
    upstreams = {one.name for one in report.upstreams}
    for source in report.sources:
        if source.name not in upstreams:
            say(f"source {source.name}: last polled {app.shown(source.polled_at)}")
    if report.upstreams:
        polled = {source.name: source for source in report.sources}
        rows = [_upstream_row(app, polled[one.name], one, report.leases.get(one.name)) for one in report.upstreams]
        print_table(("upstream feed", "last poll", "next poll", "answer", "validators", "failures", "hub"), rows)
    say(f"feeds are in {report.out}; {report.dirty} wait to be built")
    if report.hub_subscriptions is not None:
        say(f"hub: {report.hub_subscriptions} subscriptions to feeds")
    say("deliveries: " + ", ".join(f"{number} {state}" for state, number in report.deliveries.items()))


def _upstream_row(app: App, source: SourceState, upstream: Upstream, lease: HubLease | None) -> tuple[object, ...]:
    validators = [name for name, value in (("ETag", upstream.etag), ("date", upstream.last_modified)) if value]
    failures = f"{upstream.failures} since {app.shown(upstream.failing_since)}" if upstream.failures else None
    hub = upstream.hub_url
    if lease is not None:
        until = f" until {app.shown(lease.lease_until)}" if lease.lease_until else ""
        reason = f" ({lease.reason})" if lease.reason else ""
        hub = printable(f"{lease.hub_url} {lease.state}{until}{reason}")
    return (
        upstream.name,
        app.shown(source.polled_at),
        "stopped" if upstream.stopped_reason else app.shown(upstream.next_poll_at),
        upstream.last_status or (source.error and "none"),
        " and ".join(validators) or None,
        failures,
        hub,
    )


def posts(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, from the newest.")] = 50,
    withdrawn: Annotated[bool, typer.Option(help="Those that were withdrawn instead.")] = False,
    as_json: _Json = False,
) -> None:
    """List the newest posts as the feeds show them."""
    app = shared(context).app()
    with reading(app.engine) as connection:
        found = windows.newest_posts(connection, limit, withdrawn=withdrawn)
        names = terms.names(connection, {key for post in found for key in post.term_keys()})
    if as_json:
        print_json([_as_json(app, post, names) for post in found])
        return
    rows = [(app.shown(post.published), ", ".join(post.categories), post.title, post.url) for post in found]
    print_table(("published", "categories", "title", "url"), rows)


def _as_json(app: App, post: Post, names: dict[Any, Any]) -> dict[str, Any]:
    def named(taxonomy: Taxonomy, values: tuple[str, ...]) -> list[dict[str, str]]:
        place = scope(taxonomy, post.feed_set)
        found = [(term, names.get((place, term))) for term in values]
        return [{"term": term, "label": app.layout.label(named) if named else term} for term, named in found]

    return {
        "id": post.entry_id,
        "url": post.url,
        "title": post.title,
        "published": app.shown(post.published),
        "updated": app.shown(post.updated),
        "categories": named(Taxonomy.CATEGORY, post.categories),
        "tags": named(Taxonomy.TAG, post.tags),
        "authors": [author.name for author in post.authors],
        "source": post.source,
        "feed_set": post.feed_set,
        "path": post.path,
        "language": post.language,
        "in_feeds": post.listed,
        "withdrawn": app.shown(post.withdrawn) if post.withdrawn else None,
    }


def confirm(
    context: typer.Context, source: Annotated[str, typer.Argument(help="The name of the source that is held.")]
) -> None:
    """Let a held source's missing posts be withdrawn, because they were really removed."""
    app = shared(context).app()
    with writing(app.engine) as connection:
        held = {state.name: state for state in sources.listing(connection) if state.held_since is not None}
        if source not in held:
            raise ConfigurationError(f"no source called {source!r} is held; `feedbell status` shows what is")
        sources.change(connection, held[source].id, withdrawal_confirmed=True)
    say(f"{source}: the next poll withdraws the posts that are missing")

"""`feedbell preview`: what a subscription would have sent."""

from typing import Annotated, Any

import typer

from core.text import printable
from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.explained import filtered
from feedbell.preview import Preview, PreviewedPost
from feedbell.preview import preview as compare
from feedbell.since import since as moment_of
from feedbell.wiring import App


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    context: typer.Context,
    subscription: Annotated[str, typer.Argument(help="Its name, else its endpoint's: see docs/subscriptions.md.")],
    since: Annotated[str, typer.Option(help="Such as 7d, 12h, 30m, or a date.")] = "7d",
    every: Annotated[bool, typer.Option("--all", help="Also the posts that it does not take, and why.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many to show, from the newest.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show which of the posts since a time a subscription takes, as it is in the file now."""
    app = shared(context).app()
    start = moment_of(since, app.clock(), app.site.zone)
    with Bar() as bar:
        found = compare(
            app, subscription, start, with_filtered=every, limit=limit, progress=bar.step("comparing posts")
        )
    if as_json:
        print_json(_as_json(app, found))
        return
    for post in found.posts:
        say(printable(_line(app, post, every=every)))
    say(_summary(app, found, every=every))


def _line(app: App, post: PreviewedPost, *, every: bool) -> str:
    line = f"{app.shown(post.at)}  {post.title}  {post.url}"
    if not every:
        return line
    return f"+ {line}" if post.explanation.takes else f"- {line}  {filtered(post.explanation)}"


def _summary(app: App, found: Preview, *, every: bool) -> str:
    told = f"as {found.event} to {found.subscription.endpoint}"
    said = f"{found.sent} of {found.of} posts since {app.shown(found.since)} would have been sent {told}"
    hidden = (found.of if every else found.sent) - len(found.posts)
    return f"{said}; the newest {len(found.posts)} are shown (--limit)" if hidden else said


def _as_json(app: App, found: Preview) -> dict[str, Any]:
    return {
        "subscription": found.subscription.name,
        "endpoint": found.subscription.endpoint,
        "event": found.event,
        "since": app.shown(found.since),
        "sent": found.sent,
        "of": found.of,
        "posts": [_post(app, post) for post in found.posts],
    }


def _post(app: App, post: PreviewedPost) -> dict[str, Any]:
    said: dict[str, Any] = {
        "at": app.shown(post.at),
        "title": post.title,
        "url": post.url,
        "takes": post.explanation.takes,
    }
    if not post.explanation.takes:
        said |= {
            "reason": post.explanation.reason,
            "wanted": post.explanation.wanted,
            "found": post.explanation.found,
            "sentence": filtered(post.explanation),
        }
    return said

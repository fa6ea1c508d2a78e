"""`feedbell why`: why each endpoint was told of a post, or was not."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from core.text import printable
from feedbell.answers import Answer
from feedbell.cli.context import print_json, print_table, say, shared
from feedbell.inquiry import Named, inquire
from feedbell.why import answers
from feedbell.wiring import App


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(why)


def why(
    context: typer.Context,
    post: Annotated[str, typer.Argument(help="Its id in feeds, its address, its path or its file's name.")],
    endpoint: Annotated[str | None, typer.Argument(help="Only this endpoint.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say of a post why each endpoint was told of it, was not, or is not yet."""
    app = shared(context).app()
    named, situation = inquire(app, post, endpoint)
    found = answers(situation, app.shown)
    if as_json:
        print_json({"post": _post(named), "answers": [_answer(app, one) for one in found]})
        return
    if named.post is not None:
        say(printable(f"{named.post.title}: {named.post.url} ({named.post.path})"))
    for one in found:
        if one.endpoint is None:
            say(printable(f"{one.code}: {one.sentence}"))
    rows = [(one.endpoint, one.event, one.code, printable(one.sentence)) for one in found if one.endpoint is not None]
    if rows:
        print_table(("endpoint", "event", "code", "why"), rows)


def _post(named: Named) -> dict[str, Any] | None:
    post = named.post
    if post is None:
        return None
    return {"id": post.entry_id, "url": post.url, "title": post.title, "path": post.path, "source": post.source}


def _answer(app: App, answer: Answer) -> dict[str, Any]:
    said = {key: value for key, value in asdict(answer).items() if value not in (None, ())}
    return {key: app.shown(value) if key in ("occurred_at", "at", "until") else value for key, value in said.items()}

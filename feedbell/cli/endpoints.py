"""`feedbell endpoints`: who is told, a test message, a new secret."""

import json
from contextlib import suppress
from email import message_from_bytes, policy
from typing import Annotated

import typer

from core.db import reading
from core.errors import ConfigurationError
from core.targets import address_for_people
from feedbell import payload
from feedbell.cli.context import print_json, print_table, say, shared
from feedbell.post_facts import KnownPost
from feedbell.wiring import App
from feeds.store import windows
from notifier.model import Endpoint, Health
from notifier.signing import new_secret


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(endpoints)
    group.command()(test)
    group.command()(preview)
    group.command()(enable)
    group.command()(secret)
    app.add_typer(group, name="endpoints")


def endpoints(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the endpoints. An address is shown without its path, which may be secret."""
    if context.invoked_subcommand is not None:
        return
    app = shared(context).app()
    states = app.endpoint_book.states()
    rows = []
    for endpoint in app.notifying.endpoints:
        state = states.get(endpoint.name)
        disabled = state.disabled_reason if state and state.disabled_at else None
        health = state.health if state else Health()
        rows.append(
            {
                "name": endpoint.name,
                "channel": endpoint.channel,
                "address": address_for_people(endpoint.url),
                "failures": health.failures,
                "last_failure": health.last_failure,
                "paused_until": app.shown(health.paused_until) if health.paused_until else None,
                "disabled": disabled,
            }
        )
    if as_json:
        print_json(rows)
    else:
        columns = ("name", "channel", "address", "failures", "last failure", "paused until", "disabled")
        print_table(columns, [list(row.values()) for row in rows])


def test(context: typer.Context, name: Annotated[str, typer.Argument(help="The endpoint's name.")]) -> None:
    """Send one signed test message now; exit 1 if it is not taken."""
    app = shared(context).app()
    endpoint = _named(app, name)
    outcome = app.notifying.send_test(
        endpoint, payload.test_message(app.clock(), app.layout).model_dump_json(exclude_none=True)
    )
    app.close()
    if outcome.succeeded:
        say(f"{name}: answered {outcome.status} after {outcome.latency_ms} ms")
        return
    say(f"{name}: {outcome.summary}")
    raise typer.Exit(1)


def preview(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The endpoint's name.")],
    digest: Annotated[int | None, typer.Option(min=2, max=1000, help="A digest of the newest N posts.")] = None,
) -> None:
    """Show what the endpoint would be sent of the newest post, with its template if it has one; send nothing."""
    app = shared(context).app()
    endpoint = _named(app, name)
    with reading(app.engine) as connection:
        newest = windows.newest_posts(connection, digest or 1)
        known = app.post_facts.read(connection, windows.load_posts(connection, [post.id for post in newest]))
        bodies = [_body(app, known[post.id], content=endpoint.content) for post in reversed(newest)]
    if not bodies:
        raise ConfigurationError("there is no post yet: `feedbell once` reads them")
    say(_shown(app.notifying.preview(endpoint, bodies).body))
    app.close()


def _body(app: App, post: KnownPost, *, content: bool) -> str:
    whole = payload.describe("post.published", app.clock(), post.post, post.rendering, post.shown, app.layout)
    return (whole if content else payload.without_content(whole)).model_dump_json(exclude_none=True)


def _shown(body: bytes) -> str:
    text = body.decode(errors="replace")
    with suppress(ValueError):
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    parsed = message_from_bytes(body, policy=policy.default)
    if not parsed["from"]:
        return text
    plain = parsed.get_body(("plain",))
    headers = "\n".join(f"{name}: {value}" for name, value in parsed.items() if name.lower() != "content-type")
    return f"{headers}\n\n{plain.get_content() if plain is not None else text}"


def _named(app: App, name: str) -> Endpoint:
    endpoint = next((one for one in app.notifying.endpoints if one.name == name), None)
    if endpoint is None:
        known = ", ".join(one.name for one in app.notifying.endpoints) or "none"
        raise ConfigurationError(f"no endpoint is called {name!r}; configured: {known}")
    return endpoint


def enable(context: typer.Context, name: Annotated[str, typer.Argument(help="The endpoint's name.")]) -> None:
    """Send to a disabled endpoint again; what waited is sent."""
    app = shared(context).app()
    if not app.endpoint_book.enable(name, app.clock()):
        raise ConfigurationError(f"no endpoint called {name!r} is disabled; `feedbell endpoints` lists them")
    say(f"{name}: enabled")


def secret() -> None:
    """Print a new secret for an endpoint."""
    say(new_secret())

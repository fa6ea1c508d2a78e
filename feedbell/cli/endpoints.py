"""`feedbell endpoints`: who is told, a test message, a new secret."""

from typing import Annotated

import typer

from core.errors import ConfigurationError
from core.ids import new_id
from core.targets import address_for_people
from feedbell import events, payload
from feedbell.cli.context import print_json, print_table, say, shared
from notifier.model import Claimed
from notifier.signing import new_secret


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(endpoints)
    group.command()(test)
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
    for endpoint in app.endpoints:
        state = states.get(endpoint.name)
        disabled = state.disabled_reason if state and state.disabled_at else None
        rows.append({"name": endpoint.name, "address": address_for_people(endpoint.url), "disabled": disabled})
    if as_json:
        print_json(rows)
    else:
        print_table(("name", "address", "disabled"), [list(row.values()) for row in rows])


def test(context: typer.Context, name: Annotated[str, typer.Argument(help="The endpoint's name.")]) -> None:
    """Send one signed test message now; exit 1 if it is not taken."""
    app = shared(context).app()
    endpoint = next((one for one in app.endpoints if one.name == name), None)
    if endpoint is None:
        known = ", ".join(one.name for one in app.endpoints) or "none"
        raise ConfigurationError(f"no endpoint is called {name!r}; configured: {known}")
    now = app.clock()
    claimed = Claimed(
        delivery_id=0,
        endpoint=name,
        token="",
        attempt=1,
        message_id=new_id("msg"),
        event_type=events.TEST,
        payload=payload.test_message(now, app.layout).model_dump_json(exclude_none=True),
        payload_with_content=None,
    )
    outcome = app.channel.send(claimed, endpoint, now)
    app.close()
    if outcome.status is not None and 200 <= outcome.status < 300:
        say(f"{name}: answered {outcome.status} after {outcome.latency_ms} ms")
        return
    say(f"{name}: {f'answered {outcome.status}' if outcome.status else f'{outcome.error}: {outcome.reason}'}")
    raise typer.Exit(1)


def enable(context: typer.Context, name: Annotated[str, typer.Argument(help="The endpoint's name.")]) -> None:
    """Send to a disabled endpoint again; what waited is sent."""
    app = shared(context).app()
    if not app.endpoint_book.enable(name):
        raise ConfigurationError(f"no endpoint called {name!r} is disabled; `feedbell endpoints` lists them")
    say(f"{name}: enabled")


def secret() -> None:
    """Print a new secret for an endpoint."""
    say(new_secret())

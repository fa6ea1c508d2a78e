"""`feedbell deliveries`: what was sent, what waits, and sending again."""

from dataclasses import asdict
from typing import Annotated

import typer

from core.errors import ConfigurationError
from feedbell.cli.context import print_json, print_table, say, shared
from notifier.model import DeliveryState


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(deliveries)
    group.command()(replay)
    app.add_typer(group, name="deliveries")


def deliveries(
    context: typer.Context,
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Only these states.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Only this endpoint.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, from the newest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List deliveries with their state, attempts and the last answer."""
    if context.invoked_subcommand is not None:
        return
    app = shared(context).app()
    found = app.deliveries.listing(states=state or (), endpoint=endpoint, limit=limit)
    if as_json:
        print_json([asdict(delivery) for delivery in found])
        return
    rows = [
        (
            one.id,
            one.endpoint,
            one.event_type,
            one.state.value,
            one.attempts,
            one.last_status,
            one.last_reason,
            app.shown(one.due_at) if one.state == DeliveryState.PENDING else "",
        )
        for one in found
    ]
    print_table(("id", "endpoint", "event", "state", "attempts", "status", "reason", "next try"), rows)


def replay(
    context: typer.Context, ids: Annotated[list[int], typer.Argument(help="The ids that `feedbell deliveries` shows.")]
) -> None:
    """Send finished deliveries again, with the same message id."""
    app = shared(context).app()
    due = app.deliveries.replay(ids, app.clock())
    refused = sorted(set(ids) - set(due))
    if due:
        say(f"due now: {', '.join(map(str, due))}. `feedbell run` or `feedbell once` sends them")
    if refused:
        raise ConfigurationError(
            f"not finished or not known: {', '.join(map(str, refused))}; `feedbell deliveries` lists what there is"
        )

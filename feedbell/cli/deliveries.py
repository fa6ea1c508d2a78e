"""`feedbell deliveries`: what was sent, what waits, and sending again."""

from dataclasses import asdict
from typing import Annotated

import typer

from core.errors import ConfigurationError
from core.text import one_line
from feedbell.cli.context import print_json, print_table, say, shared
from feedbell.since import since as moment_of
from notifier.model import DeliveryState
from notifier.store import Chosen

_SHOWN = 100


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(deliveries)
    group.command()(attempts)
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
    found = app.deliveries.listing(Chosen(states=state or (), endpoint=endpoint), limit=limit)
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


def attempts(
    context: typer.Context,
    id_: Annotated[int, typer.Argument(metavar="ID", help="The id that `feedbell deliveries` shows.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show every attempt of a delivery: when, what came back and how fast, and what the answer said."""
    app = shared(context).app()
    if not app.deliveries.listing(Chosen(ids=[id_])):
        raise ConfigurationError(f"no delivery has the id {id_}; `feedbell deliveries` lists what there is")
    found = app.deliveries.attempts(id_)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (one.number, app.shown(one.started_at), one.status, one.latency_ms, one.error, one_line(one.excerpt, 100))
        for one in found
    ]
    print_table(("attempt", "at", "status", "ms", "error", "answer"), rows)


def replay(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="The ids that `feedbell deliveries` shows.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Those of this endpoint.")] = None,
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Those in these states.")] = None,
    since: Annotated[str | None, typer.Option(help="Those made since then: 7d, 12h, 30m or a date.")] = None,
    until: Annotated[str | None, typer.Option(help="Those made before then.")] = None,
) -> None:
    """Send finished deliveries again, with the same message id: some by their ids, or all that the options mean."""
    app = shared(context).app()
    if not ids and not (endpoint or state or since or until):
        raise ConfigurationError("say which: ids, or some of --endpoint, --state, --since and --until")
    now, zone = app.clock(), app.site.zone
    chosen = Chosen(
        ids=ids or None,
        endpoint=endpoint,
        states=state or (),
        since=moment_of(since, now, zone) if since else None,
        until=moment_of(until, now, zone) if until else None,
    )
    due = app.deliveries.replay(chosen, now)
    refused = sorted(set(ids or ()) - set(due))
    if due or not ids:
        shown = f": {', '.join(map(str, due))}" if 0 < len(due) <= _SHOWN else ""
        say(f"{len(due)} due now{shown}. `feedbell run` or `feedbell once` sends them")
    if refused:
        raise ConfigurationError(
            f"not finished or not known: {', '.join(map(str, refused))}; `feedbell deliveries` lists what there is"
        )

"""What Feedbell found, in a few plain lines."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from core.db import reading
from core.text import printable
from feedbell.wiring import App
from feeds.model import Taxonomy
from feeds.store import hub_leases, sources, terms, upstreams, windows
from feeds.store.hub_leases import HubLease
from feeds.store.sources import QuarantinedFile, SourceState
from feeds.store.upstreams import NOT_CONFIGURED, Upstream
from notifier.hub_subscriptions import is_subscriber, number
from notifier.model import DeliveryState, EndpointState

_PLURALS = {Taxonomy.CATEGORY: "categories", Taxonomy.TAG: "tags", Taxonomy.AUTHOR: "authors"}
_SHOWN = 20
_SECRET = ("secret", "token", "callback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The state of a site."""

    title: str
    out: str
    posts: int
    terms: dict[str, int]  # taxonomy to number
    quarantined: list[QuarantinedFile]
    dirty: int
    unwritable: list[str]
    sources: list[SourceState]
    upstreams: list[Upstream]
    leases: dict[str, HubLease]  # by source
    deliveries: dict[DeliveryState, int]
    endpoints: dict[str, EndpointState]
    hub_subscriptions: int | None  # None if there is no hub of ours

    def lines(self) -> list[str]:
        """Say it to a person."""
        found = ", ".join(f"{self.terms[key]} {plural}" for key, plural in _PLURALS.items())
        lines = [f"{self.title}: {self.posts} posts, {found}"]
        lines += [f"quarantined {file.path}{_place(file)}: {file.reason}" for file in self.quarantined[:_SHOWN]]
        if len(self.quarantined) > _SHOWN:
            lines.append(f"and {len(self.quarantined) - _SHOWN} more; `feedbell status --json` names them all")
        lines += self.unwritable[:_SHOWN]
        for source in self.sources:
            if source.held_since is not None:
                lines.append(
                    f"{source.name}: held: {source.held_missing} posts vanished at once. Nothing is withdrawn until "
                    f"they return, or you run: feedbell confirm {source.name}"
                )
        failing = [source for source in self.sources if source.error]
        lines += [f"{source.name}: {source.error}" for source in failing[:_SHOWN]]
        if len(failing) > _SHOWN:
            lines.append(f"and {len(failing) - _SHOWN} sources more that fail; `feedbell status` names them all")
        lines += [f"{one.name}: {one.notice}" for one in self.upstreams if one.notice][:_SHOWN]
        lines += [
            f"endpoint {name} is disabled: {state.disabled_reason}. To go on: feedbell endpoints enable {name}"
            for name, state in self.endpoints.items()
            if state.disabled_at is not None
        ]
        return [printable(line) for line in lines]

    def as_json(self) -> dict[str, Any]:
        """Say it to a program."""
        leases = {
            name: {key: value for key, value in asdict(lease).items() if key not in _SECRET}
            for name, lease in self.leases.items()
        }
        hashes = {"item_hashes", "body_hash"}
        upstream = [{key: value for key, value in asdict(one).items() if key not in hashes} for one in self.upstreams]
        return {**asdict(replace(self, upstreams=[], leases={})), "upstreams": upstream, "leases": leases}


def _place(file: QuarantinedFile) -> str:
    if file.line is None:
        return ""
    return f":{file.line}" if file.column is None else f":{file.line}:{file.column}"


def _configured(app: App, found: list[SourceState]) -> list[SourceState]:
    """Leave out upstream feeds that are not in the settings any more."""
    names = {source.name for source in app.settings.sources}
    return [state for state in found if state.name in names]


def make_report(app: App) -> Report:
    """Read the state of a site."""
    with reading(app.engine) as connection:
        counted = terms.counts(connection)
        return Report(
            title=app.site.title,
            out=str(app.out),
            posts=counted[Taxonomy.ALL],
            terms={taxonomy: counted[taxonomy] for taxonomy in _PLURALS},
            quarantined=list(sources.quarantined(connection)),
            dirty=windows.dirty_count(connection),
            unwritable=windows.unwritable(connection),
            sources=_configured(app, sources.listing(connection)),
            upstreams=[one for one in upstreams.listing(connection) if one.stopped_reason != NOT_CONFIGURED],
            leases=hub_leases.by_source(connection) if app.settings.public_url else {},
            deliveries=app.deliveries.counts(),
            endpoints={name: state for name, state in app.endpoint_book.states().items() if not is_subscriber(name)},
            hub_subscriptions=number(connection, app.clock()) if app.websub.hub is not None else None,
        )

"""What Feedbell found, in a few plain lines."""

from dataclasses import asdict, dataclass
from typing import Any

from core.db import reading
from core.text import printable
from feedbell.wiring import App
from feeds.model import Taxonomy
from feeds.store import sources, terms, windows
from feeds.store.sources import QuarantinedFile, SourceState
from notifier.model import DeliveryState, EndpointState

_PLURALS = {Taxonomy.CATEGORY: "categories", Taxonomy.TAG: "tags", Taxonomy.AUTHOR: "authors"}
_SHOWN = 20


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
    deliveries: dict[DeliveryState, int]
    endpoints: dict[str, EndpointState]

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
            if source.error:
                lines.append(f"{source.name}: {source.error}")
        lines += [
            f"endpoint {name} is disabled: {state.disabled_reason}. To go on: feedbell endpoints enable {name}"
            for name, state in self.endpoints.items()
            if state.disabled_at is not None
        ]
        return [printable(line) for line in lines]

    def as_json(self) -> dict[str, Any]:
        """Say it to a program."""
        return asdict(self)


def _place(file: QuarantinedFile) -> str:
    if file.line is None:
        return ""
    return f":{file.line}" if file.column is None else f":{file.line}:{file.column}"


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
            sources=sources.listing(connection),
            deliveries=app.deliveries.counts(),
            endpoints=app.endpoint_book.states(),
        )

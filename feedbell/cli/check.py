"""`feedbell check`: read everything, write nothing, name each problem with file, line and reason."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.wiring import App
from feeds.model import Draft, Quarantined
from feeds.sources.folder import FolderSource, Unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that the owner of the site can mend."""

    source: str
    path: str
    line: int | None
    column: int | None
    code: str
    reason: str

    def told(self) -> str:
        """Say it in the form that editors and CI systems know."""
        place = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return f"{self.path}{place}: {self.reason} [{self.code}]"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read everything, write nothing; exit 1 with file, line and reason for each problem."""
    app = shared(context).app()
    posts, problems = _look(app)
    if as_json:
        print_json({"posts": posts, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            say(problem.told())
        say(f"{posts} posts, {len(problems)} problems")
    raise typer.Exit(1 if problems else 0)


def _look(app: App) -> tuple[int, list[Problem]]:
    posts = 0
    problems: list[Problem] = []
    with Bar() as bar:
        for source in app.sources:
            advance = bar.step("reading posts")
            for found, done, total in _read_all(app, source):
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    posts += found
                advance(done, total)
    return posts, sorted(problems, key=lambda problem: (problem.source, problem.path))


def _read_all(app: App, source: FolderSource) -> Iterator[tuple["Problem | int", int, int]]:
    try:
        scan = source.scan({})
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        yield _problem(source, str(source.root), "unreadable-folder", reason), 1, 1
        return
    total = len(scan.changed)
    for obstacle in scan.obstacles:
        yield _problem(source, obstacle.path, obstacle.code, obstacle.reason), 0, total
    keys: dict[str, str] = {}
    for number, found in enumerate(source.read(scan.changed, app.clock), start=1):
        if isinstance(found, Unsettled):
            yield (
                _problem(source, found.path, "unsettled", "is still being written; run the check again"),
                number,
                total,
            )
            continue
        reading = found.reading
        if isinstance(reading, Quarantined):
            told = Problem(
                source=source.name,
                path=reading.path,
                line=reading.line,
                column=reading.column,
                code=reading.code,
                reason=reading.reason,
            )
            yield told, number, total
        elif isinstance(reading, Draft):
            yield from ((one, number, total) for one in _judge(source, reading, keys))


def _judge(source: FolderSource, draft: Draft, keys: dict[str, str]) -> Iterator[Problem | int]:
    other = keys.setdefault(draft.source_key, draft.path)
    if other != draft.path:
        reason = f"{other} has the same address and id; rename one of the two"
        yield _problem(source, draft.path, "duplicate-id", reason)
        return
    yield 1
    if draft.warning is not None:
        yield _problem(source, draft.path, "rescued", draft.warning)


def _problem(source: FolderSource, path: str, code: str, reason: str) -> Problem:
    return Problem(source=source.name, path=path, line=None, column=None, code=code, reason=reason)

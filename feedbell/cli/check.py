"""`feedbell check`: read everything, write nothing, name each problem with file, line and reason."""

import logging
import os
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Literal

import typer

from core.text import printable
from feedbell.cli.check_rules import RuleCheck
from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.cli.polling import wait_until_ready
from feedbell.settings import CONFIG_NAME
from feedbell.wiring import App
from feeds.model import Draft, FileReading, Notice, Quarantined
from feeds.sources.folder import FolderSource, Unsettled

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that the owner of the site can mend."""

    source: str
    path: str
    line: int | None
    column: int | None
    code: str
    reason: str
    severity: Literal["error", "warning"] = "error"  # an error keeps the post from being published

    def told(self) -> str:
        """Say it in the form that editors and CI systems know."""
        place = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return printable(f"{self.path}{place}: {self.severity}: {self.reason} [{self.code}]")

    def annotation(self, root: str) -> str:
        """Say it as a workflow command that GitHub shows beside the line; `root` is the source's folder."""
        path = os.path.relpath(os.path.join(root, self.path))
        places = {"file": path, "line": self.line, "col": self.column, "title": self.code}
        said = ",".join(f"{key}={_property(str(value))}" for key, value in places.items() if value is not None)
        return f"::{self.severity} {said}::{_message(self.reason)}"


class Format(StrEnum):
    """How problems are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How problems are told.")] = Format.TEXT,
    ignore: Annotated[list[str] | None, typer.Option(help="A code to pass over; may be given again.")] = None,
) -> None:
    """Read everything, write nothing; exit 1 with file, line and reason for each problem."""
    app = shared(context).app()
    posts, found = _look(app)
    problems = [problem for problem in found if problem.code not in (ignore or ())]
    if as_json or format_ == Format.JSON:
        print_json({"posts": posts, "problems": [asdict(problem) for problem in problems]})
    else:
        _tell(app, problems, format_)
        say(_summary(posts, problems))
    raise typer.Exit(1 if problems else 0)


def _tell(app: App, problems: Collection[Problem], format_: Format) -> None:
    roots = {"": str(app.place.folder), **{source.name: source.root for source in app.sources}}
    for problem in problems:
        say(problem.annotation(roots[problem.source]) if format_ == Format.GITHUB else problem.told())


def _summary(posts: int, problems: Collection[Problem]) -> str:
    number = Counter(problem.severity for problem in problems)
    return f"{posts} posts, {len(problems)} problems ({number['error']} errors, {number['warning']} warnings)"


def _message(text: str) -> str:
    # https://docs.github.com/actions/reference/workflow-commands: a message ends with its line.
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _look(app: App) -> tuple[int, list[Problem]]:
    posts = 0
    problems: list[Problem] = []
    rules = RuleCheck(app.settings)
    with Bar() as bar:
        for source in app.sources:
            advance = bar.step("reading posts")
            for found, done, total in _read_all(app, source, rules):
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    posts += found
                advance(done, total)
    if posts:
        problems += [_of_settings(app, "rule-takes-nothing", reason) for reason in rules.idle()]
    problems += [_of_settings(app, "endpoint-refused", reason) for reason in app.notifying.why_refused()]
    return posts, sorted(problems, key=_place)


def _of_settings(app: App, code: str, reason: str) -> Problem:
    # As seen from the first folder, as all paths of problems are.
    root = app.sources[0].root if app.sources else str(app.place.folder)
    path = os.path.relpath(app.place.config or CONFIG_NAME, root)
    return Problem(
        source=app.sources[0].name if app.sources else "",
        path=path,
        line=None,
        column=None,
        code=code,
        reason=reason,
        severity="warning",
    )


def _place(problem: Problem) -> tuple[str, str, int]:
    return (problem.source, problem.path, problem.line or 0)


def _read_all(app: App, source: FolderSource, rules: RuleCheck) -> Iterator[tuple["Problem | int", int, int]]:
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
    for number, found in enumerate(_settled(app, source, scan.changed), start=1):
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
            rules.see(reading)
            yield from ((one, number, total) for one in _judge(source, reading, keys))


def _settled(app: App, source: FolderSource, paths: Collection[str]) -> Iterator[FileReading | Unsettled]:
    """Yield what each file is; one that was just written is looked at again once it stood still."""
    unsettled: list[Unsettled] = []
    for found in source.read(paths, app.clock):
        if isinstance(found, Unsettled):
            unsettled.append(found)
        else:
            yield found
    wait_until_ready(app, unsettled)
    yield from source.read([found.path for found in unsettled], app.clock)


def _judge(source: FolderSource, draft: Draft, keys: dict[str, str]) -> Iterator[Problem | int]:
    other = keys.setdefault(draft.source_key, draft.path)
    if other != draft.path:
        reason = f"{other} has the same address and id; rename one of the two"
        yield _problem(source, draft.path, "duplicate-id", reason)
        return
    yield 1
    for notice in (*draft.notices, *_notices_of_text(source, draft.path)):
        yield Problem(source=source.name, path=draft.path, severity="warning", **asdict(notice))


def _notices_of_text(source: FolderSource, path: str) -> tuple[Notice, ...]:
    try:
        found = source.body(path)
    # The edge of the loop: one post must not keep the others from being checked.
    except Exception as error:
        logger.debug("render-failed", exc_info=True)
        return (Notice(code="render-failed", reason=f"its text cannot be read: {error}; please report this"),)
    return found[0].notices if found else ()


def _problem(source: FolderSource, path: str, code: str, reason: str) -> Problem:
    return Problem(source=source.name, path=path, line=None, column=None, code=code, reason=reason)

"""`feedbell check`: read everything, write nothing, name each problem with file, line and reason."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from feedbell.cli.check_feeds import read_feeds
from feedbell.cli.check_rules import RuleCheck
from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.cli.polling import wait_until_ready
from feedbell.cli.problems import Problem, of_settings
from feedbell.wiring import App
from feeds.model import Draft, FileReading, Notice, Quarantined
from feeds.sources.folder import FolderSource, Unsettled

logger = logging.getLogger(__name__)


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
    offline: Annotated[bool, typer.Option("--offline", help="Ask no upstream feed.")] = False,
    ignore: Annotated[list[str] | None, typer.Option(help="A code to pass over; may be given again.")] = None,
) -> None:
    """Read everything, write nothing; exit 1 with file, line and reason for each problem."""
    app = shared(context).app()
    posts, found = _look(app, offline=offline)
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


def _look(app: App, *, offline: bool) -> tuple[int, list[Problem]]:
    posts = 0
    problems: list[Problem] = []
    rules = RuleCheck(app.settings)
    with Bar() as bar:
        for source in app.sources:
            posts += _gather(_read_all(app, source, rules), problems, bar.step("reading posts"))
        if app.upstreams.sources and not offline:
            posts += _gather(read_feeds(app, rules), problems, bar.step("asking upstream feeds"))
    # What was not asked may have what a rule takes.
    if posts and not (app.upstreams.sources and offline):
        problems += [of_settings(app, "rule-takes-nothing", reason) for reason in rules.idle()]
    problems += [of_settings(app, "endpoint-refused", reason) for reason in app.notifying.why_refused()]
    return posts, sorted(problems, key=_place)


def _gather(
    findings: Iterator[tuple[Problem | int, int, int]], problems: list[Problem], advance: Callable[[int, int], None]
) -> int:
    """Add to the problems, and return how many posts there are."""
    posts = 0
    for found, done, total in findings:
        if isinstance(found, Problem):
            problems.append(found)
        else:
            posts += found
        advance(done, total)
    return posts


def _place(problem: Problem) -> tuple[str, str, int]:
    return (problem.source, problem.path, problem.line or 0)


def _read_all(app: App, source: FolderSource, rules: RuleCheck) -> Iterator[tuple[Problem | int, int, int]]:
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
    return Problem(source=source.name, path=path, code=code, reason=reason)

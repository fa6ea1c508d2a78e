"""What `feedbell check` finds in upstream feeds, which it asks for that."""

from collections.abc import Iterator

from feedbell.cli.check_rules import RuleCheck
from feedbell.cli.problems import Problem, Severity, of_settings
from feedbell.wiring import App


def read_feeds(app: App, rules: RuleCheck) -> Iterator[tuple[Problem | int, int, int]]:
    """Yield problems and numbers of posts, each with how many feeds are done and how many there are."""
    # Slow to load, and many sites have no upstream feed.
    from feedbell.upstream.asking import Asking
    from feedbell.upstream.checking import check_feeds

    sources = app.upstreams.sources
    asking = Asking(fetch=app.upstreams.fetch, clock=app.clock, limits=app.upstreams.limits)
    try:
        for done, checked in enumerate(check_feeds(asking, sources, app.clock()), start=1):
            for draft in checked.drafts:
                rules.see(draft)
            yield len(checked.drafts), done, len(sources)
            if checked.error:
                yield _problem(app, checked.source, "feed-unreadable", checked.error, "error"), done, len(sources)
            if checked.notice:
                yield _problem(app, checked.source, "feed-notice", checked.notice, "warning"), done, len(sources)
    finally:
        asking.stop()


def _problem(app: App, source: str, code: str, reason: str, severity: Severity) -> Problem:
    return of_settings(app, code, f"source {source!r}: {reason}", severity)

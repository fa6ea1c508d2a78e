"""The flow: poll, publish, release. Every stage may be repeated, killed, and run from several processes."""

import logging
from collections.abc import Collection, Sequence

from core.errors import EnvironmentFault
from core.log import log_event
from feedbell.counting import NOT_COUNTED, FlowMetrics
from feedbell.poll import Polled, Poller
from feedbell.poll import Progress as PollProgress
from feedbell.release import Releaser
from feedbell.upstream.poller import NOBODY
from feedbell.upstream.poller import Poller as UpstreamPoller
from feeds.pages import PagePublisher
from feeds.publish import Progress as PublishProgress
from feeds.publish import Published, Publisher
from feeds.sources.folder import FolderSource

logger = logging.getLogger(__name__)


def _silent(done: int, total: int) -> None:
    """Show no progress."""


class Pipeline:
    """The stages from folder to deliveries."""

    def __init__(
        self,
        *,
        sources: Sequence[FolderSource],
        poller: Poller,
        publisher: Publisher,
        pages: PagePublisher,
        releaser: Releaser,
        metrics: FlowMetrics = NOT_COUNTED,
        upstreams: UpstreamPoller = NOBODY,
    ) -> None:
        self.sources = sources
        self._poller = poller
        self._publisher = publisher
        self._pages = pages
        self._releaser = releaser
        self._metrics = metrics
        self._upstreams = upstreams

    def poll_upstreams(self, progress: PollProgress = _silent) -> list[Polled]:
        """Poll every upstream feed that is due."""
        return self._counted(self._upstreams.poll_due(progress))

    def turn_upstreams(self, seconds: float) -> list[Polled]:
        """Let the polling of upstream feeds go on for some seconds, or until something came of it."""
        return self._counted(self._upstreams.turn(seconds))

    def _counted(self, polled: list[Polled]) -> list[Polled]:
        for one in polled:
            self._metrics.polled(one.source, one)
        return polled

    def poll(
        self,
        source: FolderSource,
        only: Collection[str] | None = None,
        progress: PollProgress = _silent,
        *,
        settle_vanished: float = 0,
    ) -> Polled:
        """Poll one source, or `only` some of its paths."""
        try:
            polled = self._poller.poll(source, only, progress, settle_vanished=settle_vanished)
        except EnvironmentFault:
            self._metrics.polled(source.name, None)
            raise
        self._metrics.polled(source.name, polled)
        return polled

    def publish(self, progress: PublishProgress = _silent) -> tuple[Published, int]:
        """Put dirty feeds in place, then release what waited for them; return also how many deliveries that makes."""
        newest = self._releaser.newest_event()
        published = self._publisher.publish(progress)
        failed = {failure.key for failure in published.failures}
        deliveries = published.deliveries + (self._releaser.release(newest, failed) if newest else 0)
        self._metrics.published(published, deliveries)
        return published, deliveries

    def want_file_check(self) -> None:
        """Let the next publish look whether every feed file is still there."""
        self._publisher.want_file_check()

    def publish_pages(self, published: Published | None = None) -> str | None:
        """Put the pages that list the feeds in place, unless this publish changed no feed and no page is missing.

        Return why that failed, if it did: a page that stays old is no reason to send nothing.
        """
        if published is not None and not published.files and not self._pages.missing():
            return None
        try:
            self._pages.publish()
        except OSError as error:
            log_event(logger, "pages-failed", logging.ERROR, reason=error.strerror)
            return f"cannot write the index page and the OPML: {error.strerror}"
        return None

    def announce_existing(self, newest: int) -> int:
        """Tell of the newest posts as if they were new; return how many."""
        return self._releaser.existing(newest)

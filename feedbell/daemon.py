"""`feedbell run`: watch, poll, publish, notify and serve until told to stop; take up changed settings on the way."""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from core.db import reading
from core.endings import on_ending
from core.errors import AppError, ConfigurationError, EnvironmentFault
from core.log import log_event
from feedbell.pulse import Pulse
from feedbell.settling import Settling
from feedbell.upstream.following import Following
from feedbell.watch import FolderWatch
from feedbell.wiring import App
from feeds.sources.folder import FolderSource
from feeds.store import sources as source_store
from notifier.upkeep import SITE, Upkeep, every

logger = logging.getLogger(__name__)

# Files that have gone are looked at together: a folder that is being emptied must be seen as one event.
_VANISHED_SETTLE = 1.0
_WHOLE = ""  # the path that stands for a whole source
_RETRY = 10.0
_PAGES = 2
_SETTINGS_SETTLE = 0.3
_LAST_DELIVERIES = 10.0
_LONGEST_WAIT = 3600.0


class Run:
    """One configuration at work. Ends when it is told to, or when a configuration file changed."""

    def __init__(self, app: App, pulse: Pulse, *, sends: bool = True, receives: bool = True) -> None:
        self._app = app
        self._pulse = pulse
        app.introduce_site()
        self._pipeline = app.pipeline
        self._sources = {source.name: source for source in app.sources}
        self._settle = {site.settings.name: site.settings.settle_ms / 1000 for site in app.sites}
        self._condition = threading.Condition()
        self._settling = Settling()
        self._rescan = {source.name for source in app.sources if not source.folders}
        self._publish_again: float | None = None
        self._publish_wanted = False
        self._following = Following(app.upstreams, self._pipeline.turn_upstreams, self._want_publish, receives=receives)
        self._ended = False
        self._changed_settings = False
        self._watches: dict[str, FolderWatch] = {}
        self._due: datetime | None = None
        self._due_tried = 0.0
        self._pages_wanted = threading.Event()
        # The settings from before may have ended with pages to write.
        self._pages_wanted.set()
        self._sending = app.notifying.make_engine(on_disabled=self._want_publish, upkeep=self._rescans(), sends=sends)
        self._hub = app.websub.running(on_changed=self._sending.refresh)
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def end(self) -> None:
        """End soon; from any thread."""
        with self._condition:
            self._ended = True
            self._condition.notify()

    def run(self) -> bool:
        """Work until the end; return whether changed settings are the reason."""
        self._schedule()
        self._sending.engine.start()
        if self._hub is not None:
            self._hub.start()
        for source in self._sources.values():
            if source.folders:
                self._follow(source)
        if not self._sources:
            self._follow_configuration()
        self._following.start()
        try:
            while not self._stopped():
                self._pulse.beat()
                self._turn_or_wait_for_mending()
                self._pulse.rest()
                self._wait()
        finally:
            self._scheduler.shutdown(wait=False)
            self._following.end(_LAST_DELIVERIES)
            if self._hub is not None:
                self._hub.stop()
            for watch in self._watches.values():
                watch.stop()
        return self._changed_settings

    def close(self, seconds: float) -> None:
        """Finish the deliveries under way, within this time, and let go of everything."""
        self._sending.stop(seconds)
        self._app.close()

    def _turn_or_wait_for_mending(self) -> None:
        try:
            self._turn()
        except EnvironmentFault as error:
            log_event(logger, "run-failed", logging.ERROR, reason=error)
            self._pulse.rest()
            with self._condition:
                self._rescan.update(self._sources)
                self._condition.wait_for(lambda: self._ended, _RETRY)

    def _want_publish(self) -> None:
        """Let the loop publish, whatever it does now; from any thread."""
        with self._condition:
            self._publish_wanted = True
            self._condition.notify()

    def _stopped(self) -> bool:
        with self._condition:
            return self._ended or self._changed_settings

    def _schedule(self) -> None:
        self._scheduler.add_job(self._publish_pages, "interval", seconds=_PAGES)
        # On many machines, the jobs do this once among all.
        if not self._app.notifying.on_many_machines:
            for site in self._app.sites:
                name, seconds = site.settings.name, site.settings.rescan_seconds
                self._scheduler.add_job(self._ask_rescan, "interval", args=[name], seconds=seconds)
            self._scheduler.add_job(self._sending.engine.wake, "interval", seconds=30)
            self._scheduler.add_job(self._app.notifying.prune, "interval", hours=6)
        self._scheduler.start()

    def _rescans(self) -> list[Upkeep]:
        return [
            Upkeep(
                name=f"rescan {site.settings.name}",
                cron=every(site.settings.rescan_seconds),
                run=partial(self._ask_rescan, site.settings.name),
                queue=SITE,
            )
            for site in self._app.sites
        ]

    def _publish_pages(self) -> None:
        """Write the pages again if feeds changed; beside the loop, for they list every feed and take their time."""
        if not self._pages_wanted.is_set():
            return
        self._pages_wanted.clear()
        try:
            failure = self._pipeline.publish_pages()
        except EnvironmentFault as error:
            failure = str(error)
            log_event(logger, "pages-failed", logging.ERROR, reason=failure)
        if failure:
            self._pages_wanted.set()

    def _ask_rescan(self, name: str) -> None:
        with self._condition:
            # Not at once while files vanish: it would see a folder half emptied.
            self._settling.note(name, _WHOLE, time.time())
            self._changed_settings |= self._app.configuration_changed()
            self._condition.notify()

    def _turn(self) -> None:
        """Poll what is ready, publish, release, and let the pages follow."""
        with self._condition:
            rescan, self._rescan = self._rescan, set()
            wanted, self._publish_wanted = self._publish_wanted, False
            ready = self._settling.take_ready(time.time())
            rescan.update(name for name, paths in ready.items() if _WHOLE in paths)
        polled = False
        for name, source in self._sources.items():
            if name in rescan:
                polled |= self._poll(source, None)
                self._follow(source)
            elif name in ready:
                polled |= self._poll(source, ready[name])
        again = wanted or (self._publish_again is not None and time.time() >= self._publish_again)
        if rescan:
            self._pipeline.want_file_check()
        if polled or rescan or again:
            self._publish()
        with reading(self._app.engine) as connection:
            self._due = source_store.next_due(connection)

    def _note_progress(self, done: int, total: int) -> None:
        self._pulse.beat()

    def _poll(self, source: FolderSource, only: Collection[str] | None) -> bool:
        # What is asked for by name has stood still; a look at everything may come while files vanish.
        settle = _VANISHED_SETTLE if only is None else 0
        polled = self._pipeline.poll(source, only, self._note_progress, settle_vanished=settle)
        with self._condition:
            for unsettled in polled.unsettled:
                self._settling.note(source.name, unsettled.path, unsettled.ready_at.timestamp())
        return bool(polled.changes or polled.quarantined)

    def _publish(self) -> None:
        published, deliveries = self._pipeline.publish(self._note_progress)
        if deliveries:
            self._sending.engine.wake()
        self._publish_again = time.time() + _RETRY if published.failures else None
        if published.files:
            self._pages_wanted.set()

    def _wait(self) -> None:
        # What does not become public when it is due waits for a while before it is tried again.
        due_at = None if self._due is None else max(self._due.timestamp(), self._due_tried + _RETRY)
        with self._condition:
            while not (self._ended or self._changed_settings or self._rescan or self._publish_wanted):
                moments = (self._settling.next_ready(), self._publish_again, due_at)
                next_moment = min((moment for moment in moments if moment is not None), default=None)
                now = time.time()
                if next_moment is not None and next_moment <= now:
                    if due_at is not None and due_at <= now:
                        self._due_tried = now
                        self._rescan.update(self._sources)
                    return
                self._condition.wait(min(next_moment - now, _LONGEST_WAIT) if next_moment else _LONGEST_WAIT)

    def _follow(self, source: FolderSource) -> None:
        """Watch the folders that the last scan found; start anew if they are others than before."""
        root = source.root
        folders = {os.path.join(root, folder) if folder else root for folder in source.folders}
        if source is next(iter(self._sources.values())):
            folders.add(str(self._app.place.folder))
        old = self._watches.get(source.name)
        if old is not None and old.covers(folders):
            return
        watch = FolderWatch(
            folders,
            on_change=lambda paths: self._noticed(source, paths),
            # What happened between the scan and now was seen by nobody.
            on_live=lambda: self._ask_rescan(source.name),
        )
        watch.start()
        if old is not None:
            old.stop()
        self._watches[source.name] = watch

    def _follow_configuration(self) -> None:
        """Watch the settings where no folder of posts is watched with them."""

        def on_change(paths: Collection[str]) -> None:
            if any(os.path.realpath(path) in self._app.configuration_files for path in paths):
                self._change_settings()

        def on_live() -> None:
            if self._app.configuration_changed():
                self._change_settings()

        watch = FolderWatch({str(self._app.place.folder)}, on_change=on_change, on_live=on_live)
        watch.start()
        self._watches[""] = watch

    def _change_settings(self) -> None:
        with self._condition:
            self._changed_settings = True
            self._condition.notify()

    def _noticed(self, source: FolderSource, paths: Collection[str]) -> None:
        now = time.time()
        with self._condition:
            for path in paths:
                if os.path.realpath(path) in self._app.configuration_files:
                    self._changed_settings = True
                    continue
                relative = os.path.relpath(path, source.root)
                if relative.startswith(".."):
                    continue
                if source.is_post_path(relative):
                    self._settling.note(source.name, relative, self._ready_at(source, path, now))
                elif source.enters(relative) or self._watches[source.name].holds(path):
                    self._folder_noticed(source, path, now)
            self._condition.notify()

    def _folder_noticed(self, source: FolderSource, path: str, now: float) -> None:
        """Look at everything again if a folder came, went or was replaced: its watch went with it."""
        watch = self._watches[source.name]
        if watch.holds(path):
            if not os.path.isdir(path):
                self._settling.gather(source.name, now, _VANISHED_SETTLE)
            watch.doubt()
        elif not os.path.isdir(path):
            return
        self._settling.note(source.name, _WHOLE, now)

    def _ready_at(self, source: FolderSource, path: str, now: float) -> float:
        """Return when a path will have stood still for the settle time, if nobody touches it again."""
        settle = self._settle[source.name]
        try:
            modified = os.stat(path).st_mtime
        except OSError:
            # A renamed file vanishes here and appears there, and a folder is emptied file by file: seen together only.
            return self._settling.gather(source.name, now, max(settle, _VANISHED_SETTLE))
        # A time long ago or ahead comes from a copy that kept it, and says nothing of when it was written.
        return (modified if now - settle < modified <= now else now) + settle


class Daemon:
    """Runs one configuration after the other."""

    def __init__(
        self,
        load: Callable[[], App],
        started: Callable[[App], None],
        pulse: Pulse,
        *,
        sends: bool = True,
        receives: bool = True,
    ) -> None:
        self._load = load
        self._sends = sends
        self._receives = receives
        self._started = started
        self._pulse = pulse
        self._run: Run | None = None
        self._ended = threading.Event()

    def run(self, app: App) -> None:
        """Work until SIGINT or SIGTERM."""
        on_ending(self._end)
        while not self._ended.is_set():
            self._run = run = Run(app, self._pulse, sends=self._sends, receives=self._receives)
            self._started(app)
            if self._ended.is_set() or not run.run():
                run.close(_LAST_DELIVERIES)
                return
            app = self._reloaded(app)
            # An endpoint that hangs must not hold up the new settings.
            threading.Thread(target=run.close, args=[_LAST_DELIVERIES], name="closing").start()

    def _end(self) -> None:
        self._ended.set()
        if self._run is not None:
            self._run.end()

    def _reloaded(self, old: App) -> App:
        """Return what the changed files say, or the old settings if they are wrong."""
        self._ended.wait(_SETTINGS_SETTLE)
        try:
            if old.place.config is not None and not old.place.config.exists():
                raise ConfigurationError(f"{old.place.config} is gone; stop and start without it to use the defaults")
            new = self._load()
        except AppError as error:
            log_event(logger, "settings-refused", logging.ERROR, reason=error, in_force="the settings from before")
            return old.again()
        log_event(logger, "settings-changed")
        return new

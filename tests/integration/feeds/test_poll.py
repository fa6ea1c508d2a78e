"""From files to posts and events: what a poll makes of every way in which a folder changes."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from feedbell.poll import Poller
from feeds.store.posts import AppliedChange
from tests.support.site import CONFIG, Flow, post, write

BROKEN = "---\ntitle: a\n b: {\n---\nText.\n"
PUBLISHED, UPDATED, WITHDRAWN = "post.published", "post.updated", "post.withdrawn"


def baseline(flow: Flow, **files: str) -> None:
    """Write old posts and poll them: nobody is told."""
    flow.write(**files)
    flow.run()
    assert flow.events() == []


def numbered(count: int) -> dict[str, str]:
    return {f"post-{number}": post(f"Post {number}") for number in range(count)}


def test_the_baseline_is_silent_and_what_follows_is_told_once(flow: Flow) -> None:
    baseline(flow, old=post("Old"))
    assert flow.titles() == ["Old"]
    flow.write(new=post("New"))
    flow.run()
    flow.run()
    assert flow.events() == [(PUBLISHED, "New")]


def test_a_partial_baseline_is_resumed_in_silence(flow: Flow) -> None:
    flow.configure(source="settle_ms = 60000\n")
    flow.write(old=post("Old"), late=post("Late"))
    now = flow.clock.now.timestamp()
    os.utime(flow.path("late"), (now - 1, now - 1))
    os.utime(flow.path("old"), (now - 600, now - 600))
    polled = flow.poll()
    assert [one.path for one in polled.unsettled] == ["_posts/2024-05-01-late.md"]
    flow.clock.now += timedelta(minutes=5)
    flow.run()
    assert sorted(flow.titles()) == ["Late", "Old"]
    assert flow.events() == []
    flow.write(new=post("New"))
    flow.clock.now += timedelta(minutes=5)
    flow.run()
    assert flow.events() == [(PUBLISHED, "New")]


def test_a_look_at_a_folder_that_is_being_emptied_takes_nothing_for_gone(flow: Flow) -> None:
    baseline(flow, **numbered(6))
    app, folder = flow.app, flow.path("post-0").parent
    source = app.sources[0]

    def look(after: float) -> list[str]:
        flow.clock.now = datetime.fromtimestamp(folder.stat().st_mtime + after, UTC)
        return [one.path for one in app.pipeline.poll(source, settle_vanished=1.0).unsettled]

    flow.path("post-0").unlink()
    assert look(0.01) == ["_posts/2024-05-01-post-0.md"]
    assert flow.events() == []
    assert look(1.5) == []  # the folder stood still: it alone has gone
    assert flow.events() == [(WITHDRAWN, "Post 0")]
    names = [f"post-{number}" for number in range(1, 6)]
    flow.path(names[0]).unlink()
    assert look(0.01) == ["_posts/2024-05-01-post-1.md"]
    for name in names[1:]:
        flow.path(name).unlink()
    # Asked for by name, all are seen together.
    assert app.pipeline.poll(source, [f"_posts/2024-05-01-{name}.md" for name in names]).held
    assert flow.events() == [(WITHDRAWN, "Post 0")]


def test_a_file_written_again_is_no_change(flow: Flow) -> None:
    baseline(flow, a=post("A", tags="one", categories="two"))
    flow.write(a=post("A", tags="one", categories="two"))
    flow.run()
    # Another order, CRLF, BOM, empty lines: not a byte of a feed changes.
    flow.write(a=b"\xef\xbb\xbf---\r\ncategories:  two\r\ntags: one\r\ntitle: A\r\n---\r\n\r\nSome words.\r\n")
    published, _ = flow.run()
    assert published.files == 0
    # White space in a text, which no reader sees.
    flow.write(a=post("A", body="Some  words.", tags="one", categories="two"))
    flow.run()
    assert flow.events() == []


def test_a_title_a_body_a_category_each_is_an_update_of_the_same_post(flow: Flow) -> None:
    baseline(flow, a=post("A"))
    before = flow.all()[0]
    for number, content in enumerate((post("B"), post("B", body="More."), post("B", body="More.", tags="x"))):
        flow.clock.now += timedelta(hours=1)
        flow.write(a=content)
        flow.run()
        assert len(flow.events()) == number + 1
    assert {kind for kind, _ in flow.events()} == {UPDATED}
    (after,) = flow.all()
    assert (after.id, after.published) == (before.id, before.published)
    assert datetime.fromisoformat(after.updated) == flow.clock.now.replace(microsecond=0)
    assert flow.titles("tag/x") == ["B"]


def test_a_post_moved_with_its_address_changed_keeps_its_id(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    before = {one.title: one.id for one in flow.all()}
    flow.path("a").rename(flow.path("moved"))
    for _ in range(3):
        flow.run()
        assert {one.title: one.id for one in flow.all()} == before
    assert next(one.url for one in flow.all() if one.title == "A") == "https://site.example/2024/05/01/moved.html"
    assert (WITHDRAWN, "A") not in flow.events()
    assert (PUBLISHED, "A") not in flow.events()
    # And back again, into a folder below, which changes nothing at all.
    told = flow.events()
    flow.path("moved").rename(flow.path("a"))
    flow.run()
    below = flow.site / "_posts/2024/2024-05-01-a.md"
    below.parent.mkdir()
    flow.path("a").rename(below)
    for _ in range(2):
        flow.run()
    assert {one.title: one.id for one in flow.all()} == before
    assert (WITHDRAWN, "A") not in flow.events()
    below.unlink()
    flow.run()
    assert flow.events()[-1] == (WITHDRAWN, "A")
    assert len([one for one in flow.events() if one not in told]) <= 3


def test_a_moved_and_edited_post_is_known_by_its_address(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    flow.path("a").unlink()
    write(flow.site, {"_posts/archive/2024-05-01-a.md": post("A, edited")})
    flow.run()
    flow.run()
    assert flow.events() == [(UPDATED, "A, edited")]


def test_a_renamed_file_is_seen_in_one_poll_of_single_paths(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    before = {one.title: one.id for one in flow.all()}
    flow.path("a").rename(flow.path("moved"))
    source = flow.app.sources[0]
    flow.app.pipeline.poll(source, ["_posts/2024-05-01-moved.md", "_posts/2024-05-01-a.md"])
    flow.run()
    assert {one.title: one.id for one in flow.all()} == before


def test_two_files_that_swap_names_swap_nothing_else(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    spare = flow.path("spare")
    flow.path("a").rename(spare)
    flow.path("b").rename(flow.path("a"))
    spare.rename(flow.path("b"))
    flow.run()
    found = flow.all()
    assert sorted(one.title for one in found) == ["A", "B", "C"]
    assert len({one.id for one in found}) == len({one.url for one in found}) == 3


def test_a_second_file_with_the_same_address_waits_in_quarantine(flow: Flow) -> None:
    baseline(flow, a=post("A"), c=post("C"), d=post("D"))
    write(flow.site, {"_posts/2024-05-01-a.html": post("Twin", permalink="/2024/05/01/a.html")})
    flow.run()
    assert flow.quarantine() == {"_posts/2024-05-01-a.html": "duplicate-id"}
    assert flow.events() == []
    flow.run()
    assert flow.quarantine() == {"_posts/2024-05-01-a.html": "duplicate-id"}
    # The first goes: the second is what remains of the post.
    flow.path("a").unlink()
    flow.run()
    flow.run()
    assert flow.quarantine() == {}
    assert sorted(flow.titles()) == ["C", "D", "Twin"]
    assert len({one.id for one in flow.all()}) == 3


def test_a_future_post_comes_out_once_when_its_time_comes(flow: Flow) -> None:
    flow.clock.now = datetime(2024, 5, 1, tzinfo=UTC)
    baseline(flow, old=post("Old", date="2024-04-01"))
    flow.write(soon=post("Soon", date="2024-05-03 10:00:00 +0800"))
    flow.run()
    assert flow.titles() == ["Old"]
    for moment in (datetime(2024, 5, 3, 1, 59, tzinfo=UTC), datetime(2024, 5, 3, 2, 0, tzinfo=UTC)):
        assert flow.events() == []
        flow.clock.now = moment
        flow.run()
    flow.run()
    assert flow.events() == [(PUBLISHED, "Soon")]
    assert flow.titles() == ["Soon", "Old"]


def test_published_false_withdraws_and_true_brings_back_the_same_post(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"))
    first = {one.title: one.id for one in flow.all()}
    flow.write(a=post("A", published="false"))
    flow.run()
    assert flow.events() == [(WITHDRAWN, "A")]
    assert flow.titles() == ["B"]
    flow.write(a=post("A"))
    flow.run()
    assert len(flow.events()) == 2
    assert {one.title: one.id for one in flow.all()} == first


def test_a_deleted_post_that_comes_back_keeps_its_id(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    first = {one.title: one.id for one in flow.all()}
    content = flow.path("a").read_bytes()
    flow.path("a").unlink()
    flow.run()
    assert flow.titles() == ["C", "B"]
    flow.path("a").write_bytes(content)
    flow.run()
    assert {one.title: one.id for one in flow.all()} == first
    assert flow.events()[0] == (WITHDRAWN, "A")


def test_when_most_posts_vanish_nothing_is_withdrawn(flow: Flow) -> None:
    baseline(flow, **numbered(10))
    aside = flow.site.parent / "aside"
    (flow.site / "_posts").rename(aside)
    (flow.site / "_posts").mkdir()
    for _ in range(2):
        assert flow.poll().held
        flow.app.pipeline.publish()
    assert len(flow.titles()) == 10
    # A new post meanwhile gets out, and the hold stays.
    flow.write(new=post("New"))
    assert flow.poll().held
    flow.app.pipeline.publish()
    assert flow.events() == [(PUBLISHED, "New")]
    # The posts return: nothing happened.
    shutil.copytree(aside, flow.site / "_posts", dirs_exist_ok=True)
    assert not flow.poll().held
    flow.run()
    assert flow.events() == [(PUBLISHED, "New")]
    assert flow.rows("SELECT held_since FROM sources")[0].held_since is None


def test_exactly_half_may_go_and_a_setting_moves_the_line(flow: Flow) -> None:
    baseline(flow, **numbered(10))
    for number in range(5):
        flow.path(f"post-{number}").unlink()
    assert not flow.poll().held
    assert flow.events() == [(WITHDRAWN, f"Post {number}") for number in range(5)]
    flow.configure(source="settle_ms = 0\nhold_share = 0.1\n")
    flow.path("post-5").unlink()
    assert flow.poll().held


def test_an_unreadable_root_is_an_error_and_changes_nothing(flow: Flow) -> None:
    baseline(flow, a=post("A"))
    flow.site.rename(flow.site.parent / "aside")
    polled = flow.poll()
    assert polled.error is not None
    assert flow.events() == []
    (flow.site.parent / "aside").rename(flow.site)
    flow.run()
    assert flow.rows("SELECT error FROM sources")[0].error is None


def test_of_two_polls_at_once_one_is_repeated_and_each_post_told_once(flow: Flow) -> None:
    baseline(flow, old=post("Old"))
    flow.write(**numbered(3))
    other = flow.another()
    app = flow.app
    first_try = True

    def announce(connection: Connection, changes: Sequence[AppliedChange], now: datetime) -> None:
        raise AssertionError("overtaken: it must not get so far")

    class Late:
        """A source during whose scan another process polls."""

        def __getattr__(self, name: str) -> object:
            return getattr(app.sources[0], name)

        def scan(self, *arguments: object) -> object:
            nonlocal first_try
            found = app.sources[0].scan(*arguments)
            if first_try:
                first_try = False
                assert flow.poll(other).changes == 3
            return found

    poller = Poller(engine=app.engine, clock=flow.clock, announce=announce, hold_shares={"site": 0.5})
    polled = poller.poll(Late())
    assert polled.error is None
    assert polled.changes == 0
    assert sorted(flow.events()) == [(PUBLISHED, f"Post {number}") for number in range(3)]


def test_a_broken_file_keeps_its_post_until_it_is_mended(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"))
    flow.write(a=BROKEN)
    flow.run()
    assert flow.quarantine() == {"_posts/2024-05-01-a.md": "invalid-front-matter"}
    assert flow.titles() == ["B", "A"]
    assert flow.events() == []
    flow.write(a=post("A, mended"))
    flow.run()
    assert flow.quarantine() == {}
    assert flow.events() == [(UPDATED, "A, mended")]
    # Broken and then removed: it is gone all the same.
    flow.write(a=BROKEN)
    flow.run()
    flow.path("a").unlink()
    flow.run()
    assert flow.quarantine() == {}
    assert flow.events()[-1] == (WITHDRAWN, "A, mended")


def test_another_permalink_reads_everything_again_in_silence(flow: Flow) -> None:
    baseline(flow, **numbered(4))
    before = {one.title: one.id for one in flow.all()}
    write(flow.site, {"_config.yml": CONFIG + "permalink: /p/:title/\n"})
    flow.configure()
    flow.run()
    assert {one.title: one.id for one in flow.all()} == before
    assert {one.url for one in flow.all()} == {f"https://site.example/p/post-{number}/" for number in range(4)}
    assert flow.events() == []
    flow.write(new=post("New"))
    flow.run()
    assert flow.events() == [(PUBLISHED, "New")]
    assert next(one.id for one in flow.all() if one.title == "New") == "https://site.example/p/new"


def test_an_id_once_given_is_never_given_to_another_post(flow: Flow) -> None:
    baseline(flow, a=post("A"), b=post("B"), c=post("C"))
    flow.path("a").rename(flow.path("moved"))
    flow.run()
    flow.write(a=post("Another"))
    flow.run()
    ids = {one.title: one.id for one in flow.all()}
    assert ids["A"] == "https://site.example/2024/05/01/a"
    assert len(set(ids.values())) == 4


def test_a_thousand_and_more_files_go_in_several_transactions(flow: Flow) -> None:
    flow.write(**numbered(1203))
    flow.run()
    assert flow.rows("SELECT count(*) AS n FROM posts")[0].n == 1203
    assert flow.rows("SELECT posts FROM terms WHERE taxonomy = 'all'")[0].posts == 1203
    assert flow.events() == []


def test_the_folder_itself_is_not_written_to(flow: Flow) -> None:
    flow.write(a=post("A"))
    before = {path: path.stat().st_mtime_ns for path in Path(flow.site).rglob("*")}
    flow.run()
    after = {path: path.stat().st_mtime_ns for path in Path(flow.site).rglob("*") if ".feedbell" not in path.parts}
    assert after == before


def test_posts_that_new_settings_bring_are_told_to_nobody_but_new_ones_are(flow: Flow) -> None:
    flow.write(a=post("A"))
    write(flow.site, {"_notes/old.md": post("Old note", date="2024-01-01")}, age=3600)
    flow.run()
    write(flow.site, {"_config.yml": f"{CONFIG}collections: [notes]\nfeed: {{collections: [notes]}}\n"})
    flow.clock.now += timedelta(hours=1)
    flow.write(b=post("B"))
    new = flow.path("b")
    later = flow.clock.now.timestamp() - 60
    os.utime(new, (later, later))
    flow.configure()
    flow.run()
    assert [path.name for path in (flow.out / "notes/feeds").iterdir() if path.suffix == ".atom"] == ["all.atom"]
    assert flow.events() == [("post.published", "B")]

"""`feedbell run`, installed: what a person does in the folder, and what subscribers and readers get of it."""

import http.client
import json
import os
import shutil
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from tests.support.program import Program, Running
from tests.support.receiver import Received, Receiver
from tests.support.site import (
    LOOPBACK,
    SECRET,
    atom,
    copy_of_sample,
    endpoint,
    eventually,
    parse_all,
    post,
    snapshot,
    titles,
    write,
)

HOST = "https://finews.withounder.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A webhook that came, its signature verified by the public library."""

    message: str
    type: str
    post: str
    title: str


def told(request: Received) -> Told:
    body: Any = Webhook(SECRET).verify(request.body, dict(request.headers))
    post_ = body["data"]["post"]
    return Told(message=request.headers["webhook-id"], type=body["type"], post=post_["id"], title=post_["title"])


class Site:
    """The sample site, watched by the program."""

    def __init__(self, program: Program, running: Running, site: Path, receiver: Receiver) -> None:
        self.program = program
        self.running = running
        self.folder = site
        self.posts = site / "_posts"
        self.out = site / "_feedbell"
        self._receiver = receiver
        self._seen = 0

    def save(self, name: str, content: str) -> Path:
        """Save a post of 1 May 2024 in place, as an editor or a scraper does."""
        path = self.posts / f"2024-05-01-{name}.md"
        path.write_text(content)
        return path

    def next_told(self) -> tuple[str, str, str]:
        """Return (type, post id, title) of the next webhook: so nothing else was told since the last."""
        found = self._receiver.await_requests(self._seen + 1, seconds=45)[self._seen]
        self._seen += 1
        last = told(found)
        return last.type, last.post, last.title

    def told_in_all(self) -> list[Told]:
        return [told(request) for request in self._receiver.received()]

    def quarantined(self) -> dict[str, str]:
        found = self.program.call("status", "--json", cwd=self.folder).json()["quarantined"]
        return {one["path"].removeprefix("_posts/"): one["code"] for one in found}


@contextmanager
def watched(program: Program, tmp_path: Path, receiver: Receiver, *options: str, settings: str = "") -> Iterator[Site]:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": LOOPBACK + settings + endpoint(receiver.url("/hook"))})
    with program.running("run", *options, cwd=site, log=tmp_path / "log") as running:
        running.await_said("watching")
        yield Site(program, running, site, receiver)


def id_of(name: str) -> str:
    return f"{HOST}/news/2024/05/01/{name}"


def news(title: str, body: str = "Some words.") -> str:
    return post(title, body=body, categories="news")


def test_from_saving_a_post_to_its_withdrawal(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    settings = '[deliveries]\nupdate_quiet = "0s"\n'
    with watched(program, tmp_path, receiver, "--no-serve", settings=settings) as site:
        # A silent baseline: the first that is told is the first new post.
        first = site.save("first", news("First"))
        assert site.next_told() == ("post.published", id_of("first"), "First")
        # Feeds are in place before anyone is told.
        assert "First" in titles(site.out / "feeds/category/news.atom")

        # The same bytes, other white space, another order of the front matter: nothing is told before the next post.
        first.write_text(news("First"))
        second = site.save("second", news("Second"))
        assert site.next_told() == ("post.published", id_of("second"), "Second")
        first.write_text("---\ncategories:   news\ntitle: 'First'\n---\n\nSome   words.\n\n")
        site.save("third", news("Third"))
        assert site.next_told() == ("post.published", id_of("third"), "Third")

        first.write_text(news("First, corrected"))
        assert site.next_told() == ("post.updated", id_of("first"), "First, corrected")
        eventually(lambda: "First, corrected" in titles(site.out / "feed.xml"))

        # Renamed: its address is another, the post is the same.
        second.rename(site.posts / "2024-05-01-renamed.md")
        eventually(lambda: any(one.url.endswith("/renamed.html") for one in atom(site.out / "feed.xml")))
        assert [one.id for one in atom(site.out / "feed.xml") if one.title == "Second"] == [id_of("second")]
        site.save("renamed", news("Second, corrected"))
        kinds = [site.next_told()]
        if kinds[-1][2] == "Second":  # its address changed, which a reader sees
            kinds.append(site.next_told())
        assert {(kind, post_) for kind, post_, _ in kinds} == {("post.updated", id_of("second"))}
        assert kinds[-1][2] == "Second, corrected"

        first.unlink()
        assert site.next_told() == ("post.withdrawn", id_of("first"), "First, corrected")
        assert "First, corrected" not in titles(site.out / "feed.xml")
        assert id_of("first") not in (site.out / "feeds/all.json").read_text()

        # Written in two halves, each of them a whole post to a careless reader.
        whole = news("In two halves", body="The first half.\n\nThe second half.")
        path = site.save("halves", whole[: len(whole) // 2])
        time.sleep(0.15)  # the writer's pause, not ours
        with open(path, "a") as file:
            file.write(whole[len(whole) // 2 :])
        assert site.next_told() == ("post.published", id_of("halves"), "In two halves")

        # Broken, quarantined by name; mended, told.
        broken = site.save("broken", "---\ntitle: a\n b: {\n---\nText.\n")
        eventually(lambda: site.quarantined().get("2024-05-01-broken.md") == "invalid-front-matter")
        broken.write_text(news("Mended"))
        assert site.next_told() == ("post.published", id_of("broken"), "Mended")
        eventually(lambda: "2024-05-01-broken.md" not in site.quarantined())

        assert site.running.stop() == 0
        everything = site.told_in_all()
        assert len(everything) == len({one.message for one in everything})
        published = Counter(one.post for one in everything if one.type == "post.published")
        assert published == dict.fromkeys(map(id_of, ("first", "second", "third", "halves", "broken")), 1)
        parse_all(site.out)
        # The next start finds all as it was, and touches nothing.
        before = snapshot(site.out)
        assert program.call("once", "--json", cwd=site.folder).json()["files_written"] == 0
        assert snapshot(site.out) == before
        assert len(receiver.received()) == len(everything)


def test_settings_are_taken_up_and_wrong_ones_refused(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    with watched(program, tmp_path, receiver, "--no-serve") as site:
        config = site.folder / "feedbell.toml"
        both = LOOPBACK + endpoint(receiver.url("/hook")) + endpoint(receiver.url("/new"), name="new").split("\n", 1)[1]
        config.write_text(both)
        site.running.await_said("settings-changed")
        site.save("first", news("First"))
        receiver.await_requests(1, "/hook", seconds=45)
        receiver.await_requests(1, "/new", seconds=45)

        config.write_text(both + "\n[surprise]\nkey = 1\n")
        refused = site.running.await_said("settings-refused.*")
        assert "surprise" in refused[0]
        site.save("second", news("Second"))
        receiver.await_requests(2, "/hook", seconds=45)
        receiver.await_requests(2, "/new", seconds=45)

        config.write_text(LOOPBACK + endpoint(receiver.url("/new"), name="new"))
        eventually(lambda: site.running.said().count("settings-changed") == 2)
        site.save("third", news("Third"))
        receiver.await_requests(3, "/new", seconds=45)
        assert [told(one).title for one in receiver.received("/hook")] == ["First", "Second"]
        assert site.running.stop() == 0


def test_an_emptied_folder_is_held_until_its_owner_confirms(
    program: Program, tmp_path: Path, receiver: Receiver
) -> None:
    with watched(program, tmp_path, receiver, "--no-serve", settings="\n[[sources]]\nrescan_seconds = 1\n") as site:
        before = snapshot(site.out)
        aside = tmp_path / "aside"
        site.posts.rename(aside)
        site.posts.mkdir()
        site.running.await_said("held source=")
        status = program.call("status", cwd=site.folder)
        assert "site: held: 5 posts vanished at once" in status.out
        assert snapshot(site.out) == before
        # They return, and nothing happened; then they go again.
        for file in aside.iterdir():
            os.replace(file, site.posts / file.name)
        eventually(lambda: "held: " not in program.call("status", cwd=site.folder).out)
        for file in site.posts.iterdir():  # one by one, as a slow disk has it
            file.unlink()
            time.sleep(0.15)
        eventually(lambda: "held: " in program.call("status", cwd=site.folder).out)
        assert program.call("confirm", "nobody", cwd=site.folder).code == 2
        assert receiver.received() == []
        assert program.call("confirm", "site", cwd=site.folder).code == 0
        receiver.await_requests(5, seconds=45)
        kinds = Counter(one.type for one in site.told_in_all())
        assert kinds == {"post.withdrawn": 5}
        assert titles(site.out / "feed.xml") == []
        assert site.running.stop() == 0


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read_once = answer.read()
    connection.close()
    return answer


def test_the_feeds_over_http(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    with watched(program, tmp_path, receiver, "--port", "0") as site:
        port = int(site.running.await_said(r"serving on http://127\.0\.0\.1:(\d+)/")[1])
        for path, media_type in {
            "/feed.xml": "application/atom+xml",
            "/feeds/all.atom": "application/atom+xml",
            "/feeds/all.rss": "application/rss+xml",
            "/feeds/all.json": "application/feed+json",
            "/feeds/category/shanghaizhengquanbao%C2%B7zhongguozhengquanwang.rss": "application/rss+xml",
            "/feeds/opml.xml": "text/x-opml",
            "/feeds/": "text/html",
        }.items():
            answer = get(port, path)
            assert answer.status == 200, path
            assert answer.headers["content-type"] == f"{media_type}; charset=utf-8", path
        feed = get(port, "/feed.xml")
        assert feed.read_once == (site.out / "feed.xml").read_bytes()
        assert feed.headers["access-control-allow-origin"] == "*"
        assert get(port, "/feed.xml", if_none_match=feed.headers["etag"]).status == 304
        assert get(port, "/feed.xml", if_modified_since=feed.headers["last-modified"]).status == 304
        assert get(port, "/").headers["location"] == "feeds/"

        # Nothing outside the output folder, and nothing hidden in it.
        (site.out / ".secret").write_text("secret")
        (site.out / "feeds/link.html").symlink_to(site.folder / "_config.yml")
        for path in (
            "/../_config.yml",
            "/%2e%2e/_config.yml",
            "/..%2f_config.yml",
            "/feeds/..%2f..%2f_config.yml",
            "/%2e%2e%2f.feedbell/feedbell.db",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/feeds/%00",
            "/.secret",
            "/feeds/link.html",
            "/feeds/nothing.rss",
        ):
            assert get(port, path).status in (400, 404), path

        # A running server gives the new bytes at once.
        site.save("first", news("First"))
        site.next_told()
        items = json.loads(get(port, "/feeds/category/news.json").read_once)["items"]
        assert [item["title"] for item in items] == ["First"]
        assert get(port, "/feed.xml", if_none_match=feed.headers["etag"]).status == 200
        assert site.running.stop() == 0


def test_folders_come_go_and_move(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    # A rescan is far away: what is seen is seen by watching.
    with watched(program, tmp_path, receiver, "--no-serve", settings="\n[[sources]]\nrescan_seconds = 3600\n") as site:
        # A new folder with a post in it, made in one go.
        write(site.posts / "2024", {"deep/er/2024-05-01-deep.md": news("Deep")}, age=0)
        assert site.next_told() == ("post.published", id_of("deep"), "Deep")
        write(site.posts / "2024/deep/er", {"2024-05-01-later.md": news("Later")}, age=0)
        assert site.next_told() == ("post.published", id_of("later"), "Later")
        # A folder outside _posts, prepared elsewhere and moved in; its name is a category.
        aside = tmp_path / "aside" / "_posts"
        write(aside, {"2024-05-01-moved-in.md": post("Moved in")})
        (site.folder / "sport").mkdir()
        aside.rename(site.folder / "sport" / "_posts")
        assert site.next_told() == ("post.published", f"{HOST}/sport/2024/05/01/moved-in", "Moved in")
        # The folder gets another name: the same posts, nobody is told, and it is watched on.
        (site.posts / "2024").rename(site.posts / "archive")
        # Saved as careful editors do.
        temporary = site.posts / "archive/.saving.tmp"
        temporary.write_text(news("Saved by renaming"))
        os.replace(temporary, site.posts / "archive/2024-05-01-saved.md")
        assert site.next_told() == ("post.published", id_of("saved"), "Saved by renaming")
        (site.posts / "archive/deep/er/2024-05-01-later.md").write_text(news("Later, corrected"))
        assert site.next_told() == ("post.updated", id_of("later"), "Later, corrected")
        # Three hundred at once, each told once.
        before = len(receiver.received())
        write(site.posts / "archive", {f"2024-05-01-many-{n}.md": news(f"Many {n}") for n in range(300)}, age=0)
        receiver.await_requests(before + 300, seconds=60)
        assert site.running.stop() == 0
        published = Counter(one.post for one in site.told_in_all() if one.type == "post.published")
        assert set(published.values()) == {1}
        assert {id_of(f"many-{n}") for n in range(300)} <= set(published)
        assert len(receiver.received()) == before + 300


def test_a_folder_that_goes_and_returns_is_watched_on(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    with watched(program, tmp_path, receiver, "--no-serve", settings="\n[[sources]]\nrescan_seconds = 3600\n") as site:
        aside = tmp_path / "aside"
        site.posts.rename(aside)
        site.running.await_said("held source=")
        aside.rename(site.posts)
        eventually(lambda: "held: " not in program.call("status", cwd=site.folder).out)
        site.save("back", news("Back"))
        assert site.next_told() == ("post.published", id_of("back"), "Back")
        # A copy takes its place, as after a fresh checkout.
        shutil.copytree(site.posts, aside)
        shutil.rmtree(site.posts)
        aside.rename(site.posts)
        site.save("again", news("Again"))
        assert site.next_told() == ("post.published", id_of("again"), "Again")
        # The output folder goes; the next look at everything brings it back.
        shutil.rmtree(site.out)
        site.posts.rename(aside)
        aside.rename(site.posts)
        eventually(lambda: (site.out / "feeds/category/news.rss").exists() and (site.out / "feeds/index.html").exists())
        assert site.running.stop() == 0


def test_a_taken_port_ends_with_2(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = program.call("run", "--port", str(taken.getsockname()[1]), cwd=site)
    assert ended.code == 2
    assert "cannot serve on" in ended.err

"""A post that nothing dates is dated by its first sight, for ever; git's first commit comes before that."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

from tests.support.site import Flow, atom, write

CONFIG = '[site]\nurl = "https://site.example"\ntitle = "Notes"\n'


def notes(folder: Path, database_url: str) -> Flow:
    return Flow(folder, database_url, CONFIG, config="# First\n\nSome words.\n", config_name="first.md")


def test_the_first_sight_counts_for_ever(tmp_path: Path, database_url: str) -> None:
    flow = notes(tmp_path, database_url)
    flow.run()
    [first] = atom(flow.out / "feeds/all.atom")
    assert first.title == "First"
    flow.clock.now += timedelta(days=30)
    write(flow.site, {"first.md": "# First\n\nOther words.\n"}, age=0)
    flow.run()
    [again] = atom(flow.out / "feeds/all.atom")
    assert again.published == first.published
    assert again.updated > first.updated
    flow.close()


def test_git_knows_since_when_a_file_is_there(tmp_path: Path, database_url: str) -> None:
    flow = notes(tmp_path, database_url)
    environment = {
        **os.environ,
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Ada"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "ada@example.org"),
        **dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2020-02-03T04:05:06+00:00"),
    }
    for command in (["init", "-q"], ["add", "first.md"], ["commit", "-q", "-m", "First"]):
        subprocess.run(["git", *command], cwd=flow.site, env=environment, check=True)
    flow.run()
    [shown] = atom(flow.out / "feeds/all.atom")
    assert shown.published == "2020-02-03T04:05:06+00:00"
    flow.close()


def test_a_commit_that_comes_after_the_first_sight_changes_no_date(tmp_path: Path, database_url: str) -> None:
    flow = notes(tmp_path, database_url)
    subprocess.run(["git", "init", "-q"], cwd=flow.site, check=True)
    flow.run()
    [first] = atom(flow.out / "feeds/all.atom")
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run([*git, "add", "first.md"], cwd=flow.site, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "First", "--date", "2020-02-03T04:05:06Z"], cwd=flow.site, check=True)
    flow.clock.now += timedelta(days=30)
    write(flow.site, {"first.md": "# First\n\nOther words.\n"}, age=0)
    flow.run()
    [again] = atom(flow.out / "feeds/all.atom")
    assert (again.published, again.title) == (first.published, "First")
    flow.close()

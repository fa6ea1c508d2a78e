"""The whole ring on the loopback: from a folder through a hub of ours and another Feedbell to a webhook."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.program import Program
from tests.support.receiver import Receiver
from tests.support.site import LOOPBACK, endpoint, eventually, post, write

_SECONDS = 20  # generous: other tests run beside


def test_a_saved_post_reaches_a_webhook_behind_another_feedbell(
    program: Program, tmp_path: Path, receiver: Receiver
) -> None:
    ours, theirs = free_port(), free_port()
    first, second = tmp_path / "first", tmp_path / "second"
    base = f"http://127.0.0.1:{ours}"
    feed = f"{base}/feeds/all.atom"
    write(
        first,
        {
            "_config.yml": f"title: First\nurl: {base}\n",
            "_posts/2026-05-01-old.md": post("Old"),
            "feedbell.toml": f'{LOOPBACK}public_url = "{base}/"\n[hub]\nenabled = true\n',
        },
    )
    settings = f'{LOOPBACK}public_url = "http://127.0.0.1:{theirs}/"\n[site]\ntitle = "Second"\n'
    settings += f'url = "http://127.0.0.1:{theirs}"\n[[sources]]\ntype = "feed"\nname = "first"\nurl = "{feed}"\n'
    write(second, {"feedbell.toml": settings + endpoint(receiver.url("/hook"))})

    def status() -> Any:
        return program.call("status", "--json", cwd=second).json()

    second_run = ("--log-format", "json", "run", "--port", str(theirs))
    with ExitStack() as running:
        one = running.enter_context(program.running("run", "--port", str(ours), cwd=first, log=tmp_path / "first.log"))
        # Else the second finds nobody, and waits for minutes before it asks again.
        one.await_said("watching")
        two = running.enter_context(program.running(*second_run, cwd=second, log=tmp_path / "second.log"))
        two.await_said("watching")
        eventually(lambda: status()["leases"].get("first", {}).get("state") == "active")
        [polled_at] = [source["polled_at"] for source in status()["sources"]]
        polled = two.said().count('"poll"')
        began = time.time()
        write(first, {"_posts/2026-05-02-new.md": post("New")}, age=0)
        [came] = receiver.await_requests(1, "/hook", seconds=_SECONDS)
        print(f"from the save to the webhook: {came.at - began:.2f} s")
        assert json.loads(came.body)["data"]["post"]["title"] == "New"
        lines = [json.loads(line) for line in two.said().splitlines() if line.startswith("{")]
        polls = [line for line in lines if line["event"] == "poll"]
        # The second one was sent it, and has not asked.
        assert [line.get("from_hub") for line in polls[polled:]] == [True]
        assert [source["polled_at"] for source in status()["sources"]] == [polled_at]
        assert (one.stop(), two.stop()) == (0, 0)

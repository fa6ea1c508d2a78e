"""Whether a loop still moves, and what the pages say of it."""

import json
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from feedbell.cli.serving import is_loopback
from feedbell.pulse import Pulse
from feedbell.readiness import has_feeds, moves
from feedbell.web.status import status_pages


def test_a_loop_that_waits_is_not_stuck_and_one_that_works_for_ever_is() -> None:
    now = [1000.0]
    pulse = Pulse(lambda: now[0])
    check = moves(pulse)
    assert check() is None
    pulse.beat()
    now[0] += 299
    assert check() is None
    pulse.beat()
    now[0] += 299
    assert check() is None
    now[0] += 2
    assert check() == "the work has not gone on for 301 seconds"
    pulse.rest()
    now[0] += 86_400
    assert check() is None


def test_a_page_says_what_is_wrong(tmp_path: Path) -> None:
    pages = status_pages(lambda: {"feeds": has_feeds(tmp_path), "loop": lambda: None}, None)
    assert set(pages) == {"/healthz", "/readyz"}
    answer = pages["/readyz"](Headers({}))
    assert answer.status == 503
    assert json.loads(answer.body) == {"ready": False, "checks": {"feeds": "there are no feeds yet", "loop": "ok"}}
    assert str(tmp_path) not in answer.body.decode()
    (tmp_path / "feeds").mkdir()
    answer = pages["/readyz"](Headers({}))
    assert (answer.status, json.loads(answer.body)["ready"]) == (200, True)
    assert answer.fields["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("", False),
        ("feeds.example.org", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback

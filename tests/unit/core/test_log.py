"""One call of log_event, read by people and by programs."""

import json
import logging
import subprocess
import sys
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest

from core.log import JsonFormatter, log_event

LOGGER = logging.getLogger("tests.log")


class State(StrEnum):
    PENDING = "pending"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger=LOGGER.name)
    return caplog


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    ("fields", "text", "values"),
    [
        ({}, "poll", {}),
        ({"read": 3, "error": None}, "poll read=3", {"read": 3}),
        ({"share": 0.5, "held": True}, "poll share=0.5 held=True", {"share": 0.5, "held": True}),
        ({"reason": "it is full"}, 'poll reason="it is full"', {"reason": "it is full"}),
        ({"reason": ""}, 'poll reason=""', {"reason": ""}),
        ({"state": State.PENDING}, "poll state=pending", {"state": "pending"}),
        ({"path": "财经\n.md\x1b\udc80"}, 'poll path="财经 .md"', {"path": "财经 .md"}),
        ({"why": "%s %d"}, 'poll why="%s %d"', {"why": "%s %d"}),
        ({"reason": ValueError("no\nsuch")}, 'poll reason="no such"', {"reason": "no such"}),
        ({"names": ["a", 1]}, "poll names=\"['a', 1]\"", {"names": ["a", 1]}),
        ({"event": "x", "time": 1}, "poll event=x time=1", {"event_": "x", "time_": 1}),
    ],
)
def test_one_call_two_forms(
    lines: pytest.LogCaptureFixture, fields: dict[str, Any], text: str, values: dict[str, Any]
) -> None:
    log_event(LOGGER, "poll", logging.WARNING, **fields)
    (record,) = lines.records
    assert record.getMessage() == text
    line = as_json(record)
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() == timedelta(0)
    assert moment.timestamp() == pytest.approx(record.created, abs=0.001)
    assert line == {"level": "warning", "logger": "tests.log", "event": "poll", **values}


def test_what_is_below_the_level_is_not_written(lines: pytest.LogCaptureFixture) -> None:
    LOGGER.setLevel(logging.WARNING)
    log_event(LOGGER, "poll", read=1)
    assert lines.records == []


def test_a_library_that_formats_its_own_lines(lines: pytest.LogCaptureFixture) -> None:
    LOGGER.warning("%s of %d\nlines", "first", 2)
    assert as_json(lines.records[0])["event"] == "first of 2 lines"


def test_an_exception_is_one_field(lines: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("of no use")
    except ValueError:
        LOGGER.debug("render-failed", exc_info=True)
    line = as_json(lines.records[0])
    assert (line["event"], line["level"]) == ("render-failed", "debug")
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: of no use")


_CRASH = """
import logging, sys, threading
from core.log import start_logging
start_logging(logging.INFO, ["feedbell"], "json")
logging.getLogger("feedbell.x").info("财经")
def fall(): raise RuntimeError("in a thread \\udc80")
thread = threading.Thread(target=fall, name="falling"); thread.start(); thread.join()
raise RuntimeError("at last")
"""


def test_what_nobody_caught_is_a_line_too_in_any_locale() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CRASH], capture_output=True, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    )
    assert ended.returncode == 1
    said = [json.loads(line) for line in ended.stderr.decode("utf-8").splitlines()]
    assert [(line["event"], line.get("thread")) for line in said] == [
        ("财经", None),
        ("crashed", "falling"),
        ("crashed", None),
    ]
    assert said[2]["exception"].endswith("RuntimeError: at last")

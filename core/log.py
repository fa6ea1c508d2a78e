"""Log lines: an event name and its fields, one line each, for people or as JSON."""

import json
import logging
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from types import TracebackType

from core.clock import rfc3339
from core.text import one_line

TEXT, JSON = "text", "json"

_OWN_KEYS = ("time", "level", "logger", "event", "exception")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """What a log line says. It travels in the record as its message, so that each format writes it in its own way."""

    name: str
    fields: Mapping[str, object]

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{key}={_quoted(value)}" for key, value in self.fields.items())])


def log_event(logger: logging.Logger, name: str, level: int = logging.INFO, **fields: object) -> None:
    """Write one log line: the event's name, then `key=value` for each field that is not None."""
    if logger.isEnabledFor(level):
        logger.log(level, LogEvent(name, {key: value for key, value in fields.items() if value is not None}))


def _quoted(value: object) -> str:
    text = one_line(str(value))
    return f'"{text}"' if " " in text or not text else text


class JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object (RFC 8259) on a line: time, level, logger, event, the event's fields.

    The times are RFC 3339 in UTC. Of other libraries' records the whole message is the event.
    """

    def format(self, record: logging.LogRecord) -> str:
        said = record.msg if isinstance(record.msg, LogEvent) else LogEvent(record.getMessage(), {})
        line: dict[str, object] = {
            "time": rfc3339(datetime.fromtimestamp(record.created, UTC), "milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": one_line(said.name),
        }
        line.update((_free(key), _as_json(value)) for key, value in said.fields.items())
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _free(key: str) -> str:
    """Return the key under which a field is written: those of every line are taken."""
    return f"{key}_" if key in _OWN_KEYS else key


def _as_json(value: object) -> object:
    if isinstance(value, bool) or type(value) in (int, float):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(one) for one in value]
    return one_line(str(value))


def start_logging(level: int, packages: Iterable[str] = (), form: str = TEXT) -> None:
    """Send log lines to standard error: of these packages at or above `level`, of all others the warnings."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=_FOR_PEOPLE, force=True)
    for package in packages:
        logging.getLogger(package).setLevel(level)
    if form == JSON:
        _write_json()
    elif sys.excepthook is _log_crash:
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__


_FOR_PEOPLE = "%(asctime)s %(levelname)s %(name)s %(message)s"


def _write_json() -> None:
    # JSON is UTF-8 whatever the machine's locale says, and `\\udc80` is how it writes half of a surrogate pair.
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    for to_stderr in logging.getLogger().handlers:
        to_stderr.setFormatter(JsonFormatter())
    # What nobody caught is a line as well: a log in which some lines are no JSON is hard to read by program.
    sys.excepthook, threading.excepthook = _log_crash, _log_thread_crash


_crashes = logging.getLogger("core.crash")


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _crashes.critical(LogEvent("crashed", {}), exc_info=(kind, error, trace))


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and not isinstance(crash.exc_value, SystemExit):
        thread = crash.thread.name if crash.thread else None
        found = (crash.exc_type, crash.exc_value, crash.exc_traceback)
        _crashes.critical(LogEvent("crashed", {"thread": thread}), exc_info=found)

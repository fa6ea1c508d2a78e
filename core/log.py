"""Log lines: an event name and its fields, one line each."""

import logging
import sys
from collections.abc import Iterable

from core.text import one_line


def log_event(logger: logging.Logger, name: str, level: int = logging.INFO, **fields: object) -> None:
    """Write one log line: the event's name, then `key=value` for each field that is not None."""
    if not logger.isEnabledFor(level):
        return
    parts = [f"{key}={_quoted(value)}" for key, value in fields.items() if value is not None]
    logger.log(level, "%s", " ".join([name, *parts]))


def _quoted(value: object) -> str:
    text = one_line(str(value))
    return f'"{text}"' if " " in text or not text else text


def start_logging(level: int, packages: Iterable[str] = ()) -> None:
    """Send log lines to standard error: of these packages at or above `level`, of all others the warnings."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for package in packages:
        logging.getLogger(package).setLevel(level)

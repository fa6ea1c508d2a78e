"""What services answer: JSON with codes of their own, and never a secret in what we keep of it. Pure."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.exchange import HttpResult
from notifier.channels.text import plain
from notifier.model import Outcome

_LONGEST_REASON = 300  # characters
# Tokens stand in paths and queries, and some services repeat the URL in their errors.
_SECRET = re.compile(
    r"(?P<query>\b(?:sig|sign|signature|access_token|token|key)(?:=|%3D))[^\s&\"'<>\\]+"
    r"|(?P<bot>\bbot)\d+:[\w-]+"
    r"|(?P<path>/(?:services|workflows|webhooks|hook)/)[^\s?\"'<>\\]+"
)
_JSON_FALSE = re.compile(rb'^\s*\{\s*"ok"\s*:\s*false')


def fields(result: HttpResult) -> Mapping[str, Any]:
    """Return the JSON object of the answer: empty if there is none, or it is longer than what we read."""
    try:
        answer = json.loads(result.excerpt)
    except (ValueError, RecursionError):
        # Of a long answer we have the beginning alone.
        return {"ok": False} if _JSON_FALSE.match(result.excerpt) else {}
    return answer if isinstance(answer, dict) else {}


def outcome(result: HttpResult) -> Outcome:
    """Return the outcome that the status alone tells."""
    return Outcome(
        status=result.status,
        error=result.error,
        reason=result.reason,
        retry_after=result.retry_after,
        excerpt=without_secrets(result.excerpt.decode(errors="replace")).encode(),
        latency_ms=result.latency_ms,
    )


def refused(result: HttpResult, reason: str, *, gone: bool = False, wait: float | None = None) -> Outcome:
    """Return the outcome of a message that was not taken. `wait` are the seconds that the service asks for."""
    rejected = result.status is not None and 200 <= result.status < 300
    return replace(
        outcome(result),
        error="rejected" if rejected else result.error,
        reason=plain(without_secrets(reason))[:_LONGEST_REASON] or result.reason,
        retry_after=result.retry_after if wait is None else str(math.ceil(wait)),
        rejected=rejected,
        gone=gone,
    )


def coded_outcome(
    result: HttpResult, key: str, words: str, *, gone: Mapping[int, str], pauses: Mapping[int, int]
) -> Outcome:
    """Return the outcome for a service that says 200 to everything and a code, 0 for success, in JSON."""
    if result.status is None:
        return outcome(result)
    answer = fields(result)
    said = code(answer.get(key))
    if said == 0 and 200 <= result.status < 300:
        return outcome(result)
    if said is None:
        strange = "the answer is not the service's" if 200 <= result.status < 300 else ""
        return refused(result, strange)
    reason = gone.get(said) or str(answer.get(words, ""))
    return refused(result, f"{said}: {reason}", gone=said in gone, wait=pauses.get(said))


def seconds(value: object) -> float | None:
    """Return a number of seconds from JSON, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return None
    return float(value)


def code(value: object) -> int | None:
    """Return an error code, which some services write as a text."""
    try:
        return int(str(value))
    except ValueError:
        return None


def without_secrets(text: str) -> str:
    """Return the text with the tokens of the services' URLs taken out."""
    return _SECRET.sub(lambda found: next(filter(None, found.groups()), "") + "…", text)

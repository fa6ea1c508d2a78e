"""What a callback is asked or told by a GET request, and what its answer means (W3C WebSub, section 5). Pure."""

from enum import Enum
from urllib.parse import urlencode

from core.exchange import Fetched, HttpError
from notifier.hub_requests import HubRequest, Mode

# Nobody answered: who is starting anew is there a moment later. Everything else is an answer.
_SILENT = frozenset({HttpError.RESOLVE, HttpError.CONNECT, HttpError.TIMEOUT})


class Answered(Enum):
    """What came of asking."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    SILENT = "silent"


def question(request: HubRequest, *, challenge: str, lease_seconds: int) -> str:
    """Return the address to ask: the callback as it is, with our parameters after its own."""
    fields = {"hub.mode": request.mode.value, "hub.topic": request.topic_asked}
    if request.mode is Mode.DENIED:
        if request.reason:
            fields["hub.reason"] = request.reason
    else:
        fields["hub.challenge"] = challenge
    if request.mode is Mode.SUBSCRIBE:
        fields["hub.lease_seconds"] = str(lease_seconds)
    callback = request.callback
    joint = "" if callback.endswith(("?", "&")) else "&" if "?" in callback else "?"
    return f"{callback}{joint}{urlencode(fields)}"


def read_answer(fetched: Fetched, challenge: str) -> Answered:
    """Return whether the callback wants what was asked: only a 2xx with the challenge, and nothing else, says so."""
    if fetched.status is None:
        return Answered.SILENT if fetched.error in _SILENT else Answered.NOT_CONFIRMED
    said = fetched.body == challenge.encode()
    return Answered.CONFIRMED if 200 <= fetched.status < 300 and said else Answered.NOT_CONFIRMED

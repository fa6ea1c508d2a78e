"""Several events in one message. Pure."""

import json
from collections.abc import Iterable
from datetime import datetime

from core.clock import rfc3339

DIGEST = "digest"  # the type of the event


def digest_payload(members: Iterable[tuple[str, str]], at: datetime) -> str:
    """Return the body of a digest, given the message ids of its events and their own bodies (JSON objects)."""
    events = ",".join(f'{{"id":{json.dumps(message_id)},{payload.lstrip()[1:]}' for message_id, payload in members)
    return f'{{"type":"{DIGEST}","timestamp":"{rfc3339(at)}","data":{{"version":1,"events":[{events}]}}}}'

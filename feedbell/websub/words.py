"""What a hub says for people, as far as it may be shown: without what it repeats of our secrets. Pure."""

import re

from core.text import one_line

_LONGEST = 200
# Callbacks' tokens and secrets look so, whichever they are.
_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9_-]{40,}")


def words_of(said: str) -> str:
    """Return a hub's words as one short line; nothing of a page of HTML."""
    if "<" in said:
        return ""
    return one_line(_LIKE_A_SECRET.sub("…", said), _LONGEST)

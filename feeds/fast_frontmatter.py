"""The short way through plain front matter: lines of `key: value` that mean the same to any YAML reader.

It answers only what it is certain of, and says nothing (None) to the rest: a test holds it equal to the full reader.
"""

import re

from feeds.yaml_text import Scalar

# The first character starts nothing in YAML; ` #` would start a comment, `: ` a map. The caller has checked that
# every character is printable, which leaves no tab, no exotic line break and no byte order mark.
_PLAIN = r"[0-9A-Za-z+/_(.\u00a1-\U0010ffff][^:#\n]*(?::(?=[^ \n])[^:#\n]*)*"
_LINE = re.compile(
    rf"""^([A-Za-z_][A-Za-z0-9_-]{{0,63}}): +(?:"([^"\\\n]+)"|'([^'\n]+)'|({_PLAIN})) *\n""", re.MULTILINE
)


def read_plain_lines(block: str) -> dict[str, Scalar] | None:
    """Return the keys and scalars of a block of front matter, or None if it takes a YAML reader to say."""
    found = _LINE.findall(block)
    # Each match takes one whole line, so as many matches as line ends leave nothing unread.
    if len(found) != block.count("\n") or block[-1:] != "\n" or not block.replace("\n", "").isprintable():
        return None
    values = {
        key: Scalar(plain.rstrip(" "), True) if plain else Scalar(double or single, False)
        for key, double, single, plain in found
    }
    return values if len(values) == len(found) else None

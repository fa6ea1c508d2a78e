"""The short way through plain front matter: lines of `key: value` that mean the same to any YAML reader.

It answers only what it is certain of, and says nothing (None) to the rest: a test holds it equal to the full reader.
"""

import re

from feeds.yaml_text import Scalar

# The first character starts nothing in YAML; ` #` would start a comment, `: ` a map. The caller has checked that
# every character is printable, which leaves no tab, no exotic line break and no byte order mark.
_PLAIN = r"[0-9A-Za-z+/_(.\u00a1-\U0010ffff][^:#]*(?::(?=[^ ])[^:#]*)*"
_LINE = re.compile(rf"""([A-Za-z_][A-Za-z0-9_-]{{0,63}}):(?: +(?:"([^"\\]*)"|'([^']*)'|({_PLAIN})))? *""")
_EMPTY = Scalar("", True)


def read_plain_lines(block: str) -> dict[str, Scalar] | None:
    """Return the keys and scalars of a block of front matter, or None if it takes a YAML reader to say."""
    lines = block.split("\n")
    if not "".join(lines).isprintable():
        return None
    values: dict[str, Scalar] = {}
    match_line = _LINE.fullmatch
    for line in lines:
        if not line:
            continue
        match = match_line(line)
        if match is None:
            return None
        key, double, single, plain = match.groups()
        if key in values:
            return None
        if plain is not None:
            values[key] = Scalar(plain.rstrip(" "), True)
        elif double is not None:
            values[key] = Scalar(double, False)
        elif single is not None:
            values[key] = Scalar(single, False)
        else:
            values[key] = _EMPTY
    return values

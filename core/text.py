"""Text that is safe to put anywhere: no character that XML forbids, no line break where one line is meant."""

import re

# XML 1.0 section 2.2 forbids these, and section 2.11 leaves no way to escape them.
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Bidirectional overrides and isolates reorder the text around them (Unicode TR 36, section 2.5.1).
_INVISIBLE = re.compile("[\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def xml_legal(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    # What is printable is legal, and found to be so much faster.
    return text if text.isprintable() else _ILLEGAL_IN_XML.sub("", text)


def printable(text: str) -> str:
    """Return the text with what would steer a terminal, end its line or hide written out, such as `\\x1b`."""
    return text if text.isprintable() else _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str, limit: int = 500) -> str:
    """Return the text as one clean line of at most `limit` characters, cut with an ellipsis.

    Runs of white space become one space; control characters, zero-width spaces and bidirectional overrides go.
    """
    if text.isprintable() and "  " not in text:
        # Nothing to clean: of white space, only the space itself is printable.
        line = text.strip()
    else:
        line = " ".join(_INVISIBLE.sub("", _ILLEGAL_IN_XML.sub("", text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"

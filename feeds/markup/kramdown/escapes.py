"""Text as HTML writes it."""

import re

_REFERENCE = r"&(?:[A-Za-z0-9_:][A-Za-z0-9_.:-]*|#[0-9]+|#x[0-9a-fA-F]+);"
_TEXT = re.compile(rf"{_REFERENCE}|[<>&]")
_ATTRIBUTE = re.compile(rf"{_REFERENCE}|[<>&\"]")
_ALL = re.compile("[<>&]")
_ESCAPES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], found[0])


def escape_text(text: str) -> str:
    """Return the text escaped; what looks like an entity stays one."""
    return _TEXT.sub(_escape, text)


def escape_attribute(text: str) -> str:
    """Return the text escaped for an attribute's value; what looks like an entity stays one."""
    return _ATTRIBUTE.sub(_escape, text)


def escape_all(text: str) -> str:
    """Return the text so that readers see each of its characters."""
    return _ALL.sub(_escape, text)

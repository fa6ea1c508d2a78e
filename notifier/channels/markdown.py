"""Markdown in which titles show as they are, whatever they hold. Pure."""

import re

from notifier.channels.links import link

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII punctuation (CommonMark 0.31.2, section 2.4)


def escaped(text: str, special: re.Pattern[str] = _SPECIAL) -> str:
    """Return the text with a backslash before each special character."""
    return special.sub(r"\\\g<0>", text)


def linked(text: str, url: str) -> str:
    """Return a link of a text that is escaped already; the text alone if the URL cannot be linked to."""
    target = link(url, avoid="()*_~';")
    return f"[{text}]({target})" if target else text

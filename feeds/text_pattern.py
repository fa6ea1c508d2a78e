"""Patterns for a line of text: `*` stands for any text, `{name}` for a name. Matched in time linear in the text."""

import re
from dataclasses import dataclass

NAME = "{name}"
# No end of a sentence and no bracket lies in a name; that keeps `*({name})` from taking half a paragraph.
_A_NAME = r"([^()（）\[\]【】<>《》。！？!?\n]{1,60}?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a pattern found."""

    name: str | None  # what stands at `{name}`, if the pattern has it


class TextPattern:
    """One pattern, which has to match a text from its beginning to its end; runs of white space count as one space."""

    def __init__(self, pattern: str) -> None:
        self._pieces = [_expression(piece) for piece in " ".join(pattern.split()).split("*")]
        self._pieces[-1] = re.compile(rf"{self._pieces[-1].pattern}\Z")

    def match(self, text: str) -> Match | None:
        """Return what the pattern found in a text; None if the text is another.

        Each piece between two `*` is taken where it comes first, so nothing is tried twice.
        """
        first, *others = self._pieces
        found = first.match(text)
        name = _name(found)
        for piece in others:
            if found is None:
                return None
            found = piece.search(text, found.end())
            name = _name(found) or name
        return Match(name=name) if found is not None else None


def _expression(piece: str) -> re.Pattern[str]:
    return re.compile(_A_NAME.join(re.escape(part) for part in piece.split(NAME)))


def _name(found: re.Match[str] | None) -> str | None:
    return found[1].strip() or None if found is not None and found.re.groups else None


def why_refused(pattern: str, *, needs_name: bool) -> str | None:
    """Return why a pattern cannot be used; None if it can."""
    if len(pattern) > 500:
        return "a pattern has at most 500 characters"
    if pattern.count(NAME) > 1 or (needs_name and NAME not in pattern):
        return f"write {NAME} once, where the name stands, such as `By {NAME}`"
    if f"{NAME}*" in pattern or f"*{NAME}" in pattern:
        return f"nothing tells {NAME} from the text beside it; write what stands between, such as `* by {NAME}, *`"
    if not pattern.replace("*", "").strip():
        return "it would match every text; write some of the text that it is for"
    return None

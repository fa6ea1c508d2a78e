"""What Python-Markdown, Pelican's Markdown, does otherwise than CommonMark, done to a text before it is read as that.

`#Heading` needs no space; a reference (`[name]: address`) may stand right below a paragraph, and the last one of a
name counts; the address of a link may go over several lines.
"""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^(#{1,6})(?=[^# \t\n])")
_REFERENCE = re.compile(
    r" {0,3}\[([^\[\]\n^][^\[\]\n]{0,200})\]:[ ]{0,20}\S{0,2000}(?:[ ]{1,20}[\"'(][^\n]{0,500})?[ ]*"
)
_OPEN_LINK = re.compile(r"\]\(https?://[^()\s]{0,2000}$")
_NEXT_PART = re.compile(r"[ \t]*([^()\s]{1,2000}(\)\S*)?)(?:[ \t](.*))?")


def as_commonmark(text: str) -> str:
    """Return the text as CommonMark that says the same."""
    if "#" not in text and "]:" not in text and "](" not in text:
        return text
    lines = _with_closed_links(text.split("\n"))
    kinds = _kinds(lines)
    last = {name: at for at, name in enumerate(kinds) if name}
    written: list[str] = []
    below_text = False
    for at, (line, name) in enumerate(zip(lines, kinds, strict=True)):
        if name:
            if last[name] != at:
                continue
            if below_text:
                written.append("")
        elif name is None and line.startswith("#"):
            line = _HEADING.sub(r"\1 ", line, count=1)
        below_text = name is None and bool(line.strip())
        written.append(line)
    return "\n".join(written)


def _with_closed_links(lines: list[str]) -> list[str]:
    """Return the lines with each address that a line breaks off on the line that it begins on."""
    if not any(map(_OPEN_LINK.search, lines)):
        return lines
    written: list[str] = []
    for line, kind in zip(lines, _kinds(lines), strict=True):
        part = _NEXT_PART.fullmatch(line) if written and kind is None else None
        if part is not None and (part[2] or part[3] is None) and _OPEN_LINK.search(written[-1]) is not None:
            written[-1] += part[1]
            written += [part[3]] if part[3] else []
        else:
            written.append(line)
    return written


def _kinds(lines: list[str]) -> list[str | None]:
    """Return, for each line, the name of its reference, None for a line of text, "" for one of code."""
    kinds: list[str | None] = []
    fence = ""
    for line in lines:
        opening = _FENCE.match(line)
        if fence:
            kinds.append("")
            fence = "" if opening is not None and opening[1].startswith(fence) else fence
            continue
        if opening is not None:
            fence = opening[1]
            kinds.append("")
            continue
        reference = _REFERENCE.fullmatch(line) if "]:" in line else None
        kinds.append(" ".join(reference[1].lower().split()) if reference is not None else None)
    return kinds

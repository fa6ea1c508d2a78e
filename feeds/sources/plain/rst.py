"""reStructuredText as readable text: title and fields of its head, and its body as Markdown. Not a full reader.

Kept: headings, paragraphs, lists, literal and code blocks, links, pictures, emphasis. Any other directive loses its
line and its options, and keeps what stands below it; roles keep their text; comments go; tables stay as written.
"""

import re
from html import escape

from feeds.yaml_text import Node, Scalar

_FIELD = re.compile(r":([^:\n]{1,100}):(?:[ \t]+(.*))?")
_RULE = re.compile(r"([!-/:-@\[-`{-~])\1+")
_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|[^|\n]{1,200}\|[ \t]+)?([\w:+.-]+)::(?:[ \t]+(.*))?")
_TARGET = re.compile(r"\.\.[ \t]+_(`[^`\n]+`|[^:\n]{1,300}):[ \t]*(.*)")
_OPTION = re.compile(r":[\w-]+:(?:[ \t].*)?")
_CODE = frozenset({"code", "code-block", "sourcecode", "highlight", "parsed-literal"})
_GONE = frozenset({"raw", "contents", "include", "role", "meta", "default-role", "class", "target-notes", "math"})
_LINK = re.compile(r"`([^`<]{1,500}?)\s*<([^<>]{1,2000})>`__?")
_NAMED_LINK = re.compile(r"`([^`]{1,500})`_+(?!\w)|(?<![\w`])([A-Za-z][\w.-]{0,200}?)_(?![\w`])")
_ROLE = re.compile(r":[A-Za-z][\w:+.-]{0,60}:`([^`]{1,500})`")
_ROLE_TARGET = re.compile(r"\s*<[^<>]*>$")
_INTERPRETED = re.compile(r"(?<![`\w\\])`([^`]{1,500})`(?![`\w_])")
_BARE = re.compile(r"(?<![\w<(\[\"'/`])https?://[^\s<>`\[\]]{1,2000}[^\s<>`\[\].,;:!?'\")]")
_FOOTNOTE = re.compile(r"\s?\[(?:#?[\w-]*|\*)\]_(?!\w)")
_LITERAL = re.compile(r"(``[^`](?:[^`]|`(?!`)){0,1000}``)")
_HEAD_LINES = 400
_LONGEST_PARAGRAPH = 200  # lines


def read_rst_head(text: str) -> tuple[dict[str, Node], dict[str, Node], int]:
    """Return the title (empty if there is none), the fields below it, and where the text begins."""
    lines = text[:64_000].split("\n")[:_HEAD_LINES]
    at = _skip_blank(lines, 0)
    title: dict[str, Node] = {}
    found = _heading(lines, at)
    if found is not None:
        title["title"], at = Scalar(found[0], False), found[1]
    values: dict[str, Node] = {}
    first = at
    at = _skip_blank(lines, at)
    while at < len(lines) and (field := _FIELD.fullmatch(lines[at])) is not None:
        key, parts, at = field[1].strip().lower(), [(field[2] or "").strip()], at + 1
        while at < len(lines) and lines[at][:1] in (" ", "\t") and lines[at].strip():
            parts.append(lines[at].strip())
            at += 1
        values.setdefault(key, _field(parts))
    end = at if values else first
    return title, values, sum(len(line) + 1 for line in lines[:end]) if end else 0


def _field(parts: list[str]) -> Node:
    filled = [part for part in parts if part]
    if len(filled) > 1 and all(part.startswith(("- ", "* ")) for part in filled):
        return [Scalar(part[2:].strip(), False) for part in filled]
    return Scalar(" ".join(filled), not filled)


def _skip_blank(lines: list[str], at: int) -> int:
    """Pass over blank lines and comments."""
    while at < len(lines):
        line = lines[at]
        if line.startswith("..") and _DIRECTIVE.match(line) is None and _TARGET.match(line) is None:
            at += 1
            while at < len(lines) and lines[at].strip() and lines[at][0] in " \t":
                at += 1
        elif line.strip():
            break
        else:
            at += 1
    return at


def _heading(lines: list[str], at: int) -> tuple[str, int] | None:
    """Return a heading that begins here, and the line after it."""
    if at + 2 < len(lines) and _is_rule(lines[at]) and lines[at + 1].strip() and _is_rule(lines[at + 2]):
        return lines[at + 1].strip(), at + 3
    if at + 1 < len(lines) and _is_title(lines[at]) and _is_rule(lines[at + 1]):
        return (lines[at].strip(), at + 2) if len(lines[at + 1].strip()) >= min(4, len(lines[at].strip())) else None
    return None


def _is_rule(line: str) -> bool:
    return len(line) < 500 and _RULE.fullmatch(line.rstrip()) is not None


def _is_title(line: str) -> bool:
    return bool(line.strip()) and line[0] not in " \t" and not line.startswith(("..", "- ", "* ", ">"))


def rst_to_markdown(text: str) -> str:
    """Return the body as Markdown, in time linear in its length."""
    return _Body(text).read()


class _Body:
    """One pass over the lines of one body."""

    def __init__(self, text: str) -> None:
        self._lines = text.expandtabs(4).split("\n")
        self._targets = _targets_of(self._lines)
        self._levels: dict[str, int] = {}
        self._out: list[str] = []

    def read(self) -> str:
        at = 0
        while at < len(self._lines):
            at = self._line(at)
        return "\n".join(self._out)

    def _line(self, at: int) -> int:
        line = self._lines[at]
        if line.startswith(".."):
            return self._explicit(at, line)
        found = _heading(self._lines[at : at + 3], 0) if line and line[0] not in " " else None
        if found is not None:
            mark = self._lines[at + found[1] - 1][0] + str(found[1])
            level = self._levels.setdefault(mark, len(self._levels) + 2)
            self._out += ["", "#" * min(level, 6) + " " + self._inline(found[0]), ""]
            return at + found[1]
        stripped = line.rstrip()
        if stripped.endswith("::"):
            return self._literal(at, stripped)
        return self._text(at)

    def _text(self, at: int) -> int:
        """Write a line with those below that go on with it, as links and roles may go over several."""
        end = at + 1
        while end < len(self._lines) and end - at < _LONGEST_PARAGRAPH and self._goes_on(end):
            end += 1
        self._out += self._inline("\n".join(line.rstrip() for line in self._lines[at:end])).split("\n")
        return end

    def _goes_on(self, at: int) -> bool:
        line = self._lines[at]
        if not line.strip() or line.startswith("..") or line.rstrip().endswith("::"):
            return False
        return line[0] == " " or _heading(self._lines[at : at + 3], 0) is None

    def _literal(self, at: int, line: str) -> int:
        said = line[:-2].rstrip()
        if said:
            self._out.append(self._inline(said) + ("" if line[:-2].endswith(" ") else ":"))
        indent = len(line) - len(line.lstrip())
        return self._code(at + 1, indent, "")

    def _explicit(self, at: int, line: str) -> int:
        directive = _DIRECTIVE.match(line)
        if directive is None:
            # A comment, a footnote or a target of a link.
            footnote = re.match(r"\.\.[ \t]+\[[^\]\n]{1,100}\][ \t]+(.*)", line)
            if footnote is not None:
                self._out += ["", self._inline(footnote[1])]
                return at + 1
            return self._past(at + 1)
        name, argument = directive[1].lower(), (directive[2] or "").strip()
        if name in _GONE:
            return self._past(at + 1)
        if name in _CODE:
            language = argument if re.fullmatch(r"[\w+#.-]{1,30}", argument) else ""
            return self._code(self._past_options(at + 1), 0, language)
        if name in ("image", "figure"):
            self._out += ["", f'<img src="{escape(argument)}" alt="">', ""]
        elif argument:
            self._out += ["", self._inline(argument)]
        return self._content(self._past_options(at + 1))

    def _past(self, at: int) -> int:
        while at < len(self._lines) and (not self._lines[at].strip() or self._lines[at][0] == " "):
            at += 1
        return at

    def _past_options(self, at: int) -> int:
        while at < len(self._lines) and _OPTION.fullmatch(self._lines[at].strip()) and self._lines[at][:1] == " ":
            at += 1
        return at

    def _content(self, at: int) -> int:
        """Write what stands below a directive as paragraphs of the text."""
        self._out.append("")
        while at < len(self._lines) and (not self._lines[at].strip() or self._lines[at][0] == " "):
            self._out.append(self._inline(self._lines[at].strip()))
            at += 1
        return at

    def _code(self, at: int, indent: int, language: str) -> int:
        """Write the lines below that are indented further as a code block."""
        block: list[str] = []
        while at < len(self._lines):
            line = self._lines[at]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            block.append(line.rstrip())
            at += 1
        code = _dedented(block)
        if code:
            fence = "`" * (max((len(run) for run in re.findall(r"`{3,}", code)), default=2) + 1)
            self._out += ["", f"{fence}{language}", code, fence, ""]
        return at

    def _inline(self, line: str) -> str:
        if "`" not in line and "_" not in line and "://" not in line:
            return line
        pieces = _LITERAL.split(line)
        pieces[::2] = [self._marked(piece) for piece in pieces[::2]]
        return "".join(pieces)

    def _marked(self, text: str) -> str:
        text = _BARE.sub(r"<\g<0>>", text)
        text = _LINK.sub(lambda m: self._link(m[1] or m[2], m[2]), text)
        text = _ROLE.sub(lambda m: _ROLE_TARGET.sub("", m[1]) or m[1], text)
        text = _FOOTNOTE.sub("", text)
        text = _NAMED_LINK.sub(self._named, text)
        return _INTERPRETED.sub(r"*\1*", text)

    def _named(self, match: re.Match[str]) -> str:
        text = match[1] or match[2]
        url = self._targets.get(" ".join(text.lower().split()))
        if url is None:
            return text if match[1] else match[0]
        return self._link(text, url)

    @staticmethod
    def _link(text: str, url: str) -> str:
        return f"[{text.strip()}](<{''.join(url.split())}>)"


def _targets_of(lines: list[str]) -> dict[str, str]:
    targets: dict[str, str] = {}
    for line in lines:
        if line.startswith(".. _") and (found := _TARGET.match(line)) is not None and found[2]:
            targets.setdefault(found[1].strip("`").lower(), found[2].strip())
    return targets


def _dedented(lines: list[str]) -> str:
    filled = [line for line in lines if line]
    indent = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return "\n".join(line[indent:] for line in lines).strip("\n")

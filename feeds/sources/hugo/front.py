"""A content file's front matter, found and read as Hugo 0.168 does: YAML, TOML, JSON or org-mode's keywords."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from feeds.frontmatter import Fault, read_fields
from feeds.model import Notice
from feeds.sources.hugo.settings import lower_keys
from feeds.structured import read_json, read_toml
from feeds.yaml_text import Node, Scalar

_SPACE = " \t\n\v\f\r\ufeff"
_JSON_MARKS = re.compile(r'["\\]|\{+|\}+')
_ORG_LINE = re.compile(r"#\+([A-Za-z0-9_]+)(\[\])?:[ \t]*(.*)")
_ORG_DATE = re.compile(r"[<\[](\d{4}-\d\d-\d\d) .*[>\]]", re.ASCII)
_ORG_DATES = ("date", "lastmod", "publishdate", "expirydate")
_SIZE_LIMIT = 64_000
_PLAIN_KEY = re.compile(r"[a-z0-9_-]*")
_RULE = {"YAML": "---", "TOML": "+++"}


class FrontMatterError(Exception):
    """Front matter that Hugo refuses as well. Lines and columns are the file's, from 1."""

    def __init__(self, code: str, reason: str, line: int | None, column: int | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.line, self.column = code, reason, line, column


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A file's text cut in two, its keys in lower case."""

    text: str
    values: Mapping[str, Node]
    block_start: int = 0
    body_start: int = 0
    notice: Notice | None = None

    @property
    def body(self) -> str:
        return self.text[self.body_start :]

    @property
    def body_line(self) -> int:
        """The line of the file, from 1, on which the body begins."""
        return self.text.count("\n", 0, self.body_start) + 1

    def line_of(self, key: str) -> int | None:
        """The line of the file on which a key of the front matter stands."""
        match = re.compile(rf"""^[ \t"'#+]*{re.escape(key)}["']?[ \t]*[:=\[]""", re.MULTILINE | re.IGNORECASE).search(
            self.text, self.block_start, self.body_start
        )
        return self.text.count("\n", 0, match.start()) + 1 if match else None


def read_front(text: str) -> Front:
    """Cut a file's text in two and read what stands first. Raises FrontMatterError."""
    kind, start, end, body = _split(text)
    if kind == "":
        return Front(text=text, values={})
    block = text[start:end]
    line = text.count("\n", 0, start) + 1
    notice: Notice | None = None
    if kind == "ORG":
        if len(block) > _SIZE_LIMIT:
            reason = f"its front matter is longer than {_SIZE_LIMIT} characters; shorten it"
            raise FrontMatterError("invalid-front-matter", reason, line)
        return Front(text=text, values=_read_org(block), block_start=start, body_start=body)
    if kind == "YAML":
        fields = read_fields(block.replace("\r\n", "\n") if "\r" in block else block)
        if isinstance(fields, Fault):
            raise _refused(fields, line - 2)
        found, notice = fields.values, _moved(fields.notice, line - 2)
    else:
        read = (read_toml if kind == "TOML" else read_json)(block, size_limit=_SIZE_LIMIT)
        if isinstance(read, Fault):
            raise _refused(read, line - 1)
        found = read if "\\u" not in block else {_legal(key): _legal_node(value) for key, value in read.items()}
    return Front(text=text, values=_lowered(found), block_start=start, body_start=body, notice=notice)


def _split(text: str) -> tuple[str, int, int, int]:
    """Return the kind of front matter, where it begins and ends, and where the body begins."""
    position = 0
    while position < len(text) and text[position] in _SPACE:
        position += 1
    first = text[position : position + 1]
    if first in ("-", "+"):
        return _between_rules(text, position, "YAML" if first == "-" else "TOML")
    if first == "{":
        end = _json_end(text, position)
        return "JSON", position, end, _after_line_end(text, end)
    if text.startswith("#+", position):
        return _org_lines(text, position)
    return "", 0, 0, 0


def _between_rules(text: str, position: int, kind: str) -> tuple[str, int, int, int]:
    rule = _RULE[kind]
    line = text.count("\n", 0, position) + 1
    if not text.startswith(rule, position):
        reason = (
            f"it begins with {rule[0]}, which Hugo takes for front matter; write {rule} on a line of its own above it"
        )
        raise FrontMatterError("invalid-front-matter", reason, line, 1)
    start = _after_line_end(text, position + 3)
    if start > position + 3 and text.startswith(rule, start):
        closing = start
    else:
        found = text.find(f"\n{rule}", start)
        closing = found + 1
        if found < 0:
            reason = f"its front matter begins with {rule} and never ends; write {rule} on a line of its own below it"
            raise FrontMatterError("unclosed-front-matter", reason, line)
    return kind, start, closing, _after_line_end(text, closing + 3)


def _after_line_end(text: str, position: int) -> int:
    """Past the end of the line, if that is here."""
    if text.startswith("\r\n", position):
        return position + 2
    return position + 1 if text.startswith("\n", position) else position


def _json_end(text: str, position: int) -> int:
    level = 0
    quoted = False
    start = position
    while (match := _JSON_MARKS.search(text, position)) is not None:
        mark, position = match[0], match.end()
        if mark == "\\":
            position += 1
        elif mark == '"':
            quoted = not quoted
        elif not quoted and mark[0] == "{":
            level += len(mark)
        elif not quoted and len(mark) >= level:
            return match.start() + level
        elif not quoted:
            level -= len(mark)
    reason = (
        "it begins with {, which Hugo takes for JSON, and that never ends; write a line of --- and another above it"
    )
    raise FrontMatterError("unclosed-front-matter", reason, text.count("\n", 0, start) + 1)


def _org_lines(text: str, position: int) -> tuple[str, int, int, int]:
    end = position
    while text.startswith("#+", end):
        line_end = text.find("\n", end)
        if line_end < 0:
            return "ORG", position, len(text), len(text)
        end = line_end + 1
    return "ORG", position, end, end


def _read_org(block: str) -> dict[str, Node]:
    """Read `#+key: value`. `#+key[]: a b` is a list of words, and a key that stands there twice one of its lines."""
    values: dict[str, Node] = {}
    for line in block.splitlines():
        match = _ORG_LINE.fullmatch(line.strip())
        if match is None:
            continue
        key, text = match[1].lower(), match[3].strip()
        known = values.get(key)
        if match[2]:
            values[key] = [Scalar(word, False) for word in text.split()]
        elif key == "filetags":
            values[key] = [Scalar(word, False) for word in text.removeprefix(":").removesuffix(":").split(":")]
        elif known is not None:
            values[key] = [*(known if isinstance(known, list) else [known]), Scalar(text, False)]
        else:
            date = _ORG_DATE.match(text) if key in _ORG_DATES else None
            values[key] = Scalar(date[1] if date else text, False)
    return values


def _legal_node(node: Node) -> Node:
    """JSON can name half a character; Go puts U+FFFD in its place. Nodes are at most 32 deep."""
    if isinstance(node, dict):
        return {_legal(key): _legal_node(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_legal_node(item) for item in node]
    return Scalar(_legal(node.text), node.plain)


def _legal(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _lowered(found: Mapping[str, Node]) -> Mapping[str, Node]:
    # Nearly every block of front matter has neither a map nor a capital in its keys.
    for key, value in found.items():
        if not isinstance(value, Scalar) or _PLAIN_KEY.fullmatch(key) is None:
            return lower_keys(found)
    return found


def _refused(fault: Fault, above: int) -> FrontMatterError:
    line = None if fault.line is None else fault.line + above
    mend = "mend that line" if line is not None else "shorten it" if "longer" in fault.reason else "make it simpler"
    return FrontMatterError("invalid-front-matter", f"its front matter {fault.reason}; {mend}", line, fault.column)


def _moved(notice: Notice | None, above: int) -> Notice | None:
    if notice is None or above == 0 or notice.line is None:
        return notice
    return Notice(code=notice.code, reason=notice.reason, line=notice.line + above, column=notice.column)

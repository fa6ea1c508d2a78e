"""Where front matter ends, and what stands in it.

A block is read the short way if it is plain, else by libyaml, else line by line if its slips are plain to see.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from feeds.fast_frontmatter import read_plain_lines
from feeds.model import Notice
from feeds.yaml_text import SIZE_LIMIT, Fault, Node, Scalar, read_yaml

__all__ = ["Fault", "Fields", "FrontMatter", "Node", "Scalar", "read_fields", "read_fields_with_yaml", "split"]

# Jekyll: \A(---\s*\n.*?\n?)^((---|\.\.\.)\s*$\n?) with Ruby's /m. Cut in two, because as one expression it takes
# quadratic time on a file of empty lines. The blank lines after the closing mark belong to it, as there.
_OPENING = re.compile(r"---[ \t\r\f\v]*\n")
_CLOSING = re.compile(r"\n(?:---|\.\.\.)\s*(?:\n|\Z)", re.ASCII)

_TOP_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*:(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A file's text cut in two. `block` is None without front matter; its first line is the file's second."""

    text: str
    block: str | None = None
    body_start: int = 0
    closed: bool = True  # False: an opening mark and no closing one

    @property
    def body(self) -> str:
        return self.text[self.body_start :]

    @property
    def body_line(self) -> int:
        """The line of the file, from 1, on which the body begins."""
        return self.text.count("\n", 0, self.body_start) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What stands in front matter, and what had to be guessed for it."""

    values: Mapping[str, Node]
    notice: Notice | None = None


def split(text: str) -> FrontMatter:
    """Cut a file's text where Jekyll cuts it."""
    opening = _OPENING.match(text)
    if opening is None:
        return FrontMatter(text)
    start = opening.end()
    closing = _CLOSING.search(text, start - 1)
    if closing is None:
        return FrontMatter(text, closed=False)
    return FrontMatter(text, text[start : closing.start() + 1], closing.end())


def read_fields(block: str) -> Fields | Fault:
    """Read a block of front matter; the lines and columns of a Fault and a warning are the file's."""
    if len(block) <= SIZE_LIMIT:
        values = read_plain_lines(block)
        if values is not None:
            return Fields(values=values)
    return read_fields_with_yaml(block)


def read_fields_with_yaml(block: str) -> Fields | Fault:
    """Read a block of front matter with libyaml, then by rescue."""
    node = read_yaml("---\n" + block)  # so that libyaml's lines are the file's
    if isinstance(node, Fault):
        return _rescue(block, node) if node.syntax else node
    if node is None or (isinstance(node, Scalar) and node.null):
        return Fields(values={})
    if not isinstance(node, dict):
        return Fault(reason="is not a list of `key: value` lines", line=2, column=1)
    return Fields(values=node)


def _rescue(block: str, fault: Fault) -> Fields | Fault:
    values: dict[str, Node] = {}
    guessed: list[int] = []
    for line, chunk in _chunks(block):
        read = read_yaml(chunk)
        if isinstance(read, dict):
            values.update(read)
        elif isinstance(read, Fault) and not read.syntax:
            return Fault(reason=read.reason, line=line, column=1)
        elif read is not None:
            match = _TOP_LINE.fullmatch(chunk.rstrip())
            if match is None or _is_broken_list(match[2] or ""):
                return fault
            values[match[1]] = _as_written(match[2] or "")
            guessed.append(line)
    if not guessed:
        return fault
    others = f", as are {len(guessed) - 1} more" if len(guessed) > 1 else ""
    mend = "put the value in single quotes, each ' in it doubled"
    reason = f"the line is not valid YAML{others}; it is read as written: {mend}"
    return Fields(values=values, notice=Notice(code="rescued", reason=reason, line=guessed[0], column=1))


def _is_broken_list(value: str) -> bool:
    """Whether a value was meant as a list or a map; `[AI] a title` was not."""
    value = value.strip()
    closing = {"[": "]", "{": "}"}.get(value[:1])
    return closing is not None and (closing not in value or value.endswith(closing))


def _chunks(block: str) -> Iterator[tuple[int, str]]:
    """Cut a block into its top-level keys, each with the lines that hang on it, and the number of the first."""
    chunk: list[str] = []
    first = 2
    for number, line in enumerate(block.split("\n"), start=2):
        if chunk and (not line.strip() or line[0] in " \t-#]}"):
            chunk.append(line)
            continue
        if chunk:
            yield first, "\n".join(chunk)
        chunk, first = ([line], number) if line.strip() else ([], number)
    if chunk:
        yield first, "\n".join(chunk)


def _as_written(value: str) -> Scalar:
    """The text between the outer quotes, or the bare text."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return Scalar(value[1:-1], False)
    return Scalar(value, False)

"""CSS selectors whose time is bounded: a part at a time, each looked for once.

An engine that matches a whole selector backwards tries each way through the elements above or before another, and
`x ~ i ~ i` keeps it busy for minutes in a text of 5,000 elements. Here each combinator (Selectors Level 4, section
15) takes time linear in the elements, times their depth for those below others.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_QUOTED = r"\"[^\"]*+\"|'[^']*+'"
_BRACKETS = rf"\[[^\]\"']*+(?:(?:{_QUOTED})[^\]\"']*+)*\]"
_TOKEN = re.compile(
    rf"(?P<part>\\.|{_BRACKETS}|[^\s>+~,()\[\]\"'\\])"
    rf"|(?P<arguments>\((?:[^()\[\]\"']|{_BRACKETS}|{_QUOTED})*\))"
    r"|(?P<combinator>\s*[>+~,]\s*|\s+)",
    re.DOTALL,
)
_ARGUMENTS_THAT_COUNT = re.compile(r":nth-[a-z-]+\Z|:lexbor-contains\Z", re.IGNORECASE)
_ANY_COMBINATOR = re.compile(r"[\s>+~]")

_Steps = list[tuple[str, str]]  # combinator, compound selector


class Selector:
    """A list of selectors. Raises ValueError for what is none or cannot be bounded."""

    def __init__(self, written: str) -> None:
        self._alternatives = list(_alternatives(written.strip()))
        probe = LexborHTMLParser("<p>a</p>")
        for steps in self._alternatives:
            for _, compound in steps:
                try:
                    probe.css(compound)
                except SelectolaxError:
                    raise ValueError(f"{compound!r} is no selector") from None

    def find(self, root: LexborNode) -> list[LexborNode]:
        """Return the elements below a root that it selects, those of each alternative in the text's order."""
        found = (node for steps in self._alternatives for node in _select(root, steps))
        return list({node.mem_id: node for node in found}.values())


def _alternatives(written: str) -> Iterator[_Steps]:
    steps: _Steps = [("", "")]
    position = 0
    while position < len(written):
        token = _TOKEN.match(written, position)
        if token is None:
            raise ValueError(f"{written[position:][:20]!r} is no part of a selector")
        position = token.end()
        combinator, compound = steps[-1]
        if token["combinator"] is None:
            if token["arguments"]:
                _check(compound, token["arguments"])
            steps[-1] = (combinator, compound + token[0])
            continue
        if not compound:
            raise ValueError(f"nothing stands before {token[0]!r}")
        if token[0].strip() == ",":
            yield steps
            steps = [("", "")]
        else:
            steps.append((token[0].strip() or " ", ""))
    if not steps[-1][1]:
        raise ValueError("it ends too early")
    yield steps


def _check(compound: str, arguments: str) -> None:
    if _ARGUMENTS_THAT_COUNT.search(compound):
        return
    inner = re.sub(rf"{_BRACKETS}|\s*,\s*", "", arguments[1:-1].strip())
    if _ANY_COMBINATOR.search(inner):
        raise ValueError(f"write one simple selector into {arguments[:40]!r}, without spaces, `>`, `+` and `~`")


def _select(root: LexborNode, steps: Sequence[tuple[str, str]]) -> list[LexborNode]:
    found: list[LexborNode] = []
    for combinator, compound in steps:
        candidates = root.css(compound)
        if combinator:
            before = {node.mem_id for node in found}
            candidates = _after(combinator, before, candidates)
        found = candidates
        if not found:
            return []
    return found


def _after(combinator: str, before: set[int], candidates: Sequence[LexborNode]) -> list[LexborNode]:
    if combinator == " ":
        return [node for node in candidates if any(one.mem_id in before for one in above(node))]
    if combinator == ">":
        return [node for node in candidates if node.parent is not None and node.parent.mem_id in before]
    if combinator == "+":
        return [node for node in candidates if (one := _previous(node)) is not None and one.mem_id in before]
    return list(_later_siblings(before, candidates))


def _later_siblings(before: set[int], candidates: Iterable[LexborNode]) -> Iterator[LexborNode]:
    seen: dict[int, set[int]] = {}  # parent to its children after the first that counts
    for node in candidates:
        parent = node.parent
        if parent is None:
            continue
        if parent.mem_id not in seen:
            seen[parent.mem_id] = _after_first(before, parent)
        if node.mem_id in seen[parent.mem_id]:
            yield node


def _after_first(before: set[int], parent: LexborNode) -> set[int]:
    later: set[int] = set()
    counts = False
    child = parent.first_child
    while child is not None:
        if counts:
            later.add(child.mem_id)
        counts = counts or child.mem_id in before
        child = child.next
    return later


def _previous(node: LexborNode) -> LexborNode | None:
    previous = node.prev
    while previous is not None and not previous.is_element_node:
        previous = previous.prev
    return previous


def above(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements that a node stands in, the innermost first."""
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def why_selector_refused(written: str) -> str | None:
    """Return why a selector cannot be used; None if it can."""
    try:
        Selector(written)
    except ValueError as error:
        return str(error)
    return None

"""The spans of kramdown: emphasis, links, code, and the signs that characters stand for."""

import re
from collections.abc import Callable

from feeds.markup.kramdown import links, marks, quotes, span_html
from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.nodes import Kind, Node, add_text
from feeds.markup.kramdown.readers import Accepts, Spans

# Any place where a rule may begin. A quotation mark's rule begins at the character before it.
_PLACES = re.compile(r"[*_`<\[$&\\>~\"']|!\[|\{:|--|\.\.\.| >>|  \n")
_PLACES_OR_BRACKET = re.compile(_PLACES.pattern.replace(r"\[$", r"\[\]$", 1))
_CODE_PLACES = re.compile("`")
_HTML_PLACES = re.compile("<")
_CODE_AND_HTML_PLACES = re.compile("[`<]")


class SpanReader:
    """Reads the spans of one text into a node."""

    def __init__(self, document: Document, text: str, *, kind: Kind = Kind.TEXT) -> None:
        self.document = document
        self.text = text
        self.at = 0
        self.node = Node(Kind.SOURCE)
        self.above: list[Node] = []  # the nodes that the one we read into stands in
        self._kind = kind
        self._rules = _RULES

    def read_into(
        self,
        node: Node,
        stop: re.Pattern[str] | None = None,
        accepts: Accepts | None = None,
        *,
        rules: "Rules | None" = None,
        has_brackets: bool = False,
    ) -> bool:
        """Read up to where `stop` fits and is accepted, or to the end; return whether the stop was found."""
        budget = self.document.budget
        budget.enter()
        self.above.append(self.node)
        outer_rules = self._rules
        self.node, self._rules = node, outer_rules if rules is None else rules
        places = _places(self._rules, has_brackets)
        found = self._read(node, places, stop, accepts)
        self.node, self._rules = self.above.pop(), outer_rules
        budget.leave()
        return found

    def _read(self, node: Node, places: re.Pattern[str], stop: re.Pattern[str] | None, accepts: Accepts | None) -> bool:
        text, spend = self.text, self.document.budget.spend
        has_quotes = self._rules is _RULES
        while self.at < len(text):
            at = self.at
            found = places.search(text, at)
            if not found:
                spend(len(text) - at)
                break
            here = found.start()
            spend(here - at)
            if has_quotes and here > at and text[here] in "\"'":
                here -= 1
            add_text(node, text[at:here], self._kind)
            self.at = here
            if stop and stop.match(text, here) and (accepts is None or accepts(node)):
                return True
            if not any(rule(self) for rule in self._rules.get(text[here], self._rules[""])):
                self.add(text[here])
                self.at = here + 1
        if stop is None:
            add_text(node, text[self.at :], self._kind)
            self.at = len(text)
        return False

    def read_html_into(self, node: Node, stop: re.Pattern[str]) -> bool:
        """Read as `read_into` does, but nothing is Markdown."""
        return self.read_into(node, stop, rules=_HTML_RULES)

    def add(self, text: str) -> None:
        """Add plain text to the node that we read into."""
        add_text(self.node, text, self._kind)

    def append(self, kind: Kind, value: str = "") -> Node:
        """Append a node to the one that we read into."""
        node = Node(kind, value)
        self.node.children.append(node)
        return node

    def is_inside(self, *kinds: Kind) -> bool:
        """Return whether the place where we read stands in a node of such a kind."""
        return self.node.kind in kinds or any(node.kind in kinds for node in self.above)

    def read_apart(self, text: str, node: Node) -> None:
        """Read another text, which knows nothing of where it stands."""
        self.document.budget.enter()
        SpanReader(self.document, text).read_into(node)
        self.document.budget.leave()


Rule = Callable[[Spans], bool]
Rules = dict[str, tuple[Rule, ...]]
_BRACKET: tuple[Rule, ...] = (links.read_footnote, links.read, quotes.read)
_SIGNS: tuple[Rule, ...] = (quotes.read, marks.read_sign)
# By the character that they begin with, in kramdown's order; a quotation mark may follow any.
_RULES: Rules = {
    "": (quotes.read,),
    "*": (marks.read_emphasis,),
    "_": (marks.read_emphasis,),
    "`": (marks.read_code,),
    "<": (links.read_auto, span_html.read, *_SIGNS),
    "[": _BRACKET,
    "!": (links.read, quotes.read),
    "$": (quotes.read, marks.read_math),
    "{": (quotes.read, span_html.read_extension),
    "&": (quotes.read, marks.read_entity),
    "-": _SIGNS,
    ".": _SIGNS,
    ">": _SIGNS,
    " ": (*_SIGNS, marks.read_break),
    "\\": (marks.read_sign, marks.read_break, marks.read_escape),
    "~": (quotes.read, marks.read_strikethrough),
}
_CODE_RULES: Rules = {"": (), "`": (marks.read_code,)}
_HTML_RULES: Rules = {"": (), "<": (span_html.read,)}
_CODE_AND_HTML_RULES: Rules = {**_CODE_RULES, **_HTML_RULES}


def _places(rules: Rules, has_brackets: bool) -> re.Pattern[str]:
    if rules is _RULES:
        return _PLACES_OR_BRACKET if has_brackets else _PLACES
    if rules is _CODE_RULES:
        return _CODE_PLACES
    return _HTML_PLACES if rules is _HTML_RULES else _CODE_AND_HTML_PLACES


def read_only(document: Document, text: str, *, code: bool, html: bool = False) -> list[Node]:
    """Return the text's code (and HTML) as nodes, and what stands between as text."""
    node = Node(Kind.ROOT)
    SpanReader(document, text, kind=Kind.SOURCE).read_into(node, rules=_CODE_AND_HTML_RULES if html else _CODE_RULES)
    return node.children

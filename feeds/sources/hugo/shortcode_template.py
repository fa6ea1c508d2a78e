"""The simplest of a site's own shortcode templates: HTML with arguments and inner text, read without running Go."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import NamedTuple, TypeAlias

from feeds.sources.hugo.shortcode_syntax import Tag

_ACTION = re.compile(
    r"\{\{(/\*.*?\*/|-\s+/\*.*?\*/(?:\s+-)?|(?:[^\"`}]|\"(?:[^\"\\\n]|\\.)*\"|`[^`]*+`|\}(?!\}))*)\}\}", re.DOTALL
)
_WORD = re.compile(r'\s*+("(?:[^"\\\n]|\\.)*"|`[^`]*+`|\||\(|\)|[^\s|()"`]++)')
_TAG = re.compile(r"<[^>]*+>")
_MOST_ACTIONS = 200
_DEEPEST = 10
_LARGEST = 65_536
_SAFE_AS = frozenset(("safeHTML", "safeURL", "safeHTMLAttr", "safeCSS"))


class Value(NamedTuple):
    """Text on its way into HTML."""

    text: str
    is_html: bool


class Call(NamedTuple):
    """One use of a shortcode, as its template sees it."""

    tag: Tag
    inner: str
    inner_deindented: str
    markdown: Callable[[str], str]  # without the paragraph around a single line
    markdown_block: Callable[[str], str]
    relative_url: Callable[[str], str]
    absolute_url: Callable[[str], str]


class Unreadable(Exception):
    """The template does more than we read."""


class _Text(NamedTuple):
    text: str


class _Output(NamedTuple):
    words: tuple[str, ...]


class _Branch(NamedTuple):
    words: tuple[str, ...]
    binds: bool  # `with` rather than `if`
    then: "Sequence[_Node]"
    otherwise: "Sequence[_Node]"


_Node: TypeAlias = _Text | _Output | _Branch


class ShortcodeTemplate:
    """A template that is read; raises Unreadable for one that does more."""

    def __init__(self, source: str) -> None:
        if len(source) > _LARGEST:
            raise Unreadable
        self._nodes = _Parser(source).parse()
        self.takes_inner = ".Inner" in source  # `.InnerDeindent` as well
        self._try()

    def _try(self) -> None:
        """Run it once, so that what it cannot do is known before a post uses it."""
        tag = Tag(0, 0, "x", False, False, False, ("x",) * 10, {})
        for node in _all(self._nodes):
            if not isinstance(node, _Text):
                _evaluate(node.words, Call(tag, "x", "x", str, str, str, str), Value("x", False))

    def render(self, call: Call) -> str:
        """Return what the template gives for one use."""
        out: list[str] = []
        _render(self._nodes, call, None, out)
        return "".join(out)


def _all(nodes: Sequence[_Node]) -> list[_Node]:
    found: list[_Node] = []
    for node in nodes:
        found.append(node)
        if isinstance(node, _Branch):
            found += _all(node.then) + _all(node.otherwise)
    return found


class _Open(NamedTuple):
    words: tuple[str, ...]
    binds: bool
    then: list[_Node]
    otherwise: list[_Node]
    has_else: list[bool]


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._root: list[_Node] = []
        self._open: list[_Open] = []

    def parse(self) -> Sequence[_Node]:
        position = 0
        trims = False
        for count, found in enumerate(_ACTION.finditer(self._source)):
            if count >= _MOST_ACTIONS:
                raise Unreadable
            action = found[1]
            text = self._source[position : found.start()]
            text = text.lstrip() if trims else text
            self._text(text.rstrip() if action[:1] == "-" and action[1:2].isspace() else text)
            trims = action[-1:] == "-" and action[-2:-1].isspace()
            position = found.end()
            self._action(action.strip("-").strip() if trims or action[:1] == "-" else action.strip())
        rest = self._source[position:]
        self._text(rest.lstrip() if trims else rest)
        if self._open:
            raise Unreadable
        return self._root

    def _target(self) -> list[_Node]:
        if not self._open:
            return self._root
        top = self._open[-1]
        return top.otherwise if top.has_else[0] else top.then

    def _text(self, text: str) -> None:
        if "{{" in text:
            raise Unreadable
        if text:
            self._target().append(_Text(text))

    def _action(self, action: str) -> None:
        if action.startswith("/*") or not action:
            return
        words = tuple(_words(action))
        if words[0] in ("with", "if"):
            if len(self._open) >= _DEEPEST:
                raise Unreadable
            self._open.append(_Open(words[1:], words[0] == "with", [], [], [False]))
        elif words == ("else",) and self._open and not self._open[-1].has_else[0]:
            self._open[-1].has_else[0] = True
        elif words == ("end",) and self._open:
            ended = self._open.pop()
            self._target().append(_Branch(ended.words, ended.binds, ended.then, ended.otherwise))
        else:
            self._target().append(_Output(words))


def _words(action: str) -> list[str]:
    words = []
    position = 0
    while position < len(action):
        found = _WORD.match(action, position)
        if found is None:
            if action[position:].strip():
                raise Unreadable
            break
        words.append(found[1])
        position = found.end()
    return words


def _render(nodes: Sequence[_Node], call: Call, dot: Value | None, out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, _Text):
            out.append(node.text)
        elif isinstance(node, _Output):
            value = _evaluate(node.words, call, dot)
            out.append(value.text if value.is_html else escape(value.text))
        else:
            value = _evaluate(node.words, call, dot)
            if value.text:
                _render(node.then, call, value if node.binds else dot, out)
            else:
                _render(node.otherwise, call, dot, out)


def without_tags(html: str) -> str:
    """Return the text between the tags."""
    return _TAG.sub("", html)


def _evaluate(words: Sequence[str], call: Call, dot: Value | None) -> Value:
    """Return what a pipeline gives: a value, then functions of it between bars."""
    pipeline: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            pipeline.append([])
        else:
            pipeline[-1].append(word)
    value = _first(pipeline[0], call, dot)
    for step in pipeline[1:]:
        value = _applied(step, value, call)
    return value


def _first(words: Sequence[str], call: Call, dot: Value | None) -> Value:
    if words and words[0] in _FUNCTIONS and len(words) > 1:
        return _applied(words[:1], _first(_unwrapped(words[1:]), call, dot), call)
    match words:
        case ["."] if dot is not None:
            return dot
        case [".Inner" | "$.Inner"]:
            return Value(call.inner, True)
        case [".InnerDeindent" | "$.InnerDeindent"]:
            return Value(call.inner_deindented, True)
        case [".Get" | "$.Get", key]:
            return Value(call.tag.get(_key(key)) or "", False)
        case [text] if text[0] in '"`':
            return Value(text[1:-1], False)
    raise Unreadable


def _unwrapped(words: Sequence[str]) -> Sequence[str]:
    return words[1:-1] if len(words) > 2 and words[0] == "(" and words[-1] == ")" else words


def _key(word: str) -> str | int:
    if word.isdecimal() and len(word) < 4:
        return int(word)
    if word[0] in '"`':
        return word[1:-1]
    raise Unreadable


def _applied(step: Sequence[str], value: Value, call: Call) -> Value:
    match step:
        case ["default", text] if text[0] in '"`':
            return value if value.text else Value(text[1:-1], False)
        case [name] if name in _FUNCTIONS:
            return _FUNCTIONS[name](value, call)
    raise Unreadable


_FUNCTIONS: Mapping[str, Callable[[Value, Call], Value]] = {
    **{name: lambda value, _: Value(value.text, True) for name in _SAFE_AS},
    "markdownify": lambda value, call: Value(call.markdown(value.text), True),
    ".Page.RenderString": lambda value, call: Value(call.markdown(value.text), True),
    "$.Page.RenderString": lambda value, call: Value(call.markdown(value.text), True),
    "relURL": lambda value, call: Value(call.relative_url(value.text), False),
    "absURL": lambda value, call: Value(call.absolute_url(value.text), False),
    "htmlEscape": lambda value, _: Value(escape(value.text), False),
    "plainify": lambda value, _: Value(without_tags(value.text), False),
}

"""A site's own shortcode templates, as far as they are HTML with arguments, inner text and simple decisions."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from feeds.sources.hugo.shortcode_expression import Pipeline, Scope, evaluate, is_variable, read_pipeline, words_of
from feeds.sources.hugo.shortcode_values import Call, Data, Items, Unreadable, Value, html_of, is_true

_ACTION = re.compile(
    r"\{\{(/\*.*?\*/|-\s+/\*.*?\*/(?:\s+-)?|(?:[^\"`}]|\"(?:[^\"\\\n]|\\.)*\"|`[^`]*+`|\}(?!\}))*)\}\}", re.DOTALL
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MOST_ACTIONS = 200
_MOST_TURNS = 500  # of all the loops of one use
_DEEPEST = 10
_LARGEST = 65_536


class _Text(NamedTuple):
    text: str


class _Output(NamedTuple):
    pipeline: Pipeline
    variable: str  # that is set; empty for what is shown
    declares: bool


class _Branch(NamedTuple):
    kind: str  # if, with, range
    pipeline: Pipeline
    variables: tuple[str, ...]
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
        self.is_frame = "<iframe" in source

    def render(self, call: Call) -> str:
        """Return what the template gives for one use. Raises Unreadable where it comes to something that we do not."""
        out: list[str] = []
        _Run(call, out).nodes(self._nodes, Scope(call, None, [{}]))
        return "".join(out)


class _Open(NamedTuple):
    kind: str
    pipeline: Pipeline
    variables: tuple[str, ...]
    then: list[_Node]
    otherwise: list[_Node]
    has_else: list[bool]
    is_chained: bool  # `else if`: it ends with the one around it


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._root: list[_Node] = []
        self._open: list[_Open] = []
        self._known: list[set[str]] = [set()]  # the variables of each open block

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
        if "<!--" in text:
            text = _COMMENT.sub("", text)  # Go's templates give none
        if text:
            self._target().append(_Text(text))

    def _action(self, action: str) -> None:
        if action.startswith("/*") or not action:
            return
        words = words_of(action)
        match words:
            case ["if" | "with" | "range" as kind, *rest]:
                self._branch(kind, rest, is_chained=False)
            case ["else", *rest]:
                self._else(rest)
            case ["end"] if self._open:
                self._end()
            case [name, ":=" | "=" as sign, *rest] if is_variable(name):
                pipeline = self._pipeline(rest)
                if sign == ":=":
                    self._known[-1].add(name)
                elif not any(name in known for known in self._known):
                    raise Unreadable
                self._target().append(_Output(pipeline, name, sign == ":="))
            case _:
                self._target().append(_Output(self._pipeline(words), "", False))

    def _pipeline(self, words: Sequence[str]) -> Pipeline:
        has_dot = any(block.kind != "if" and not block.has_else[0] for block in self._open)
        return read_pipeline(words, frozenset().union(*self._known), has_dot=has_dot)

    def _branch(self, kind: str, words: list[str], *, is_chained: bool) -> None:
        variables: tuple[str, ...] = ()
        match words:
            case [name, ":=", *rest] if is_variable(name):
                variables, words = (name,), rest
            case [key, ",", name, ":=", *rest] if kind == "range" and is_variable(key) and is_variable(name):
                variables, words = (key, name), rest
        if len(self._open) >= _DEEPEST:
            raise Unreadable
        self._open.append(_Open(kind, self._pipeline(words), variables, [], [], [False], is_chained))
        self._known.append(set(variables))

    def _else(self, words: list[str]) -> None:
        if not self._open or self._open[-1].has_else[0]:
            raise Unreadable
        self._open[-1].has_else[0] = True
        # A variable of the head is known in both parts; one that was declared in the first is not.
        self._known[-1] = set(self._open[-1].variables)
        match words:
            case []:
                return
            case ["if" | "with" as kind, *rest]:
                self._branch(kind, rest, is_chained=True)
            case _:
                raise Unreadable

    def _end(self) -> None:
        while True:
            ended = self._open.pop()
            self._known.pop()
            self._target().append(_Branch(ended.kind, ended.pipeline, ended.variables, ended.then, ended.otherwise))
            if not ended.is_chained:
                return


class _Run:
    """One use of a template."""

    def __init__(self, call: Call, out: list[str]) -> None:
        self._call = call
        self._out = out
        self._turns = 0

    def nodes(self, nodes: Sequence[_Node], scope: Scope) -> None:
        for node in nodes:
            if isinstance(node, _Text):
                self._out.append(node.text)
            elif isinstance(node, _Branch):
                self._branch(node, scope)
            elif node.variable:
                scope.put(node.variable, evaluate(node.pipeline, scope), declares=node.declares)
            else:
                self._out.append(html_of(evaluate(node.pipeline, scope)))

    def _branch(self, node: _Branch, scope: Scope) -> None:
        value = evaluate(node.pipeline, scope)
        if node.kind == "range":
            self._loop(node, value, scope)
            return
        own: dict[str, Data] = dict.fromkeys(node.variables, value)
        inner = [*scope.variables, own]
        if is_true(value):
            self.nodes(node.then, Scope(self._call, value if node.kind == "with" else scope.dot, inner))
        else:
            self.nodes(node.otherwise, Scope(self._call, scope.dot, inner))

    def _loop(self, node: _Branch, value: Data, scope: Scope) -> None:
        turns: list[tuple[Data, Data]]
        if isinstance(value, Items):
            turns = list(enumerate(value.items))
        elif isinstance(value, Mapping):
            turns = [(Value(key), value[key]) for key in sorted(value)]
        else:
            raise Unreadable
        self._turns += len(turns)
        if self._turns > _MOST_TURNS:
            raise Unreadable
        for key, item in turns:
            named = dict(zip(node.variables, (key, item) if len(node.variables) == 2 else (item,), strict=False))
            self.nodes(node.then, Scope(self._call, item, [*scope.variables, named]))
        if not turns:
            self.nodes(node.otherwise, Scope(self._call, scope.dot, [*scope.variables, {}]))

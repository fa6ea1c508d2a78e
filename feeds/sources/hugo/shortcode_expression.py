"""What stands between `{{` and `}}` of a shortcode's template: read once, then worked out for each use."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from feeds.sources.hugo.shortcode_functions import FUNCTIONS
from feeds.sources.hugo.shortcode_values import Call, Data, Unreadable, Value

_WORD = re.compile(r'\s*+("(?:[^"\\\n]|\\.)*"|`[^`]*+`|\||\(|\)|,|[^\s|()"`,]++)')
_VARIABLE = re.compile(r"\$\w+")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PARAMETER = re.compile(r"(?:(?:\$?\.Page)?\$?(?:\.Site|site)|(\$?\.Page))\.Params\.([\w.]+)")
_OWN_PARAMETER = re.compile(r"\$?\.Params\.(\w+)")
_DEEPEST = 10

_OWN: Mapping[str, Callable[[Call], Data]] = {
    "Inner": lambda call: Value(call.inner, True),
    "InnerDeindent": lambda call: Value(call.inner_deindented, True),
    "Params": Call.arguments,
    "Name": lambda call: Value(call.tag.name),
    "IsNamedParams": lambda call: bool(call.tag.named),
    "Position": lambda _: Value(""),  # only errors say it
}


class Scope(NamedTuple):
    """What the names in an expression stand for."""

    call: Call
    dot: Data | None  # None where it is the shortcode itself
    variables: list[dict[str, Data]]  # the innermost last

    def find(self, name: str) -> Data:
        """Return a variable."""
        return next(values[name] for values in reversed(self.variables) if name in values)

    def put(self, name: str, value: Data, *, declares: bool) -> None:
        """Set a variable, of the innermost block where it is declared."""
        values = self.variables[-1]
        if not declares:
            values = next(values for values in reversed(self.variables) if name in values)
        values[name] = value


class Pipeline(NamedTuple):
    """Commands between bars: what one gives is the next one's last argument."""

    commands: tuple[tuple["Term", ...], ...]


Term: TypeAlias = str | Pipeline


def words_of(action: str) -> list[str]:
    """Cut an action into words. Raises Unreadable."""
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


def read_pipeline(words: Sequence[str], variables: frozenset[str], *, has_dot: bool) -> Pipeline:
    """Read words as a pipeline; raises Unreadable for one that says what we do not know."""
    waiting = list(reversed(words))
    pipeline = _read(waiting, 0)
    if waiting:
        raise Unreadable
    _check(pipeline, variables, has_dot)
    return pipeline


def _read(waiting: list[str], depth: int) -> Pipeline:
    commands: list[tuple[Term, ...]] = []
    terms: list[Term] = []
    while waiting and waiting[-1] != ")":
        word = waiting.pop()
        if word == "(":
            if depth >= _DEEPEST:
                raise Unreadable
            terms.append(_read(waiting, depth + 1))
            if not waiting or waiting.pop() != ")":
                raise Unreadable
        elif word == "|":
            commands.append(tuple(terms))
            terms = []
        else:
            terms.append(word)
    commands.append(tuple(terms))
    if not all(commands):
        raise Unreadable
    return Pipeline(tuple(commands))


def _check(pipeline: Pipeline, variables: frozenset[str], has_dot: bool) -> None:
    for place, command in enumerate(pipeline.commands):
        head = command[0]
        is_called = isinstance(head, str) and (head in FUNCTIONS or head in (".Get", "$.Get"))
        if not is_called and (place > 0 or len(command) > 1):
            raise Unreadable
        for term in command[1:] if is_called else command:
            if isinstance(term, Pipeline):
                _check(term, variables, has_dot)
            elif not _is_known(term, variables, has_dot):
                raise Unreadable


def _is_known(word: str, variables: frozenset[str], has_dot: bool) -> bool:
    if word == ".":
        return has_dot
    if word[0] == "$" and word in variables:
        return True
    if word[0] in '"`' or word in ("true", "false") or _NUMBER.fullmatch(word):
        return True
    if word.removeprefix("$").removeprefix(".") in _OWN and "." in word:
        return True
    return _PARAMETER.fullmatch(word) is not None or _OWN_PARAMETER.fullmatch(word) is not None


def is_variable(word: str) -> bool:
    """Whether it is the name of a variable."""
    return _VARIABLE.fullmatch(word) is not None


def evaluate(pipeline: Pipeline, scope: Scope) -> Data:
    """Return what a pipeline gives. Raises Unreadable where it does more than we do."""
    value: Data | None = None
    for command in pipeline.commands:
        head, *terms = command
        given = [evaluate(term, scope) if isinstance(term, Pipeline) else _operand(term, scope) for term in terms]
        if value is not None:
            given.append(value)
        if isinstance(head, Pipeline):
            value = evaluate(head, scope)
        elif head in (".Get", "$.Get"):
            value = _argument(given, scope.call)
        elif head in FUNCTIONS:
            value = FUNCTIONS[head](scope.call, given)
        else:
            value = _operand(head, scope)
    if value is None:
        raise Unreadable
    return value


def _argument(given: Sequence[Data], call: Call) -> Data:
    match given:
        case [Value(text=name)]:
            return call.argument(name)
        case [int(place)]:
            return call.argument(place)
    raise Unreadable


def _operand(word: str, scope: Scope) -> Data:
    if word == "." and scope.dot is not None:
        return scope.dot
    if word[0] == "$" and is_variable(word):
        return scope.find(word)
    if word[0] == "`":
        return Value(word[1:-1])
    if word[0] == '"':
        return Value(_unquoted(word))
    if word in ("true", "false"):
        return word == "true"
    if word.isdecimal():
        return int(word)
    if (own := _OWN.get(word.removeprefix("$").removeprefix("."))) is not None:
        return own(scope.call)
    return _parameter(word, scope.call)


def _unquoted(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError as error:
        raise Unreadable from error


def _parameter(word: str, call: Call) -> Data:
    if found := _OWN_PARAMETER.fullmatch(word):
        return call.argument(found[1])
    if found := _PARAMETER.fullmatch(word):
        value = (call.page_parameter if found[1] else call.site_parameter)(found[2])
        return value if isinstance(value, bool) else Value(value or "")
    raise Unreadable

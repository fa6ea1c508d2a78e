"""Reads expressions as Ruby's Liquid does: first strictly, and where that fails by its lax rule, which makes the best
of what is there. Jekyll only warns of the second, so posts are full of it."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.token import Token

from feeds.sources.jekyll.liquid.expressions import (
    Comparison,
    Condition,
    Constant,
    FilterCall,
    Filtered,
    Lookup,
    RangeOf,
    Special,
)

_LONGEST_LAX = 4_000
_LONGEST_NUMBER = 300
_DEEPEST = 12
_A = re.ASCII

QUOTED = r"\"[^\"]*\"|'[^']*'"
FRAGMENT = rf"(?:{QUOTED}|(?:[^\s,|'\"]|{QUOTED})+)"
_FRAGMENT = re.compile(FRAGMENT, _A)
_HEAD = re.compile(rf"({FRAGMENT})(.*)", _A | re.DOTALL)
_FILTERS = re.compile(r"\|\s*(.*)", _A | re.DOTALL)
_FILTER = re.compile(rf"(?:\s+|{FRAGMENT}|,)+", _A)
_FILTER_ARGUMENT = re.compile(rf"[:,]\s*((?:\w+\s*:\s*)?{FRAGMENT})", _A)
_NAMED = re.compile(rf"(\w[\w-]*)\s*:\s*({FRAGMENT})", _A)
_WORD = re.compile(r"\w+", _A)
_JOINED = re.compile(rf"(?:\b(?:\s?and\s?|\s?or\s?)\b|(?:\s*(?!\b(?:\s?and\s?|\s?or\s?)\b)(?:{FRAGMENT}|\S+)\s*)+)", _A)
_COMPARED = re.compile(rf"({FRAGMENT})\s*([=!<>a-z_]+)?\s*({FRAGMENT})?", _A)

_CHOICE = re.compile(rf"({FRAGMENT})(?:(?:\s+or\s+|\s*,\s*)({FRAGMENT}.*))?", _A | re.DOTALL)

_INTEGER = re.compile(r"-?\d+", _A)
_RANGE = re.compile(r"\(\s*(?>(\S+)\s*\.\.)\s*(\S+)\s*\)", _A)
_FLOAT = re.compile(r"-?\d[\d.]+", _A)
_FLOAT_HEAD = re.compile(r"-?\d+(?:\.\d+)?", _A)
_PATH = re.compile(r"\[[^\]]+\]|[\w-]+\??", _A)
_LITERALS: dict[str, bool | None] = {"nil": None, "null": None, "": None, "true": True, "false": False}

_STRICT = re.compile(
    r"\s*(?:(?P<comparison>==|!=|<>|<=?|>=?|contains(?=\s))|(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<id>[a-zA-Z_][\w-]*\??)|(?P<dotdot>\.\.)|(?P<mark>[|.:,\[\]()?-]))",
    _A,
)
_T = TypeVar("_T")


class _NotStrictError(Exception):
    """Ruby's strict parser refuses it."""


def parse_value(markup: str, token: Token) -> Expression:
    """Read `value | filter: argument, …`, as in outputs and assignments. Raises LiquidSyntaxError."""
    return _strict_or_lax(markup, token, _strict_filtered, _lax_filtered)


def parse_condition(markup: str, token: Token) -> Condition:
    """Read what stands in `if`. Raises LiquidSyntaxError."""
    return _strict_or_lax(markup, token, _strict_condition, _lax_condition)


def parse_strict_condition(markup: str, token: Token) -> Condition:
    """Read what `where_exp` is given: only what the strict parser takes. Raises LiquidSyntaxError."""
    try:
        return _strict_condition(_Strict(markup), token)
    except _NotStrictError as error:
        raise LiquidSyntaxError("is no condition", token=token) from error


def _strict_or_lax(
    markup: str, token: Token, strict: "Callable[[_Strict, Token], _T]", lax: Callable[[str, Token], _T]
) -> _T:
    try:
        return strict(_Strict(markup), token)
    except _NotStrictError:
        if len(markup) > _LONGEST_LAX:
            raise LiquidSyntaxError("a tag is long and cannot be read", token=token) from None
        return lax(markup, token)


def parse_expression(markup: str, token: Token, depth: int = 0) -> Expression:
    """Read one operand, as Ruby's Expression.parse does: it never fails."""
    markup = markup.strip()
    if len(markup) > 1 and markup[0] in "\"'" and markup[0] == markup[-1]:
        return Constant(token, markup[1:-1])
    if markup in _LITERALS:
        return Constant(token, _LITERALS[markup])
    if markup in ("empty", "blank"):
        return Special(token, empty=markup == "empty")
    if markup[0] in "-0123456789" and len(markup) < _LONGEST_NUMBER:
        if _INTEGER.fullmatch(markup) is not None:
            return Constant(token, int(markup))
        if _FLOAT.fullmatch(markup) is not None and (head := _FLOAT_HEAD.match(markup)) is not None:
            return Constant(token, float(head[0]))
    if depth < _DEEPEST and markup[0] == "(" and (match := _RANGE.fullmatch(markup)) is not None:
        first, last = (parse_expression(end, token, depth + 1) for end in match.groups())
        return RangeOf(token, first, last)
    return _lookup(markup, token, depth)


def _lookup(markup: str, token: Token, depth: int) -> Expression:
    if depth > _DEEPEST:
        raise LiquidSyntaxError("brackets are nested too deep", token=token)
    parts = [
        parse_expression(part[1:-1], token, depth + 1) if part[0] == "[" else part for part in _PATH.findall(markup)
    ]
    return Lookup(token, parts[0], parts[1:]) if parts else Constant(token, None)


class _Strict:
    """Ruby's strict parser: tokens, looked at one by one."""

    def __init__(self, markup: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position, end = 0, len(markup.rstrip())
        while position < end:
            match = _STRICT.match(markup, position)
            if match is None:
                raise _NotStrictError
            kind = match.lastgroup or ""
            text = match[kind]
            self.tokens.append((text if kind == "mark" else kind, text))
            position = match.end()
        self.tokens.append(("end", ""))
        self.place = 0

    def look(self, kind: str, ahead: int = 0) -> bool:
        place = self.place + ahead
        return place < len(self.tokens) and self.tokens[place][0] == kind

    def take(self, kind: str) -> str:
        if not self.look(kind):
            raise _NotStrictError
        text = self.tokens[self.place][1]
        self.place += 1
        return text

    def take_if(self, kind: str) -> str | None:
        return self.take(kind) if self.look(kind) else None

    def take_word(self, *words: str) -> str | None:
        return self.take("id") if self.look("id") and self.tokens[self.place][1] in words else None

    def expression(self, depth: int = 0) -> str:
        if depth > _DEEPEST:
            raise _NotStrictError
        if self.look("id"):
            return self.take("id") + self._path(depth)
        if self.look("["):
            return self._bracket(depth) + self._path(depth)
        if self.look("("):
            self.take("(")
            first = self.expression(depth + 1)
            self.take("dotdot")
            last = self.expression(depth + 1)
            self.take(")")
            return f"({first}..{last})"
        return self.take("string" if self.look("string") else "number")

    def _bracket(self, depth: int) -> str:
        self.take("[")
        inner = self.expression(depth + 1)
        self.take("]")
        return f"[{inner}]"

    def _path(self, depth: int) -> str:
        pieces: list[str] = []
        while True:
            if self.look("["):
                pieces.append(self._bracket(depth))
            elif self.take_if("."):
                pieces.append("." + self.take("id"))
            else:
                return "".join(pieces)


def _strict_filtered(reader: _Strict, token: Token) -> Expression:
    if reader.look("end"):
        return Constant(token, None)
    left = parse_expression(reader.expression(), token)
    filters: list[FilterCall] = []
    while reader.take_if("|"):
        name = reader.take("id")
        arguments: list[Expression] = []
        named: dict[str, Expression] = {}
        more = reader.take_if(":")
        while more:
            if reader.look("id") and reader.look(":", 1):
                key = reader.take("id")
                reader.take(":")
                named[key] = parse_expression(reader.expression(), token)
            else:
                arguments.append(parse_expression(reader.expression(), token))
            more = reader.take_if(",")
        filters.append(FilterCall(name, arguments, named))
    reader.take("end")
    return Filtered(token, left, filters) if filters else left


def _lax_filtered(markup: str, token: Token) -> Expression:
    match = _HEAD.search(markup)
    if match is None:
        return Constant(token, None)
    left = parse_expression(match[1], token)
    rest = _FILTERS.search(match[2])
    filters = [] if rest is None else [_lax_filter(piece, token) for piece in _FILTER.findall(rest[1])]
    return Filtered(token, left, [call for call in filters if call is not None])


def _lax_filter(piece: str, token: Token) -> FilterCall | None:
    name = _WORD.search(piece)
    if name is None:
        return None
    arguments: list[Expression] = []
    named: dict[str, Expression] = {}
    for written in _FILTER_ARGUMENT.findall(piece):
        if (pair := _NAMED.fullmatch(written)) is not None:
            named[pair[1]] = parse_expression(pair[2], token)
        else:
            arguments.append(parse_expression(written, token))
    return FilterCall(name[0], arguments, named)


def _strict_condition(reader: _Strict, token: Token) -> Condition:
    comparisons: list[Comparison] = []
    while True:
        left = parse_expression(reader.expression(), token)
        operator = reader.take_if("comparison")
        right = parse_expression(reader.expression(), token) if operator else None
        relation = reader.take_word("and", "or")
        comparisons.append(Comparison(left, operator, right, relation))
        if relation is None:
            reader.take("end")
            return Condition(token, comparisons)


def _lax_condition(markup: str, token: Token) -> Condition:
    pieces = _JOINED.findall(markup)
    relations = [piece.strip() for piece in pieces[1::2]]
    if not pieces or len(pieces) % 2 == 0 or any(relation not in ("and", "or") for relation in relations):
        raise LiquidSyntaxError("the condition cannot be read", token=token)
    return Condition(
        token,
        [
            _lax_comparison(piece, relation, token)
            for piece, relation in zip(pieces[::2], [*relations, None], strict=True)
        ],
    )


def _lax_comparison(piece: str, relation: str | None, token: Token) -> Comparison:
    match = _COMPARED.search(piece)
    if match is None:
        raise LiquidSyntaxError("the condition cannot be read", token=token)
    right = parse_expression(match[3] or "", token) if match[2] else None
    return Comparison(parse_expression(match[1], token), match[2], right, relation)


class LoopParts:
    """What stands in `for` and `tablerow`."""

    __slots__ = ("attributes", "collection", "reversed", "variable")

    _LAX = re.compile(rf"([\w-]+)\s+in\s+({FRAGMENT}+)\s*(reversed)?", _A)

    def __init__(self, variable: str, collection: str, *, backwards: bool, attributes: Sequence[tuple[str, str]]):
        self.variable = variable
        self.collection = collection
        self.reversed = backwards
        self.attributes = dict(attributes)


def parse_loop(markup: str, token: Token) -> LoopParts:
    """Read `item in list reversed limit: 2 offset: 1`. Raises LiquidSyntaxError."""
    return _strict_or_lax(markup, token, _strict_loop, _lax_loop)


def _strict_loop(reader: _Strict, token: Token) -> LoopParts:
    variable = reader.take("id")
    if reader.take_word("in") is None:
        raise _NotStrictError
    collection = reader.expression()
    backwards = reader.take_word("reversed") is not None
    attributes: list[tuple[str, str]] = []
    while reader.look("id") and reader.look(":", 1):
        key = reader.take_word("limit", "offset", "cols")
        if key is None:
            raise _NotStrictError
        reader.take(":")
        attributes.append((key, reader.expression()))
        reader.take_if(",")
    reader.take("end")
    return LoopParts(variable, collection, backwards=backwards, attributes=attributes)


def _lax_loop(markup: str, token: Token) -> LoopParts:
    match = LoopParts._LAX.match(markup.strip())
    if match is None:
        raise LiquidSyntaxError("`for` is written `for item in list`", token=token)
    return LoopParts(match[1], match[2], backwards=match[3] is not None, attributes=_NAMED.findall(markup))


def fragments(markup: str) -> list[str]:
    """Return the operands in a list such as that of `cycle`."""
    if len(markup) > _LONGEST_LAX:
        return []
    return [match[0] for piece in markup.split(",") if (match := _FRAGMENT.search(piece)) is not None]


def choices(markup: str, token: Token) -> list[str]:
    """Return the operands of `when`, joined by commas or `or`, up to where that ends. Raises LiquidSyntaxError."""
    found: list[str] = []
    rest: str | None = markup[:_LONGEST_LAX]
    while rest is not None:
        match = _CHOICE.search(rest)
        if match is None:
            raise LiquidSyntaxError("`when` needs a value", token=token)
        found.append(match[1])
        rest = match[2]
    return found

"""What Liquid's expressions evaluate to: constants, paths, ranges, filters, conditions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from liquid.context import RenderContext
from liquid.expression import Expression
from liquid.token import Token

from feeds.sources.jekyll.liquid.context import own
from feeds.sources.jekyll.liquid.ruby import Meter, equal, is_true, order, to_i, to_s

_HUGE = 10**15


class Constant(Expression):
    """A literal."""

    __slots__ = ("value",)

    def __init__(self, token: Token, value: object) -> None:
        super().__init__(token)
        self.value = value

    def evaluate(self, context: RenderContext) -> object:
        return self.value

    def children(self) -> Iterable[Expression]:
        return ()


class Special(Constant):
    """`empty` and `blank`: nothing as a value, a question when compared with."""

    __slots__ = ("empty",)

    def __init__(self, token: Token, *, empty: bool) -> None:
        super().__init__(token, "")
        self.empty = empty

    def asked_of(self, value: object) -> bool:
        """`== empty`. `blank` is true of nothing: plain Ruby knows no `blank?`."""
        return self.empty and isinstance(value, (str, list, tuple, Mapping)) and not value


class Lookup(Expression):
    """A variable and what is looked up in it: `page.tags[0].size`."""

    __slots__ = ("name", "parts")

    def __init__(self, token: Token, name: "str | Expression", parts: "Sequence[str | Expression]") -> None:
        super().__init__(token)
        self.name = name
        self.parts = parts

    def evaluate(self, context: RenderContext) -> object:
        scope = own(context)
        name = self.name if isinstance(self.name, str) else self.name.evaluate(context)
        value = scope.variable(name)
        for part in self.parts:
            if value is None:
                return None
            if isinstance(part, str):
                value = item_of(value, part, command=True)
            else:
                value = item_of(value, part.evaluate(context), command=False)
        return value

    def children(self) -> Iterable[Expression]:
        return [part for part in (self.name, *self.parts) if isinstance(part, Expression)]


def item_of(value: object, key: object, *, command: bool) -> object:
    """Return what stands at the key; `command` says that size, first and last may be meant."""
    if isinstance(value, Mapping):
        if isinstance(key, int) and not isinstance(key, bool):
            key = str(key)  # keys are text here; Ruby's may be numbers
        if isinstance(key, str) and key in value:
            return value[key]
    elif isinstance(value, (list, tuple)) and isinstance(key, int) and not isinstance(key, bool):
        return value[key] if -len(value) <= key < len(value) else None
    return _command(value, key) if command else None


def _command(value: object, key: object) -> object:
    if key == "size":
        if isinstance(value, range):
            return value.stop - value.start
        return len(value) if isinstance(value, (str, list, tuple, Mapping)) else None
    if key == "first" and isinstance(value, (list, tuple, range)) and value:
        return value[0]
    if key == "first" and isinstance(value, Mapping) and value:
        return list(next(iter(value.items())))
    if key == "last" and isinstance(value, (list, tuple, range)) and value:
        return value[-1]
    return None


class RangeOf(Expression):
    """`(1..page.size)`. Never a list: a range costs nothing until someone goes through it."""

    __slots__ = ("first", "last")

    def __init__(self, token: Token, first: Expression, last: Expression) -> None:
        super().__init__(token)
        self.first = first
        self.last = last

    def evaluate(self, context: RenderContext) -> range:
        first, last = (max(-_HUGE, min(to_i(end.evaluate(context)), _HUGE)) for end in (self.first, self.last))
        return range(first, max(last + 1, first))

    def children(self) -> Iterable[Expression]:
        return (self.first, self.last)


class FilterCall(NamedTuple):
    name: str
    arguments: Sequence[Expression]
    named: Mapping[str, Expression]


class Filtered(Expression):
    """A value and the filters that it goes through."""

    __slots__ = ("filters", "left")

    def __init__(self, token: Token, left: Expression, filters: Sequence[FilterCall]) -> None:
        super().__init__(token)
        self.left = left
        self.filters = filters

    def evaluate(self, context: RenderContext) -> object:
        value = self.left.evaluate(context)
        for name, arguments, named in self.filters:
            given = [argument.evaluate(context) for argument in arguments]
            if named:
                given.append({key: argument.evaluate(context) for key, argument in named.items()})
            value = own(context).apply(name, value, given, self.token)
        return value

    def children(self) -> Iterable[Expression]:
        return [self.left, *(argument for call in self.filters for argument in call.arguments)]


class Comparison(NamedTuple):
    left: Expression
    operator: str | None = None
    right: Expression | None = None
    relation: str | None = None  # `and` or `or`: how the next one is joined


class Condition(Expression):
    """Comparisons joined by `and` and `or`, from left to right without precedence, as Ruby's does."""

    __slots__ = ("comparisons",)

    def __init__(self, token: Token, comparisons: Sequence[Comparison]) -> None:
        super().__init__(token)
        self.comparisons = comparisons

    def evaluate(self, context: RenderContext) -> bool:
        scope = own(context)
        result = False
        for comparison in self.comparisons:
            scope.spend()
            result = _holds(comparison, scope)
            if comparison.relation == ("or" if result else "and"):
                break
        return result

    def children(self) -> Iterable[Expression]:
        return [side for comparison in self.comparisons for side in comparison[::2] if isinstance(side, Expression)]


def _holds(comparison: Comparison, context: RenderContext) -> bool:
    if comparison.operator is None or comparison.right is None:
        return is_true(comparison.left.evaluate(context))
    left, right = comparison.left.evaluate(context), comparison.right.evaluate(context)
    meter = own(context)
    if comparison.operator in ("==", "!=", "<>"):
        return _same(comparison.left, comparison.right, left, right, meter) == (comparison.operator == "==")
    if comparison.operator == "contains":
        return contains(left, right, meter)
    result = None if left is None or right is None else order(left, right)
    asks = isinstance(comparison.left, Special) or isinstance(comparison.right, Special)
    if result is None or isinstance(left, bool) or asks:
        return False
    return {"<": result < 0, ">": result > 0, "<=": result <= 0, ">=": result >= 0}.get(comparison.operator, False)


def _same(left_side: Expression, right_side: Expression, left: object, right: object, meter: Meter) -> bool:
    if isinstance(left_side, Special):
        return left_side.asked_of(right)
    if isinstance(right_side, Special):
        return right_side.asked_of(left)
    return equal(left, right, meter)


def contains(value: object, sought: object, meter: Meter) -> bool:
    """Liquid's `contains`."""
    if not is_true(value) or not is_true(sought):
        return False
    if isinstance(value, str):
        return to_s(sought, meter) in value
    if isinstance(value, Mapping):
        return not isinstance(sought, (list, dict)) and sought in value
    if isinstance(value, range):
        return isinstance(sought, int) and sought in value
    if isinstance(value, (list, tuple)):
        meter.spend(len(value))
        return any(equal(item, sought, meter) for item in value)
    return False

"""The filters on lists: Liquid's own and Jekyll's."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key

from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.token import TOKEN_EXPRESSION, Token

from feeds.sources.jekyll.liquid.context import FilterError, Scope
from feeds.sources.jekyll.liquid.parsing import parse_strict_condition, parse_value
from feeds.sources.jekyll.liquid.ruby import (
    as_list,
    inspect,
    joined,
    listed,
    order,
    shown,
    to_i,
    to_s,
)

_INTEGER = re.compile(r"\s*-?\d{1,300}\s*", re.ASCII)
_FLOAT = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)\s*", re.ASCII)
_LONGEST_EXPRESSION = 4_000


def property_of(scope: Scope, item: object, name: object) -> object:
    """Return what stands at `a.b` in an item, with numbers in text as numbers, as Jekyll sorts and compares them."""
    scope.spend()
    value: object = item
    written = to_s(name, scope)
    for key in written.split(".") if not isinstance(item, Mapping) or written not in item else [written]:
        if not isinstance(value, Mapping):
            if value is None or isinstance(value, (str, int, float)):
                raise FilterError
            return None
        value = value.get(key)
        if value is None:
            return None
    if isinstance(value, str) and len(value) < 300:
        if _INTEGER.fullmatch(value) is not None:
            return int(value)
        if _FLOAT.fullmatch(value) is not None:
            return float(value)
    return value


def _items(scope: Scope, value: object) -> Sequence[object] | None:
    """Return what Jekyll's own filters go through; None for what they give back as it is."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, range):
        return listed(value, scope)
    return value if isinstance(value, (list, tuple)) else None


def _matches(scope: Scope, found: object, target: object) -> bool:
    if target is None:
        return found is None
    written = to_s(target, scope)
    if isinstance(found, str):
        return found == written
    if found is None:
        return False
    options = found if isinstance(found, (list, tuple)) else [found]
    scope.spend(len(options))
    return any(to_s(option, scope) == written for option in options)


def where(scope: Scope, value: object, name: object, target: object = None) -> object:
    """Those whose property is, or holds, the target."""
    items = _items(scope, value)
    if not name or items is None or isinstance(target, (list, tuple, Mapping)):
        return value
    return [item for item in items if _matches(scope, property_of(scope, item, name), target)]


def find(scope: Scope, value: object, name: object, target: object = None) -> object:
    """The first whose property is, or holds, the target."""
    items = _items(scope, value)
    if not name or items is None or isinstance(target, (list, tuple, Mapping)):
        return value
    return next((item for item in items if _matches(scope, property_of(scope, item, name), target)), None)


def _each(scope: Scope, items: Iterable[object], variable: object, expression: Expression) -> Iterable[object]:
    """Evaluate the expression with each item as the variable."""
    if not isinstance(variable, str):
        raise FilterError
    namespace: dict[str, object] = {}
    with scope.extend(namespace):
        for item in items:
            scope.spend()
            namespace[variable] = item
            yield expression.evaluate(scope)


def _token(scope: Scope, expression: object) -> Token:
    text = to_s(expression, scope)
    if len(text) > _LONGEST_EXPRESSION:
        raise FilterError
    return Token(TOKEN_EXPRESSION, text, 0, text)


def _condition(scope: Scope, expression: object) -> Expression:
    token = _token(scope, expression)
    try:
        return parse_strict_condition(token.value, token)
    except LiquidSyntaxError as error:
        raise FilterError from error


def where_exp(scope: Scope, value: object, variable: object, expression: object) -> object:
    """Those for which the condition holds."""
    items = _items(scope, value)
    if items is None:
        return value
    held = _each(scope, items, variable, _condition(scope, expression))
    return [item for item, holds in zip(items, held, strict=True) if holds]


def find_exp(scope: Scope, value: object, variable: object, expression: object) -> object:
    """The first for which the condition holds."""
    items = _items(scope, value)
    if items is None:
        return value
    held = _each(scope, items, variable, _condition(scope, expression))
    return next((item for item, holds in zip(items, held, strict=False) if holds), None)


def _grouped(scope: Scope, items: Sequence[object], names: Iterable[object]) -> list[object]:
    groups: dict[str, list[object]] = {}
    values: dict[str, object] = {}
    for item, name in zip(items, names, strict=True):
        key = inspect(name, scope)
        groups.setdefault(key, []).append(item)
        values.setdefault(key, name)
    made: list[object] = [{"name": values[key], "items": held, "size": len(held)} for key, held in groups.items()]
    _measure(scope, made)
    return made


def group_by(scope: Scope, value: object, name: object) -> object:
    """Maps with name, items and size."""
    items = _hash_items(scope, value)
    if items is None:
        return value
    return _grouped(scope, items, [to_s(property_of(scope, item, name), scope) for item in items])


def group_by_exp(scope: Scope, value: object, variable: object, expression: object) -> object:
    """The same, by what an expression gives."""
    items = _hash_items(scope, value)
    if items is None:
        return value
    token = _token(scope, expression)
    try:
        read = parse_value(token.value, token)
    except LiquidSyntaxError as error:
        raise FilterError from error
    return _grouped(scope, items, _each(scope, items, variable, read))


def _hash_items(scope: Scope, value: object) -> Sequence[object] | None:
    return [[key, item] for key, item in value.items()] if isinstance(value, Mapping) else _items(scope, value)


def _measure(scope: Scope, value: object) -> None:
    """Refuse a value that is deep, or holds far more than it takes to write: it would cost whoever shows it."""
    inspect(value, scope)


def sort(scope: Scope, value: object, name: object = None, nils: object = "first") -> object:
    """Jekyll's: by a property or by the items themselves; nothing comes first, or last."""
    items = _items(scope, value)
    if items is None or nils not in ("first", "last"):
        raise FilterError
    scope.spend(len(items) * 2)
    if name is None:
        return sorted(items, key=cmp_to_key(_strictly))
    sign = 1 if nils == "last" else -1
    pairs = [(property_of(scope, item, name), item) for item in items]

    def compared(left: tuple[object, object], right: tuple[object, object]) -> int:
        first, second = left[0], right[0]
        if first is None or second is None:
            return 0 if first is second else sign if first is None else -sign
        result = order(first, second)
        return _strictly(to_s(first, scope), to_s(second, scope)) if result is None else result

    return [item for _, item in sorted(pairs, key=cmp_to_key(compared))]


def _strictly(left: object, right: object) -> int:
    result = order(left, right)
    if result is None:
        raise FilterError
    return result


def sort_natural(scope: Scope, value: object, name: object = None) -> object:
    """Without a difference between capitals and small letters; nothing comes last."""
    items = list(as_list(value, scope))
    scope.spend(len(items) * 2)
    chosen = [(item if name is None else _at(item, name), item) for item in items]
    keyed = [((key is None, "" if key is None else _ascii_lower(to_s(key, scope))), item) for key, item in chosen]
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]


def _ascii_lower(text: str) -> str:
    return text.translate({code: code + 32 for code in range(65, 91)})


def _at(item: object, name: object) -> object:
    if not isinstance(item, Mapping):
        raise FilterError
    return item.get(name)


def uniq(scope: Scope, value: object, name: object = None) -> object:
    """Each once."""
    kept: dict[str, object] = {}
    items = as_list(value, scope)
    for item in items if len(items) > 1 else ():
        kept.setdefault(inspect(item if name is None else _at(item, name), scope), item)
    return list(kept.values()) if len(items) > 1 else list(items)


def mapped(scope: Scope, value: object, name: object) -> object:
    """The property of each."""
    items = as_list(value, scope)
    scope.spend(len(items))
    return [item.get(name) if isinstance(item, Mapping) else _of_text(item) for item in items]


def _of_text(item: object) -> object:
    if isinstance(item, str):
        return None
    raise FilterError


def compact(scope: Scope, value: object, name: object = None) -> object:
    """Without those that are nothing."""
    items = as_list(value, scope)
    return [item for item in items if (item if name is None else _at(item, name)) is not None]


def concat(scope: Scope, value: object, more: object) -> object:
    """Two lists as one."""
    if not isinstance(more, (list, tuple)):
        raise FilterError
    first = as_list(value, scope)
    scope.check_items(len(first) + len(more))
    made = [*first, *more]
    if any(isinstance(item, (list, tuple)) for item in more):
        _measure(scope, made)
    return made


def join(scope: Scope, value: object, glue: object = " ") -> object:
    """One text."""
    return joined(as_list(value, scope), to_s(glue, scope), scope)


def size(scope: Scope, value: object) -> object:
    """How many characters or items."""
    if isinstance(value, range):
        return value.stop - value.start
    if isinstance(value, int) and not isinstance(value, bool):
        return 8  # a machine's integer, in bytes: so it is in Ruby
    return len(value) if isinstance(value, (str, list, tuple, Mapping)) else 0


def _end(place: int) -> Callable[..., object]:
    def take(scope: Scope, value: object) -> object:
        if isinstance(value, Mapping) and place == 0:
            return list(next(iter(value.items()))) if value else None
        return value[place] if isinstance(value, (list, tuple, range)) and value else None

    return take


def slice_of(scope: Scope, value: object, offset: object, length: object = None) -> object:
    """Some characters, or items, from a place on; from the end if it is negative."""
    start, count = _integer(offset), 1 if length is None else _integer(length)
    whole = value if isinstance(value, (list, tuple)) else to_s(value, scope)
    empty: object = "" if isinstance(whole, str) else []
    if start < 0:
        start += len(whole)
    if start < 0 or count < 0:
        return empty
    chosen = whole[start : start + count]
    return list(chosen) if isinstance(chosen, tuple) else chosen


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or (isinstance(value, str) and len(value) > 100):
        raise FilterError
    return int(value)


def _changed(change: Callable[[list[object], object], list[object]], *, adds: bool) -> Callable[..., object]:
    """Make push, pop, shift or unshift: a changed copy of a list; what is no list stays as it is."""

    def apply(scope: Scope, value: object, given: object = 1) -> object:
        if not isinstance(value, (list, tuple)):
            return value
        scope.spend(len(value) // 20)
        if not adds:
            return change(list(value), max(_integer(given), 0))
        if isinstance(given, (list, tuple, Mapping)):
            _measure(scope, value)
            _measure(scope, given)
        return change(list(value), given)

    return apply


def sample(scope: Scope, value: object, count: object = 1) -> object:
    """Not chance but the first: the same post gives the same text at all times."""
    if not isinstance(value, (list, tuple)):
        return value
    chosen = to_i(count)
    if chosen == 1:
        return value[0] if value else None
    return list(value[: max(chosen, 0)])


def sentence(scope: Scope, value: object, connector: object = "and") -> object:
    """`a, b, and c`."""
    if not isinstance(value, (list, tuple)):
        raise FilterError
    words, link = [shown(item, scope) for item in value], to_s(connector, scope)
    scope.check_text(sum(len(word) + 2 for word in words))
    if len(words) < 3:
        return f" {link} ".join(words)
    return f"{', '.join(words[:-1])}, {link} {words[-1]}"


def reverse(scope: Scope, value: object) -> object:
    """From the end."""
    return list(as_list(value, scope))[::-1]


FILTERS: Mapping[str, Callable[..., object]] = {
    "where": where,
    "where_exp": where_exp,
    "find": find,
    "find_exp": find_exp,
    "group_by": group_by,
    "group_by_exp": group_by_exp,
    "sort": sort,
    "sort_natural": sort_natural,
    "uniq": uniq,
    "map": mapped,
    "compact": compact,
    "concat": concat,
    "join": join,
    "size": size,
    "first": _end(0),
    "last": _end(-1),
    "slice": slice_of,
    "reverse": reverse,
    "push": _changed(lambda items, given: [*items, given], adds=True),
    "unshift": _changed(lambda items, given: [given, *items], adds=True),
    "pop": _changed(lambda items, given: items[: max(len(items) - to_i(given), 0)], adds=False),
    "shift": _changed(lambda items, given: items[to_i(given) :], adds=False),
    "sample": sample,
    "array_to_sentence_string": sentence,
}

"""Settings in a Python file, read without running it: what its top-level assignments say in so many words."""

import ast
import warnings
from collections.abc import Mapping
from typing import TypeAlias, Union

from core.errors import ConfigurationError

Value: TypeAlias = Union[  # noqa: UP007 - it names itself
    str, int, float, bool, tuple["Value", ...], list["Value"], dict[str, "Value"], None
]

_DEEPEST = 50


def read_python_settings(text: str, name: str, known: Mapping[str, Value]) -> dict[str, Value]:
    """Return `known` and, over it, each `NAME = value` whose value is written out: texts, numbers, lists, maps.

    `+` of texts, `f"{NAME}"`, `A if NAME else B`, names from above and `os.environ.get("X", "text")` (its second part)
    are followed; what is computed otherwise is passed over. Raises ConfigurationError, with the line, for what is no
    Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as "\\d" in a text that is meant as a pattern
        try:
            module = ast.parse(text)
        except SyntaxError as error:
            line = error.lineno or 1
            raise ConfigurationError(
                f"{name}, line {line}: is not valid Python: {error.msg}. Mend that line."
            ) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise ConfigurationError(f"{name}: cannot be read as Python: {error}") from error
    settings = dict(known)
    for statement in module.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        for target in targets:
            if isinstance(target, ast.Name) and value is not None:
                try:
                    settings[target.id] = _value(value, settings, 0)
                except _ComputedError:
                    settings.pop(target.id, None)
    return settings


class _ComputedError(Exception):
    """A value that only running the file would tell."""


def _value(node: ast.expr, known: Mapping[str, Value], depth: int) -> Value:
    if depth > _DEEPEST:
        raise _ComputedError
    deeper = depth + 1
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str | int | float)):
        return node.value
    if isinstance(node, ast.List):
        return [_value(item, known, deeper) for item in node.elts]
    if isinstance(node, ast.Tuple | ast.Set):
        return tuple(_value(item, known, deeper) for item in node.elts)
    if isinstance(node, ast.Dict):
        return _map(node, known, deeper)
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    return _computed(node, known, deeper)


def _map(node: ast.Dict, known: Mapping[str, Value], depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found[key.value] = _value(value, known, depth)
    return found


def _computed(node: ast.expr, known: Mapping[str, Value], depth: int) -> Value:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _value(node.left, known, depth), _value(node.right, known, depth)
        if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) < 10_000:
            return left + right
    if isinstance(node, ast.JoinedStr):
        return "".join(_filled(part, known, depth) for part in node.values)
    if isinstance(node, ast.IfExp):
        return _value(node.body if _value(node.test, known, depth) else node.orelse, known, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _value(node.operand, known, depth)
    if isinstance(node, ast.Call) and len(node.args) == 2 and _asks_environment(node.func):
        return _value(node.args[1], known, depth)
    raise _ComputedError


def _filled(node: ast.expr, known: Mapping[str, Value], depth: int) -> str:
    """Return a part of an f-string: text, or a text without a format of its own."""
    inner = node.value if isinstance(node, ast.FormattedValue) and node.format_spec is None else node
    value = _value(inner, known, depth)
    if not isinstance(value, str) or len(value) > 10_000:
        raise _ComputedError
    return value


def _asks_environment(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in ("get", "getenv")

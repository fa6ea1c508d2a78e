"""The functions of Hugo that shortcodes' templates may call."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias

from feeds.sources.harmless import is_harmless
from feeds.sources.hugo.shortcode_values import Call, Data, Items, Unreadable, Value, is_true, text_of

Function: TypeAlias = Callable[[Call, Sequence[Data]], Data]

_TAG = re.compile(r"<[^>]*+>")
_LONGEST = 100_000  # characters that a function may give
_LONGEST_SEARCHED = 2_000  # characters of a text that a pattern is searched in
_LONGEST_SEARCHED_TWICE = 500  # likewise, if the pattern repeats two parts
_LONGEST_PATTERN = 100
_VERB = re.compile(r"%(.?)", re.DOTALL)
# A pattern of Go's that Python reads alike, and that cannot keep it busy for long.
_REPEATED_GROUP = re.compile(r"\)[*+?{]|\\[A-Zpk]|\(\?|[*+?}][*+?]|\[\[")
_PLACE = re.compile(r"\$(?:\{(\d)\}|(\d)(?![\w]))")


def without_tags(html: str) -> str:
    """Return the text between the tags."""
    return _TAG.sub("", html)


def _of_texts(count: int, work: Callable[..., str | bool]) -> Function:
    def function(_: Call, given: Sequence[Data]) -> Data:
        if len(given) != count:
            raise Unreadable
        result = work(*map(text_of, given))
        return result if isinstance(result, bool) else _bounded(result)

    return function


def _of_call(work: Callable[[Call, str], Value]) -> Function:
    def function(call: Call, given: Sequence[Data]) -> Data:
        if len(given) != 1:
            raise Unreadable
        return work(call, text_of(given[0]))

    return function


def _bounded(text: str) -> Value:
    if len(text) > _LONGEST:
        raise Unreadable
    return Value(text)


def _default(_: Call, given: Sequence[Data]) -> Data:
    if len(given) != 2:
        raise Unreadable
    # A truth value counts as given, whichever it is.
    return given[1] if is_true(given[1]) or isinstance(given[1], bool) else given[0]


def _choose(_: Call, given: Sequence[Data]) -> Data:
    if len(given) != 3:
        raise Unreadable
    return given[1] if is_true(given[0]) else given[2]


def _equals(_: Call, given: Sequence[Data]) -> Data:
    if len(given) < 2:
        raise Unreadable
    first, *others = map(_comparable, given)
    return first in others


def _comparable(value: Data) -> tuple[str, str]:
    return ("text" if isinstance(value, Value) else type(value).__name__, text_of(value))


def _differs(call: Call, given: Sequence[Data]) -> Data:
    return not _equals(call, given)


def _and(_: Call, given: Sequence[Data]) -> Data:
    if not given:
        raise Unreadable
    return next((value for value in given if not is_true(value)), given[-1])


def _or(_: Call, given: Sequence[Data]) -> Data:
    if not given:
        raise Unreadable
    return next((value for value in given if is_true(value)), given[-1])


def _not(_: Call, given: Sequence[Data]) -> Data:
    if len(given) != 1:
        raise Unreadable
    return not is_true(given[0])


def _printf(_: Call, given: Sequence[Data]) -> Data:
    if not given:
        raise Unreadable
    waiting = list(given[1:])

    def put(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        if found[1] not in ("s", "v", "d", "q") or not waiting:
            raise Unreadable
        text = text_of(waiting.pop(0))
        return f'"{text}"' if found[1] == "q" else text

    text = _VERB.sub(put, text_of(given[0]))
    if waiting:
        raise Unreadable
    return _bounded(text)


def _replace_pattern(pattern: str, replacement: str, text: str) -> str:
    if len(pattern) > _LONGEST_PATTERN or len(text) > _LONGEST_SEARCHED or _REPEATED_GROUP.search(pattern):
        raise Unreadable
    repeated = sum(pattern.count(sign) for sign in "*+{")
    if repeated > (2 if len(text) <= _LONGEST_SEARCHED_TWICE else 1) or not is_harmless(pattern):
        raise Unreadable
    try:
        compiled = re.compile(pattern, re.ASCII)
        return compiled.sub(_PLACE.sub(r"\\g<\1\2>", replacement.replace("\\", r"\\")), text)
    except (re.error, IndexError) as error:
        raise Unreadable from error


def _title(text: str) -> str:
    if len(text.split()) > 1:
        raise Unreadable  # which words stay small is a question of style
    return text[:1].upper() + text[1:]


def _length(_: Call, given: Sequence[Data]) -> Data:
    match given:
        case [Value(text=text)]:
            return len(text.encode())
        case [Items(items=items)]:
            return len(items)
        case [Mapping() as table]:
            return len(table)
    raise Unreadable


def _index(_: Call, given: Sequence[Data]) -> Data:
    match given:
        case [Items(items=items), int(place)] if not isinstance(given[1], bool):
            return items[place] if 0 <= place < len(items) else Value("")
        case [Mapping() as table, Value(text=key)]:
            found: Data = table.get(key, Value(""))
            return found
    raise Unreadable


def _contains(_: Call, given: Sequence[Data]) -> Data:
    match given:
        case [Items(items=items), wanted]:
            return _comparable(wanted) in map(_comparable, items)
        case [Value(text=text), Value(text=part)]:
            return part in text
    raise Unreadable


def _append(_: Call, given: Sequence[Data]) -> Data:
    *added, to = given or [Value("")]
    if not isinstance(to, Items) or len(to.items) > 1000:
        raise Unreadable
    return Items((*to.items, *added))


def _join(_: Call, given: Sequence[Data]) -> Data:
    match given:
        case [Items(items=items), Value(text=between)]:
            return _bounded(between.join(map(text_of, items)))
    raise Unreadable


def _split(_: Call, given: Sequence[Data]) -> Data:
    match given:
        case [Value(text=text), Value(text=between)] if between:
            return Items(tuple(map(Value, text.split(between)[:1000])))
    raise Unreadable


def _number(_: Call, given: Sequence[Data]) -> Data:
    text = text_of(given[0]) if len(given) == 1 else ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Unreadable
    return int(text)


def _nothing(_: Call, __: Sequence[Data]) -> Data:
    return Value("")


_SAFE = ("safeHTML", "safeURL", "safeHTMLAttr", "safeCSS", "safeJS", "safe.HTML", "safe.URL", "safe.HTMLAttr")
FUNCTIONS: Mapping[str, Function] = {
    **{name: _of_call(lambda _, text: Value(text, True)) for name in _SAFE},
    **dict.fromkeys(
        ("markdownify", "transform.Markdownify", ".Page.RenderString", "$.Page.RenderString"),
        _of_call(lambda call, text: Value(call.markdown(text), True)),
    ),
    **dict.fromkeys(("relURL", "urls.RelURL"), _of_call(lambda call, text: Value(call.relative_url(text)))),
    **dict.fromkeys(("absURL", "urls.AbsURL"), _of_call(lambda call, text: Value(call.absolute_url(text)))),
    **dict.fromkeys(("plainify", "transform.Plainify"), _of_texts(1, without_tags)),
    **dict.fromkeys(("htmlEscape", "transform.HTMLEscape"), _of_texts(1, escape)),
    **dict.fromkeys(("lower", "strings.ToLower"), _of_texts(1, str.lower)),
    **dict.fromkeys(("upper", "strings.ToUpper"), _of_texts(1, str.upper)),
    **dict.fromkeys(("title", "strings.Title"), _of_texts(1, _title)),
    **dict.fromkeys(("trim", "strings.Trim"), _of_texts(2, str.strip)),
    **dict.fromkeys(("hasPrefix", "strings.HasPrefix"), _of_texts(2, str.startswith)),
    **dict.fromkeys(("hasSuffix", "strings.HasSuffix"), _of_texts(2, str.endswith)),
    **dict.fromkeys(("replace", "strings.Replace"), _of_texts(3, str.replace)),
    **dict.fromkeys(("replaceRE", "strings.ReplaceRE"), _of_texts(3, _replace_pattern)),
    **dict.fromkeys(("errorf", "warnf", "erroridf", "warnidf"), _nothing),
    **dict.fromkeys(("split", "strings.Split"), _split),
    **dict.fromkeys(("delimit", "collections.Delimit"), _join),
    **dict.fromkeys(("printf", "fmt.Printf"), _printf),
    "strings.TrimSpace": _of_texts(1, str.strip),
    "strings.TrimPrefix": _of_texts(2, lambda part, text: text.removeprefix(part)),
    "strings.TrimSuffix": _of_texts(2, lambda part, text: text.removesuffix(part)),
    "strings.TrimLeft": _of_texts(2, lambda signs, text: text.lstrip(signs)),
    "strings.TrimRight": _of_texts(2, lambda signs, text: text.rstrip(signs)),
    "strings.Contains": _of_texts(2, lambda text, part: part in text),
    "string": _of_texts(1, str),
    "int": _number,
    "default": _default,
    "cond": _choose,
    "eq": _equals,
    "ne": _differs,
    "and": _and,
    "or": _or,
    "not": _not,
    "len": _length,
    "index": _index,
    "in": _contains,
    "slice": lambda _, given: Items(tuple(given)),
    "append": _append,
}

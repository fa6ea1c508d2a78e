"""An owner's own templates for messages: Jinja2 in a sandbox, in which every template ends soon and stays small."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from core.errors import ConfigurationError
from notifier.channels.digest import largest, latest
from notifier.channels.links import link
from notifier.channels.text import cut, plain
from notifier.model import Endpoint, Item, Message

LARGEST_SOURCE = 10_000  # characters
LARGEST_RESULT = 200_000  # characters
MOST_STEPS = 20_000  # turns of all loops and uses of filters together; large ones count more often
_LONGEST_VALUE = 4_000  # characters of one field
_NODES_A_STEP = 50  # of a loop's body
_CHARACTERS_A_STEP = 100  # of what a filter works on

Escape = Callable[[str], str]

_FILTERS = (
    *("capitalize", "count", "default", "d", "escape", "e", "first", "float", "int", "join", "last", "length", "list"),
    *(
        "lower",
        "reject",
        "rejectattr",
        "reverse",
        "safe",
        "select",
        "selectattr",
        "sort",
        "string",
        "striptags",
        "title",
    ),
    *("tojson", "trim", "unique", "upper", "urlencode", "wordcount"),
)
# Without these no value grows in a loop, nothing calls itself, and nothing is called that we do not know.
_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Block: "block",
    nodes.Call: "calls with ()",
    nodes.CallBlock: "call",
    nodes.Extends: "extends",
    nodes.FilterBlock: "filter blocks",
    nodes.FromImport: "import",
    nodes.Import: "import",
    nodes.Include: "include",
    nodes.Macro: "macro",
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.With: "with",
}
_SAMPLE = Item(
    kind="published",
    title='A "title" with <b>, *stars*, [brackets](x) & more',
    url="https://example.org/a-post.html",
    summary="What it says.\nIn two lines.",
    published=datetime(2024, 5, 1, 12, 30, tzinfo=UTC),
    authors=("An author",),
    categories=("News",),
    tags=("a tag",),
    image="https://example.org/picture.jpg",
    source="posts",
    language="en",
    id="sample:1",
)
# What has little to say must go through a template too.
_SAMPLES = (_SAMPLE, Item(kind="withdrawn", title="", url="https://example.org/b", id="sample:2"))

# How many items there is room for is asked before it is known whose they are.
_ANY_SITE = Message(
    id="", type="digest", payload="", digest=True, title="x" * 80, site_url="https://example.org/" + "x" * 40
)


class TemplateFault(ConfigurationError):
    """A template that cannot be written out. The message says why."""


def written(message: Message, items: Sequence[Item], endpoint: Endpoint, escape: Escape) -> str | None:
    """Return what the endpoint's template makes of a message, or None if it has none for it.

    Values are escaped, except those marked `safe` and URLs. Raises ConfigurationError for a template that fails.
    """
    key = "digest_template" if message.digest else "template"
    source = endpoint.digest_template if message.digest else endpoint.template
    if source is None:
        return None
    shown = tuple(_Shown(item) for item in items)
    values = {
        "item": shown[0] if shown else None,
        "items": shown,
        "message": {"id": message.id, "type": message.type, "digest": message.digest, "count": len(shown)},
        "site": {"title": plain(message.title), "url": Markup(link(message.site_url))},
        "_steps": _Steps(),
        "_zone": endpoint.zone,
    }
    try:
        return _render(_compiled(source, escape), values)
    except (TemplateError, TemplateFault) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        # Jinja names the type of what lacks something; people know it as an item.
        told = str(error).replace(f"'{_Shown.__module__}.{_Shown.__name__} object'", "an item")
        raise TemplateFault(f"endpoint {endpoint.name}: {key}{where}: {told}") from None
    # What the owner's expressions do wrong comes as any of these: adding a text to a number, a list without an end.
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise TemplateFault(f"endpoint {endpoint.name}: {key}: {type(error).__name__}: {error}") from None


def check(endpoint: Endpoint, escape: Escape) -> tuple[str, ...]:
    """Return what the templates of the endpoint make of items of all sorts; raises ConfigurationError if one fails."""
    digest = Message(id="sample", type="digest", payload="", items=_SAMPLES, digest=True, title="A site")
    singles = (replace(digest, type=f"post.{item.kind}", items=(item,), digest=False) for item in _SAMPLES)
    texts = (written(message, message.items, endpoint, escape) for message in (*singles, digest))
    return tuple(text for text in texts if text is not None)


def fitting(items: Sequence[Item], endpoint: Endpoint, escape: Escape, fits: Callable[[str], bool]) -> int:
    """Return of how many items, from the first, the digest template writes a text that fits; at least 1."""

    def tried(count: int) -> bool:
        message = replace(_ANY_SITE, items=tuple(items[:count]))
        return fits(written(message, latest(message.items), endpoint, escape) or "")

    return largest(len(items), tried)


class _Shown:
    """An item as templates see it: texts of one line, URLs ready to be used."""

    def __init__(self, item: Item) -> None:
        for field in fields(item):
            setattr(self, field.name, _value(getattr(item, field.name)))
        self.url = Markup(link(item.url, avoid="()'"))
        self.image = Markup(link(item.image, avoid="()'")) if item.image else ""
        self.title = self.title or str(self.url)

    title: str


def _value(value: object) -> object:
    if isinstance(value, str):
        return cut(plain(value), _LONGEST_VALUE)
    return tuple(map(_value, value)) if isinstance(value, tuple) else value


class _Steps:
    """Counts the work of one rendering."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TemplateFault(f"its loops and filters take more than {MOST_STEPS} steps")

    def through(self, values: Iterable[Any], weight: int) -> Iterator[Any]:
        for value in values:
            self.take(weight)
            yield value


class _Sandbox(ImmutableSandboxedEnvironment):
    """`%` may work on numbers only: with a text it would format, to any width."""

    intercepted_binops = frozenset({"%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float):
            raise SecurityError(f"{operator} works on numbers only")
        return left % right

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for kind, word in _REFUSED.items():
            for node in tree.find_all(kind):
                raise TemplateFault(f"a template may not use {word} (line {node.lineno})")
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateFault(f"a loop may not be recursive (line {loop.lineno})")
        _count_steps(tree)
        return tree


def _count_steps(tree: nodes.Template) -> None:
    """Let each filter and each turn of a loop be counted, by filters of our own before them."""
    for filtered in list(tree.find_all(nodes.Filter)):
        filtered.node = nodes.Filter(filtered.node, "_weighed", [], [], None, None, lineno=filtered.lineno)
    for loop in list(tree.find_all(nodes.For)):
        weight = nodes.Const(1 + sum(1 for _ in loop.find_all(nodes.Node)) // _NODES_A_STEP)
        loop.iter = nodes.Filter(loop.iter, "_counted", [weight], [], None, None, lineno=loop.lineno)


@lru_cache(maxsize=64)
def _compiled(source: str, escape: Escape) -> Template:
    if len(source) > LARGEST_SOURCE:
        raise TemplateFault(f"a template has at most {LARGEST_SOURCE} characters, and this one has {len(source)}")
    return _environment(escape).from_string(source)


@lru_cache(maxsize=32)
def _environment(escape: Escape) -> _Sandbox:
    def shown(value: Any) -> Any:
        # What a template's own text says is not a value: Jinja passes only expressions through here.
        return value if isinstance(value, Markup) else escape(str(value))

    environment = _Sandbox(undefined=StrictUndefined, finalize=shown, keep_trailing_newline=False)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters |= {
        "cut": _cut,
        "date": _date,
        "_counted": _counted,
        "_weighed": _weighed,
        "e": escape_now(escape),
    }
    environment.filters["escape"] = environment.filters["e"]
    return environment


def escape_now(escape: Escape) -> Callable[[Any], Markup]:
    """Return the filter that escapes at once, in the service's own way, for what a template goes on with."""
    return lambda value: value if isinstance(value, Markup) else Markup(escape(str(value)))


def _render(template: Template, values: Mapping[str, Any]) -> str:
    parts: list[str] = []
    room = LARGEST_RESULT
    for part in template.generate(values):
        room -= len(part)
        if room < 0:
            raise TemplateFault(f"it writes more than {LARGEST_RESULT} characters")
        parts.append(part)
    return "".join(parts).strip()


@pass_context
def _counted(context: Context, values: Any, weight: int) -> Any:
    steps: _Steps = context["_steps"]
    return steps.through(values, weight)


@pass_context
def _weighed(context: Context, value: Any) -> Any:
    steps: _Steps = context["_steps"]
    steps.take(1 + (len(value) // _CHARACTERS_A_STEP if isinstance(value, Sized) else 0))
    return value


def _cut(value: Any, limit: int) -> str:
    return cut(str(value), limit)


@pass_context
def _date(context: Context, value: datetime | None, pattern: str = "%Y-%m-%d %H:%M") -> str:
    zone: ZoneInfo = context["_zone"]
    if len(pattern) > 100:
        raise TemplateFault("the pattern of a date has at most 100 characters")
    return value.astimezone(zone).strftime(pattern) if value else ""

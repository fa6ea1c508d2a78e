"""One rendering: its variables, what it has cost so far, and what its author should mend."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import NamedTuple, Protocol, TextIO

from liquid.ast import Node
from liquid.context import RenderContext
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.utils import ReadOnlyChainMap

from feeds.model import Notice
from feeds.sources.jekyll.liquid.model import LiquidSite
from feeds.sources.jekyll.liquid.ruby import TooDeepError

_NOTICES = 20
_CLOCK_EVERY = 2_000  # steps
_ITEM_WEIGHT = 50  # what a list's item takes, in characters


class LimitError(Exception):
    """A text that costs more than it may."""


class FilterError(Exception):
    """What Jekyll's own filter refuses."""


Filter = Callable[..., object]  # (scope, value, *arguments)


class Included(NamedTuple):
    """A parsed file. `fault` says why it could not be."""

    path: str  # relative to the site
    nodes: Sequence[Node] = ()
    depth: int = 0  # of its blocks
    fault: str | None = None


class Includes(Protocol):
    """The site's files that tags may include."""

    @property
    def folder(self) -> str:
        """The folder of `include`, relative to the site."""

    def find(self, folder: str, name: str) -> Included | None:
        """Return the file of this name below a folder of the site; None if there is none that may be read."""


class Scope(RenderContext):
    """Liquid's context, with limits that no tag or filter passes by."""

    __slots__ = (
        *("_clock_at", "_deadline", "_filters", "_held", "_steps", "depth", "first_line", "found"),
        *("includes", "inside", "notices", "now", "page", "site"),
    )

    def __init__(
        self,
        template: BoundTemplate,
        *,
        site: LiquidSite,
        includes: Includes,
        variables: Mapping[str, object],
        filters: Mapping[str, Filter],
        now: datetime,
        first_line: int,
    ) -> None:
        super().__init__(template, globals=variables)
        # Without the library's `now` and `today`, which are the clock's.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.site = site
        self.includes = includes
        self.now = now
        self.page = variables.get("page")
        self.first_line = first_line
        self.notices: list[Notice] = []
        self.found: dict[tuple[str, str], Included | None] = {}
        self.inside: list[tuple[Token, str]] = []  # the includes that are being rendered
        self.depth = 0
        self._filters = filters
        self._held: dict[str, int] = {}
        self._steps = 0
        self._clock_at = _CLOCK_EVERY
        self._deadline = time.monotonic() + site.limits.seconds

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises LimitError beyond the limit, or beyond the deadline."""
        self._steps += steps
        if self._steps > self.site.limits.steps:
            raise LimitError(f"takes more than {self.site.limits.steps} steps")
        if self._steps >= self._clock_at:
            self._clock_at = self._steps + _CLOCK_EVERY
            if time.monotonic() > self._deadline:
                raise LimitError(f"takes longer than {self.site.limits.seconds:g} seconds")

    def check_text(self, length: int) -> None:
        """Raise LimitError for a text that is too long."""
        if length > self.site.limits.output:
            raise LimitError(f"makes a text of more than {self.site.limits.output} characters")

    def check_items(self, length: int) -> None:
        """Raise LimitError for a list that is too long."""
        if length > self.site.limits.items:
            raise LimitError(f"makes a list of more than {self.site.limits.items} items")

    def variable(self, name: object) -> object:
        """Return a variable's value; None if there is none."""
        return self.scope.get(name) if isinstance(name, str) else None

    def assign(self, key: str, val: object) -> None:
        """Set a variable, of the whole text, as Liquid does."""
        self._held[key] = _weight(val)
        self.spend(1 + len(self._held) // 100)
        if sum(self._held.values()) > self.site.limits.variables:
            raise LimitError("keeps too much in its variables")
        self.locals[key] = val

    def apply(self, name: str, value: object, arguments: Sequence[object], token: Token) -> object:
        """Return what the filter makes of the value. An unknown one passes it through, as Jekyll's does."""
        self.spend()
        called = self._filters.get(name)
        if called is None:
            self.note(
                "unknown-liquid-filter",
                f"the filter `{name[:50]}` is not one of Jekyll's: the text is published without it. Use another one.",
                token,
            )
            return value
        try:
            result = called(self, value, *arguments)
        except (TypeError, ValueError, ArithmeticError, FilterError, TooDeepError):
            self.note(
                "liquid-error",
                f"the filter `{name}` cannot take this value: nothing is published in its place. Check the value.",
                token,
            )
            return None
        if isinstance(result, str):
            self.check_text(len(result))
            self.spend(len(result) // 4_000)
        elif isinstance(result, list):
            self.check_items(len(result))
            self.spend(len(result) // 20)
        return result

    def note(self, code: str, reason: str, token: Token) -> None:
        """Tell the owner, once, with the line of the post."""
        outer = self.inside[0][0] if self.inside else token
        if self.inside:
            line = token.source.count("\n", 0, token.start_index) + 1
            reason = f"{self.inside[-1][1]}, line {line}: {reason}"
        notice = Notice(code=code, reason=reason, line=self.first_line + outer.source.count("\n", 0, outer.start_index))
        if len(self.notices) < _NOTICES and notice not in self.notices:
            self.notices.append(notice)

    def include(self, folder: str, name: str) -> Included | None:
        """Return a file to include: looked for once in a rendering."""
        key = (folder, name)
        if key not in self.found:
            self.spend(100)
            self.found[key] = self.includes.find(folder, name)
        return self.found[key]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were included."""
        return tuple(included.path for included in self.found.values() if included is not None)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """Return where a block's text is collected."""
        return Output(self)

    def parentloop(self) -> object:
        """Return the loop around this one."""
        return self.loops[-1] if self.loops else None


class Output(StringIO):
    """Collects text, up to the limit."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(newline="")
        self._scope = scope
        self._length = 0

    def write(self, text: str, /) -> int:
        """Add text."""
        self._length += len(text)
        self._scope.check_text(self._length)
        return super().write(text)


def own(context: RenderContext) -> Scope:
    """Return the library's context as ours: nodes are declared with the library's type."""
    if not isinstance(context, Scope):
        raise TypeError("nodes of this package are rendered in a Scope")
    return context


def _weight(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return len(value) * _ITEM_WEIGHT if isinstance(value, (list, tuple)) else 1

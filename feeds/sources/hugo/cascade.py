"""What Hugo's `cascade` hands down to the pages below, and which pages it is meant for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feeds.sources.hugo.globs import glob_matches
from feeds.sources.hugo.values import table_of, text_of, texts_of
from feeds.yaml_text import Node

_ENVIRONMENT = "production"
_NEVER_HANDED_DOWN = frozenset({"kind", "path", "lang", "cascade", "target", "_target", "params"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMatcher:
    """Which pages something is meant for; what is empty matches any."""

    path: str = ""
    kind: str = ""
    languages: tuple[str, ...] = ()
    environment: str = ""

    def matches(self, path: str, language: str, kind: str = "page") -> bool:
        """Whether a page of a language is meant. Paths begin with a slash."""
        return (
            (not self.kind or glob_matches(self.kind, kind))
            and (not self.path or glob_matches(self.path, path))
            and (not self.environment or glob_matches(self.environment, _ENVIRONMENT))
            and (not self.languages or any(glob_matches(pattern, language) for pattern in self.languages))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Values for the pages that the target matches."""

    target: PageMatcher
    values: Mapping[str, Node]


def read_matcher(node: Node | None) -> PageMatcher:
    """Read a `target`."""
    table = table_of(node)
    matrix = table_of(table_of(table.get("sites")).get("matrix"))
    languages = texts_of(matrix.get("languages")) + texts_of(table.get("lang"))
    return PageMatcher(
        path=text_of(table.get("path")).lower(),
        kind=text_of(table.get("kind")).lower(),
        languages=tuple(languages),
        environment=text_of(table.get("environment")),
    )


def read_cascades(node: Node | None) -> tuple[Cascade, ...]:
    """Read a `cascade`: a map, or a list of maps; keys are in lower case."""
    tables = node if isinstance(node, list) else [node]
    return tuple(_cascade(table) for table in tables if isinstance(table, dict))


def _cascade(table: Mapping[str, Node]) -> Cascade:
    values = dict(table_of(table.get("params")))
    for key, value in table.items():
        if key not in _NEVER_HANDED_DOWN:
            values.setdefault(key, value)
    target = table.get("target") if "target" in table else table.get("_target")
    return Cascade(target=read_matcher(target), values=values)


def handed_down(
    own: Mapping[str, Node], cascades: Iterable[Cascade], path: str, language: str, *, kind: str = "page"
) -> Mapping[str, Node]:
    """Return a page's values on those that cascades give it; the first that has a key counts."""
    values: dict[str, Node] | None = None
    for cascade in cascades:
        if cascade.target.matches(path, language, kind):
            if values is None:
                values = dict(own)
            for key, value in cascade.values.items():
                values.setdefault(key, value)
    return own if values is None else values

"""Renders the Liquid of one site's posts as Jekyll 4.3 does. Safe to share between threads."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from liquid.ast import Node
from liquid.builtin.content import Literal
from liquid.environment import Environment
from liquid.exceptions import LiquidError, LiquidInterrupt
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.template import BoundTemplate
from liquid.token import TOKEN_TAG, Token

from feeds.liquid import without_liquid
from feeds.model import Notice
from feeds.sources.jekyll.liquid import blocks, list_filters, loops, number_filters, tags, text_filters, urls
from feeds.sources.jekyll.liquid.context import Filter, Included, LimitError, Output, Scope
from feeds.sources.jekyll.liquid.files import SiteFiles
from feeds.sources.jekyll.liquid.lexer import tokenize
from feeds.sources.jekyll.liquid.model import Limits, LiquidSite, Rendered
from feeds.sources.jekyll.liquid.ruby import TooDeepError
from feeds.sources.jekyll.liquid.site_values import SiteValues, config_values, folder_of

_JEKYLL = {"version": "4.3.1", "environment": "production"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAGS = (
    *(Literal, blocks.OutputTag, blocks.UnknownTag, blocks.IfTag, blocks.UnlessTag, blocks.CaseTag),
    *(blocks.AssignTag, blocks.CaptureTag, blocks.CycleTag, blocks.IncrementTag, blocks.DecrementTag),
    *(loops.ForTag, loops.TablerowTag, loops.BreakTag, loops.ContinueTag, loops.IfChangedTag),
    *(tags.HighlightTag, tags.IncludeTag, tags.IncludeCachedTag, tags.IncludeRelativeTag, tags.PostUrlTag),
    *(tags.LinkTag, tags.SeoTag, tags.FeedMetaTag),
)


class _Jekyll(Environment):
    """The library's environment with Jekyll's tags alone."""

    context_depth_limit = 500  # depth is ours to count
    block_nesting_limit = Limits().depth + 2

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the tags; filters are looked up by Scope."""
        for tag in _TAGS:
            self.add_tag(tag)


class _Includes:
    """The files that tags include, parsed once."""

    def __init__(self, files: SiteFiles, folder: str, limit: int, environment: Environment) -> None:
        self._files = files
        self._folder = folder
        self._limit = limit
        self._environment = environment

    @property
    def folder(self) -> str:
        return self._folder

    def find(self, folder: str, name: str) -> Included | None:
        path = f"{folder}/{name}".lstrip("/")
        return self._files.made(path, self._limit, lambda text: self._parsed(path, text))

    def _parsed(self, path: str, text: str) -> Included:
        try:
            found = tokenize(text)
            nodes = get_parser(self._environment).parse(TokenStream(iter(found)))
        except LiquidError as error:
            return Included(path, fault=f"line {_line_of(error.token)}: {error.message or 'the Liquid cannot be read'}")
        return Included(path, nodes, _depth_of(found))


class LiquidEngine:
    """One site's templates."""

    def __init__(self, site: LiquidSite) -> None:
        self._site = site
        self._environment = _Jekyll()
        self._config = config_values(site)
        self._files = SiteFiles(site.root)
        folder = folder_of(self._config, "includes_dir")
        self._includes = _Includes(self._files, folder, site.limits.include_size, self._environment)
        self._filters: Mapping[str, Filter] = {
            **text_filters.FILTERS,
            **list_filters.FILTERS,
            **number_filters.FILTERS,
            **urls.FILTERS,
        }

    def render(self, text: str, *, page: Mapping[str, object], first_line: int, is_markdown: bool = True) -> Rendered:
        """Return the text with its Liquid run.

        `page` is the variable of that name; its `date` is what `now` and `site.time` say. `first_line` is the line of
        the file on which the text begins. Where Jekyll would stop, or a limit is reached, the plain rule is used for
        the whole text, and a notice says where; never raises for a text.
        """
        try:
            return self._render(text, page, first_line)
        except LiquidError as error:
            fault = f"{error.message or 'the Liquid cannot be read'}; `jekyll build` stops at it as well"
            return self._plain(text, "liquid-syntax", fault, _line_of(error.token) + first_line - 1, is_markdown)
        except LimitError as error:
            return self._plain(text, "liquid-limit", f"the Liquid of this post {error}", first_line, is_markdown)
        except (TooDeepError, RecursionError):
            fault = "the Liquid of this post is nested too deep"
            return self._plain(text, "liquid-limit", fault, first_line, is_markdown)

    def _render(self, text: str, page: Mapping[str, object], first_line: int) -> Rendered:
        if text.count("{{") + text.count("{%") > self._site.limits.tags:
            raise LimitError(f"has more than {self._site.limits.tags} tags")
        found = tokenize(text)
        nodes = get_parser(self._environment).parse(TokenStream(iter(found)))
        scope = self._scope(nodes, page, first_line)
        scope.depth = _depth_of(found)
        output = Output(scope)
        try:
            for node in nodes:
                scope.spend()
                node.render(scope, output)
        except LiquidInterrupt:  # a `break` outside a loop ends the text, as in Ruby
            pass
        return Rendered(text=output.getvalue(), notices=tuple(scope.notices), files=scope.files)

    def _scope(self, nodes: Sequence[Node], page: Mapping[str, object], first_line: int) -> Scope:
        now = _moment(page.get("date"))
        variables = {
            "page": page,
            "site": SiteValues(self._site, self._config, self._files, now),
            "jekyll": _JEKYLL,
            "layout": {},
            "content": None,
            "paginator": None,
        }
        return Scope(
            BoundTemplate(self._environment, list(nodes)),
            site=self._site,
            includes=self._includes,
            variables=variables,
            filters=self._filters,
            now=now,
            first_line=first_line,
        )

    def _plain(self, text: str, code: str, fault: str, line: int, is_markdown: bool) -> Rendered:
        reason = f"{fault}. The text is published with its tags taken out; correct it."
        return Rendered(
            text=without_liquid(text, is_markdown=is_markdown), notices=(Notice(code=code, reason=reason, line=line),)
        )


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else _EPOCH


def _line_of(token: Token | None) -> int:
    return 1 if token is None or token.start_index < 0 else token.source.count("\n", 0, token.start_index) + 1


def _depth_of(found: Sequence[Token]) -> int:
    deepest = depth = 0
    for token in found:
        if token.kind == TOKEN_TAG:
            if token.value.startswith("end"):
                depth -= 1
            elif token.value in ("if", "unless", "case", "for", "tablerow", "capture", "highlight", "ifchanged"):
                depth += 1
                deepest = max(deepest, depth)
    return deepest

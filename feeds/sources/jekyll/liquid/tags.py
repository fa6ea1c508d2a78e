"""Jekyll's own tags: highlight, include, post_url, link, and those of common plugins that feeds do without."""

import re
from collections.abc import Mapping
from html import escape
from typing import TextIO

from liquid.ast import BlockNode, Node
from liquid.context import RenderContext
from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import Token

from feeds.sources.jekyll.liquid.blocks import NothingNode, markup_of, parse_body
from feeds.sources.jekyll.liquid.context import LimitError, Scope, own
from feeds.sources.jekyll.liquid.expressions import Constant
from feeds.sources.jekyll.liquid.parsing import parse_expression, parse_value
from feeds.sources.jekyll.liquid.ruby import WHITE, shown, to_s
from feeds.sources.jekyll.liquid.urls import relative_url

_LONGEST = 4_000
_HIGHLIGHT = re.compile(r"([a-zA-Z0-9.+#_-]+)(?:\s+\w+(?:=(?:\w+|\"(?:[0-9]+\s)*[0-9]+\"))?)*", re.ASCII)
_OUTPUTS = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
_VARIABLE_NAME = re.compile(r"((?:[^{\s]*\{\{\s*[\w.-]+\s*(?:\|[^}]*)?\}\}[^\s{}]*)+)(.*)", re.ASCII | re.DOTALL)
_PARAMETER = re.compile(
    r"\s*([\w-]+)\s*=\s*(?:\"([^\"\\]*(?:\\.[^\"\\]*)*)\"|'([^'\\]*(?:\\.[^'\\]*)*)'|([\w.-]+))(?=\s|\Z)",
    re.ASCII | re.DOTALL,
)
_FILE_NAME = re.compile(r"[\w/.\-()+~#@]+", re.ASCII)
_CLIMBING = re.compile(r"[./]{2,}")


class HighlightNode(Node):
    """A block of code, as Jekyll writes it but for the colours."""

    __slots__ = ("block", "language")

    def __init__(self, token: Token, language: str, block: BlockNode) -> None:
        super().__init__(token)
        self.language = language
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        self.block.render(context, inner)
        code = escape(inner.getvalue().strip("\r\n"), quote=False)
        name = f'class="language-{self.language.replace("+", "-")}" data-lang="{self.language}"'
        return buffer.write(f'<figure class="highlight"><pre><code {name}>{code}</code></pre></figure>')


class HighlightTag(Tag):
    name = "highlight"
    end = "endhighlight"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        match = _HIGHLIGHT.fullmatch(markup_of(stream).strip()[:_LONGEST])
        if match is None:
            raise LiquidSyntaxError("`highlight` is written `highlight language [linenos]`", token=token)
        block = parse_body(self, stream, self.end)
        block.blank = False
        return HighlightNode(token, match[1].lower(), block)


class _Text:
    """A tag's argument with outputs in it: `{% include {{ page.kind }}.html %}`."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str, token: Token) -> None:
        self._pieces: list[str | Expression] = [
            parse_value(piece[2:-2].strip("-"), token) if piece.startswith("{{") and piece.endswith("}}") else piece
            for piece in _OUTPUTS.split(text)
        ]

    def read(self, scope: Scope) -> str:
        return "".join(
            [piece if isinstance(piece, str) else shown(piece.evaluate(scope), scope) for piece in self._pieces]
        )


class IncludeNode(Node):
    """A file of the site in the text's place."""

    __slots__ = ("file", "parameters", "relative")

    def __init__(self, token: Token, file: _Text, parameters: dict[str, Expression] | None, *, relative: bool) -> None:
        super().__init__(token)
        self.file = file
        self.parameters = parameters
        self.relative = relative
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        scope = own(context)
        scope.spend(5)
        name = self.file.read(scope)
        folder = _folder_of(scope) if self.relative else scope.includes.folder
        sound = _FILE_NAME.fullmatch(name) is not None and _CLIMBING.search(name) is None
        included = scope.include(folder, name) if sound else None
        if included is None or included.fault is not None:
            self._missing(scope, name, folder, included.fault if included else None)
            return 0
        if scope.depth + included.depth + 1 > scope.site.limits.depth:
            raise LimitError("has files that include each other without end")
        variables = {} if self.parameters is None else {"include": self._given(scope)}
        scope.depth += included.depth + 1
        scope.inside.append((scope.inside[0][0] if scope.inside else self.token, included.path))
        try:
            with scope.extend(variables):
                return sum([node.render(scope, buffer) for node in included.nodes])
        finally:
            scope.inside.pop()
            scope.depth -= included.depth + 1

    def _given(self, scope: Scope) -> dict[str, object]:
        return {key: value.evaluate(scope) for key, value in (self.parameters or {}).items()}

    def _missing(self, scope: Scope, name: str, folder: str, fault: str | None) -> None:
        if fault is not None:
            reason = f"the included file `{name[:100]}` cannot be read, so nothing is published in its place: {fault}."
            scope.note("liquid-syntax", reason, self.token)
            return
        reason = f"the included file `{name[:100]}` is not in `{folder or '.'}`: nothing is published in its place."
        scope.note("missing-include", f"{reason} Add the file or take the tag out.", self.token)


def _folder_of(scope: Scope) -> str:
    path = scope.page.get("path") if isinstance(scope.page, Mapping) else None
    return path.rpartition("/")[0] if isinstance(path, str) else ""


class IncludeTag(Tag):
    name = "include"
    block = False
    relative = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        markup = markup_of(stream).strip()
        if len(markup) > _LONGEST:
            raise LiquidSyntaxError("an `include` is longer than anyone writes", token=token)
        match = _VARIABLE_NAME.match(markup) if "{{" in markup else None
        if match is not None:
            name, rest = match[1], match[2].strip() or None
        else:
            name, rest = [*markup.split(None, 1), None, None][:2]
        parameters = None if rest is None else _parameters(rest, token)
        return IncludeNode(token, _Text(name or "", token), parameters, relative=self.relative)


class IncludeCachedTag(IncludeTag):
    name = "include_cached"


class IncludeRelativeTag(IncludeTag):
    name = "include_relative"
    relative = True


def _parameters(text: str, token: Token) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _PARAMETER.match(text, position)
        if match is None:
            raise LiquidSyntaxError('`include` is written `include file.html key="value"`', token=token)
        key, double, single, variable = match.groups()
        if variable is not None:
            found[key] = parse_expression(variable, token)
        else:
            written = double.replace('\\"', '"') if double is not None else single.replace("\\'", "'")
            found[key] = Constant(token, written)
        position = match.end()
    return found


class PostUrlNode(Node):
    """The address of another post."""

    __slots__ = ("post",)

    def __init__(self, token: Token, post: str) -> None:
        super().__init__(token)
        self.post = post
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        scope = own(context)
        scope.spend(5)
        url = scope.site.lookup.url_of_post(self.post.removeprefix("/"))
        if url is None:
            reason = f"there is no post `{self.post[:100]}`: the link to it is empty. Correct the name."
            scope.note("missing-post", reason, self.token)
            return 0
        return buffer.write(to_s(relative_url(scope, url), scope))


class PostUrlTag(Tag):
    name = "post_url"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        return PostUrlNode(token, markup_of(stream).strip(WHITE))


class LinkNode(Node):
    """The address of a file of the site."""

    __slots__ = ("path",)

    def __init__(self, token: Token, path: _Text) -> None:
        super().__init__(token)
        self.path = path
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        scope = own(context)
        scope.spend(5)
        path = self.path.read(scope)
        url = scope.site.lookup.url_of_file(path)
        if url is None:
            reason = f"there is no file `{path[:100]}` to link to: the link is empty. Correct the path."
            scope.note("missing-file", reason, self.token)
            return 0
        return buffer.write(to_s(relative_url(scope, url), scope))


class LinkTag(Tag):
    name = "link"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        return LinkNode(token, _Text(markup_of(stream).strip(WHITE), token))


class SeoTag(Tag):
    """jekyll-seo-tag's: for the head of a page."""

    name = "seo"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        markup_of(stream)
        return NothingNode(token)


class FeedMetaTag(SeoTag):
    """jekyll-feed's: for the head of a page."""

    name = "feed_meta"

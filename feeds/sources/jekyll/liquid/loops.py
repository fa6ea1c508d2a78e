"""The tags that repeat: `for` and `tablerow`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.tags.for_tag import BreakTag, ContinueTag, ForNode
from liquid.builtin.tags.ifchanged_tag import IfChangedTag
from liquid.builtin.tags.tablerow_tag import TablerowNode
from liquid.context import RenderContext
from liquid.expression import Expression
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import Token

from feeds.sources.jekyll.liquid.blocks import markup_of, parse_body
from feeds.sources.jekyll.liquid.context import own
from feeds.sources.jekyll.liquid.parsing import LoopParts, parse_expression, parse_loop
from feeds.sources.jekyll.liquid.ruby import to_i

__all__ = ["BreakTag", "ContinueTag", "ForTag", "IfChangedTag", "TablerowTag"]


class _Labelled(Expression):
    """An expression with its text, by which the library names the loop."""

    __slots__ = ("inner", "text")

    def __init__(self, token: Token, text: str) -> None:
        super().__init__(token)
        self.inner = parse_expression(text, token)
        self.text = text

    def __str__(self) -> str:
        return self.text

    def evaluate(self, context: RenderContext) -> object:
        return self.inner.evaluate(context)

    def children(self) -> Iterable[Expression]:
        return (self.inner,)


class Loop(LoopExpression):
    """A loop's items: sliced as Ruby slices them, counted while they are gone through."""

    __slots__ = ("_goes_on", "_label")

    def __init__(self, token: Token, parts: LoopParts) -> None:
        read = {name: parse_expression(text, token) for name, text in parts.attributes.items()}
        super().__init__(
            token,
            parts.variable,
            _Labelled(token, parts.collection),
            limit=read.get("limit"),
            offset=read.get("offset"),
            reversed_=parts.reversed,
            cols=read.get("cols"),
        )
        self._label = f"{parts.variable}-{parts.collection}"
        self._goes_on = parts.attributes.get("offset") == "continue"

    def evaluate(self, context: RenderContext) -> tuple[Iterator[object], int]:
        scope = own(context)
        items = _items(self.iterable.evaluate(scope))
        start = scope.stopindex(self._label) if self._goes_on else _number(self.offset, scope) or 0
        limit = _number(self.limit, scope)
        if isinstance(items, str):  # a text is one item, whatever is asked of it
            return _counted(scope.spend, [items]), 1
        chosen = items[max(start, 0) : None if limit is None else max(start + limit, 0)]
        scope.stopindex(self._label, index=start + len(chosen))
        if self.reversed:
            chosen = chosen[::-1]
        return _counted(scope.spend, chosen), len(chosen)


def _number(expression: Expression | None, context: RenderContext) -> int | None:
    value = None if expression is None else expression.evaluate(context)
    return None if value is None else to_i(value)


def _items(value: object) -> Sequence[object] | str:
    if isinstance(value, (list, tuple, range)):
        return value
    if isinstance(value, str):
        return value or []
    return [[key, item] for key, item in value.items()] if isinstance(value, Mapping) else []


def _counted(spend: Callable[[], None], items: Iterable[object]) -> Iterator[object]:
    for item in items:
        spend()
        yield item


class ForTag(Tag):
    name = "for"
    end = "endfor"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        loop = Loop(token, parse_loop(markup_of(stream), token))
        block = parse_body(self, stream, self.end, "else")
        default: BlockNode | None = None
        while not stream.current.is_tag(self.end):
            default = parse_body(self, stream, self.end, "else")
        node = ForNode(token, loop, block, default)
        block.blank = node.blank  # white space goes only where the whole loop is white space
        if default is not None:
            default.blank = node.blank
        return node


class TablerowTag(Tag):
    name = "tablerow"
    end = "endtablerow"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        loop = Loop(token, parse_loop(markup_of(stream), token))
        block = parse_body(self, stream, self.end)
        block.blank = False
        return TablerowNode(token, loop, block)

"""Liquid's own tags, read with Ruby's rules; the library's nodes render them."""

import re
from collections.abc import Sequence
from typing import TextIO

from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.expressions import Identifier
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.builtin.tags.decrement_tag import DecrementNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.increment_tag import IncrementNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_ILLEGAL, TOKEN_OUTPUT, Token

from feeds.sources.jekyll.liquid.context import own
from feeds.sources.jekyll.liquid.expressions import Comparison, Condition, Constant, Special
from feeds.sources.jekyll.liquid.parsing import (
    choices,
    fragments,
    parse_condition,
    parse_expression,
    parse_value,
)
from feeds.sources.jekyll.liquid.ruby import shown

_ASSIGNED = re.compile(r"\s*((?:\(?[\w.\[\]-]\)?)+)\s*=(.*)", re.DOTALL)
_CAPTURED = re.compile(r"\s*[\"']?([\w-]+)", re.ASCII)
_GROUP = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^\s,|'\":]+)\s*:\s*(.*)", re.DOTALL)
_MIDDLES = frozenset({"else", "elsif", "when"})


def markup_of(stream: TokenStream) -> str:
    """Step to the tag's markup and return it; the stream then stands on the tag's last token."""
    if stream.peek.kind != TOKEN_EXPRESSION:
        return ""
    next(stream)
    return stream.current.value


def parse_body(tag: Tag, stream: TokenStream, *ends: str) -> BlockNode:
    """Read what stands between this tag and the next of `ends`; the stream then stands on that. Raises
    LiquidSyntaxError if none comes."""
    opening = stream.current
    next(stream)
    block = get_parser(tag.env).parse_block(stream, frozenset(ends))
    if stream.current.kind == TOKEN_EOF:
        raise LiquidSyntaxError(f"`{tag.name}` is not closed by `{ends[0]}`", token=opening)
    return block


class OutputNode(Node):
    """`{{ … }}`."""

    __slots__ = ("expression",)

    def __init__(self, token: Token, expression: Expression) -> None:
        super().__init__(token)
        self.expression = expression
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        scope = own(context)
        scope.spend()
        return buffer.write(shown(self.expression.evaluate(scope), scope))


class OutputTag(Tag):
    name = TOKEN_OUTPUT
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        return OutputNode(token, parse_value(markup_of(stream), token))


class UnknownNode(Node):
    """A tag that Jekyll does not have; its text, if it is a block, stands beside it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        scope = own(context)
        scope.spend()
        name = self.token.value[:50]
        scope.note(
            "unknown-liquid-tag",
            f"the tag `{name}` is not one of Jekyll's: it is left out, what it surrounds stays. "
            "Write its content out if readers of the feed need it.",
            self.token,
        )
        return 0


class NothingNode(Node):
    """A tag without text."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return 0


class UnknownTag(Tag):
    """Any tag that is not registered."""

    name = TOKEN_ILLEGAL
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        markup_of(stream)
        if token.value in _MIDDLES or (token.value.startswith("end") and token.value[3:] in self.env.tags):
            raise LiquidSyntaxError(f"`{token.value}` belongs to no open block", token=token)
        return NothingNode(token) if token.value.startswith("end") else UnknownNode(token)


class IfTag(Tag):
    name = "if"
    end = "endif"
    node: type[IfNode] | type[UnlessNode] = IfNode

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        condition = parse_condition(markup_of(stream), token)
        ends = (self.end, "elsif", "else")
        consequence = parse_body(self, stream, *ends)
        alternatives: list[ConditionalBlockNode] = []
        default: BlockNode | None = None
        while not stream.current.is_tag(self.end):
            inner = stream.current
            markup = markup_of(stream)
            if inner.value == "else":
                block = parse_body(self, stream, *ends)
                default = default or block
            else:
                read = parse_condition(markup, inner)
                block = parse_body(self, stream, *ends)
                if default is None:
                    alternatives.append(ConditionalBlockNode(inner, read, block))
        return self.node(token, condition, consequence, alternatives, default)


class UnlessTag(IfTag):
    name = "unless"
    end = "endunless"
    node = UnlessNode


class CaseNode(Node):
    """`case`: every `when` that holds is rendered, `else` if none before it did."""

    __slots__ = ("branches",)

    def __init__(self, token: Token, branches: Sequence[tuple[Sequence[Condition] | None, BlockNode]]) -> None:
        super().__init__(token)
        self.branches = branches
        self.blank = all(block.blank for _, block in branches)
        for _, block in branches:
            block.blank = self.blank

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        written, found = 0, False
        for conditions, block in self.branches:
            if conditions is None:
                times = 0 if found else 1
            else:
                times = sum(condition.evaluate(context) for condition in conditions)
                found = found or times > 0
            for _ in range(times):
                written += block.render(context, buffer)
        return written


class CaseTag(Tag):
    name = "case"
    end = "endcase"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        markup = markup_of(stream)
        left = parse_expression(next(iter(fragments(markup)), ""), token)
        if isinstance(left, Special):  # only what stands in `when` asks
            left = Constant(token, "")
        ends = (self.end, "when", "else")
        parse_body(self, stream, *ends)
        branches: list[tuple[Sequence[Condition] | None, BlockNode]] = []
        while not stream.current.is_tag(self.end):
            inner = stream.current
            markup = markup_of(stream)
            conditions = (
                None if inner.value == "else" else [_equals(left, item, inner) for item in choices(markup, inner)]
            )
            branches.append((conditions, parse_body(self, stream, *ends)))
        return CaseNode(token, branches)


def _equals(left: Expression, item: str, token: Token) -> Condition:
    return Condition(token, [Comparison(left, "==", parse_expression(item, token))])


class AssignTag(Tag):
    name = "assign"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        match = _ASSIGNED.match(markup_of(stream))
        if match is None:
            raise LiquidSyntaxError("`assign` is written `assign name = value`", token=token)
        return AssignNode(token, name=Identifier(match[1], token=token), expression=parse_value(match[2], token))


class CaptureTag(Tag):
    name = "capture"
    end = "endcapture"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        match = _CAPTURED.match(markup_of(stream))
        if match is None:
            raise LiquidSyntaxError("`capture` needs a name", token=token)
        block = parse_body(self, stream, self.end)
        block.blank = False  # its white space is text
        return CaptureNode(token, Identifier(match[1], token=token), block)


class CycleTag(Tag):
    name = "cycle"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        markup = markup_of(stream)
        match = _GROUP.fullmatch(markup)
        items = [parse_expression(item, token) for item in fragments(match[2] if match else markup)]
        if not items:
            raise LiquidSyntaxError("`cycle` needs values", token=token)
        return CycleNode(token, parse_expression(match[1], token) if match else None, items)


class IncrementTag(Tag):
    name = "increment"
    block = False
    node: type[IncrementNode] | type[DecrementNode] = IncrementNode

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        return self.node(token, Identifier(markup_of(stream).strip(), token=token))


class DecrementTag(IncrementTag):
    name = "decrement"
    node = DecrementNode

"""Cuts a text into Liquid's tokens where Ruby's Liquid cuts it, in time linear in its length."""

import re
from collections.abc import Iterator

from liquid.exceptions import LiquidSyntaxError
from liquid.token import TOKEN_CONTENT, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG, Token

from feeds.sources.jekyll.liquid.ruby import WHITE

_OPENING = re.compile(r"\{[{%]")
_TAG = re.compile(r"\{%-?\s*(\w+)\s*(.*)\Z", re.ASCII | re.DOTALL)
_END_RAW = re.compile(r"\{%-?\s*endraw\b", re.ASCII)
_IN_COMMENT = re.compile(r"\{%-?\s*(endcomment|comment|raw)\b", re.ASCII)
# What follows these names means nothing, and the library's parsers do not expect it.
_BARE = frozenset({"else", "break", "continue", "ifchanged", "comment", "raw"})


def tokenize(text: str) -> list[Token]:
    """Return the text's tokens. Raises LiquidSyntaxError for what is never closed, as Ruby's does."""
    return list(_Lexer(text).tokens())


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._trim = False  # the last tag ended in `-`: the next text loses the white space at its beginning

    def tokens(self) -> Iterator[Token]:
        text = self._text
        while (found := _OPENING.search(text, self._position)) is not None:
            start = found.start()
            if start > self._position:
                yield from self._content(start, trim_end=text.startswith("-", found.end()))
            if found.group() == "{{":
                yield from self._output(start)
            else:
                yield from self._tag(start)
        if self._position < len(text):
            yield from self._content(len(text), trim_end=False)

    def _content(self, end: int, *, trim_end: bool) -> Iterator[Token]:
        start, piece = self._position, self._text[self._position : end]
        if self._trim:
            piece = piece.lstrip(WHITE)
        if trim_end:
            piece = piece.rstrip(WHITE)
        self._trim = False
        if piece:
            yield Token(TOKEN_CONTENT, piece, start, self._text)

    def _output(self, start: int) -> Iterator[Token]:
        # Ruby's looks for one brace, so that a brace within the output ends it.
        close = self._text.find("}", start + 2)
        if close < 0 or not self._text.startswith("}", close + 1):
            raise self._fault("`{{` is not closed by `}}`", start)
        inner = self._text[start + 2 : close].removeprefix("-")
        self._trim = inner.endswith("-") or self._text[start + 2 : close] == "-"
        yield Token(TOKEN_OUTPUT, "{{", start, self._text)
        yield Token(TOKEN_EXPRESSION, inner.removesuffix("-"), start, self._text)
        self._position = close + 2

    def _tag(self, start: int) -> Iterator[Token]:
        close = self._text.find("%}", start + 2)
        if close < 0:
            raise self._fault("`{%` is not closed by `%}`", start)
        match = _TAG.match(self._text[start:close])
        if match is None:
            raise self._fault("a tag has no name", start)
        name, markup = match[1], match[2]
        self._trim = self._text[close - 1] == "-"
        self._position = close + 2
        if name == "raw":
            yield from self._raw(start)
        elif name == "comment":
            self._comment(start)
        else:
            yield Token(TOKEN_TAG, name, start, self._text)
            if name not in _BARE and not name.startswith("end"):
                yield Token(TOKEN_EXPRESSION, markup.removesuffix("-"), start, self._text)

    def _raw(self, start: int) -> Iterator[Token]:
        found = _END_RAW.search(self._text, self._position)
        close = self._text.find("%}", found.end()) if found else -1
        if found is None or close < 0:
            raise self._fault("`raw` is not closed by `endraw`", start)
        # White space within stays as written; what `{% raw -%}` asks for falls on the text after the block.
        if found.start() > self._position:
            yield Token(TOKEN_CONTENT, self._text[self._position : found.start()], self._position, self._text)
        self._position = close + 2

    def _comment(self, start: int) -> None:
        depth = 1
        while depth:
            found = _IN_COMMENT.search(self._text, self._position)
            close = self._text.find("%}", found.end()) if found else -1
            if found is None or close < 0:
                raise self._fault("`comment` is not closed by `endcomment`", start)
            self._position = close + 2
            self._trim = self._text[close - 1] == "-"
            if found[1] == "raw":
                for _ in self._raw(found.start()):
                    pass
            else:
                depth += 1 if found[1] == "comment" else -1

    def _fault(self, reason: str, start: int) -> LiquidSyntaxError:
        return LiquidSyntaxError(reason, token=Token(TOKEN_CONTENT, "", start, self._text))

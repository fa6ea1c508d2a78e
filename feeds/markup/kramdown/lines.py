"""The forms of lines that begin and end blocks."""

import re

from feeds.markup.kramdown.attributes import INSIDE
from feeds.markup.kramdown.html_words import BLOCK_TAG

_W = r"[ \t\r\f\v]"  # white space inside a line
BLANK = re.compile(rf"(?:{_W}*+\n)+")
INDENT = re.compile(r"\t| {4}")
INDENTS = re.compile(r"^(?:\t| {4})", re.MULTILINE)
# A line's mark and the rest of the line. A bar behind the mark counts as a space.
UL_ITEM = re.compile(r"( {0,3}[+*-])([\t |][^\n]*\n)")
OL_ITEM = re.compile(r"( {0,3}[0-9]+\.)([\t |][^\n]*\n)")
LIST_ITEM = re.compile(r" {0,3}(?:[+*-]|[0-9]+\.)[\t |][^\n]*\n")
DEFINITION = re.compile(r"( {0,3}:)([\t |][^\n]*\n)")
RULE_LINE = re.compile(r" {0,3}([*_-])(?:[ \t]*+\1){2,}[ \t]*+\n")
ATX = re.compile(r"(#{1,6})[\t ]+([^\n]*)\n")
PLAIN_ATX = re.compile(r"(#{1,6})[\t ]*([^ \t\n][^\n]*)\n")
SETEXT = re.compile(r" {0,3}([^ \t\n][^\n]*)\n([-=])[-=]*+[ \t\r\f\v]*+\n")
QUOTE = re.compile(r" {0,3}> ?")
QUOTES = re.compile(r"^ {0,3}> ?", re.MULTILINE)
END_MARK = re.compile(rf"\^{_W}*\n")
_LIST_IN_BRACES = rf"\{{:(?![:/]){INSIDE}+\}}{_W}*\n"
BLOCK_LIST = re.compile(rf" {{0,3}}\{{:(?![:/])({INSIDE}+)\}}{_W}*\n")
# What ends a paragraph that goes on lazily: in a quote, in indented code, in plain kramdown.
_LAZY_END = rf"{_W}*\n| {{0,3}}{_LIST_IN_BRACES}|\^{_W}*\n| {{0,3}}{BLOCK_TAG}|\Z"
LAZY_END = re.compile(_LAZY_END)
PARAGRAPH_END = re.compile(rf"{_LAZY_END}| {{0,3}}:[\t |][^\n]*\n")
GFM_PARAGRAPH_END = re.compile(
    rf"{_LAZY_END}| {{0,3}}(?:[:+*-]|[0-9]+\.)[\t |][^\n]*\n|#{{1,6}}[\t ]+[^\n]*\n| {{0,3}}>| {{0,3}}[~`]{{3}}"
)
# Most lines begin with a character that begins nothing else.
MAY_END = frozenset("\n\r\f\v\t {^<:+*-#>~`0123456789")
BOUNDARY = re.compile(rf"{_W}*\n|\^{_W}*\n| {{0,3}}{_LIST_IN_BRACES}|\Z")
HEADER_ID = re.compile(r"[\t ]\{#([:A-Z_a-z\u00c0-\ufffd][-.:\w\u00b7-\ufffd]*)\}\Z")
_WHOLE_ITEM_LIST = rf"[ \t\r\n\f\v]*\{{:(?!(?:[A-Za-z0-9_][A-Za-z0-9_-]*)?:|/)({INSIDE}+)\}}[ \t\r\n\f\v]*"
ITEM_LIST = re.compile(_WHOLE_ITEM_LIST)
EMPTY_ITEM = re.compile(rf"(?:{_WHOLE_ITEM_LIST})?[ \t\r\n\f\v]*\n")
_BLOCK_TAG_OR_LIST = rf"(?:{_LIST_IN_BRACES}|{BLOCK_TAG})"
LAZY_STOPS = tuple(re.compile(rf" {{0,{spaces}}}{_BLOCK_TAG_OR_LIST}") for spaces in range(4))


def line_end(text: str, at: int) -> int:
    """Return where the line ends, behind its line feed."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1

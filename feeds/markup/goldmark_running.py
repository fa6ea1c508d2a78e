"""The running text of one Markdown text: collected from a parser's pieces, written with its marks replaced."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from feeds.markup.goldmark_source import COLON_SIGN
from feeds.markup.goldmark_text import ADDRESS, QuoteReader, Typography, bare_address, escaped

_LOOK_AHEAD = 64  # bytes of a line; a few of them decide what a quote is
_LONGEST_ADDRESS = 8192  # bytes
_BACKSLASH = 0x5C
_AMPERSAND = 0x26
_EXTRAS = {"inserted": "ins", "raised": "sup", "lowered": "sub", "struck": "del"}


class TextOptions(NamedTuple):
    """How running text is written."""

    typography: Typography
    marks: re.Pattern[str] | None  # what may stand for something else
    linkifies: bool
    protocol: str  # of bare addresses that begin with `www.`
    emoji: Mapping[str, str]


class RunningText:
    """The text that is not written yet, and the block that it stands in."""

    def __init__(self, source: bytes, options: TextOptions, block_end: Callable[[], int]) -> None:
        self.links = 0  # open ones: there are no links within links
        self.taken = 0  # up to where the source is written already, by a bare address
        self._source = source
        self._options = options
        self._find_block_end = block_end
        self._start = self._end = self._stop = -1
        self._follows_text = False
        self._quotes = QuoteReader(options.typography)
        self._brackets = 0
        self._is_fresh = True
        self._block_end: int | None = None
        self._text = ""
        self._cursor = (0, 0)  # a position in the text, and the same in the source

    def begin_block(self) -> None:
        """Forget the brackets of the block before. Its quotes count on: goldmark never forgets an open one."""
        self._brackets = 0
        self._is_fresh = True
        self._block_end = None

    def interrupt(self, out: list[str]) -> None:
        """Write the text before something that is none."""
        if self._start >= 0:
            self._flush(out)
        self._follows_text = False

    def passed(self) -> None:
        """Note that the block has begun, with something that is no text."""
        self._is_fresh = False

    def add(self, text: str, start: int, end: int, out: list[str]) -> None:
        """Take a piece of text; what stands right behind one another is written together."""
        if start < self.taken:
            start = self.taken
            if end <= start:
                return
        elif self._source[start] == _AMPERSAND and self._source[start:end] != text.encode():
            self._flush(out)
            out.append(escaped(text))
            self._follows_text = True
            self._is_fresh = False
            return
        if start != self._end:
            self._flush(out)
            self._start = start
        self._end = end

    def _flush(self, out: list[str]) -> None:
        start = self._start
        if start < 0:
            return
        self._stop = self._end
        text = self._text = self._source[start : self._end].decode(errors="replace")
        self._start = self._end = -1
        self._cursor = (0, start)
        marks = self._options.marks
        if marks is None or marks.search(text) is None:
            out.append(escaped(text))
        else:
            self._write_marks(marks, out)
        if "[" in text or "]" in text:
            self._offset(len(text))
        self._is_fresh = False
        self._follows_text = True

    def _write_marks(self, marks: re.Pattern[str], out: list[str]) -> None:
        text = self._text
        start = self._cursor[1]
        position = 0
        # A first character behind a backslash stands for itself.
        if start and not self._is_fresh and self._source[start - 1] == _BACKSLASH:
            out.append(escaped(text[0]))
            position = 1
        while found := marks.search(text, position):
            place = found.start()
            out.append(escaped(text[position:place]))
            written, position = self._mark(found)
            out.append(written)
            if self._options.linkifies and written != text[place:position]:
                position = self._address_behind(position, out)
            if self.taken > self._offset(position):  # an address that goes on behind this text
                return
        out.append(escaped(text[position:]))

    def _mark(self, found: re.Match[str]) -> tuple[str, int]:
        """Return what is written for a mark, and where the text goes on."""
        sign = found[0]
        place = found.start()
        options = self._options
        if sign in ("'", '"'):
            return escaped(self._quote(place)), place + 1
        if (replaced := options.typography.signs.get(sign)) is not None:
            return replaced, found.end()
        if sign[0] in (":", COLON_SIGN):
            emoji = options.emoji.get(f":{sign[1:]}")
            return (sign[0], place + 1) if emoji is None else (emoji, found.end())
        if (tag := _EXTRAS.get(found.lastgroup or "")) is not None:
            words = sign[2:-2] if found.lastgroup == "inserted" else sign[1:-1]
            tag = tag if sign[0] != "=" else "mark"
            return f"<{tag}>{escaped(words)}</{tag}>", found.end()
        return self._address(place) or (escaped(sign), found.end())

    def _quote(self, place: int) -> str:
        text = self._text
        if 0 < place < len(text) - 1 and text[place] == "'" and text[place - 1].isalpha() and text[place + 1].isalpha():
            return self._options.typography.apostrophe
        offset = self._offset(place)
        end = self._source.find(b"\n", offset, offset + _LOOK_AHEAD) + 1 or offset + _LOOK_AHEAD
        if self._block_end is None:
            self._block_end = self._find_block_end()
        line = self._source[offset : min(end, max(self._block_end, offset + 1))]
        return self._quotes.read(text[place - 1] if place else self._before(offset), line)

    def _before(self, offset: int) -> str:
        if self._is_fresh:
            return "\n"
        return self._source[max(0, offset - 4) : offset].decode(errors="ignore")[-1:] or "\n"

    def _offset(self, place: int) -> int:
        """Return where a place in the text is in the source; places only grow."""
        position, offset = self._cursor
        if place != position:
            passed = self._text[position:place]
            offset += len(passed.encode())
            self._cursor = (place, offset)
            self._brackets = max(0, self._brackets + passed.count("[") - passed.count("]"))
        return offset

    def _address_behind(self, position: int, out: list[str]) -> int:
        """Write an address that stands right behind a mark, and return where the text goes on."""
        if ADDRESS.match(self._text, position) and (found := self._address(position)):
            out.append(found[0])
            return found[1]
        return position

    def _address(self, place: int) -> tuple[str, int] | None:
        if self.links or (place == 0 and self._follows_text):
            return None
        offset = self._offset(place)
        if self._brackets > 0:  # in what may be the words of a link
            return None
        limit = self._source.find(b"\n", offset, offset + _LONGEST_ADDRESS)
        line = self._source[offset : limit if limit >= 0 else offset + _LONGEST_ADDRESS]
        address = bare_address(line, self._options.protocol)
        if address is None:
            return None
        end = offset + address.size
        if end > self._stop:
            self.taken = end
            position = len(self._text)
        else:
            position = place + len(address.text)
        return f'<a href="{address.href}">{escaped(address.text)}</a>', position

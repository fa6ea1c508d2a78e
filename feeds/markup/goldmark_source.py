"""What must be changed in a Markdown text before a parser of another dialect reads it as goldmark does.

Signs are swapped for look-alikes of the same kind that the parser does not know, and swapped back in the HTML.
"""

import re
from html import escape

# goldmark looks for a tag at the first `<` of two only; a definition needs a space behind its colon.
_ANGLES = re.compile(r"<<(?=[A-Za-z/!?])")
_COLON = re.compile(r"^([ >]*):(?![ \t])(?![-:| \t]*-[-:| \t]*$)", re.MULTILINE)
ANGLES_SIGN = "\u2aa1"
COLON_SIGN = "\ufe13"
_BLOCK_ATTRIBUTES = re.compile(r"^[ >]*\{[ \t]*[.#a-zA-Z][^{}\n]*\}[ \t]*\n?", re.MULTILINE)
_FENCES = re.compile(r"^[ >]*(?P<fence>`{3,}|~{3,}).*?(?:^[ >]*(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)
_RULE_OF_TABLE = re.compile(r"\n([ >]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*\|?[ \t]*+)(?=\n|\Z)")
_BEFORE_HEAD = re.compile(r"[ >]*+(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]++)*")
_CELL_END = re.compile(r"(?<!\\)\|")
PLACEHOLDER = "HAHAFORMULA"
_TAKEN = re.compile(rf"{PLACEHOLDER}([0-9]{{1,9}})X")


class Swapped:
    """A text made ready for the parser, and the way back."""

    __slots__ = ("_back", "text")

    def __init__(self, text: str, *, definition_lists: bool, typographer: bool) -> None:
        self._back: list[tuple[str, str]] = []
        if typographer and "<<" in text and ANGLES_SIGN not in text:
            swapped = _ANGLES.sub(ANGLES_SIGN, text)
            self._note(swapped is not text, ANGLES_SIGN, "&lt;&lt;")
            text = swapped
        if definition_lists and ("\n:" in text or " :" in text or ">:" in text) and COLON_SIGN not in text:
            text = _COLON.sub(rf"\1{COLON_SIGN}", text)
            self._note(True, COLON_SIGN, ":")
        self.text = text

    def _note(self, is_swapped: bool, sign: str, original: str) -> None:
        if is_swapped:
            self._back.append((sign, original))

    def restored(self, html: str) -> str:
        """Return the HTML with the signs as they were."""
        for sign, original in self._back:
            html = html.replace(sign, original)
        return html


def without_block_attributes(text: str) -> str:
    """Return the text without the lines that give attributes to blocks (`{.note}`); fenced code keeps them."""
    pieces = []
    position = 0
    for fence in _FENCES.finditer(text):
        pieces += [_BLOCK_ATTRIBUTES.sub("", text[position : fence.start()]), fence[0]]
        position = fence.end()
    pieces.append(_BLOCK_ATTRIBUTES.sub("", text[position:]))
    return "".join(pieces)


def with_full_heads(text: str) -> str:
    """Return the text with empty cells in the heads of tables that are shorter than the line of dashes below them."""
    if "|" not in text or "-" not in text:
        return text
    pieces = []
    position = 0
    fences = [fence.span() for fence in _FENCES.finditer(text)] if "```" in text or "~~~" in text else []
    for rule in _RULE_OF_TABLE.finditer(text):
        head = text[text.rfind("\n", 0, rule.start()) + 1 : rule.start()]
        missing = _cells(rule[1]) - _cells(head)
        if "|" not in rule[1] or missing <= 0 or not head.strip(" >") or head.startswith(("    ", "\t")):
            continue
        while fences and fences[0][1] <= rule.start():
            fences.pop(0)
        if fences and fences[0][0] < rule.start():
            continue
        closing = "" if _CELL_END.match(head, len(head.rstrip()) - 1) else " |"
        pieces += [text[position : rule.start()], closing, " |" * missing]
        position = rule.start()
    return "".join([*pieces, text[position:]]) if pieces else text


def _cells(row: str) -> int:
    begun = _BEFORE_HEAD.match(row)
    row = row[begun.end() if begun else 0 :].strip()
    ends = _CELL_END.findall(row)
    return len(ends) + 1 - row.startswith("|") - bool(len(row) > 1 and _CELL_END.match(row, len(row) - 1))


class Formulas:
    """Takes what stands between a site's marks out of a text, code aside, and puts it back into the HTML."""

    def __init__(self, delimiters: tuple[tuple[str, str], ...]) -> None:
        self._closings = {opening: closing for opening, closing in reversed(delimiters) if opening and closing}
        openings = sorted(self._closings, key=len, reverse=True)
        self._openings = tuple(openings)
        self._sign = re.compile("|".join((r"^[ >]*(?:`{3,}|~{3,})", "`+", *map(re.escape, openings))), re.MULTILINE)

    def take_out(self, text: str) -> tuple[str, list[str]]:
        """Return the text with placeholders, and what they stand for."""
        taken: list[str] = []
        if not any(opening in text for opening in self._openings):
            return text, taken
        search = _Search(text)
        pieces = []
        position = 0
        while found := self._sign.search(text, position):
            pieces.append(text[position : found.start()])
            position = self._end(search, found)
            piece = text[found.start() : position]
            if found[0] in self._closings and position > found.end():
                taken.append(piece)
                piece = f"{PLACEHOLDER}{len(taken) - 1}X"
            pieces.append(piece)
        pieces.append(text[position:])
        return "".join(pieces), taken

    def _end(self, search: "_Search", found: re.Match[str]) -> int:
        """Return where the code or the formula ends that the sign begins; the sign's own end if it begins none."""
        sign = found[0]
        start = found.end()
        if (closing := self._closings.get(sign)) is not None:
            end = search.within_paragraph(closing, start)
            return end + len(closing) if end > start else start
        ticks = sign.lstrip(" >")
        if len(ticks) >= 3 and (found.start() == 0 or search.text[found.start() - 1] == "\n"):
            return search.end_of_fence(ticks, start)
        if sign[0] == "`":
            end = search.within_paragraph(sign, start)
            return end + len(sign) if end > start else start
        return start

    def put_back(self, html: str, taken: list[str]) -> str:
        """Return the HTML with what was taken out of the text."""

        def original(found: re.Match[str]) -> str:
            number = int(found[1])
            return escape(taken[number], quote=False) if number < len(taken) else found[0]

        return _TAKEN.sub(original, html) if taken else html


class _Search:
    """Finds closing marks in time linear in the text: what is not there is not looked for again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._paragraph_end = 0
        self._absent: dict[str, int] = {}  # mark to where it does not stand before

    def within_paragraph(self, mark: str, start: int) -> int:
        """Return where the mark stands before the next blank line, or -1."""
        if start >= self._paragraph_end:
            end = self.text.find("\n\n", start)
            self._paragraph_end = len(self.text) if end < 0 else end
        if self._absent.get(mark, 0) >= self._paragraph_end:
            return -1
        found = self.text.find(mark, start, self._paragraph_end)
        if found < 0:
            self._absent[mark] = self._paragraph_end
        return found

    def end_of_fence(self, ticks: str, start: int) -> int:
        """Return where the code block ends."""
        mark = f"\n{ticks}"
        found = self.text.find(mark, start)
        return len(self.text) if found < 0 else found + len(mark)

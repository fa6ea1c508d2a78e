"""Liquid taken out of a text by a small rule, where it cannot be run: the words stay, the tags go.

- `{% raw %}…{% endraw %}` keeps what it holds, as written;
- `{% highlight LANG %}…{% endhighlight %}` becomes a code block;
- `{% comment %}…{% endcomment %}` goes, with what it holds;
- `{{ "text" | filter }}` becomes its text; every other output and tag goes, the words between tags stay;
- a tag that is never closed goes up to the end of its line.
"""

import re
from html import escape

_OPENING = re.compile(r"\{[%{]")
_TAG = re.compile(r"-?\s*(\w+)?\s*(\S*)")
_LITERAL = re.compile(r"""-?\s*(?:"([^"]*)"|'([^']*)')""")
_BACKTICKS = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")


def has_liquid(text: str) -> bool:
    """Return whether there may be Liquid in the text."""
    return "{%" in text or "{{" in text


def without_liquid(text: str, *, is_markdown: bool) -> str:
    """Return the text with its Liquid resolved by the rule above, in time linear in its length.

    Code blocks come out as Markdown fences, or as `<pre>` where the text is HTML.
    """
    return _Reader(text, is_markdown).read()


class _Reader:
    """One pass over one text."""

    def __init__(self, text: str, is_markdown: bool) -> None:
        self._text = text
        self._is_markdown = is_markdown
        self._pieces: list[str] = []
        # Closing marks that do not come any more: never looked for again, so a text of openings costs no more.
        self._exhausted: set[str] = set()

    def read(self) -> str:
        position = 0
        while found := _OPENING.search(self._text, position):
            self._pieces.append(self._text[position : found.start()])
            is_tag = found.group() == "{%"
            end = self._find("%}" if is_tag else "}}", found.end())
            if end < 0:
                line_end = self._text.find("\n", found.end())
                position = len(self._text) if line_end < 0 else line_end
                continue
            inner = self._text[found.end() : end]
            position = self._tag(inner, end + 2) if is_tag else self._output(inner, end + 2)
        self._pieces.append(self._text[position:])
        return "".join(self._pieces)

    def _find(self, mark: str, start: int) -> int:
        if mark in self._exhausted:
            return -1
        position = self._text.find(mark, start)
        if position < 0:
            self._exhausted.add(mark)
        return position

    def _output(self, inner: str, after: int) -> int:
        if literal := _LITERAL.match(inner):
            self._pieces.append(literal[1] or literal[2] or "")
        return after

    def _tag(self, inner: str, after: int) -> int:
        """Write what the tag stands for and return where reading goes on."""
        match = _TAG.match(inner)
        name, argument = (match[1], match[2]) if match else (None, "")
        if name not in ("raw", "comment", "highlight"):
            return after
        end = self._end_of_block(name, after)
        if end is None:
            return after
        block = self._text[after : end[0]]
        if name == "raw":
            self._pieces.append(block)
        elif name == "highlight":
            self._pieces.append(self._code(block, argument))
        return end[1]

    def _end_of_block(self, name: str, start: int) -> tuple[int, int] | None:
        mark = f"end{name}"
        if mark in self._exhausted:
            return None
        found = re.compile(rf"\{{%-?\s*+{mark}\b[^%]*+%\}}").search(self._text, start)
        if found is None:
            self._exhausted.add(mark)
            return None
        return found.span()

    def _code(self, block: str, language: str) -> str:
        # Only the first end closes a block, so the inner text holds no whole block of this kind: one level deep.
        code = without_liquid(block, is_markdown=self._is_markdown) if has_liquid(block) else block
        code = code.strip("\n")
        language = language if _LANGUAGE.fullmatch(language) else ""
        if not self._is_markdown:
            name = f' class="language-{language}"' if language else ""
            return f"<pre><code{name}>{escape(code, quote=False)}</code></pre>"
        longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
        fence = "`" * (longest + 1)
        return f"\n\n{fence}{language}\n{code}\n{fence}\n\n"

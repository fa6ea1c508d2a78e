"""Writes the HTML of a Markdown text from a parser's events, as goldmark writes it."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from pyromark.event import Event, Range

from feeds.markup.goldmark_footnotes import Footnotes
from feeds.markup.goldmark_running import RunningText, TextOptions
from feeds.markup.goldmark_text import escaped, url_escaped

# What a link's or picture's target becomes on the page: the target as written, and whether it is a picture's.
LinkTarget: TypeAlias = Callable[[str, bool], str]
Step: TypeAlias = tuple[Event, Range]

OMITTED = "<!-- raw HTML omitted -->"
_SPANS = {
    "Emphasis": ("<em>", "</em>"),
    "Strong": ("<strong>", "</strong>"),
    "Strikethrough": ("<del>", "</del>"),
    "Superscript": ("<sup>", "</sup>"),
    "Subscript": ("<sub>", "</sub>"),
}
_PAIRS = _SPANS | {
    "Paragraph": ("<p>", "</p>\n"),
    "Item": ("<li>", "</li>\n"),
    "DefinitionList": ("<dl>\n", "</dl>\n"),
    "DefinitionListTitle": ("<dt>", "</dt>\n"),
    "DefinitionListDefinition": ("<dd>", "</dd>\n"),
    "Table": ("<table>\n", "</tbody>\n</table>\n"),
    "TableHead": ("<thead>\n<tr>\n", "</tr>\n</thead>\n<tbody>\n"),
    "TableRow": ("<tr>\n", "</tr>\n"),
    "HtmlBlock": ("", ""),
}
_SPANNING = frozenset((*_SPANS, "Link", "Image"))
_DANGEROUS = re.compile(r"(?:javascript|vbscript|file):|data:(?!image/(?:png|gif|jpeg|webp);)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*+>")
_ALIGNED = {"None": "", "Left": "left", "Center": "center", "Right": "right"}


class GoldmarkWriter:
    """One text on its way to HTML."""

    def __init__(
        self,
        text: str,
        steps: Sequence[Step],
        *,
        options: TextOptions,
        unsafe: bool,
        soft_break: str,
        target: LinkTarget | None,
    ) -> None:
        self._steps = steps
        self._unsafe = unsafe
        self._soft_break = soft_break
        self._target = target
        self._running = RunningText(text.encode(), options, self._end_of_block)
        self._out: list[str] = []
        self._outs: list[list[str]] = []  # what this stands in: the text around a note or a picture's words
        self._pictures: list[tuple[str, str]] = []
        self._footnotes: Footnotes | None = None
        self._cell = "th"
        self._alignments: Sequence[str] = ()
        self._column = 0
        self._is_raw = False  # in code, or in an address between angle brackets
        self._index = 0

    def write(self) -> str:
        """Return the HTML."""
        running = self._running
        for index, (event, place) in enumerate(self._steps):
            self._index = index
            if not isinstance(event, str) and "Text" in event:
                if self._is_raw:
                    self._out.append(escaped(event["Text"]))
                else:
                    running.add(event["Text"], place["start"], place["end"], self._out)
                continue
            running.interrupt(self._out)
            if not isinstance(event, str) and "Start" in event:
                self._start(event)
            elif not isinstance(event, str) and "End" in event:
                ending = event["End"]
                self._close(ending if isinstance(ending, str) else next(iter(ending)), ending)
            elif place["start"] >= running.taken:
                self._out.append(self._piece(event))
                running.passed()
        running.interrupt(self._out)
        while self._outs:
            self._out = self._outs.pop()
        if self._footnotes is not None:
            self._footnotes.finish(self._out)
        return "".join(self._out)

    def _piece(self, event: Event) -> str:
        """Return what is written for an event that has no end."""
        if isinstance(event, str):
            return {"SoftBreak": self._soft_break, "HardBreak": "<br>\n"}.get(event, "<hr>\n")
        if "Code" in event:
            return f"<code>{escaped(event['Code'])}</code>"
        if "InlineHtml" in event:
            return event["InlineHtml"] if self._unsafe else OMITTED
        if "Html" in event:
            return event["Html"] if self._unsafe else f"{OMITTED}\n"
        if "TaskListMarker" in event:
            return "☑ " if event["TaskListMarker"] else "☐ "
        if "FootnoteReference" in event:
            self._notes().refer(event["FootnoteReference"], self._out)
        return ""

    def _notes(self) -> Footnotes:
        if self._footnotes is None:
            self._footnotes = Footnotes()
        return self._footnotes

    def _start(self, event: Event) -> None:
        """Write the beginning of an element."""
        if isinstance(event, str) or "Start" not in event:
            return
        tag = event["Start"]
        if isinstance(tag, str):
            self._open(tag)
        elif "Link" in tag:
            self._open_link(tag["Link"]["link_type"], tag["Link"]["dest_url"], tag["Link"]["title"])
        elif "Image" in tag:
            self._pictures.append((tag["Image"]["dest_url"], tag["Image"]["title"]))
            self._enter([])
            self._running.passed()
        else:
            self._new_line()
            self._running.begin_block()
            if "Heading" in tag:
                name = escaped(tag["Heading"]["id"] or "")
                self._out.append(f"<{tag['Heading']['level'].lower()}" + (f' id="{name}">' if name else ">"))
            elif "List" in tag:
                self._out.append(_list_tag(tag["List"]))
            elif "CodeBlock" in tag:
                kind = tag["CodeBlock"]
                self._open_code("" if isinstance(kind, str) else kind["Fenced"])
            elif "FootnoteDefinition" in tag:
                self._enter(self._notes().define(tag["FootnoteDefinition"]))
            elif "Table" in tag:
                self._alignments = tag["Table"]
                self._out.append("<table>\n")
            else:
                self._out.append("<blockquote>\n" if "BlockQuote" in tag else "")

    def _enter(self, pieces: list[str]) -> None:
        self._outs.append(self._out)
        self._out = pieces

    def _new_line(self) -> None:
        # Words of an item stand right before the list or block that follows them.
        if self._out and not self._out[-1].endswith("\n"):
            self._out.append("\n")

    def _open(self, name: str) -> None:
        if name in _SPANS:
            self._running.passed()
        else:
            if name != "TableCell":
                self._new_line()
            self._running.begin_block()
        if name == "TableCell":
            self._out.append(self._open_cell())
            return
        if name in ("TableHead", "TableRow"):
            self._cell = "th" if name == "TableHead" else "td"
            self._column = 0
        self._out.append(_PAIRS[name][0])

    def _open_cell(self) -> str:
        aligned = _ALIGNED[self._alignments[self._column]] if self._column < len(self._alignments) else ""
        self._column += 1
        return f'<{self._cell} style="text-align: {aligned}">' if aligned else f"<{self._cell}>"

    def _open_code(self, info: str) -> None:
        language = info.split("{", 1)[0].split()[:1]
        self._out.append(f'<pre><code class="language-{escaped(language[0])}">' if language else "<pre><code>")
        self._is_raw = True

    def _open_link(self, kind: object, target: str, title: str) -> None:
        self._running.links += 1
        self._is_raw = kind in ("Autolink", "Email")
        if kind == "Email":
            target = f"mailto:{target}"
        self._out.append(f'<a href="{self._resolved(target, is_image=False)}"{_title(title)}>')
        self._running.passed()

    def _resolved(self, target: str, *, is_image: bool) -> str:
        if not self._unsafe and _DANGEROUS.match(target):
            return ""
        if self._target is not None:
            target = self._target(target, is_image)
        return url_escaped(target)

    def _close(self, name: str, ending: object) -> None:
        """Write the end of an element; `ending` says more of a list and a heading."""
        if name == "Link":
            self._running.links -= 1
            self._is_raw = False
            self._out.append("</a>")
        elif name == "Image":
            self._close_picture()
        elif name == "FootnoteDefinition":
            self._out = self._outs.pop()
        elif name == "CodeBlock":
            self._is_raw = False
            self._out.append("</code></pre>\n")
        elif name == "TableCell":
            self._out.append(f"</{self._cell}>\n")
        elif isinstance(ending, dict):
            self._out.append(_end_tag(name, ending[name]))
        else:
            self._out.append(_PAIRS[name][1])

    def _close_picture(self) -> None:
        words = _TAG.sub("", "".join(self._out))
        self._out = self._outs.pop()
        target, title = self._pictures.pop()
        self._out.append(f'<img src="{self._resolved(target, is_image=True)}" alt="{words}"{_title(title)}>')

    def _end_of_block(self) -> int:
        """Return where the block ends that is being written: what follows decides how a quote at its end is read."""
        end = 0
        for position in range(max(0, self._index - 1), len(self._steps)):
            event, place = self._steps[position]
            if not _is_inline(event):
                if position >= self._index:
                    break
                continue
            end = max(end, place["end"])
        return end


def _is_inline(event: Event) -> bool:
    if isinstance(event, str):
        return event != "Rule"
    if "Start" in event or "End" in event:
        tag = event["Start"] if "Start" in event else event["End"]
        return (tag if isinstance(tag, str) else next(iter(tag))) in _SPANNING
    return "Html" not in event


def _title(title: str) -> str:
    return f' title="{escaped(title)}"' if title else ""


def _list_tag(start: int | None) -> str:
    if start is None:
        return "<ul>\n"
    return "<ol>\n" if start == 1 else f'<ol start="{start}">\n'


def _end_tag(name: str, value: object) -> str:
    if name == "List":
        return "</ol>\n" if value else "</ul>\n"
    if name == "Heading":
        return f"</{str(value).lower()}>\n"
    return "</blockquote>\n" if name == "BlockQuote" else ""

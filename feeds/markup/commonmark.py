"""Markdown to HTML: CommonMark with GitHub's tables, strikethrough, task lists and footnotes; raw HTML passes."""

import re

from pyromark import Markdown, Options

# kramdown, Jekyll's own Markdown, hangs attributes on blocks (a line of their own) and on spans (right behind them).
_BLOCK_ATTRIBUTES = re.compile(r" {0,3}\{:[^}\n]*\}\s*")
# Code spans come first, lest `{:?}` be taken for attributes.
_SPAN_ATTRIBUTES = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`).{1,2000}?(?<!`)(?P=ticks)(?!`)|(?<=[)\]*_`>\"'])\{:[ \t]*(?:[.#]|[\w-]+=)[^}\n]*\}"
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# A form field is no content; a task list's box is.
_BOXES = (
    ('<input disabled="" type="checkbox" checked=""/>', "☑"),
    ('<input disabled="" type="checkbox"/>', "☐"),
)


class CommonMark:
    """A parser; it is immutable, so every thread may share one."""

    def __init__(
        self,
        *,
        smart_punctuation: bool = False,
        heading_attributes: bool = False,
        definition_lists: bool = False,
        alerts: bool = False,
    ) -> None:
        options = (
            Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_FOOTNOTES | Options.ENABLE_TASKLISTS
        )
        if smart_punctuation:
            options |= Options.ENABLE_SMART_PUNCTUATION
        if heading_attributes:
            options |= Options.ENABLE_HEADING_ATTRIBUTES
        if definition_lists:
            options |= Options.ENABLE_DEFINITION_LIST
        if alerts:
            options |= Options.ENABLE_GFM
        self._markdown = Markdown(options=options)

    def __call__(self, text: str) -> str:
        """Return the text as HTML. The text must hold no lone surrogate."""
        if "{:" in text:
            text = without_attribute_lists(text)
        html = self._markdown.html(text)
        if "<input " in html:
            for box, sign in _BOXES:
                html = html.replace(box, sign)
        return html


def without_attribute_lists(text: str) -> str:
    """Return the text without kramdown's attribute lists (`{: .note}`); fenced code keeps what looks like one."""
    lines = []
    fence = ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence):
                fence = ""
        elif opening:
            fence = opening[1]
        elif "{:" in line:
            if _BLOCK_ATTRIBUTES.fullmatch(line):
                continue
            line = _SPAN_ATTRIBUTES.sub(lambda found: found[0] if found["ticks"] else "", line)
        lines.append(line)
    return "\n".join(lines)

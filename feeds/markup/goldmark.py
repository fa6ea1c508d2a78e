"""Markdown to HTML as goldmark with Hugo's settings writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pyromark import Markdown, Options

from feeds.markup.goldmark_running import TextOptions
from feeds.markup.goldmark_source import Formulas, Swapped, with_full_heads, without_block_attributes
from feeds.markup.goldmark_text import Typography, marks_pattern
from feeds.markup.goldmark_writer import GoldmarkWriter, LinkTarget

# A form field is no content; a task list's box is.
_BOXES = (
    ('<input disabled="" type="checkbox" checked=""/>', "☑"),
    ('<input disabled="" type="checkbox"/>', "☐"),
)
# Characters; a longer text is written by the parser itself, which a hostile one cannot keep busy for seconds.
_LONGEST = 300_000
_MAYBE_EMAIL = re.compile(r"@(?<=[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]@)[A-Za-z0-9]")
_NO_APOSTROPHE = re.compile(r"'(?:(?<![^\W\d_]')|(?![^\W\d_]))")
_ONE_TILDE = re.compile(r"(?<![~\\])~(?!~)")
_QUOTED = re.compile(r'"(?<=[ \n(]")[^\W_][^"\n`]*+"(?<=[^\W_]"|[.,!?]")(?=[ \n.,;:)!?]|\Z)')
# A line break within a paragraph, and one between characters that no space stands between.
_JOINT = "\x02\n"
_WIDE = "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]"
_WIDE_JOINT = re.compile(rf"(?<={_WIDE}){_JOINT}(?={_WIDE})")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldmarkOptions:
    """The settings below `markup.goldmark` that change what readers see."""

    unsafe: bool = False
    hard_wraps: bool = False
    typographer: bool = True
    typography: Mapping[str, str] = field(default_factory=dict)  # setting in lower case to what stands for the sign
    linkify: bool = True
    linkify_protocol: str = "https"
    tables: bool = True
    strikethrough: bool = True
    task_lists: bool = True
    definition_lists: bool = True
    footnotes: bool = True
    superscript: bool = False
    subscript: bool = False
    inserted: bool = False  # `++inserted++` and `==marked==`
    joins_wide_lines: bool = False
    emoji: bool = False
    block_attributes: bool = False
    passthrough: tuple[tuple[str, str], ...] = ()  # the marks around what is left as it is, such as formulas


class Goldmark:
    """A parser; it is immutable, so every thread may share one."""

    def __init__(self, options: GoldmarkOptions | None = None) -> None:
        options = options or GoldmarkOptions()
        self._options = options
        flags = _flags(options)
        self._parser = Markdown(options=flags)
        self._plain = Markdown(options=flags | Options.ENABLE_SMART_PUNCTUATION if options.typographer else flags)
        marks = marks_pattern(
            typographer=options.typographer,
            linkify=options.linkify,
            emoji=options.emoji,
            inserted=options.inserted,
            raised=options.superscript,
            lowered=options.subscript,
            struck=options.strikethrough and not options.subscript,
        )
        self._text = TextOptions(
            typography=Typography(options.typography),
            marks=marks,
            linkifies=options.linkify,
            protocol=options.linkify_protocol,
            emoji=_emoji() if options.emoji else {},
        )
        self._formulas = Formulas(options.passthrough) if options.passthrough else None
        # Settings that only the long way knows.
        self._is_usual = not (
            options.hard_wraps
            or options.typography
            or options.inserted
            or options.superscript
            or options.subscript
            or options.joins_wide_lines
            or options.emoji
            or options.block_attributes
            or options.passthrough
        )

    def __call__(self, text: str, target: LinkTarget | None = None) -> str:
        """Return the text as HTML; `target` says where its links lead. The text must hold no lone surrogate."""
        if self._options.tables:
            text = with_full_heads(text)
        is_plain = target is None and self._is_usual and _is_plain(text, unsafe=self._options.unsafe)
        if is_plain or len(text) > _LONGEST:
            html = self._plain.html(text)
            if "<input " in html:
                for box, sign in _BOXES:
                    html = html.replace(box, sign)
            return html
        return self._write(text, target)

    def _write(self, text: str, target: LinkTarget | None) -> str:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        options = self._options
        if options.block_attributes and "{" in text:
            text = without_block_attributes(text)
        text, formulas = self._formulas.take_out(text) if self._formulas else (text, [])
        swapped = Swapped(text, definition_lists=options.definition_lists, typographer=options.typographer)
        writer = GoldmarkWriter(
            swapped.text,
            list(self._parser.events_with_range(swapped.text)),
            options=self._text,
            unsafe=self._options.unsafe,
            soft_break="<br>\n" if options.hard_wraps else _JOINT if options.joins_wide_lines else "\n",
            target=target,
        )
        html = swapped.restored(writer.write())
        if options.joins_wide_lines:
            html = _WIDE_JOINT.sub("", html).replace(_JOINT, "\n")
        return self._formulas.put_back(html, formulas) if self._formulas else html


def _flags(options: GoldmarkOptions) -> Options:
    wanted = (
        (options.tables, Options.ENABLE_TABLES),
        (options.strikethrough, Options.ENABLE_STRIKETHROUGH),
        (options.task_lists, Options.ENABLE_TASKLISTS),
        (options.definition_lists, Options.ENABLE_DEFINITION_LIST),
        (options.footnotes, Options.ENABLE_FOOTNOTES),
    )
    flags = Options.ENABLE_HEADING_ATTRIBUTES
    for is_wanted, flag in wanted:
        if is_wanted:
            flags |= flag
    return flags


def _is_plain(text: str, *, unsafe: bool) -> bool:
    """Whether the parser's own writer gives what goldmark gives; a false no costs only time.

    Single characters are found far faster than pairs, so they are asked for first.
    """
    if ("<" in text and (not unsafe or "<<" in text)) or "\r" in text or ("^" in text and "[^" in text):
        return False
    if "www." in text or ("-" in text and "----" in text) or (">" in text and ">>" in text):
        return False
    if "~" in text and _ONE_TILDE.search(text):
        return False
    if "@" in text and _MAYBE_EMAIL.search(text):
        return False
    if ":" in text and not _has_plain_colons(text):
        return False
    # Apostrophes stand between letters, where every reading makes them one; quotes come in pairs on a line, the
    # first before a word and the second behind one.
    if "'" in text and _NO_APOSTROPHE.search(text):
        return False
    return '"' not in text or 2 * len(_QUOTED.findall(text)) == text.count('"')


def _has_plain_colons(text: str) -> bool:
    """Whether none begins a definition, and each address is a link's target."""
    at = text.find(":")
    while at >= 0:
        if text[at - 1 : at] in (" ", "\n", ">", "") or (
            text.startswith("//", at + 1) and not text.endswith(("](https", "](http"), max(0, at - 7), at)
        ):
            return False
        at = text.find(":", at + 1)
    return True


def _emoji() -> Mapping[str, str]:
    from feeds.markup.goldmark_emoji import emoji  # a large table that few sites ask for

    return emoji()

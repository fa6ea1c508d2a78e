"""The shortcodes of one text: what each stands for, put in before the text is read as Markdown or behind it."""

import re
from collections.abc import Callable
from html import escape
from typing import NamedTuple, Protocol

from feeds.model import Notice
from feeds.sources.hugo.shortcode_builtin import BUILT_IN, TAKING_INNER
from feeds.sources.hugo.shortcode_syntax import Broken, Literal, Positions, ShortcodeScanner, Tag
from feeds.sources.hugo.shortcode_template import ShortcodeTemplate
from feeds.sources.hugo.shortcode_values import Call, Unreadable

_PREFIX = "HAHAFEEDBELLSHORTCODE"
_DEEPEST = 40
_LARGEST_FACTOR = 8  # what all that shortcodes give may be, in lengths of the text
_LARGEST_LEAST = 1_000_000
_MOST_NOTICES = 20
_TOO_MUCH = "its shortcodes give too much text; the rest of what they give is left out"


class ShortcodeSite(Protocol):
    """What a post's shortcodes ask its site for."""

    def template(self, name: str) -> ShortcodeTemplate | None:
        """Return the site's own template if it can be read."""

    def reference(self, written: str, *, is_relative: bool) -> str | None:
        """Return where a `ref` leads, None if nowhere."""

    @property
    def missing_page_url(self) -> str:
        """Where the site wants a `ref` to lead that leads nowhere; empty if it does not say."""

    def parameter(self, name: str) -> str | None:
        """Return what the page, else the site, says of a name."""

    def site_parameter(self, name: str) -> str | bool | None:
        """Return what the site's `params` say of a name."""

    def page_parameter(self, name: str) -> str | bool | None:
        """Return what the page says of a name."""

    def markdown(self, text: str) -> str:
        """Return Markdown as HTML."""

    def relative_url(self, path: str) -> str:
        """Return a path of the site as seen from its host."""

    def absolute_url(self, path: str) -> str:
        """Return a path of the site with its address."""


class Expanded(NamedTuple):
    """A text without shortcodes."""

    text: str
    html: dict[str, str]  # placeholder in the text to what stands for it in the HTML
    notices: tuple[Notice, ...]

    def put_into(self, html: str) -> str:
        """Return the HTML with what stands for the placeholders, in place of a paragraph that holds nothing else."""
        if not self.html:
            return html
        prefix = next(iter(self.html)).rstrip("X0123456789")
        pattern = re.compile(rf"<p>({prefix}[0-9]+X)</p>|({prefix}[0-9]+X)")
        return pattern.sub(lambda found: self.html.get(found[1] or found[2], ""), html)


class _Open(NamedTuple):
    """A shortcode whose end has not come yet."""

    tag: Tag
    place: int  # of its own piece, which its inner text follows
    indentation: str


class ShortcodeExpander:
    """One pass over one text."""

    def __init__(self, text: str, site: ShortcodeSite, first_line: int) -> None:
        self._text = text
        self._site = site
        self._positions = Positions(text, first_line)
        self._pieces: list[str] = []
        self._open: list[_Open] = []
        self._open_names: dict[str, int] = {}
        self._html: dict[str, str] = {}
        self._prefix = _PREFIX
        while self._prefix in text:
            self._prefix += "Z"
        self._notices: dict[tuple[str, str], Notice] = {}
        self._budget = max(_LARGEST_LEAST, _LARGEST_FACTOR * len(text))

    def expand(self) -> Expanded:
        """Return the text with its shortcodes resolved, in time linear in its length."""
        position = 0
        for piece in ShortcodeScanner(self._text):
            self._pieces.append(self._text[position : piece.start])
            position = piece.end
            if isinstance(piece, Tag):
                self._tag(piece)
            elif isinstance(piece, Literal):
                self._pieces.append(piece.text)
            else:
                self._refuse(piece)
        self._pieces.append(self._text[position:])
        while self._open:
            self._leave_unclosed()
        return Expanded("".join(self._pieces), self._html, tuple(self._notices.values()))

    def _refuse(self, broken: Broken) -> None:
        reason = f"a shortcode cannot be read: {broken.reason}; readers do not see it, and Hugo refuses the page"
        self._note("shortcode-syntax", "", reason, broken.start)

    def _note(self, code: str, about: str, reason: str, offset: int) -> None:
        if (code, about) not in self._notices and len(self._notices) < _MOST_NOTICES:
            line, column = self._positions.of(offset)
            self._notices[code, about] = Notice(code=code, reason=reason, line=line, column=column)

    def _tag(self, tag: Tag) -> None:
        if tag.closes:
            self._close(tag)
        elif self._takes_inner(tag) and not tag.is_complete and len(self._open) < _DEEPEST:
            self._pieces.append("")
            self._open.append(_Open(tag, len(self._pieces) - 1, self._indentation()))
            self._open_names[tag.name] = self._open_names.get(tag.name, 0) + 1
        else:
            self._pieces.append(self._rendered(tag, None, self._indentation()))

    def _indentation(self) -> str:
        """Return the space that the tag stands behind, if nothing else stands before it on its line."""
        before = self._pieces[-1]
        line = before[before.rfind("\n") + 1 :]
        return line if line and line.isspace() else ""

    def _takes_inner(self, tag: Tag) -> bool:
        template = self._site.template(tag.name)
        return template.takes_inner if template is not None else tag.name in TAKING_INNER or _is_inline(tag.name)

    def _close(self, tag: Tag) -> None:
        if not self._open_names.get(tag.name):
            return
        while self._open[-1].tag.name != tag.name:
            self._leave_unclosed()
        opened = self._open.pop()
        self._open_names[tag.name] -= 1
        inner = "".join(self._pieces[opened.place + 1 :])
        del self._pieces[opened.place :]
        self._pieces.append(self._rendered(opened.tag, inner, opened.indentation))

    def _leave_unclosed(self) -> None:
        opened = self._open.pop()
        self._open_names[opened.tag.name] -= 1
        name = opened.tag.name
        reason = (
            f"the shortcode {name} is not closed: readers see the text behind it; write {{{{< /{name} >}}}} at its end"
        )
        self._note("unclosed-shortcode", name, reason, opened.tag.start)

    def _rendered(self, tag: Tag, inner: str | None, indentation: str) -> str:
        """Return what stands in the text for the shortcode."""
        given = self._given(tag, inner or "", indentation)
        if given is None:
            return inner or ""
        self._budget -= len(given)
        if self._budget < 0:
            self._note(
                "large-shortcodes", "", "its shortcodes give too much text; the rest of them is left out", tag.start
            )
            return ""
        if inner is None and indentation and tag.is_markdown:
            given = given.replace("\n", f"\n{indentation}")
        if tag.is_markdown or self._open:
            return given
        placeholder = f"{self._prefix}{len(self._html)}X"
        self._html[placeholder] = given
        return placeholder

    def _given(self, tag: Tag, inner: str, indentation: str) -> str | None:
        name = tag.name
        if name in ("ref", "relref") and self._site.template(name) is None:
            return self._reference(tag)
        if name == "param" and self._site.template(name) is None:
            return self._parameter(tag)
        if _is_inline(name):
            return ""
        template = self._site.template(name)
        built_in = BUILT_IN.get(name)
        # A site's own frame of a video is of no more use to a feed's readers than Hugo's.
        has_own = template is not None and not (template.is_frame and built_in is not None)
        render: Callable[[Call], str] | None = template.render if template is not None and has_own else built_in
        if render is None:
            self._unknown(tag)
            return None
        try:
            return render(self._call(tag, inner, indentation))
        except Unreadable:
            self._unknown(tag)
            return None

    def _call(self, tag: Tag, inner: str, indentation: str) -> Call:
        # Within another one Hugo reads the inner text of `{{%` as Markdown by itself.
        if tag.is_markdown and self._open and inner:
            html = self._markdown(inner)
            inner = html if "\n" in inner else _without_paragraph(html)
        deindented = inner
        if indentation and indentation in inner:
            lines = inner.split("\n")
            deindented = "\n".join(line.removeprefix(indentation) for line in lines)
        return Call(
            tag=tag,
            inner=inner,
            inner_deindented=deindented,
            markdown=lambda text: _without_paragraph(self._markdown(text)),
            markdown_block=self._markdown,
            relative_url=self._site.relative_url,
            absolute_url=self._site.absolute_url,
            site_parameter=self._site.site_parameter,
            page_parameter=self._site.page_parameter,
        )

    def _markdown(self, text: str) -> str:
        self._budget -= len(text)
        return self._site.markdown(text) if self._budget >= 0 else escape(text)

    def _reference(self, tag: Tag) -> str:
        written = tag.get("path") or tag.get(0) or ""
        found = self._site.reference(written, is_relative=tag.name == "relref")
        if found is None:
            leads = "where refLinksNotFoundURL says" if self._site.missing_page_url else "nowhere"
            reason = f"the shortcode {tag.name} names {written[:200]!r}, no page of the site: the link leads {leads}"
            self._note("unresolved-reference", written[:200], reason, tag.start)
            found = self._site.missing_page_url
        return escape(found)

    def _parameter(self, tag: Tag) -> str:
        name = tag.get(0) or ""
        value = self._site.parameter(name)
        if value is None:
            reason = f"neither the page nor the site has the parameter {name[:200]!r}; nothing stands in its place"
            self._note("unknown-parameter", name[:200], reason, tag.start)
        return escape(value or "")

    def _unknown(self, tag: Tag) -> None:
        reason = (
            f"the shortcode {tag.name[:100]} is made by a template that is not run here: readers see the text within "
            "it, not what the template makes of it; write in Markdown what matters to them"
        )
        self._note("unknown-shortcode", tag.name[:100], reason, tag.start)


def _is_inline(name: str) -> bool:
    """Whether the text within is a template itself, which Hugo runs only where a site allows it."""
    return name.endswith(".inline")


def _without_paragraph(html: str) -> str:
    """Return the HTML without the paragraph that is all of it."""
    if html.count("<p>") == 1:
        trimmed = html.strip()
        if trimmed.startswith("<p>") and trimmed.endswith("</p>"):
            return trimmed[3:-4].strip()
    return html

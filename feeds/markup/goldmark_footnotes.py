"""The footnotes of one text: numbered by their first reference, written behind the text."""

import re

_LAST_PARAGRAPH = re.compile(r"</p>\n?\Z")
_MOST_BACKLINKS = 1000


class Footnotes:
    """Collects references and notes while a text is written."""

    def __init__(self) -> None:
        self._notes: dict[str, list[str]] = {}
        # Where a reference stands: its number is known only when all before it are.
        self._references: dict[int, list[tuple[int, str]]] = {}
        self._numbers: dict[str, int] = {}
        self._uses: dict[str, int] = {}

    def refer(self, label: str, out: list[str]) -> None:
        """Leave room in `out` for a reference."""
        self._references.setdefault(id(out), []).append((len(out), label))
        out.append("")

    def define(self, label: str) -> list[str]:
        """Begin a note and return the pieces that it is written to; the first of a label counts."""
        pieces: list[str] = []
        self._notes.setdefault(label, pieces)
        return pieces

    def finish(self, out: list[str]) -> None:
        """Write the references into `out` and the notes that are referred to behind it."""
        self._number(out)
        written = 0
        labels: list[str] = []
        while written < len(self._numbers):
            labels = list(self._numbers)
            for label in labels[written:]:
                self._number(self._notes[label])
            written = len(labels)
        if not labels:
            return
        out.append('<div class="footnotes" role="doc-endnotes">\n<hr>\n<ol>\n')
        out.extend(self._item(label) for label in labels)
        out.append("</ol>\n</div>\n")

    def _number(self, out: list[str]) -> None:
        for position, label in self._references.get(id(out), ()):
            if label not in self._notes:
                out[position] = f"[^{label}]"
                continue
            number = self._numbers.setdefault(label, len(self._numbers) + 1)
            use = self._uses[label] = self._uses.get(label, 0) + 1
            out[position] = (
                f'<sup id="fnref{use - 1 or ""}:{number}"><a href="#fn:{number}" class="footnote-ref" '
                f'role="doc-noteref">{number}</a></sup>'
            )

    def _item(self, label: str) -> str:
        number = self._numbers[label]
        links = "".join(
            f'&#160;<a href="#fnref{use or ""}:{number}" class="footnote-backref" role="doc-backlink">↩︎</a>'
            for use in range(min(self._uses[label], _MOST_BACKLINKS))
        )
        text = "".join(self._notes[label])
        text = _LAST_PARAGRAPH.sub(f"{links}</p>\n", text) if text.rstrip("\n").endswith("</p>") else text + links
        return f'<li id="fn:{number}">\n{text}</li>\n'

"""How the tests of kramdown compare: what a reader sees of HTML, as another parser reads it."""

import re

import lxml.html

_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|br|d[dlt]|details|div|fig(caption|ure)|footer|h[1-6]|header|hr|li|main|nav|ol|p|"
    "pre|section|summary|t(able|body|foot|head|[dhr])|ul"
)
_HIDDEN = frozenset({"script", "style"})
_SHOWN = ("href", "src", "alt", "title")
# kramdown makes a form field of a task's box; we make a sign.
_BOXES = (
    (re.compile(r'<input type="checkbox"[^>]*checked[^>]*>'), "☑ "),
    (re.compile(r'<input type="checkbox"[^>]*>'), "☐ "),
)

Visible = tuple[str, list[tuple[str, ...]]]


def visible(html: str) -> Visible:
    """Return the text with its white space normalised, and the attributes that readers meet."""
    for box, sign in _BOXES:
        html = box.sub(sign, html)
    html = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f]", " ", html)
    words: list[str] = []
    links: list[tuple[str, ...]] = []
    # A stack rather than recursion: texts and elements yet to be read, the next one last.
    waiting: list[object] = [lxml.html.document_fromstring(f"<html><body><div>{html}</div></body></html>")]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            words.append(here)
        elif isinstance(here, lxml.html.HtmlElement) and isinstance(here.tag, str) and here.tag not in _HIDDEN:
            links += [(here.tag, name, here.get(name)) for name in _SHOWN if here.get(name) is not None]
            edge = " " if _BLOCKS.fullmatch(here.tag) else ""
            inside: list[object] = [edge, here.text or ""]
            for child in here:
                inside += [child, child.tail or ""]
            waiting += reversed([*inside, edge])
    return " ".join("".join(words).split()), links


def test_the_comparison_sees_what_readers_see() -> None:
    assert visible('<p>a <b>b</b>c</p><p>d<img src="e" alt="f"></p>') == (
        "a bc d",
        [("img", "src", "e"), ("img", "alt", "f")],
    )


def test_the_comparison_tells_texts_apart() -> None:
    shown = [
        visible(html) for html in ("<p>a</p>", "<p>“a”</p>", "a b", "ab", "&lt;b&gt;", '<a href="b">a</a>', "<a>a</a>")
    ]
    assert len({repr(each) for each in shown}) == len(shown) - 1  # the first and the last look alike

"""Text that is safe to put anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.text import one_line, printable, xml_legal


@given(st.text())
def test_an_xml_parser_takes_what_is_legal(text: str) -> None:
    element = etree.Element("a")
    element.text = xml_legal(text)  # lxml refuses what XML forbids
    assert etree.fromstring(etree.tostring(element)).tag == "a"


@given(st.text())
def test_legal_text_loses_only_what_xml_forbids(text: str) -> None:
    kept = xml_legal(text)
    dropped = set(text) - set(kept)
    for character in dropped:
        with pytest.raises(ValueError, match="XML"):
            etree.Element("a").text = character


@given(st.text())
def test_a_line_has_no_break_no_edge_and_no_double_space(text: str) -> None:
    line = one_line(text, limit=10_000)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert "  " not in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \n\t b\r\nc ", "a b c"),
        ("中文　标题", "中文 标题"),
        ("a\x00b\u202ec\u200bd\ufeff", "abcd"),
        ("a\u2028b", "ab"),
        ("家 👨\u200d👩\u200d👧", "家 👨\u200d👩\u200d👧"),
        ("", ""),
    ],
)
def test_lines(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("中文　 家 👨\u200d👩.md", "中文　 家 👨\u200d👩.md"),
        ("a\n::error::b\r\x1b[31m", r"a\n::error::b\r\x1b[31m"),
        ("a\u2028b\x85c\u202ed\udcff", r"a\u2028b\x85c\u202ed\udcff"),
    ],
)
def test_what_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_line_is_cut() -> None:
    assert one_line("a" * 30, limit=10) == "a" * 9 + "…"

"""Front matter: where it ends, what it says, what is refused."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.frontmatter import Fault, Fields, Node, Scalar, read_fields, read_fields_with_yaml, split

# Jekyll 4.3's own expression, with Ruby's meaning of its flags.
JEKYLL = re.compile(r"\A(---\s*\n.*?\n?)^((---|\.\.\.)\s*$\n?)", re.MULTILINE | re.DOTALL | re.ASCII)
LINES = st.sampled_from(
    ["---", "--- ", "...", "...\t", "----", "--- x", " ---", "", "  ", "\t", "a: 1", "\r", "---\r", "text"]
)


@given(st.lists(LINES, max_size=9), st.booleans())
def test_split_cuts_where_jekylls_expression_cuts(lines: list[str], end: bool) -> None:
    text = "\n".join(lines) + ("\n" if end else "")
    match = JEKYLL.match(text)
    front = split(text)
    assert front.body == (text[match.end() :] if match else text)
    assert (front.block is not None) == (match is not None)
    if match and front.block is not None:
        assert match[1].endswith(front.block)


def test_split_says_what_is_not_closed_and_where_the_body_begins() -> None:
    assert not split("---\ntitle: x\n").closed
    assert split("text\n").closed
    assert split("---\na: 1\n---\n\nText\n").body_line == 5


def test_split_takes_linear_time() -> None:
    started = time.process_time()
    split("---\n" + "\n" * 2_000_000 + "--- x")
    assert time.process_time() - started < 5  # as one expression it would take days


WORDS = st.text(alphabet="ab1:#-'\"\\[]{}&*!|>%@`,?~. \t新，\u3000\x85\ufeff\x07", max_size=8)
KEYS = st.sampled_from(["title", "date", "tags", "a-b", "_x", "no", "1", "<<", "a b", "- c", " d", "#", ""])
ENTRIES = st.builds(
    lambda key, gap, value, tail: f"{key}{gap}{value}{tail}",
    KEYS,
    st.sampled_from([": ", ":", ":  ", ': "', ": '", " : "]),
    WORDS,
    st.sampled_from(["", '"', "'", " "]),
)


def kinds(node: Node) -> object:
    """A node with the types of its scalars, since tuples compare equal to other tuples."""
    if isinstance(node, Scalar):
        return (type(node), node.text, node.plain)
    return [kinds(item) for item in node] if isinstance(node, list) else {k: kinds(v) for k, v in node.items()}


def answer(read: Fields | Fault) -> object:
    return read if isinstance(read, Fault) else ([(k, kinds(v)) for k, v in read.values.items()], read.notice)


@given(st.lists(ENTRIES, max_size=4).map("\n".join), st.booleans())
def test_the_short_way_says_what_libyaml_says(block: str, end: bool) -> None:
    text = block + ("\n" if end else "")
    assert answer(read_fields(text)) == answer(read_fields_with_yaml(text))


@pytest.mark.parametrize(
    ("block", "values"),
    [
        ("a: no\nb: 1.10\nc: 0777\nd: 2021-01-01\n", {"a": "no", "b": "1.10", "c": "0777", "d": "2021-01-01"}),
        ("a: x\na: y\n", {"a": "y"}),
        ("b: &x hello\nc: *x\n", {"b": "hello", "c": "hello"}),
        ("a: !!str 5\n", {"a": "5"}),
        ("d: &d {k: v}\ne:\n", {"d": {"k": "v"}, "e": ""}),
        ("base: &b {x: 1}\n<<: *b\n", {"base": {"x": "1"}, "x": "1"}),
        ("t: |\n  one\n  two\n", {"t": "one\ntwo\n"}),
        ("t: [a, [b, null]]\n", {"t": ["a", ["b", "null"]]}),
        ("", {}),
        ("# only a comment\n", {}),
    ],
)
def test_values_are_the_text_as_written(block: str, values: dict[str, object]) -> None:
    def texts(node: Node) -> object:
        if isinstance(node, Scalar):
            return node.text
        return [texts(n) for n in node] if isinstance(node, list) else {k: texts(v) for k, v in node.items()}

    read = read_fields(block)
    assert isinstance(read, Fields)
    assert {key: texts(node) for key, node in read.values.items()} == values
    assert read.notice is None


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("block", "part", "line", "column"),
    [
        ("t: x\na: !!python/object/apply:os.system ['true']\n", "tag", 3, 4),
        ("a: !mine 5\n", "tag", 2, 4),
        ("a: &a [*a]\n", "alias to what contains it", 2, 8),
        ("t: " + "[" * 5000 + "\n", "deeper than 32", 2, 35),
        ("t: " + "{a: " * 5000 + "\n", "deeper than 32", 2, None),
        (bomb(), "more than 10000 values", None, None),
        ("t: [" + "x, " * 12_000 + "]\n", "more than 10000 values", 2, None),
        ("a: 1\n--- !x\nb: 2\n", "second", 3, 1),
        ("- a\n- b\n", "not a list of `key: value` lines", 2, 1),
        ("just text\n", "not a list of `key: value` lines", 2, 1),
        ("? [a]\n: b\n", "as a key", None, None),
        ("t: " + "x" * 70_000 + "\n", "longer than 64000", None, None),
        ("title: x\n  tags: [a\nb\n", "is not valid YAML", None, None),
        ("tags: [a, b\ntitle: x\n", "is not valid YAML", None, None),
        ("title: x\ntags: [, a]\n", "is not valid YAML", 3, None),
    ],
)
def test_what_is_refused_names_its_place(block: str, part: str, line: int | None, column: int | None) -> None:
    read = read_fields(block)
    assert isinstance(read, Fault)
    assert part in read.reason
    assert line is None or read.line == line
    assert column is None or read.column == column


@pytest.mark.parametrize(
    ("block", "title", "line"),
    [
        ('title: "他说"你好"了"\ntags: a\n', '他说"你好"了', 2),
        ('layout: post\ntitle: "a \\q b"\ntags: a\n', "a \\q b", 3),
        ("title: One: two\ntags: a\n", "One: two", 2),
        ("title: 'it's'\ntags: a\n", "it's", 2),
        ("title: @home\ntags: a\n", "@home", 2),
        ("title: [News] today\ntags: a\n", "[News] today", 2),
        ("title: *bold* move\ntags: a\n", "*bold* move", 2),
        ("title: bell\x07\ntags: a\n", "bell\x07", 2),
        ('title: "open\ntags: [a]\n', '"open', 2),
    ],
)
def test_a_slip_in_a_plain_line_is_rescued(block: str, title: str, line: int) -> None:
    read = read_fields(block)
    assert isinstance(read, Fields)
    assert read.values["title"] == Scalar(title, False)
    assert set(read.values) >= {"title", "tags"}
    assert read.notice is not None
    assert read.notice.line == line

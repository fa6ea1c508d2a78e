"""TOML and JSON front matter: the text as written, faults with their place, and bounds."""

import pytest

from feeds.structured import read_json, read_toml
from feeds.yaml_text import Fault, Scalar


def test_toml_keeps_the_kinds() -> None:
    read = read_toml(
        'title = "1.10"\nn = 7\ndate = 1979-05-27T07:32:00-08:00\nday = 1979-05-27\n[a]\nb = ["x", true]\n'
    )
    assert read == {
        "title": Scalar("1.10", False),
        "n": Scalar("7", True),
        "date": Scalar("1979-05-27T07:32:00-08:00", True),
        "day": Scalar("1979-05-27", True),
        "a": {"b": [Scalar("x", False), Scalar("true", True)]},
    }


def test_json_keeps_numbers_as_written() -> None:
    read = read_json('{"a": 1.10, "b": "no", "c": null, "d": [false]}')
    assert read == {
        "a": Scalar("1.10", True),
        "b": Scalar("no", False),
        "c": Scalar("", True),
        "d": [Scalar("false", True)],
    }


@pytest.mark.parametrize(
    ("fault", "line", "column"),
    [
        (read_toml('a = 1\nb = "x\n'), 2, 7),
        (read_toml("a = 1\nb ="), 2, 1),
        (read_json('{"a": 1,\n "b" 2}'), 2, 6),
        (read_json("[1]"), 1, 1),
    ],
)
def test_a_fault_has_its_place(fault: object, line: int, column: int) -> None:
    assert isinstance(fault, Fault)
    assert (fault.line, fault.column) == (line, column)


@pytest.mark.parametrize(
    "fault",
    [
        read_json('{"a":' + "[" * 20_000 + "]" * 20_000 + "}"),
        read_toml("a = " + "[" * 5_000 + "]" * 5_000),
        read_toml("a = [" + "1," * 20_000 + "]"),
        read_json('{"a": "' + "x" * 70_000 + '"}'),
        read_toml("a = " + "9" * 5_000),
        read_toml(".".join(["a"] * 31_000) + " = 1"),
        read_toml(" . ".join(['"a.\\""', "'b'", "c"] * 10_000) + " = 1"),
        read_toml("[" + ".".join(["a"] * 31_000) + "]"),
        read_toml("x = {" + ".".join(["a"] * 31_000) + " = 1}"),
        read_toml('x = """a"""""\n' + ".".join(["a"] * 31_000) + " = 1"),
    ],
)
def test_what_is_too_much_is_refused(fault: object) -> None:
    assert isinstance(fault, Fault)


DOTS = ".".join("a" * 100)


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_dots_in_a_text_are_no_key(quote: str) -> None:
    assert read_toml(f"# {DOTS}\nx = {quote}{DOTS}{quote} # {DOTS}\n") == {"x": Scalar(DOTS, False)}


def test_a_key_may_have_as_many_parts_as_there_are_levels() -> None:
    assert isinstance(read_toml(".".join("a" * 32) + " = 1"), dict)
    assert isinstance(read_toml(".".join("a" * 33) + " = 1"), Fault)
    assert isinstance(read_toml("x = [\n" + "1.5, 2.5,\n" * 40 + "1.5," * 40 + "]"), dict)


def test_the_line_of_a_key_that_is_too_deep_is_named() -> None:
    fault = read_toml(f'a = 1\nb = """\n"""\n{DOTS} = 1')
    assert isinstance(fault, Fault)
    assert (fault.line, fault.column) == (4, 1)

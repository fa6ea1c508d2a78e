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
    ],
)
def test_what_is_too_much_is_refused(fault: object) -> None:
    assert isinstance(fault, Fault)

"""What docs/websub.md says of tests is so: each that it names is there, and no requirement is without one."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (TESTS.parent / "docs/websub.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and line.count("|") == 6 and line[2].isdigit()
]


@cache
def defined() -> set[str]:
    found = set()
    for file in TESTS.rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return found


def test_there_is_a_table() -> None:
    assert len(ROWS) > 40
    assert {row[1] for row in ROWS} == {"publisher", "hub"}
    assert {row[2] for row in ROWS} <= {"MUST", "MUST NOT", "SHOULD", "MAY", ""}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[3]}")
def test_each_requirement_has_tests_that_there_are(row: list[str]) -> None:
    named = [name.strip("` ") for name in row[4].split(",")]
    assert all(name.startswith("test_") for name in named)
    assert not set(named) - defined()

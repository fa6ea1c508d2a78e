"""The rules of the house that a program can check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("core", "feeds", "notifier", "feedbell")
_LONGEST_FILE = 400
_LONGEST_FUNCTION = 40
_UNWANTED = {
    "manager",
    "helper",
    "helpers",
    "util",
    "utils",
    "handle",
    "handler",
    "process",
    "processor",
    "data",
    "info",
}
# The Standard Webhooks specification calls it so.
_SPOKEN_OTHERWISE = {"EventData", "DigestData", "DisabledData"}


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def definitions(path: Path) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def words(name: str) -> set[str]:
    """Return the words of a name in either style."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


def test_imports_follow_the_layers() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [linter, "--no-cache", "--config", PROJECT / ".importlinter"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_there_is_something_to_check() -> None:
    assert {path.relative_to(PROJECT).parts[0] for path in sources()} == set(PACKAGES)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_file_has_one_duty_and_says_so(path: Path) -> None:
    content = path.read_text()
    assert len(content.splitlines()) <= _LONGEST_FILE, named(path)
    assert ast.get_docstring(ast.parse(content)), f"{named(path)} has no docstring"
    assert "TYPE_CHECKING" not in content, named(path)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_functions_are_short_and_names_say_something(path: Path) -> None:
    for part in (*path.relative_to(PROJECT).with_suffix("").parts,):
        assert not words(part) & _UNWANTED, named(path)
    for node in definitions(path):
        if isinstance(node, ast.ClassDef):
            assert node.name in _SPOKEN_OTHERWISE or not words(node.name) & _UNWANTED, f"{named(path)}: {node.name}"
        elif node.name != "upgrade":  # Alembic wants a migration in one function
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= _LONGEST_FUNCTION, f"{named(path)}: {node.name} has {lines} lines"

"""The page that says which test shows which requirement names tests that there are."""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[4]
PAGE = PROJECT / "docs/websub-receiving.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (PROJECT / "tests").rglob("*websub*/test_*.py")]
    trees += [ast.parse(path.read_text(encoding="utf-8")) for path in (PROJECT / "tests").rglob("test_websub*.py")]
    there = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert len(named) > 30
    assert named <= there, sorted(named - there)


def test_every_row_of_the_table_names_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [3-8][.0-9, ]* \|", line)]
    assert len(rows) > 25
    assert all("`test_" in row for row in rows)

"""`feedbell check` names the rules that take no post."""

from pathlib import Path

from tests.support.program import Program
from tests.support.site import CONFIG, post, write

RULES = """
[feeds.tag]
only = ["bonds", "sahres-*"]
exclude = ["draft-*"]
[[feeds.selections]]
name = "empty"
any = { categories = ["nothing"] }
[[feeds.selections]]
name = "full"
any = { words = ["text"] }
"""


def test_a_rule_that_takes_no_post_is_named(program: Program, tmp_path: Path) -> None:
    write(tmp_path, {"_config.yml": CONFIG, "feedbell.toml": RULES})
    write(tmp_path, {"_posts/2024-05-01-a.md": post("A", tags="[bonds, shares-a]", body="Text.")})
    problems = program.call("check", "--json", cwd=tmp_path).json()["problems"]
    assert [(one["path"], one["code"], one["severity"]) for one in problems] == [
        ("feedbell.toml", "rule-takes-nothing", "warning")
    ] * 2
    assert "'sahres-*'" in problems[0]["reason"]
    assert "'empty'" in problems[1]["reason"]
    assert program.call("check", "--ignore", "rule-takes-nothing", cwd=tmp_path).code == 0

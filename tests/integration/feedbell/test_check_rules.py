"""`feedbell check` names the rules that take no post."""

import json
from pathlib import Path

from typer.testing import CliRunner

from feedbell.cli.app import app
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


def test_a_rule_that_takes_no_post_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"_config.yml": CONFIG, "feedbell.toml": RULES})
    write(tmp_path, {"_posts/2024-05-01-a.md": post("A", tags="[bonds, shares-a]", body="Text.")})
    found = CliRunner().invoke(app, ["--site", str(tmp_path), "check", "--json"])
    problems = json.loads(found.stdout)["problems"]
    assert [(one["path"], one["code"], one["severity"]) for one in problems] == [
        ("feedbell.toml", "rule-takes-nothing", "warning")
    ] * 2
    assert "'sahres-*'" in problems[0]["reason"]
    assert "'empty'" in problems[1]["reason"]
    ignored = CliRunner().invoke(app, ["--site", str(tmp_path), "check", "--ignore", "rule-takes-nothing"])
    assert ignored.exit_code == 0

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


def test_an_endpoint_that_cannot_be_used_is_named(program: Program, tmp_path: Path) -> None:
    settings = (
        '[site]\nurl = "https://site.example"\n[[endpoints]]\nname = "desk"\nchannel = "slack"\n'
        'url = "http://hooks.slack.com/services/T0/B0/hush"\n[[endpoints]]\nname = "app"\nurl = "https://a.test/"\n'
        'secret = { env = "NOT_ON_THIS_MACHINE" }\n'
    )
    write(tmp_path, {"feedbell.toml": settings, "2024-05-01-a.md": "---\ntitle: A\n---\nText.\n"})
    ended = program.call("check", "--json", cwd=tmp_path)
    problems = ended.json()["problems"]
    assert [(one["code"], "desk" in one["reason"]) for one in problems] == [("endpoint-refused", True)]
    assert "hush" not in ended.out + ended.err

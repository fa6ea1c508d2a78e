"""What docs/channels.md says is so: its examples are taken, its numbers are measured, its options are all there are."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from notifier.channels.registry import CHANNEL_NAMES, channel_named
from notifier.model import Endpoint
from tests.support.items import posts
from tests.support.service_rules import DINGTALK_SECRET, FEISHU_SECRET, NTFY_TOKEN, TELEGRAM_TOKEN
from tests.support.services import SERVICES, endpoint

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "channels.md").read_text()
EXAMPLES = [
    example
    for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    for example in tomllib.loads(block)["endpoints"]
]
SECRETS = {
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "FEISHU_SECRET": FEISHU_SECRET,
    "DINGTALK_SECRET": DINGTALK_SECRET,
    "NTFY_TOKEN": NTFY_TOKEN,
    "SMTP_PASSWORD": "a password",
}
NAMES = {
    "slack": "Slack",
    "discord": "Discord",
    "telegram": "Telegram",
    "teams": "Teams",
    "feishu": "Feishu, Lark",
    "dingtalk": "DingTalk",
    "wecom": "WeCom",
    "ntfy": "ntfy",
    "email": "e-mail",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['channel']}-{example['name']}")
def test_an_example_is_taken(example: dict[str, Any]) -> None:
    secret = example.get("secret")
    values = {key: value for key, value in example.items() if key not in ("url", "secret")}
    secrets = (SECRETS[secret["env"]],) if secret else ()
    channel_named(example["channel"]).check(Endpoint(url=example.get("url", ""), secrets=secrets, **values))


def test_every_channel_has_an_example_and_a_picture() -> None:
    assert {example["channel"] for example in EXAMPLES} == set(CHANNEL_NAMES) - {"webhook"}
    pictures = re.findall(r"\(channels/(\w+)\.png\)", TEXT)
    assert sorted(pictures) == sorted(SERVICES)
    for name in pictures:
        picture = DOCS / "channels" / f"{name}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 60_000


@pytest.mark.parametrize("name", SERVICES)
def test_the_capacity_is_as_measured(name: str) -> None:
    (row,) = re.findall(rf"^\| {NAMES[name]} \|(.*)\|$", TEXT, re.MULTILINE)
    cells = [cell.strip() for cell in row.split("|")]
    channel = channel_named(name)
    assert int(cells[2]) == channel.capacity(posts(300), endpoint(name))
    if channel.rate and name != "ntfy":
        assert cells[3] == f"{channel.rate.count} a minute"


@pytest.mark.parametrize("name", CHANNEL_NAMES)
def test_the_options_are_all_there_are(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \|(.*)\|$", TEXT, re.MULTILINE)
    told = row.split("|")[2]
    channel = channel_named(name)
    assert set(re.findall(r"`(\w+)`", told)) == set(channel.options)
    assert set(re.findall(r"\*\*`(\w+)`\*\*", told)) == set(channel.required)

"""What is refused at configuration, by name and without showing a secret; and which channels there are."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from core.errors import ConfigurationError
from notifier.channels.registry import CHANNEL_NAMES, channel_named
from notifier.model import Endpoint
from tests.support.services import SECRETS, SERVICES, endpoint

WRONG: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"options": {"colour": "red"}}, "knows no option 'colour'") for name in SERVICES),
    *(
        (name, {"url": url}, said)
        for name in ("slack", "discord", "teams", "feishu", "dingtalk", "wecom")
        for url, said in (
            ("http://service.example/secretsecret", "must start with https://"),
            ("secretsecret", "must start with https://"),
            ("https://", "name a host"),
            ("https://[secretsecret", "cannot be read"),
            ("https://service.example:secretsecret/", "cannot be read"),
        )
    ),
    *((name, {"secrets": ("secretsecret",)}, "takes no secret") for name in ("slack", "discord", "teams", "wecom")),
    *(
        (name, {"secrets": ("secretsecret!",)}, "the secret is not")
        for name in ("telegram", "feishu", "dingtalk", "ntfy")
    ),
    *((name, {"secrets": SECRETS[1:3]}, "one secret") for name in ("telegram", "feishu", "dingtalk", "ntfy")),
    ("discord", {"url": "https://discord.com/channels/1/2"}, "is not a webhook's"),
    ("discord", {"options": {"thread_id": "news"}}, "'thread_id' is a number"),
    ("telegram", {"options": {}}, "needs the option 'chat_id'"),
    ("telegram", {"options": {"chat_id": "news"}}, "a number or @channelname"),
    ("telegram", {"options": {"chat_id": "-1", "thread_id": "x"}}, "'thread_id' is a number"),
    ("telegram", {"secrets": ()}, "needs a secret"),
    ("telegram", {"url": "http://api.telegram.org"}, "must start with https://"),
    ("feishu", {"url": "https://open.feishu.cn/open-apis/im/v1/messages"}, "is not a custom bot's"),
    ("dingtalk", {"url": "https://oapi.dingtalk.com/robot/send"}, "holds no access_token"),
    ("wecom", {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, "holds no key"),
    ("ntfy", {"url": "https://ntfy.sh/"}, "name the topic"),
    ("ntfy", {"url": "https://ntfy.sh/a/b"}, "name the topic"),
    ("ntfy", {"options": {"priority": "high"}}, "from 1 to 5"),
    ("ntfy", {"url": "ftp://ntfy.sh/x"}, "must start with https:// or http://"),
    ("email", {"url": "https://mail.example.org"}, "must start with smtps:// or smtp://"),
    ("email", {"url": "smtp://user:secretsecret@mail.example.org"}, "use the option 'user'"),
    ("email", {"options": {"from": "a@example.org"}}, "needs the option 'to'"),
    ("email", {"options": {"to": "a@example.org"}}, "needs the option 'from'"),
    ("email", {"options": {"from": "a@example.org", "to": "nobody"}}, "'nobody' is no address"),
    ("email", {"options": {"from": "a@example.org", "to": "ä@example.org"}}, "must be ASCII"),
    ("email", {"options": {"from": "a@example.org", "to": "a@example.org\r\nBcc: b@example.org"}}, "control character"),
    ("email", {"options": {"from": "a@example.org, b@example.org", "to": "c@example.org"}}, "'from' is one address"),
    ("email", {"options": {"from": "a@b.example", "to": "c@b.example", "user": "me"}}, "go together"),
    ("email", {"options": {"from": "a@b.example", "to": "c@b.example"}, "secrets": ("secretsecret",)}, "go together"),
    ("email", {"options": {"from": "a@b.example", "to": "c@b.example", "starttls": "maybe"}}, "is yes or no"),
]


@pytest.mark.parametrize("name", SERVICES)
def test_a_well_made_endpoint_is_taken(name: str) -> None:
    channel = channel_named(name)
    channel.check(endpoint(name))
    assert set(channel.required) <= set(channel.options)
    assert channel.rate is None or channel.rate.count > 0


def test_what_may_stand_in_an_endpoint() -> None:
    channel_named("telegram").check(replace(endpoint("telegram"), url="https://bots.example"))
    channel_named("telegram").check(endpoint("telegram", options={"chat_id": "@channelname", "thread_id": "7"}))
    channel_named("feishu").check(replace(endpoint("feishu"), secrets=()))
    channel_named("dingtalk").check(replace(endpoint("dingtalk"), secrets=()))
    channel_named("ntfy").check(endpoint("ntfy", secrets=("user:password",), options={"priority": "4", "tags": "news"}))
    channel_named("ntfy").check(replace(endpoint("ntfy"), url="http://push.example:8080", options={"topic": "posts"}))
    addresses = {"from": "A <a@b.example>", "to": "c@b.example", "user": "me", "starttls": "no"}
    channel_named("email").check(endpoint("email", options=addresses, secrets=("geheim ü",)))


@pytest.mark.parametrize(("name", "changes", "said"), WRONG)
def test_a_mistake_is_named_and_no_secret_shown(name: str, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        channel_named(name).check(endpoint(name, **changes))
    message = str(caught.value)
    assert message.startswith("endpoint desk: ")
    assert said in message
    assert not [secret for secret in SECRETS if secret in message]


@pytest.mark.parametrize("name", [*SERVICES, "apprise"])
def test_a_template_with_a_mistake_is_refused(name: str) -> None:
    target = endpoint(name) if name != "apprise" else Endpoint(name="desk", url="json://service.example", channel=name)
    with pytest.raises(ConfigurationError, match="endpoint desk: template"):
        channel_named(name).check(replace(target, template="{{ item.titel }}"))


def test_a_channel_that_is_none_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no channel 'pigeon'.*webhook, slack, discord"):
        channel_named("pigeon")
    assert [type(channel_named(name)).__name__.lower() for name in CHANNEL_NAMES] == [
        f"{name}channel" for name in CHANNEL_NAMES
    ]


def test_code_of_channels_that_nobody_uses_is_not_loaded() -> None:
    program = (
        "import sys; from notifier.channels.registry import channel_named; channel_named('slack');"
        "print([name for name in sys.modules if name.startswith(('apprise', 'notifier.channels.d'))])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "['notifier.channels.digest']"


def test_apprise_says_which_package_it_needs() -> None:
    program = (
        "import sys; sys.modules['apprise'] = None;"
        "from notifier.channels.registry import channel_named; from notifier.model import Endpoint;"
        "channel_named('apprise').check(Endpoint(name='desk', url='json://x.example'))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'feedbell[apprise]'" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("url", ["nonsense://secretsecret", "secretsecret", "", "discord://"])
def test_a_url_that_apprise_does_not_know_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="Apprise does not know the url") as caught:
        channel_named("apprise").check(Endpoint(name="desk", url=url, channel="apprise"))
    assert "secretsecret" not in str(caught.value)

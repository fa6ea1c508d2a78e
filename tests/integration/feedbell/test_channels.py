"""Every channel by the way that settings build it: configured, checked, sent, settled."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from notifier.store import Chosen
from tests.support.certificates import make_certificate
from tests.support.receiver import Receiver, Reply, running_receiver
from tests.support.site import Flow, post

_BOT = 'secret = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"\noptions = { chat_id = "-100123" }'
# By channel: further settings, the path of its address, what it answers, a key of what it takes.
_WHAT = {
    "slack": ("", "/services/T0/B0/abc", b"ok", "blocks"),
    "discord": ("", "/api/webhooks/1234567890/abc", b'{"id": "1"}', "embeds"),
    "telegram": (_BOT, "", b'{"ok": true}', "text"),
    "teams": ("", "/workflows/abc", b"", "attachments"),
    "feishu": ("", "/open-apis/bot/v2/hook/abc", b'{"code": 0}', "content"),
    "dingtalk": ("", "/robot/send?access_token=abc", b'{"errcode": 0}', "markdown"),
    "wecom": ("", "/cgi-bin/webhook/send?key=abc", b'{"errcode": 0}', "markdown"),
    "ntfy": ("", "/news", b'{"id": "1"}', "title"),
}


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    context, certificate = make_certificate(tmp_path)
    assert isinstance(context, ssl.SSLContext)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_receiver(context) as running:
        yield running


def settings(receiver: Receiver, channel: str, answer: Reply) -> str:
    extra, path, _, _ = _WHAT[channel]
    receiver.script("*", answer)
    return (
        f'[[endpoints]]\nname = "desk"\nchannel = "{channel}"\nurl = "{receiver.url(path)}"\n{extra}\n'
        '[[subscriptions]]\nendpoint = "desk"\n'
    )


def send(flow: Flow) -> None:
    sending = flow.app.notifying.make_engine()
    sending.engine.run_until_idle(60)
    sending.stop(0)


@pytest.mark.parametrize("channel", sorted(_WHAT))
def test_a_post_arrives_as_the_service_takes_it(flow: Flow, receiver: Receiver, channel: str) -> None:
    _, _, answer, key = _WHAT[channel]
    flow.configure(settings(receiver, channel, Reply(body=answer)))
    flow.write(old=post("Old"))
    flow.run()
    flow.write(new=post("央行降准 <b>", body="Some words."))
    flow.run()
    send(flow)
    [request] = receiver.received()
    body = json.loads(request.body)
    assert key in body
    assert "央行降准" in json.dumps(body, ensure_ascii=False)
    assert flow.app.deliveries.listing(Chosen())[0].state == "delivered"
    [endpoint] = flow.app.notifying.endpoints
    assert endpoint.rate is not None  # what the service takes


def test_what_a_service_refuses_with_200_is_tried_again(flow: Flow, receiver: Receiver) -> None:
    refusal = b'{"errcode": 310000, "errmsg": "sign not match"}'
    flow.configure(settings(receiver, "dingtalk", Reply(body=refusal)))
    flow.write(old=post("Old"))
    flow.run()
    flow.write(new=post("New"))
    flow.run()
    send(flow)
    [delivery] = flow.app.deliveries.listing()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert "sign not match" in str(delivery.last_reason)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('channel = "slak"\nurl = "https://hooks.slack.com/x"', "there is no channel 'slak'"),
        ('channel = "slack"\nurl = "http://hooks.slack.com/services/T/B/x"', "https"),
        ('channel = "telegram"\nsecret = "no-token"\noptions = { chat_id = "1" }', "the bot's token"),
        ('channel = "telegram"\nsecret = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"', "chat_id"),
        ('channel = "discord"\nurl = "https://discord.com/api/webhooks/1/x"\ntemplate = "{% for"', "template"),
        ('url = "https://a.test/"\nsecret = "whsec_short"', "whsec_"),
        ('url = "https://a.test/"', "it has no secret"),
        ('url = "https://a.test/"\nsecret = "SECRET"\ntimezone = "Mars/Base"', "Mars/Base"),
    ],
)
def test_a_mistake_is_told_plainly_and_no_secret_with_it(flow: Flow, lines: str, told: str) -> None:
    flow.write(old=post("Old"))
    secret = "" if "secret" in lines or "channel" in lines or "no secret" in told else 'secret = "x"\n'
    flow.configure(f'[[endpoints]]\nname = "desk"\n{secret}{lines}\n'.replace("SECRET", "whsec_" + "A" * 32))
    with pytest.raises(ConfigurationError) as raised:
        _ = flow.app.notifying.endpoints
    assert told in str(raised.value)
    assert "desk" in str(raised.value) or "channel" in str(raised.value)
    for hidden in ("no-token", "short", "ABCDEFGHIJ", "T/B/x", "A" * 32):
        assert hidden not in str(raised.value)

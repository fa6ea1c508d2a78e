"""The bodies of each channel for one post and one digest, as they were read by eye (tests/golden/channels)."""

import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from core.exchange import Mail, Request
from notifier.channels.registry import channel_named
from notifier.model import Message
from tests.support.items import POST, digest, message, posts
from tests.support.services import AT, SERVICES, endpoint

GOLDEN = Path(__file__).parents[2] / "golden" / "channels"
TOLD = {"post": message(POST), "digest": digest(posts(3))}


def legible(request: Request | Mail) -> str:
    """A request as people can read it: JSON in lines, e-mail decoded."""
    if isinstance(request, Request):
        return json.dumps(json.loads(request.body), ensure_ascii=False, indent=2) + "\n"
    mail = message_from_bytes(request.body, policy=default)
    assert isinstance(mail, EmailMessage)
    lines = [f"{name}: {value}" for name, value in mail.items()]
    for part in mail.iter_parts():
        assert isinstance(part, EmailMessage)
        lines += ["", f"[{part.get_content_type()}]", "", *part.get_content().splitlines()]
    return "\n".join(lines) + "\n"


def told(name: str, said: Message) -> str:
    channel = channel_named(name)
    assert hasattr(channel, "request")
    return legible(channel.request(said, endpoint(name), AT))


@pytest.mark.parametrize("case", TOLD)
@pytest.mark.parametrize("name", SERVICES)
def test_the_body_is_the_one_that_was_read(name: str, case: str) -> None:
    suffix = "txt" if name == "email" else "json"
    assert told(name, TOLD[case]) == (GOLDEN / f"{name}.{case}.{suffix}").read_text()

"""The channel of Apprise, which sends to a real receiver by itself."""

import json
import logging

import pytest

from notifier.channels.apprise import AppriseChannel
from notifier.channels.channel import BlockingChannel
from notifier.channels.registry import channel_named
from notifier.model import Endpoint
from tests.support.items import POST, digest, message, posts
from tests.support.receiver import Receiver, Reply, running_receiver


def channel() -> BlockingChannel:
    found = channel_named("apprise")
    assert isinstance(found, AppriseChannel)
    return found


def target(receiver: Receiver, **changes: object) -> Endpoint:
    url = receiver.url("/hook").replace("http://", "json://")
    return Endpoint(**{"name": "desk", "url": url, "channel": "apprise", **changes})  # type: ignore[arg-type]


def test_a_post_and_a_digest_arrive() -> None:
    with running_receiver() as receiver:
        channel().check(target(receiver))
        assert channel().send(message(POST), target(receiver)).status == 200
        assert channel().send(digest(posts(3)), target(receiver)).status == 200
        single, several = (json.loads(request.body) for request in receiver.received("/hook"))
    assert single["title"] == POST.title
    assert POST.url in single["message"]
    assert several["title"] == "财经快讯：3 篇新文章"
    assert all(post.title in several["message"] and post.url in several["message"] for post in posts(3))


def test_a_digest_holds_what_the_service_takes() -> None:
    with running_receiver() as receiver:
        items = posts(500)
        count = channel().capacity(items, target(receiver))
        assert 100 < count < 500
        channel().send(digest(items[:count]), target(receiver))
        (request,) = receiver.received("/hook")
    told = json.loads(request.body)["message"]
    assert all(post.url in told for post in items[:count])


def test_a_digest_template_is_asked_how_much_of_it_fits() -> None:
    with running_receiver() as receiver:
        template = "{% for item in items %}{{ item.title }} {{ item.url }} {{ item.summary }}\n{% endfor %}"
        items, one = posts(200), target(receiver, digest_template=template)
        count = channel().capacity(items, one)
        assert 50 < count < 200
        channel().send(digest(items[:count]), one)
        (request,) = receiver.received("/hook")
    assert all(post.url in json.loads(request.body)["message"] for post in items[:count])


def test_a_template_writes_the_text() -> None:
    with running_receiver() as receiver:
        channel().send(message(POST), target(receiver, template="{{ item.title|cut(4) }} & {{ item.url }}"))
        (request,) = receiver.received("/hook")
    assert json.loads(request.body)["message"] == f"央行：… & {POST.url}"


def test_a_refusal_is_a_failure_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with running_receiver() as receiver, caplog.at_level(logging.DEBUG):
        receiver.script("/hook", Reply(status=500))
        outcome = channel().send(message(POST), target(receiver))
    assert (outcome.status, outcome.error) == (None, "apprise")
    assert not [record for record in caplog.records if "/hook" in record.getMessage() and "apprise" in record.name]


def test_nobody_at_the_other_end_is_a_failure() -> None:
    outcome = channel().send(message(POST), Endpoint(name="desk", url="json://127.0.0.1:9/hook", channel="apprise"))
    assert outcome.error == "apprise"

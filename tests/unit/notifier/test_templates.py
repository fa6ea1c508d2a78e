"""Owners' templates: what they can say, and that none of them goes on for ever or grows without end."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook

from core.errors import ConfigurationError
from core.exchange import Request
from notifier import templates
from notifier.channels.channel import Channel
from notifier.channels.registry import channel_named
from notifier.channels.webhook import WebhookChannel
from notifier.model import Endpoint
from tests.support.items import HOSTILE, HOSTILE_URL, POST, digest, message, posts
from tests.support.services import AT, endpoint

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def shown(source: str, **changes: Any) -> str:
    target = Endpoint(name="desk", url="https://x.example/", template=source, zone=ZoneInfo("Asia/Shanghai"))
    text = templates.written(message(replace(POST, **changes)), (replace(POST, **changes),), target, str.upper)
    assert text is not None
    return text


def channel(name: str) -> Channel:
    found = channel_named(name)
    assert hasattr(found, "request")
    return found


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ item.kind }}: {{ item.url }}", "PUBLISHED: https://news.example/2022/02/23/202202232286577401.html"),
        ("{{ item.title|cut(5) }}", "央行：下…"),
        ("{{ item.published|date }}", "2022-02-23 18:29"),
        ("{{ item.published|date('%H') }} {{ None|date }}", "18"),
        ("{% for word in item.categories %}[{{ word }}]{% endfor %}", "[央行动态]"),
        ("{{ item.tags|join(', ') }} {{ items|length }} {{ message.type }}", "降准 1 POST.PUBLISHED"),
        ("{% if item.kind == 'updated' %}no{% else %}yes{% endif %}", "yes"),
        ("{{ site.title }} {{ site.url }}", "财经快讯 https://news.example/"),
        ("{{ 'abc' ~ 1 }} {{ 'ä'|safe }} {{ 'x'|e }} own text", "ABC1 ä X own text"),
        ("{{ loop is defined }} {{ 7 % 4 }} {{ 7 // 2 }} {{ 2 + 3 }}", "FALSE 3 3 5"),
        ("  {# nothing #} x \n", "x"),
    ],
)
def test_what_templates_can_say(source: str, text: str) -> None:
    assert shown(source) == text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ item.titel }}", "no attribute 'titel'"),
        ("{{ post.title }}", "'post' is undefined"),
        ("{{ item.title", "line 1"),
        ("a\n{% for x in items %}", "line 2"),
        ("{{ item.title|shout }}", "No filter named 'shout'"),
        ("{% include 'x' %}", "may not use include"),
        ("{% import 'x' as y %}", "may not use import"),
        ("{% extends 'x' %}", "may not use extends"),
        ("{% macro m() %}{% endmacro %}", "may not use macro"),
        ("{% set x = 1 %}", "may not use set"),
        ("{% set x %}1{% endset %}", "may not use set"),
        ("{% with x = 1 %}{% endwith %}", "may not use with"),
        ("{% filter upper %}{% endfilter %}", "may not use filter"),
        ("{{ 'x' * 1000000000 }}", "may not use *"),
        ("{{ 10 ** 10 ** 10 }}", "may not use **"),
        ("{{ '%1000000000d' % 1 }}", "works on numbers only"),
        ("{{ '{:1000000000}'.format(1) }}", "may not use calls"),
        ("{{ range(10) }}", "may not use calls"),
        ("{{ item.title.__class__ }}", "unsafe"),
        ("{{ item.published.__class__.__mro__ }}", "unsafe"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ 'a' + 1 }}", "TypeError"),
        ("{{ items|first|length }}", "TypeError"),
        ("{% for x in items recursive %}{% endfor %}", "may not be recursive"),
        ("{{ item.published|date('%H' ~ item.title ~ item.summary ~ item.summary) }}", "at most 100 characters"),
        ("x" * 10_001, "at most 10000 characters"),
        ("{{ [" + "[" * 500 + "]" * 500 + "] }}", ""),
    ],
)
def test_a_template_that_cannot_be_written_out_says_why(source: str, said: str) -> None:
    target = Endpoint(name="desk", url="https://x.example/", template=source)
    with pytest.raises(ConfigurationError) as caught:
        templates.check(target, str)
    assert "endpoint desk: template" in str(caught.value)
    assert said in str(caught.value)


def nested(depth: int, inner: str) -> str:
    letters = "{% for x in item.title ~ item.summary ~ item.title %}"
    return letters * depth + inner + "{% endfor %}" * depth


@pytest.mark.parametrize("inner", ["", "x", "{{ item.summary }}", "{% if x %}{% endif %}"])
def test_a_loop_without_end_ends(inner: str) -> None:
    with pytest.raises(ConfigurationError, match="more than"):
        shown(nested(6, inner))


@pytest.mark.parametrize(
    "inner",
    [
        "{% if item.summary" + "|sort|join" * 40 + " %}{% endif %}",
        "{% if " + "item.summary ~ " * 600 + "'' == 'x' %}{% endif %}",
        "{{ item.summary|sort|unique|list|length }}" * 200,
    ],
)
def test_much_work_in_a_loop_counts_more(inner: str) -> None:
    with pytest.raises(ConfigurationError, match="take more than 20000 steps"):
        shown(nested(2, inner), summary="y" * 4000)


def test_work_that_people_want_is_far_from_the_limit() -> None:
    line = "{{ item.title|cut(40)|upper }} {{ item.summary|cut(99)|trim }} {{ item.categories|sort|join(', ')|lower }} "
    source = "{% for item in items %}" + line * 2 + "{% for tag in item.tags %}#{{ tag|trim }} {% endfor %}{% endfor %}"
    target = Endpoint(name="desk", url="https://x.example/", digest_template=source)
    assert templates.written(digest(posts(200)), posts(200), target, str)


def test_a_template_cannot_write_without_end() -> None:
    with pytest.raises(ConfigurationError, match="writes more than 200000 characters"):
        shown("{% for x in item.title %}{{ item.summary }}{% endfor %}", title="x" * 4000, summary="y" * 4000)


def test_values_are_bounded_before_a_template_sees_them() -> None:
    assert len(shown("{{ item.title }}", title="x" * 1_000_000)) == 4_000


def test_a_mistake_in_the_digest_template_is_said_of_it() -> None:
    target = Endpoint(name="desk", url="https://x.example/", digest_template="{{ item.titel }}")
    with pytest.raises(ConfigurationError, match="endpoint desk: digest_template"):
        templates.check(target, str)


def test_what_may_be_missing_is_tried_too() -> None:
    target = Endpoint(name="desk", url="https://x.example/", template="{{ item.published.year }}")
    with pytest.raises(ConfigurationError, match="year"):
        templates.check(target, str)


@pytest.mark.parametrize(
    ("name", "source", "key"),
    [
        ("slack", "*{{ item.title }}* <{{ item.url }}|more>", "text"),
        ("telegram", '<b>{{ item.title }}</b> <a href="{{ item.url }}">more</a>', "text"),
        ("discord", "**{{ item.title }}** [more]({{ item.url }})", "content"),
    ],
)
def test_values_are_escaped_as_the_service_wants_it(name: str, source: str, key: str) -> None:
    target = endpoint(name, template=source)
    channel(name).check(target)
    request = channel(name).request(message(replace(POST, title=HOSTILE, url=HOSTILE_URL)), target, AT)
    text = json.loads(request.body)[key]
    assert {"slack": "&lt;@everyone&gt;", "telegram": "&lt;@\u2060everyone&gt;", "discord": r"\<\@everyone\>"}[
        name
    ] in text
    assert "https://example.org/a%20%281%29/%22q%22%20%27x%27/%3Cb%3E_c_?q=%5B1%5D%7C2*3" in text


def webhook(**changes: Any) -> Endpoint:
    return Endpoint(name="desk", url="https://x.example/", secrets=(SECRET,), **changes)


def sent(target: Endpoint, *, many: bool = False) -> Request:
    hostile = replace(POST, title=HOSTILE + '"\\')
    told = digest((hostile, *posts(2))) if many else message(hostile)
    return WebhookChannel().request(told, target, AT)


def test_a_webhooks_template_is_its_whole_body_and_is_signed() -> None:
    target = webhook(
        template='{"title": {{ item.title|tojson }}}',
        digest_template="[{% for item in items %}{{ item.url|tojson }}{% if not loop.last %},{% endif %}{% endfor %}]",
    )
    WebhookChannel().check(target)
    request = sent(target)
    assert json.loads(request.body) == {"title": HOSTILE + '"\\'}
    headers = dict(line.split(": ", 1) for line in request.headers)
    assert headers["content-type"] == "application/json"
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    signed = Webhook(SECRET).sign(headers["webhook-id"], moment, request.body.decode())
    assert headers["webhook-signature"] == signed
    assert len(json.loads(sent(target, many=True).body)) == 3


def test_a_webhooks_template_must_write_json_unless_it_says_otherwise() -> None:
    with pytest.raises(ConfigurationError, match="does not write JSON"):
        WebhookChannel().check(webhook(template='{"title": "{{ item.title }}"}'))
    plain = webhook(template="{{ item.title }}", options={"content_type": "text/plain; charset=utf-8"})
    WebhookChannel().check(plain)
    assert "content-type: text/plain; charset=utf-8" in sent(plain).headers
    with pytest.raises(ConfigurationError, match="content_type"):
        WebhookChannel().check(webhook(options={"content_type": "text/plain\r\nx: y"}))


def test_without_a_template_a_webhook_sends_its_payload() -> None:
    assert sent(webhook()).body == b"{}"
    assert sent(webhook(template="[1]"), many=True).body == b"{}"

"""What services answer in other words than the usual ones, and signatures beside another implementation's."""

import base64
import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exchange import HttpError, HttpResult
from notifier.channels import dingtalk, feishu
from notifier.channels.answers import without_secrets
from notifier.channels.channel import Channel
from notifier.channels.registry import channel_named
from notifier.model import Outcome
from tests.support.services import SERVICES


def judged(name: str, status: int | None, body: object = b"", retry_after: str | None = None) -> Outcome:
    channel: Any = channel_named(name)
    excerpt = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    error = HttpError.TIMEOUT if status is None else None
    result = HttpResult(
        status=status,
        error=error,
        reason="late" if error else "",
        retry_after=retry_after,
        excerpt=excerpt,
        latency_ms=7,
    )
    outcome: Outcome = channel.outcome(result)
    return outcome


def openssl(key: bytes, text: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"]
    return base64.b64encode(subprocess.run(command, input=text, capture_output=True, check=True).stdout).decode()


def test_dingtalk_signs_time_and_secret_with_the_secret() -> None:
    secret = "SEC" + "ab" * 32
    assert dingtalk.sign(secret, 1577262236757) == openssl(secret.encode(), f"1577262236757\n{secret}".encode())


def test_feishu_signs_nothing_with_time_and_secret() -> None:
    assert feishu.sign("demo-secret", 1599360473) == openssl(b"1599360473\ndemo-secret", b"")


def test_slacks_answers() -> None:
    assert judged("slack", 200, b"ok").error is None
    assert judged("slack", 410, b"channel_is_archived").gone
    assert judged("slack", 404, b"no_service\n").gone
    assert not judged("slack", 404, b"<html>no such page</html>").gone
    assert not judged("slack", 400, b"invalid_blocks").gone
    assert judged("slack", 500, b"rollup_error").reason == "rollup_error"


def test_discords_answers() -> None:
    assert judged("discord", 204).error is None
    assert judged("discord", 429, {"retry_after": 0.3}).retry_after == "1"
    assert judged("discord", 429, {"retry_after": "soon"}, "65").retry_after == "65"
    assert judged("discord", 401, {"code": 50027, "message": "Invalid Webhook Token"}).gone
    assert judged("discord", 404, {"code": 10003, "message": "Unknown Channel"}).gone
    assert not judged("discord", 404, {"code": 0, "message": "404: Not Found"}).gone
    assert not judged("discord", 403, b"error code: 1015").gone


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
        (401, "Unauthorized"),
        (404, "Not Found"),
    ],
)
def test_telegrams_ends(code: int, description: str) -> None:
    outcome = judged("telegram", code, {"ok": False, "error_code": code, "description": description})
    assert outcome.gone
    assert outcome.reason == description


def test_telegrams_other_answers() -> None:
    moved = {
        "ok": False,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1001234},
    }
    assert judged("telegram", 400, moved).gone
    assert "set chat_id to -1001234" in judged("telegram", 400, moved).reason
    # A long answer of which only the beginning was read.
    assert judged("telegram", 200, b'{"ok":true,"result":{"text":"' + b"x" * 4000).error is None
    assert judged("telegram", 200, b'{"ok":false,"description":"' + b"x" * 4000).rejected
    assert not judged("telegram", 404, b"<html>a proxy</html>").gone
    assert not judged("telegram", 400, {"ok": False, "description": "Bad Request: message is too long"}).gone
    assert not judged("telegram", 502, b"<html>Bad Gateway</html>").gone


@pytest.mark.parametrize(
    ("name", "body", "wait"),
    [
        ("dingtalk", {"errcode": 660026, "errmsg": "sending too many messages per minute"}, "600"),
        ("dingtalk", {"errcode": "130101", "errmsg": "send too fast"}, "600"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "60"),
        ("feishu", {"code": 9499, "msg": "too many request"}, "60"),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, None),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, "60"),
    ],
)
def test_a_code_with_200_is_a_failure(name: str, body: dict[str, object], wait: str | None) -> None:
    outcome = judged(name, 200, body)
    assert (outcome.status, outcome.error, outcome.rejected, outcome.gone) == (200, "rejected", True, False)
    assert outcome.retry_after == wait
    assert str(body.get("errcode", body.get("code"))) in outcome.reason


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("dingtalk", {"errcode": 400102, "errmsg": "机器人已停用"}),
        ("dingtalk", {"errcode": 400013, "errmsg": "群已被解散"}),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}),
        ("feishu", {"code": 19001, "msg": "param invalid"}),
    ],
)
def test_a_robot_that_is_no_more_is_gone(name: str, body: dict[str, object]) -> None:
    assert judged(name, 200, body).gone


@pytest.mark.parametrize("name", ["dingtalk", "feishu", "wecom"])
@pytest.mark.parametrize("body", [b"", b"<html>Please sign in</html>", b"[]", b"{}", b'{"code":"none"}'])
def test_a_page_with_200_is_not_the_service(name: str, body: bytes) -> None:
    outcome = judged(name, 200, body)
    assert outcome.rejected
    assert outcome.reason == "the answer is not the service's"


def test_the_codes_of_success() -> None:
    assert judged("dingtalk", 200, {"errcode": "0", "errmsg": "ok"}).error is None
    assert (
        judged("feishu", 200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"}).error is None
    )
    assert judged("wecom", 200, {"errcode": 0, "errmsg": "ok"}).error is None


def test_teams_answers() -> None:
    assert judged("teams", 202).error is None
    assert judged("teams", 200, b"1").error is None
    limited = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ..."
    assert judged("teams", 200, limited).retry_after == "60"
    assert judged("teams", 400, {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "x"}}).gone
    denied = {"error": {"code": "DirectApiAuthorizationRequired", "message": "The request must be authenticated"}}
    assert not judged("teams", 401, denied).gone
    assert judged("teams", 401, denied).reason == "The request must be authenticated"


def test_ntfys_answers() -> None:
    daily = {"code": 42908, "http": 429, "error": "limit reached: daily message quota reached"}
    assert judged("ntfy", 429, daily).retry_after == "3600"
    assert judged("ntfy", 429, b"", "7").retry_after == "7"
    assert judged("ntfy", 401, {"code": 40101, "error": "unauthorized"}).reason == "unauthorized"


def test_mail_servers_answers() -> None:
    assert judged("email", 250, b"2.0.0 Ok: queued as 4F2").error is None
    assert judged("email", 535, b"5.7.8 Authentication failed").reason == "5.7.8 Authentication failed"


@pytest.mark.parametrize("name", SERVICES)
def test_what_the_network_says_is_passed_on(name: str) -> None:
    outcome = judged(name, None)
    assert (outcome.status, outcome.error, outcome.reason, outcome.latency_ms) == (None, "timeout", "late", 7)
    assert not outcome.rejected


KEYS = ["ok", "code", "errcode", "errmsg", "msg", "message", "error", "description", "parameters", "retry_after"]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(KEYS), inner)),
)


@pytest.mark.parametrize("name", SERVICES)
@settings(deadline=None)
@given(status=st.sampled_from([200, 204, 400, 401, 403, 404, 410, 429, 500]), body=st.one_of(st.binary(), JSON))
def test_no_answer_whatever_is_too_strange(name: str, status: int, body: object) -> None:
    outcome = judged(name, status, body)
    assert outcome.status == status
    assert len(outcome.reason) <= 300
    assert "\n" not in outcome.reason


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.slack.com/services/T1/B1/SECRET1 failed",
        "at https://discord.com/api/webhooks/123/SECRET1?wait=true",
        '"https://open.feishu.cn/open-apis/bot/v2/hook/SECRET1"',
        "?access_token=SECRET1&timestamp=1&sign=SECRET2%3D",
        "key=SECRET1, x",
        "sig=SECRET1",
        "/bot123:SECRET1/sendMessage",
        "workflows/0/triggers?sig%3DSECRET1",
    ],
)
def test_tokens_are_taken_out_of_what_is_kept(text: str) -> None:
    shown = without_secrets(text)
    assert "SECRET" not in shown
    assert "…" in shown


@pytest.mark.parametrize("name", SERVICES)
def test_an_answer_of_brackets_is_no_json(name: str) -> None:
    assert not judged(name, 400, b"[" * 4096).gone


def test_every_channel_is_a_channel() -> None:
    channels: list[Channel] = []
    for name in SERVICES:
        found = channel_named(name)
        assert hasattr(found, "request")
        channels.append(found)
    assert all(channel.reads_items for channel in channels)
